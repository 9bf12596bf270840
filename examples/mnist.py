"""Train a multilayer perceptron or a convolutional network on MNIST.

    python examples/mnist.py [--model mlp|cnn] [--dropout] [--epochs 2] [--out result] [--quick]

The network is trained on 48,000 images and validated on 12,000; loss and accuracy of both are plotted, one point per
epoch. At the end it is tested on the 10,000 test images. Batches of 20, MomentumSGD(0.001, 0.9). The data is read from
the folder named by the environment variable CHAINGRAD_MNIST_DIR, or else downloaded.

The points for the training images are means over an epoch in which the network still learns, so at first accuracy is
lower there than on the validation images. After some epochs the network is better on the images that it was trained on,
and dropout makes this gap smaller: try --dropout --epochs 20.
"""

import argparse
import os

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import iterators, optimizers, training
from chaingrad.datasets import get_mnist, split_dataset, split_dataset_random
from chaingrad.training import extensions


class MLP(chaingrad.Chain):
    """A network with 784-64-10 units, with or without dropout on the hidden layer."""

    def __init__(self, dropout):
        super().__init__()
        self.dropout = dropout
        with self.init_scope():
            self.l1 = L.Linear(784, 64)
            self.l2 = L.Linear(64, 10)

    def forward(self, x):
        h = F.relu(self.l1(x))
        return self.l2(F.dropout(h) if self.dropout else h)


class CNN(chaingrad.Chain):
    """Two convolutions with pooling and a hidden layer."""

    def __init__(self, dropout):
        super().__init__()
        self.dropout = dropout
        with self.init_scope():
            self.conv1 = L.Convolution2D(1, 16, ksize=5)
            self.conv2 = L.Convolution2D(16, 32, ksize=5)
            self.l1 = L.Linear(512, 100)
            self.l2 = L.Linear(100, 10)

    def forward(self, x):
        h = F.max_pooling_2d(F.relu(self.conv1(x)), 2)
        h = F.max_pooling_2d(F.relu(self.conv2(h)), 2)
        h = F.relu(self.l1(h))
        return self.l2(F.dropout(h) if self.dropout else h)


def make_trainer(model, train, valid, epochs, out):
    """Return a Trainer that prints a table and plots loss and accuracy."""
    optimizer = optimizers.MomentumSGD(lr=0.001, momentum=0.9).setup(model)
    train_iter = iterators.SerialIterator(train, 20)
    valid_iter = iterators.SerialIterator(valid, 500, repeat=False, shuffle=False)
    trainer = training.Trainer(training.StandardUpdater(train_iter, optimizer), (epochs, 'epoch'), out)
    trainer.extend(extensions.Evaluator(valid_iter, model))
    trainer.extend(extensions.LogReport())
    columns = ['main/loss', 'validation/main/loss', 'main/accuracy', 'validation/main/accuracy']
    trainer.extend(extensions.PrintReport(['epoch', *columns, 'elapsed_time']))
    trainer.extend(extensions.PlotReport(columns[:2], 'epoch', filename='loss.png'))
    trainer.extend(extensions.PlotReport(columns[2:], 'epoch', filename='accuracy.png'))
    return trainer


def accuracy_on(model, dataset):
    """Return the share of a dataset that the model classifies correctly."""
    right = 0
    with chaingrad.using_config('train', False), chaingrad.no_backprop_mode():
        for batch in iterators.SerialIterator(dataset, 500, repeat=False, shuffle=False):
            x, t = chaingrad.dataset.concat_examples(batch)
            right += int((model.predictor(x).array.argmax(1) == t).sum())
    return right / len(dataset)


def train_and_test(options, dropout, out):
    """Train a network; return the gap between training and validation accuracy, and the test accuracy."""
    np.random.seed(0)
    train, test = get_mnist(ndim=1 if options.model == 'mlp' else 3)
    if options.quick:
        train, _ = split_dataset(train, 5000)
    train, valid = split_dataset_random(train, len(train) * 4 // 5, seed=0)
    network = MLP(dropout) if options.model == 'mlp' else CNN(dropout)
    model = L.Classifier(network)
    make_trainer(model, train, valid, options.epochs, out).run()
    gap = accuracy_on(model, train) - accuracy_on(model, valid)
    print(f'accuracy on the training images minus that on the validation images: {gap:+.4f}')
    return gap, accuracy_on(model, test)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--model', choices=('mlp', 'cnn'), default='mlp')
    parser.add_argument('--dropout', action='store_true', help='train with and without dropout, and compare the gaps')
    parser.add_argument('--epochs', type=int, default=2)
    parser.add_argument('--out', default='result', help='folder for log and plots')
    parser.add_argument('--quick', action='store_true', help='4,000 images')
    options = parser.parse_args(argv)

    gap, accuracy = train_and_test(options, False, options.out)
    if options.dropout:
        print('the same with dropout')
        gap_with_dropout, accuracy = train_and_test(options, True, os.path.join(options.out, 'dropout'))
        if options.epochs >= 10:  # with fewer, neither network has learned its training images by heart
            assert gap_with_dropout < gap, (gap_with_dropout, gap)
    print(f'test accuracy {accuracy:.4f}')
    least = {'mlp': 0.915, 'cnn': 0.97}[options.model]
    if options.quick:
        least = 0.7
    elif options.epochs < 2 or options.dropout:
        least -= 0.05
    assert accuracy >= least, accuracy


if __name__ == '__main__':
    main()
