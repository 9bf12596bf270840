"""Convolution and pooling on pictures that fit on paper: 4x4 images of lines.

    python examples/line_cnn.py [--out result] [--quick]

First by hand: two 2x2 filters, one for vertical and one for horizontal lines, show in their feature maps and after
pooling what they have found. Then trained: a network of one convolution finds such filters by itself. A border of zeros
(pad=1) lets the filters see the lines at the edge of an image too, so feature maps are 5x5.
"""

import argparse
import pathlib

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import optimizers
from chaingrad.training.plotting import new_figure

FILTERS = np.array([[[[1, -1], [1, -1]]], [[[1, 1], [-1, -1]]]], dtype=np.float32)


def lines():
    """Return the eight 4x4 images with one line each, and labels: 0 for a vertical line, 1 for a horizontal one."""
    x = np.zeros((8, 1, 4, 4), dtype=np.float32)
    for i in range(4):
        x[i, 0, :, i] = 1
        x[4 + i, 0, i, :] = 1
    return x, np.repeat(np.array([0, 1], dtype=np.int32), 4)


class LineCNN(chaingrad.Chain):
    """A convolution with two 2x2 filters, pooling, and a linear layer."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.conv = L.Convolution2D(1, 2, ksize=2, pad=1)
            self.out = L.Linear(None, 2)

    def maps(self, x):
        """Return the feature maps before and after pooling."""
        h = F.relu(self.conv(x))
        return h, F.max_pooling_2d(h, ksize=5)

    def forward(self, x):
        return self.out(self.maps(x)[1])


def by_hand(x):
    """Apply the two filters to a vertical and a horizontal line, print the feature maps, and return the classes."""
    h = F.relu(F.convolution_2d(x, FILTERS, pad=1))
    p = F.max_pooling_2d(h, ksize=5)
    for i, name in ((1, 'vertical'), (6, 'horizontal')):
        print(f'{name:15}vertical filter    horizontal filter')
        for row in range(5):
            image = ' '.join('#' if v else '.' for v in x[i, 0, row]) if row < 4 else ''
            maps = '     '.join(' '.join(f'{v:2.0f}' for v in m[row]) for m in h.array[i])
            print(f'  {image:13}{maps}')
        print('  after pooling ' + (' ' * 17).join(f'{v.item():2.0f}' for v in p.array[i]))
    return p.array[:, :, 0, 0].argmax(1)


def show(axes, image, title, form='', **options):
    """Draw an array as an image, with the value in every cell if a format is given."""
    axes.imshow(image, **options)
    axes.set_title(title, fontsize=10)
    axes.set(xticks=[], yticks=[])
    for (i, j), v in np.ndenumerate(image):
        axes.text(j, i, format(v, form) if form else '', ha='center', va='center', fontsize=9)


def draw(model, x, path):
    """Draw a vertical and a horizontal line with their feature maps, and the filters that were learned."""
    figure = new_figure(figsize=(7, 6.8))
    axes = figure.subplots(3, 3)
    h = model.maps(x)[0].array
    W = model.conv.W.array
    for row, (i, name) in enumerate(((1, 'vertical'), (6, 'horizontal'))):
        show(axes[row, 0], x[i, 0], f'{name} line', cmap='gray_r')
        for k in (0, 1):
            colors = {'cmap': 'Blues', 'vmin': 0, 'vmax': 1.6 * h[:, k].max()}
            show(axes[row, k + 1], h[i, k], f'feature map {k + 1}', '.1f', **colors)
    for k in (0, 1):
        colors = {'cmap': 'RdBu', 'vmin': -1.6 * W.max(), 'vmax': 1.6 * W.max()}
        show(axes[2, k + 1], W[k, 0], f'learned filter {k + 1}', '+.1f', **colors)
    axes[2, 0].axis('off')
    axes[2, 0].text(0.5, 0.5, 'a line, what each filter\nsees of it, and the filters', ha='center', va='center')
    figure.tight_layout()
    figure.savefig(path)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--out', default='result', help='folder for the picture')
    parser.add_argument('--quick', action='store_true', help='no effect: the example is short')
    out = pathlib.Path(parser.parse_args(argv).out)
    out.mkdir(parents=True, exist_ok=True)

    x, t = lines()
    assert (by_hand(x) == t).all()

    np.random.seed(5)
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
