"""Array and elementwise functions beyond the rows of tests/cases: errors, views, devices, NumPy's names."""

import sys

import numpy as np
import pytest

import chaingrad.functions as F
from chaingrad import Variable
from chaingrad.utils.type_check import InvalidType

X = np.arange(6.0).reshape(2, 3)
V = Variable(X)


@pytest.mark.behaviour('as-strided-base')
def test_as_strided_reads_the_memory_of_a_view():
    memory = np.arange(8.0)
    view = memory[1::2]
    y = F.as_strided(view, (2, 2), (4, 2))
    assert y.array.tolist() == [[1, 3], [5, 7]]
    assert F.as_strided(memory.reshape(2, 4).T, (3,), (1,), 2).array.tolist() == [2, 3, 4]
    for outside in [((9,), (1,)), ((2,), (-2,)), ((2,), (7,))]:
        with pytest.raises(ValueError, match='has elements 0 to 7'):
            F.as_strided(view, *outside)


@pytest.mark.behaviour('as-strided-base')
def test_as_strided_differentiates_only_what_belongs_to_x():
    x = Variable(np.arange(8.0)[1::2])
    y = F.as_strided(x, (2, 3), (2, 1))
    assert y.array.tolist() == [[1, 2, 3], [3, 4, 5]]
    y.grad = np.array([[1.0, 10, 100], [1000, 1e4, 1e5]])
    y.backward(enable_double_backprop=True)
    assert x.grad.tolist() == [1, 1100, 1e5, 0]
    empty = Variable(np.arange(8.0)[4:4])
    y = F.as_strided(empty, (2,), (1,), 3)
    assert y.array.tolist() == [3, 4]
    y.grad = np.ones(2)
    y.backward()
    assert empty.grad.shape == (0,)


@pytest.mark.behaviour('as-strided-base')
def test_as_strided_has_no_gradient_of_integers():
    y = F.as_strided(Variable(np.arange(4)), (2,), (2,))
    y.grad = np.ones(2, int)
    with pytest.raises(TypeError, match=r'as_strided: .*int64 \(4,\)'), pytest.warns(match='no gradient flows'):
        y.backward()


@pytest.mark.behaviour('scatter-add-list')
@pytest.mark.parametrize(
    ('slices', 'expected'),
    [
        ([0, 1], [[1, 1], [1, 1], [0, 0]]),
        ([2, 2], [[0, 0], [0, 0], [2, 2]]),
        ([np.int64(0), -1], [[1, 1], [0, 0], [1, 1]]),
        ([True, False, True], [[1, 1], [0, 0], [1, 1]]),
        ([], [[0, 0], [0, 0], [0, 0]]),
        ((0, 1), [[0, 1], [0, 0], [0, 0]]),
        ([slice(None), 1], [[0, 1], [0, 1], [0, 1]]),
    ],
    ids=str,
)
def test_scatter_add_takes_a_list_of_integers_as_an_array_of_indexes(slices, expected):
    y = F.scatter_add(np.zeros((3, 2)), slices, np.ones(()))
    np.testing.assert_array_equal(y.array, expected)


def test_select_item_names_the_wrong_label():
    with pytest.raises(ValueError, match=r'\(1,\) is 3'):
        F.select_item(X, np.array([0, 3]))


def test_copy_to_the_cpu():
    y = F.copy(V, -1)
    y.grad = np.ones_like(X)
    y.backward()
    assert y.creator.label == 'Copy' and y.array is not X


@pytest.mark.parametrize(
    'call, error',
    [
        (lambda: F.swapaxes(X, 0, 2), InvalidType),
        (lambda: F.moveaxis(X, (0, 1), 0), ValueError),
        (lambda: F.moveaxis(X, (0, 0), (0, 1)), ValueError),
        (lambda: F.rollaxis(X, 3), InvalidType),
        (lambda: F.flip(X, -3), InvalidType),
        (lambda: F.fliplr(X[0]), InvalidType),
        (lambda: F.flipud(X[0, 0].reshape(())), InvalidType),
        (lambda: F.permutate(X, np.array([0, 0])), ValueError),
        (lambda: F.permutate(X, np.array([0, 1, 2])), InvalidType),
        (lambda: F.pad(X, 1, 'mean'), ValueError),
        (lambda: F.pad(X, -1, 'constant'), ValueError),
        (lambda: F.pad(X, 1, 'edge', constant_values=1), TypeError),
        (lambda: F.pad_sequence([X, X[0]]), InvalidType),
        (lambda: F.pad_sequence([X], length=1), InvalidType),
        (lambda: F.transpose_sequence([X[:1], X]), InvalidType),
        (lambda: F.repeat(X, -1), ValueError),
        (lambda: F.repeat(X, (1, 2), axis=1), ValueError),
        (lambda: F.tile(X, -1), ValueError),
        (lambda: F.tile(X, 1.5), TypeError),
        (lambda: F.broadcast(X, X[:, :2]), InvalidType),
        (lambda: F.separate(X, 2), InvalidType),
        (lambda: F.scatter_add(X, 0, np.ones(3, 'f')), InvalidType),
        (lambda: F.scatter_add(X, 5, np.ones(3)), IndexError),
        (lambda: F.diagonal(X, 0, 1, 1), InvalidType),
        (lambda: F.depth2space(np.ones((1, 3, 2, 2)), 2), InvalidType),
        (lambda: F.space2depth(np.ones((1, 3, 3, 2)), 2), InvalidType),
        (lambda: F.resize_images(np.ones((1, 1, 2, 2)), (2, 2), mode='cubic'), ValueError),
        (lambda: F.resize_images(np.ones((1, 1, 2, 2)), (0, 2)), ValueError),
        (lambda: F.spatial_transformer_grid(np.ones((1, 3, 3)), (2, 2)), InvalidType),
        (lambda: F.spatial_transformer_grid(np.ones((1, 2, 3)), (2, 2), use_cudnn=True), ValueError),
        (lambda: F.spatial_transformer_sampler(np.ones((1, 1, 2, 2)), np.ones((1, 3, 2, 2))), InvalidType),
        (lambda: F.hstack([]), TypeError),
        (lambda: F.vstack([X, X[:, :2]]), InvalidType),
        (lambda: F.cumsum(X, 2), InvalidType),
        (lambda: F.argmax(X, (0, 1)), TypeError),
        (lambda: F.maxout(X, 2), InvalidType),
        (lambda: F.maxout(X, 0), ValueError),
        (lambda: F.prelu(X, np.ones(2)), InvalidType),
        (lambda: F.swish(X, np.ones(2)), InvalidType),
        (lambda: F.softplus(X, 0), ValueError),
        (lambda: F.rrelu(X, 0.5, 0.2), ValueError),
        (lambda: F.rrelu(X, train=True), ValueError),
        (lambda: F.rrelu(X, r=X[0]), ValueError),
        (lambda: F.bias(X, X), InvalidType),
        (lambda: F.polygamma(-1, X), ValueError),
        (lambda: F.polygamma(0.5, X), ValueError),
        (lambda: F.erf(np.arange(3)), InvalidType),
    ],
)
def test_refuses(call, error):
    with pytest.raises(error) as info:
        call()
    assert len(info.value.args) == 1


def test_rrelu_draws_slopes_within_the_bounds():
    np.random.seed(0)
    y, r = F.rrelu(-np.ones(1000, 'f'), 0.1, 0.2, return_r=True)
    assert r.dtype == np.float32 and 0.1 <= r.min() < 0.11 and 0.19 < r.max() < 0.2
    np.testing.assert_array_equal(y.array, -r)


def test_numpy_names():
    for name, options in {
        'arccos': {},
        'arctan': {},
        'argmax': {'axis': 1},
        'ceil': {},
        'cumprod': {'axis': 0},
        'cumsum': {},
        'diagonal': {},
        'expm1': {},
        'flip': {},
        'log1p': {},
        'moveaxis': {'source': 0, 'destination': 1},
        'pad': {'pad_width': 1},
        'prod': {'axis': 0},
        'ravel': {},
        'repeat': {'repeats': 2, 'axis': 0},
        'rollaxis': {'axis': 1},
        'sign': {},
        'sinh': {},
        'square': {},
        'swapaxes': {'axis1': 0, 'axis2': 1},
        'tan': {},
        'tile': {'reps': 2},
        'trunc': {},
    }.items():
        x = np.linspace(-0.9, 0.8, 6).reshape(2, 3)
        y = getattr(np, name)(Variable(x), **options)
        assert isinstance(y, Variable)
        np.testing.assert_allclose(y.array, getattr(np, name)(x, **options))
    for name in ('hstack', 'vstack', 'dstack'):
        assert isinstance(getattr(np, name)([V, V]), Variable)
    assert isinstance(np.broadcast_arrays(V, V)[0], Variable)


def test_identity_of_several():
    x, y = Variable(np.array([1.0])), Variable(np.array([2.0]))
    a, b = F.identity(x, y)
    F.sum(a + 2 * b).backward()
    assert (x.grad, y.grad) == (1, 2)


def test_special_functions_without_scipy(monkeypatch):
    monkeypatch.setitem(sys.modules, 'scipy', None)
    monkeypatch.setitem(sys.modules, 'scipy.special', None)
    np.testing.assert_allclose(F.erf(np.array([0.0, 1.0])).array, [0, 0.8427007929497149])
    np.testing.assert_allclose(F.ndtr(np.array([[1.0]])).array, [[0.8413447460685429]])
    assert F.erfc(np.zeros((0, 2), 'f')).dtype == np.float32
    with pytest.raises(ImportError, match=r'chaingrad\[special\]'):
        F.erfinv(np.array([0.5]))
