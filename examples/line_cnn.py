"""Convolution and pooling on pictures that fit on paper: 4x4 images of lines.

    python examples/line_cnn.py [--out result] [--quick]

First by hand: two 2x2 filters, one for vertical and one for horizontal lines, show in their feature maps and after
pooling what they have found. Then trained: a network of one convolution finds such filters by itself.
"""

import argparse
import pathlib

import numpy as np
from matplotlib.figure import Figure

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import optimizers

FILTERS = np.array([[[[1, -1], [1, -1]]], [[[1, 1], [-1, -1]]]], dtype=np.float32)


def lines():
    """Return the eight 4x4 images of one line, and 0 for a vertical, 1 for a horizontal one."""
    x = np.zeros((8, 1, 4, 4), dtype=np.float32)
    for i in range(4):
        x[i, 0, :, i] = 1
        x[4 + i, 0, i, :] = 1
    return x, np.repeat(np.array([0, 1], dtype=np.int32), 4)


class LineCNN(chaingrad.Chain):
    """One convolution of two 2x2 filters, pooling, and a linear layer."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.conv = L.Convolution2D(1, 2, ksize=2)
            self.out = L.Linear(None, 2)

    def maps(self, x):
        """Return the feature maps and what is left of them after pooling."""
        h = F.relu(self.conv(x))
        return h, F.max_pooling_2d(h, ksize=3)

    def forward(self, x):
        return self.out(self.maps(x)[1])


def by_hand(x):
    """Apply the two filters to a vertical and a horizontal line and print what comes out."""
    h = F.relu(F.convolution_2d(x, FILTERS))
    p = F.max_pooling_2d(h, ksize=3)
    for i, name in ((1, 'vertical'), (6, 'horizontal')):
        print(f'{name} line')
        for row in range(4):
            maps = '   '.join(' '.join(f'{v:2.0f}' for v in m[row]) if row < 3 else ' ' * 8 for m in h.array[i])
            print('  ' + ' '.join('#' if v else '.' for v in x[i, 0, row]) + '     ' + maps)
        print(f'  after pooling: vertical filter {p.array[i, 0].item():.0f}, horizontal {p.array[i, 1].item():.0f}')
    return p.array[:, :, 0, 0].argmax(1)


def draw(model, x, path):
    """Draw a vertical and a horizontal line with their feature maps, and the filters that were learned."""
    figure = Figure(figsize=(7, 6.5))
    axes = figure.subplots(3, 3)
    h, _ = model.maps(x)
    for row, (i, name) in enumerate(((1, 'vertical'), (6, 'horizontal'))):
        for column, image in enumerate((x[i, 0], *h.array[i])):
            axes[row, column].imshow(image, cmap='gray_r', vmin=0)
            axes[row, column].set_title(f'feature map {column}' if column else f'{name} line', fontsize=10)
    for column, image in enumerate(model.conv.W.array[:, 0]):
        limit = np.abs(model.conv.W.array).max()
        axes[2, column + 1].imshow(image, cmap='RdBu', vmin=-limit, vmax=limit)
        axes[2, column + 1].set_title(f'learned filter {column + 1}', fontsize=10)
    for axis in axes.flat:
        axis.set(xticks=[], yticks=[])
    axes[2, 0].axis('off')
    figure.tight_layout()
    figure.savefig(path)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--out', default='result', help='folder for the picture')
    parser.add_argument('--quick', action='store_true', help='nothing to shorten here')
    out = pathlib.Path(parser.parse_args(argv).out)
    out.mkdir(parents=True, exist_ok=True)

    x, t = lines()
    assert (by_hand(x)[[1, 2, 5, 6]] == t[[1, 2, 5, 6]]).all()

    np.random.seed(0)
    model = LineCNN()
    optimizer = optimizers.Adam(alpha=0.05).setup(model)
    for step in range(200):
        loss = F.softmax_cross_entropy(model(x), t)
        model.cleargrads()
        loss.backward()
        optimizer.update()
        if step % 40 == 0 or step == 199:
            print(f'step {step:3}: loss {loss:.4f}')
    accuracy = float(F.accuracy(model(x), t))
    draw(model, x, out / 'line_cnn.png')
    print(f'feature maps drawn in {out / "line_cnn.png"}')
    print(f'accuracy {accuracy:.2f}')
    assert accuracy == 1 and loss.item() < 0.1


if __name__ == '__main__':
    main()
