"""Normalization: running statistics, precision, warnings, memory order."""

from __future__ import annotations

import numpy as np
import pytest

from chaingrad import Variable
from chaingrad.functions import normalization as F
from chaingrad.functions.kernels import layout
from chaingrad.functions.kernels import normalization as kernels
from chaingrad.functions.normalization.batch import BatchNormalization


def random(*shape, dtype=np.float64):
    return np.random.default_rng(0).standard_normal(shape).astype(dtype)


@pytest.mark.parametrize('shape', [(6, 3), (5, 3, 4), (9, 3, 2, 2)])
def test_running_statistics_move_in_place(shape):
    x, mean, var = random(*shape) + 3, random(3), np.abs(random(3))
    kept, axis, m = (mean.copy(), var.copy()), (0, *range(2, len(shape))), x.size // 3
    for order in (lambda a: a, lambda a: np.moveaxis(np.ascontiguousarray(np.moveaxis(a, 0, -1)), -1, 0)):
        mean[...], var[...] = kept
        F.batch_normalization(order(x), np.ones(3), np.zeros(3), running_mean=mean, running_var=var, decay=0.8)
        np.testing.assert_allclose(mean, 0.8 * kept[0] + 0.2 * x.mean(axis))
        np.testing.assert_allclose(var, 0.8 * kept[1] + 0.2 * x.var(axis) * m / (m - 1))


def test_renormalization_moves_statistics_when_asked():
    x, mean, var = random(6, 3), np.zeros(3), np.ones(3)
    F.batch_renormalization(x, np.ones(3), np.zeros(3), 2, 1, running_mean=mean, running_var=var)
    assert not mean.any()
    F.batch_renormalization(x, np.ones(3), np.zeros(3), 2, 1, 2e-5, mean, var, 0.9, update_statistics=True)
    np.testing.assert_allclose(mean, 0.1 * x.mean(0))


def test_decorrelated_statistics_reproduce_the_output():
    x, mean, projection = random(50, 4, 2), np.zeros((2, 2)), np.zeros((2, 2, 2))
    y = F.decorrelated_batch_normalization(x, groups=2, running_mean=mean, running_projection=projection, decay=0)
    fixed = F.fixed_decorrelated_batch_normalization(x, mean, projection, groups=2)
    np.testing.assert_allclose(fixed.array, y.array, atol=1e-12)


def test_one_sample_per_mean_is_warned_about():
    with pytest.warns(UserWarning, match='one sample per mean'):
        F.batch_normalization(random(1, 3), np.ones(3), np.zeros(3))


@pytest.mark.parametrize('offset', [1e4, -1e4])
def test_a_large_offset_does_no_harm(offset):
    x = (random(64, 3, 8, 8) + offset).astype(np.float32)
    exact = x.astype(np.float64)
    expected = (exact - exact.mean((0, 2, 3), keepdims=True)) / exact.std((0, 2, 3), keepdims=True)
    one = np.ones(3, np.float32)
    np.testing.assert_allclose(F.batch_normalization(x, one, 0 * one).array, expected, atol=5e-3)
    x2 = x.reshape(64 * 3, 64)
    expected = (exact - exact.mean((2, 3), keepdims=True)) / exact.std((2, 3), keepdims=True)
    one = np.ones(64, np.float32)
    y = F.layer_normalization(x2, one, 0 * one).array
    np.testing.assert_allclose(y, expected.reshape(x2.shape), atol=5e-3)


def test_float16_with_parameters_of_float32():
    x, gamma, beta = random(8, 3, dtype=np.float16), np.ones(3, np.float32), np.zeros(3, np.float32)
    for function in (F.batch_normalization, F.layer_normalization):
        leaves = [Variable(a) for a in (x, gamma, beta)]
        y = function(*leaves)
        y.grad = random(8, 3, dtype=np.float16)
        y.backward()
        assert y.dtype == np.float16
        assert [v.grad.dtype for v in leaves] == [np.float16, np.float32, np.float32]


def test_float16_does_not_overflow():
    x = np.full((4, 2), 300, np.float16) * np.array([[1], [-1], [1], [-1]], np.float16)  # squares are 90,000
    y = F.batch_normalization(x, np.ones(2, np.float16), np.zeros(2, np.float16))
    np.testing.assert_allclose(np.abs(y.array), 1, atol=1e-3)


@pytest.mark.parametrize('shape', [(4, 3), (4, 3, 5), (9, 3, 2, 5)])
def test_sums_of_products(shape):
    x, y, axis = random(*shape), np.random.default_rng(1).standard_normal(shape), (0, *range(2, len(shape)))
    expected = (x * y).sum(axis, keepdims=True)
    np.testing.assert_allclose(kernels.sum_products(x, y, axis), expected)
    if len(shape) > 2:
        a, b = (np.moveaxis(layout.batch_last(np, v), -1, 0) for v in (x, y))
        np.testing.assert_allclose(kernels.sum_products(a, b, axis), expected)
        np.testing.assert_allclose(kernels.sum_products(x, b, axis), expected)


def test_normalize_at_zero():
    x = Variable(np.array([[3.0, 4.0], [0.0, 0.0]]))
    y = F.normalize(x, eps=0.5)
    y.grad = np.ones((2, 2))
    y.backward()
    assert y.array[1].tolist() == [0, 0] and x.grad[1].tolist() == [2, 2]


def test_the_node_can_be_used_alone():
    node = BatchNormalization(2e-5, np.zeros(3), np.ones(3), 0.9)
    node.apply((random(5, 3), np.ones(3), np.zeros(3)))
    assert node.running_mean.any()
