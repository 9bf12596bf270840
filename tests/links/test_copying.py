"""Copies of links whose parameters get their arrays later."""

import io

import numpy as np
import pytest

import chaingrad.functions as F
import chaingrad.links as L
from chaingrad.links.initializers import Normal
from chaingrad.links.sequential import Sequential
from chaingrad.links.serializers import load_npz, save_npz
from chaingrad.optimizers import SGD

LAZY = {
    'Linear': lambda: L.Linear(None, 3),
    'Convolution2D': lambda: L.Convolution2D(None, 3, 2),
    'DepthwiseConvolution2D': lambda: L.DepthwiseConvolution2D(None, 2, 2),
    'LocalConvolution2D': lambda: L.LocalConvolution2D(None, 2, None, 3),
    'BatchNormalization': lambda: L.BatchNormalization(axis=(0, 2, 3), initial_gamma=Normal()),
    'GroupNormalization': lambda: L.GroupNormalization(2, initial_gamma=Normal()),
    'Swish': lambda: L.Swish(None, beta_init=Normal()),
    'Sequential': lambda: Sequential(L.Convolution2D(None, 2, 3), F.relu, L.Linear(3)),
    'Chain in Sequential': lambda: Sequential(Sequential(L.Linear(3), F.relu), L.Linear(2)),
}


@pytest.mark.behaviour('copy-shares-later-data')
@pytest.mark.parametrize('original_first', [True, False])
@pytest.mark.parametrize('make', LAZY.values(), ids=LAZY.keys())
def test_a_copy_of_a_lazy_link_shares_what_is_initialized_later(make, original_first):
    model, x = make(), np.random.default_rng(0).normal(size=(2, 4, 6, 6)).astype(np.float32)
    shared, copied = model.copy(), model.copy('copy')
    called, other = (model, shared) if original_first else (shared, model)
    y = called(x)
    for a, b in zip(model.params(), shared.params(), strict=True):
        assert a.array is b.array and a.grad is not b.grad
    np.testing.assert_array_equal(other(x).array, y.array)
    assert not any(param.is_initialized for param in copied.params() if param.name != 'b')
    for link in (model, shared):
        link.cleargrads()
    F.sum(called(x) ** 2).backward()
    assert all(param.grad is None for param in other.params())
    optimizer = SGD(0.1).setup(called)
    before = {path: param.array.copy() for path, param in other.namedparams()}
    optimizer.update()
    for path, param in called.namedparams():
        np.testing.assert_allclose(dict(other.namedparams())[path].array, before[path] - 0.1 * param.grad, atol=1e-6)
    file = io.BytesIO()
    save_npz(file, called)
    file.seek(0)
    third = make()
    fourth = third.copy()
    load_npz(file, third)
    for a, b in zip(called.params(), fourth.params(), strict=True):
        np.testing.assert_array_equal(a.array, b.array)
