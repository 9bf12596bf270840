"""A small training for the tests of this folder."""

from __future__ import annotations

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import optimizers
from chaingrad.training import StandardUpdater, Trainer
from chaingrad.training.datasets.combined import TupleDataset
from chaingrad.training.iterators import SerialIterator


class MLP(chaingrad.Chain):
    def __init__(self, dropout=0.0):
        super().__init__()
        self.dropout = dropout
        with self.init_scope():
            self.l1 = L.Linear(4, 8)
            self.l2 = L.Linear(8, 3)

    def forward(self, x):
        h = F.tanh(self.l1(x))
        return self.l2(F.dropout(h, self.dropout) if self.dropout else h)


def data(n=20, seed=0):
    rng = np.random.RandomState(seed)
    x = rng.randn(n, 4).astype('f')
    return TupleDataset(x, (x[:, :3].argmax(1)).astype('i'))


def make_trainer(
    out, stop=(3, 'epoch'), extensions=(), optimizer=None, dropout=0.0, seed=0, iterator=SerialIterator, n=20, **options
):
    np.random.seed(seed)
    model = L.Classifier(MLP(dropout))
    optimizer = (optimizer or optimizers.Adam()).setup(model)
    updater = StandardUpdater(iterator(data(n), 6, **options), optimizer)
    return Trainer(updater, stop, str(out), extensions)


def model_of(trainer):
    return trainer.updater.get_optimizer('main').target


def state(trainer):
    """Return everything that must be equal after a resume."""
    optimizer = trainer.updater.get_optimizer('main')
    found = {path: param.array.copy() for path, param in optimizer.target.namedparams()}
    for path, param in optimizer.target.namedparams():
        for name, value in (param.update_rule.state or {}).items():
            found[f'{path}/{name}'] = np.array(value)
    return found


def assert_equal_states(a, b):
    assert a.keys() == b.keys()
    for key in a:
        assert np.array_equal(a[key], b[key]), key


def written(path, arrays):
    """Write a dict of arrays as a file, and return its path."""
    with open(path, 'wb') as f:
        np.savez(f, **arrays)
    return path
