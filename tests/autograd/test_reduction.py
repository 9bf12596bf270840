"""sum and mean: axes, precision, errors; gradients are rows of tests/cases/reduction.py."""

import numpy as np
import pytest

import chaingrad.functions as F
from chaingrad import Variable
from chaingrad.autograd.type_checking.type_check import InvalidType


def variable(*shape, dtype=np.float64):
    return Variable(np.random.default_rng(17).uniform(-1, 1, shape).astype(dtype))


@pytest.mark.parametrize('keepdims', [False, True])
@pytest.mark.parametrize('axis', [None, 0, -1, 1, (0, 2), (-1, 0), (), (0, 1, 2), np.int64(1)], ids=repr)
@pytest.mark.parametrize('name', ['sum', 'mean'])
def test_axes(name, axis, keepdims):
    x = variable(2, 3, 4)
    y = getattr(F, name)(x, axis=axis, keepdims=keepdims)
    np.testing.assert_allclose(y.array, getattr(np, name)(x.array, axis, keepdims=keepdims))
    y.grad = np.ones_like(y.array)
    y.backward()
    assert x.grad.shape == x.shape


@pytest.mark.behaviour('axis-as-list')
@pytest.mark.parametrize('name', ['sum', 'prod', 'max', 'min', 'logsumexp', 'mean'])
def test_an_axis_is_no_list(name):
    for axis in ([0, 1], [0], []):
        with pytest.raises(TypeError, match=r'axis must be None, an int or a tuple of ints, but it is \['):
            getattr(F, name)(variable(2, 3), axis=axis)


def test_mean_over_an_axis_of_an_empty_array():
    x = variable(0, 3)
    y = F.mean(x, axis=1)
    y.grad = np.ones(0)
    y.backward()
    assert y.shape == (0,) and x.grad.shape == (0, 3)


def test_mean_is_average():
    assert F.mean is F.average


@pytest.mark.parametrize('name', ['sum', 'mean', 'max', 'min'])
@pytest.mark.parametrize(('axis', 'error'), [(3, InvalidType), (-4, InvalidType), ((0, 3), InvalidType)])
def test_an_axis_out_of_range(name, axis, error):
    with pytest.raises(error, match=r'axis must be in \[-3, 3\)'):
        getattr(F, name)(variable(2, 3, 4), axis=axis)


@pytest.mark.parametrize('name', ['sum', 'mean', 'max', 'min'])
def test_an_axis_named_twice(name):
    for axis in ((0, 0), (0, -3)):
        with pytest.raises(ValueError, match='every axis once'):
            getattr(F, name)(variable(2, 3, 4), axis=axis)


@pytest.mark.parametrize('name', ['sum', 'mean', 'max', 'min'])
@pytest.mark.parametrize('axis', [1.0, 'x', (0, 1.0)], ids=repr)
def test_an_axis_that_is_no_number(name, axis):
    with pytest.raises(TypeError, match='axis must be None, an int or a tuple of ints'):
        getattr(F, name)(variable(2, 3, 4), axis=axis)


def test_the_sum_of_nothing_is_zero():
    x = variable(0, 3)
    y = F.sum(x, 0)
    np.testing.assert_array_equal(y.array, [0, 0, 0])
    F.sum(y).backward()
    assert x.grad.shape == (0, 3)


@pytest.mark.parametrize('name', ['mean', 'max', 'min'])
def test_there_is_no_extremum_and_no_mean_of_nothing(name):
    with pytest.raises(InvalidType, match=r'\(0, 3\)'):
        getattr(F, name)(variable(0, 3))


@pytest.mark.parametrize('name', ['sum', 'mean'])
def test_float16_is_summed_in_float32(name):
    x = Variable(np.full(40_000, 1.001, np.float16))
    y = getattr(F, name)(x, axis=0) if name == 'mean' else F.sum(x * np.float16(0.1))
    expected = x.array.astype('d').mean() if name == 'mean' else (x.array * np.float16(0.1)).astype('d').sum()
    assert y.dtype == np.float16
    np.testing.assert_allclose(y.array, expected, rtol=1e-3)


def test_a_mean_of_float16_does_not_overflow():
    x = Variable(np.full(1000, 1000, np.float16))
    y = F.mean(x)
    assert y.array == 1000
    y.backward()
    np.testing.assert_allclose(x.grad, np.full(1000, 1e-3), rtol=1e-3)


def test_integers():
    x = Variable(np.arange(6).reshape(2, 3))
    np.testing.assert_array_equal(F.sum(x, 0).array, [3, 5, 7])


# Weights


def test_weights_of_the_whole_shape():
    x, w = variable(2, 3), np.array([[1.0, 2, 3], [4, 5, 6]])
    np.testing.assert_allclose(F.average(x, 1, w).array, np.average(x.array, 1, w))
    np.testing.assert_allclose(F.average(x, weights=w).array, np.average(x.array, weights=w))


def test_weights_along_an_axis():
    x, w = variable(2, 3), np.array([1.0, 2, 3])
    np.testing.assert_allclose(F.average(x, 1, w).array, np.average(x.array, 1, w))
    np.testing.assert_allclose(F.average(x, -1, w, keepdims=True).array, np.average(x.array, 1, w, keepdims=True))


def test_weights_along_two_axes():
    x, w = variable(2, 3, 4), np.random.default_rng(0).uniform(1, 2, (2, 4))
    expected = (x.array * w[:, None]).sum((0, 2)) / w.sum()
    np.testing.assert_allclose(F.average(x, (0, 2), w).array, expected)


def test_weights_get_gradients():
    x, w = variable(2, 3), Variable(np.array([1.0, 2, 3]))
    F.sum(F.average(x, 1, w)).backward()
    mean = np.average(x.array, 1, w.array)[:, None]
    np.testing.assert_allclose(w.grad, ((x.array - mean) / 6).sum(0))


def test_weights_that_do_not_fit():
    with pytest.raises(ValueError, match=r'weights.*\(2, 3\).*\(2,\)'):
        F.average(variable(2, 3), 1, np.ones(2))
