"""Train a small network on 1,797 handwritten digits with the Trainer: the main job of this project.

    python examples/digits.py [--epochs 20] [--out result] [--resume] [--quick]

It prints a table with one line per epoch, writes log, plots, a picture of the graph and snapshots to the output folder,
and ends with the accuracy on digits that the network has never seen.
"""

import argparse

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import iterators, optimizers, training
from chaingrad.datasets import get_digits
from chaingrad.training import extensions


class Network(chaingrad.Chain):
    """Two hidden layers of rectified linear units, and one score per digit."""

    def __init__(self, n_units=100, n_out=10):
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(None, n_units)
            self.l2 = L.Linear(None, n_units)
            self.l3 = L.Linear(None, n_out)

    def forward(self, x):
        h = F.relu(self.l1(x))
        h = F.relu(self.l2(h))
        return self.l3(h)


def make_trainer(model, train, test, options):
    """Return a Trainer that reports on every epoch and saves a snapshot after it."""
    train_iter = iterators.SerialIterator(train, options.batch_size)
    test_iter = iterators.SerialIterator(test, 200, repeat=False, shuffle=False)
    optimizer = optimizers.Adam()
    optimizer.setup(model)
    updater = training.StandardUpdater(train_iter, optimizer)
    trainer = training.Trainer(updater, (options.epochs, 'epoch'), out=options.out)

    losses = ['main/loss', 'validation/main/loss']
    accuracies = ['main/accuracy', 'validation/main/accuracy']
    snapshot = extensions.snapshot(filename='snapshot_epoch_{.updater.epoch}', n_retains=2, autoload=options.resume)
    trainer.extend(extensions.Evaluator(test_iter, model))
    trainer.extend(extensions.DumpGraph('main/loss'))
    trainer.extend(extensions.LogReport())
    trainer.extend(extensions.PrintReport(['epoch', *losses, *accuracies, 'elapsed_time']))
    trainer.extend(extensions.PlotReport(losses, 'epoch', filename='loss.png'))
    trainer.extend(extensions.PlotReport(accuracies, 'epoch', filename='accuracy.png'))
    trainer.extend(snapshot, trigger=(1, 'epoch'))
    return trainer


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--epochs', type=int, default=20)
    parser.add_argument('--batch-size', type=int, default=32)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--out', default='result', help='folder for log, plots, graph picture and snapshots')
    parser.add_argument('--resume', action='store_true', help='go on from the newest good snapshot in the folder')
    parser.add_argument('--quick', action='store_true', help='8 epochs')
    options = parser.parse_args(argv)
    if options.quick:
        options.epochs = 8

    chaingrad.set_seed(options.seed)
    train, test = get_digits()
    model = L.Classifier(Network())
    make_trainer(model, train, test, options).run()

    x, t = chaingrad.dataset.concat_examples(test)
    with chaingrad.using_config('train', False), chaingrad.no_backprop_mode():
        accuracy = float(F.accuracy(model.predictor(x), t))
    print(f'test accuracy {accuracy:.4f}')
    assert accuracy >= (0.9 if options.quick else 0.95), accuracy


if __name__ == '__main__':
    main()
