"""Train a small net of the VGG kind on pictures of 32x32 pixels, with and without augmentation.

    python examples/cifar_vgg.py [--cifar] [--epochs 80] [--images 150] [--out result] [--quick]

Simonyan, Zisserman: Very deep convolutional networks for large-scale image recognition (2015): blocks of 3x3
convolutions that double the channels where pooling halves the picture; batch normalization after each convolution and
dropout between blocks came later. There are ten classes of made-up pictures, or those of CIFAR-10 with --cifar, which
are read from the folder named by the environment variable CHAINGRAD_CIFAR10_DIR, or else downloaded.

Few training pictures are learned by heart. Random crops and reflections, drawn anew in every epoch from
`chaingrad.dataset.rng()`, make more of them: the same net is trained without and with them, and both learning curves on
test pictures are drawn.
"""

import argparse
import json
import pathlib

import numpy as np
from matplotlib.figure import Figure

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import iterators, optimizers, training
from chaingrad.datasets import TransformDataset, TupleDataset, get_cifar10
from chaingrad.training import extensions

SIZE = 32
SHAPES = {  # where a shape is, in coordinates from -1 to 1; the same after a reflection
    'disc': lambda x, y: x**2 + y**2 < 0.8,
    'ring': lambda x, y: abs(x**2 + y**2 - 0.6) < 0.3,
    'square': lambda x, y: np.maximum(abs(x), abs(y)) < 0.8,
    'frame': lambda x, y: abs(np.maximum(abs(x), abs(y)) - 0.7) < 0.2,
    'triangle': lambda x, y: (abs(x) < (y + 1) / 2) & (y < 0.9),
    'plus': lambda x, y: (np.minimum(abs(x), abs(y)) < 0.25) & (np.maximum(abs(x), abs(y)) < 0.9),
    'cross': lambda x, y: (abs(abs(x) - abs(y)) < 0.3) & (np.maximum(abs(x), abs(y)) < 0.9),
    'rows': lambda x, y: (np.sin(9 * y) > 0) & (np.maximum(abs(x), abs(y)) < 0.9),
    'columns': lambda x, y: (np.cos(9 * x) > 0) & (np.maximum(abs(x), abs(y)) < 0.9),
    'checks': lambda x, y: (np.cos(7 * x) * np.cos(7 * y) > 0) & (np.maximum(abs(x), abs(y)) < 0.9),
}


def make_pictures(n, rng):
    """Return n noisy pictures of one shape each, (3, SIZE, SIZE), with their classes."""
    images, labels = [], rng.integers(len(SHAPES), size=n).astype(np.int32)
    rows, columns = np.mgrid[:SIZE, :SIZE]
    for label in labels:
        x, y = rng.uniform(11, 21, size=2)
        radius = rng.uniform(7, 11)
        inside = list(SHAPES.values())[label]((columns - x) / radius, (rows - y) / radius)
        dark, bright = rng.uniform(0, 0.4, (3, 1, 1)), rng.uniform(0.6, 1, (3, 1, 1))
        image = np.where(inside, bright, dark) + rng.normal(0, 0.2, (3, SIZE, SIZE))
        images.append(image.astype(np.float32))
    return TupleDataset(np.stack(images), labels)


def augment(example):
    """Reflect a picture or not, and move it by up to three pixels; the border is repeated."""
    image, label = example
    rng = chaingrad.dataset.rng()
    if rng.random() < 0.5:
        image = image[:, :, ::-1]
    top, left = rng.integers(7, size=2)
    padded = np.pad(image, ((0, 0), (3, 3), (3, 3)), mode='edge')
    return padded[:, top : top + SIZE, left : left + SIZE], label


class Block(chaingrad.ChainList):
    """Convolutions of 3x3 with batch normalization and ReLU, then pooling, which halves the picture, and dropout."""

    def __init__(self, n_convolutions, channels, dropout):
        super().__init__()
        self.dropout = dropout
        for _ in range(n_convolutions):
            convolution = L.Convolution2D(None, channels, ksize=3, pad=1, nobias=True)
            self.append(chaingrad.Sequential(convolution, L.BatchNormalization(channels), F.relu))

    def forward(self, x):
        for layer in self:
            x = layer(x)
        return F.dropout(F.max_pooling_2d(x, 2), self.dropout)


def make_net(width):
    """Return the net: scores of ten classes."""
    return chaingrad.Sequential(
        Block(1, width, dropout=0.1),
        Block(2, 2 * width, dropout=0.2),
        Block(2, 4 * width, dropout=0.2),
        L.Linear(None, 64),
        F.relu,
        L.Linear(64, 10),
    )


def train(name, data, test, epochs, out):
    """Train a net; return its accuracy on the test pictures after every epoch."""
    print(name)
    np.random.seed(0)
    model = L.Classifier(make_net(width=12))
    optimizer = optimizers.Adam(alpha=0.003).setup(model)
    optimizer.add_hook(chaingrad.optimizer_hooks.WeightDecay(5e-4))
    updater = training.StandardUpdater(iterators.SerialIterator(data, 50), optimizer)
    trainer = training.Trainer(updater, (epochs, 'epoch'), out / name)
    test_iterator = iterators.SerialIterator(test, 200, repeat=False, shuffle=False)
    trainer.extend(extensions.Evaluator(test_iterator, model))
    trainer.extend(extensions.ExponentialShift('alpha', 0.4), trigger=(max(1, epochs // 3), 'epoch'))
    trainer.extend(extensions.LogReport())
    columns = ['epoch', 'main/loss', 'main/accuracy', 'validation/main/accuracy', 'elapsed_time']
    trainer.extend(extensions.PrintReport(columns))
    trainer.run()
    log = json.loads((out / name / 'log').read_text(encoding='utf-8'))
    return [entry['validation/main/accuracy'] for entry in log]


def draw(accuracies, examples, path):
    """Draw both learning curves beside some training pictures and what augmentation makes of them."""
    figure = Figure(figsize=(10, 4))
    curves, pictures = figure.subfigures(1, 2)
    axis = curves.subplots()
    for name, values in accuracies.items():
        axis.plot(range(1, len(values) + 1), values, label=name)
    axis.set(xlabel='epoch', ylabel='accuracy on test pictures', title='Learning curves')
    axis.legend()
    for axis, example in zip(pictures.subplots(4, 4).T, examples):
        shown = [example[0], *[augment(example)[0] for _ in range(3)]]
        for row, image in zip(axis, shown):
            row.imshow(image.transpose(1, 2, 0).clip(0, 1))
            row.set(xticks=[], yticks=[])
    pictures.suptitle('Training pictures (top) and three variants of each')
    figure.savefig(path)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--cifar', action='store_true', help='the photographs of CIFAR-10')
    parser.add_argument('--epochs', type=int, default=80)
    parser.add_argument('--images', type=int, default=150, help='number of training pictures')
    parser.add_argument('--out', default='result', help='folder for logs and picture')
    parser.add_argument('--quick', action='store_true', help='4 epochs')
    options = parser.parse_args(argv)
    if options.quick:
        options.epochs = 4

    rng = np.random.default_rng(0)
    if options.cifar:
        data, test = get_cifar10()
        data, test = data[: options.images], test[:1000]
    else:
        data, test = make_pictures(options.images, rng), make_pictures(200 if options.quick else 1000, rng)
    out = pathlib.Path(options.out)
    accuracies = {
        'plain': train('plain', data, test, options.epochs, out),
        'augmented': train('augmented', TransformDataset(data, augment), test, options.epochs, out),
    }
    draw(accuracies, [data[i] for i in range(4)], out / 'cifar_vgg.png')
    plain, augmented = [values[-1] for values in accuracies.values()]
    print(f'test accuracy {augmented:.3f} with augmentation, {plain:.3f} without')
    if not (options.quick or options.cifar):
        assert augmented > max(plain, 0.9), (augmented, plain)


if __name__ == '__main__':
    main()
