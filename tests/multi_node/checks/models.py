"""Models and data that several checks share. All ranks see the whole of the data, and take their part."""

from __future__ import annotations

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L


def data(n=24, d=5, classes=3):
    """Return inputs and classes, the same on all ranks."""
    generator = np.random.RandomState(7)
    return generator.randn(n, d).astype('f'), generator.randint(0, classes, n).astype('i')


def part(comm, *arrays):
    """Return the rows of this rank."""
    return tuple(x[len(x) * comm.rank // comm.size : len(x) * (comm.rank + 1) // comm.size] for x in arrays)


def mlp(seed=None, first=5):
    """Return a small network; with a seed, the same on all ranks."""
    if seed is not None:
        np.random.seed(seed)
    return chaingrad.Sequential(L.Linear(first, 8), F.tanh, L.Linear(8, 6), F.tanh, L.Linear(6, 3))


class Loss:
    """The loss of a network, to be given to `update`."""

    def __init__(self, model):
        self.model = model

    def __call__(self, x, t):
        return F.softmax_cross_entropy(self.model(x), t)


def gradients(model):
    return {name: p.grad.copy() for name, p in model.namedparams()}


def values(model):
    return {name: p.array.copy() for name, p in model.namedparams()}


def assert_same(ours, theirs, rtol=1e-5, atol=1e-7):
    assert ours.keys() == theirs.keys()
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], rtol, atol, err_msg=name)


def assert_equal_on_all_ranks(comm, model):
    """Assert that all parameters are the same bits on all ranks."""
    digests = comm.allgather_obj({name: value.tobytes() for name, value in values(model).items()})
    assert all(each == digests[0] for each in digests)


def trained_alone(model, optimizer, x, t, steps):
    """Train on the joint batch in this process alone."""
    optimizer.setup(model)
    for _ in range(steps):
        optimizer.update(Loss(model), x, t)
    return model
