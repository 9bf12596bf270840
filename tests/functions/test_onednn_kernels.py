"""oneDNN's kernels called directly, against NumPy's in float64: geometries, memory orders, what they leave to NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from chaingrad import using_config
from chaingrad.functions.kernels import (
    convolution,
    elementwise,
    normalization,
    pooling,
    products,
    softmax,
    thread_pool,
    windows,
)
from chaingrad.functions.kernels.onednn import convolution as conv_twins
from chaingrad.functions.kernels.onednn import elementwise as elementwise_twins
from chaingrad.functions.kernels.onednn import normalization as norm_twins
from chaingrad.functions.kernels.onednn import pooling as pool_twins
from chaingrad.functions.kernels.onednn import products as product_twins
from chaingrad.functions.kernels.onednn import softmax as softmax_twins
from chaingrad.functions.kernels.onednn.shared_object import find_library
from tests.functions.test_kernels_convolution import CASES, arrays
from tests.functions.test_kernels_pooling import GEOMETRIES, geometry
from tests.strategies import batch_last, channels_last, with_layout

pytestmark = pytest.mark.skipif(find_library() is None, reason='oneDNN is for x86-64 Linux only')
VALUE, GRADIENT = 1e-6, 1e-5


@pytest.fixture(autouse=True)
def always():
    with using_config('use_ideep', 'always'):
        yield


def random(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype('f')


def misaligned(x):
    """Return x at an address that is no multiple of the size of its elements."""
    raw = np.zeros(x.nbytes + 1, np.uint8)[1:]
    y = np.ndarray(x.shape, x.dtype, raw)
    y[...] = x
    assert not y.flags.aligned
    return y


ORDERS = {
    'plain': np.ascontiguousarray,
    'channels last': channels_last,
    'batch last': batch_last,
    'misaligned': misaligned,
    **{name: lambda x, name=name: with_layout(x, name) for name in ('strided', 'reversed', 'window', 'fortran')},
}


def assert_near(found, expected, tolerance):
    assert found is not NotImplemented
    assert found.shape == expected.shape and found.dtype == np.float32
    scale = np.abs(expected).max(initial=0)
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * scale)


def wide(*xs):
    return [x.astype(np.float64) if isinstance(x, np.ndarray) else x for x in xs]


@pytest.mark.parametrize('order', ORDERS)
@pytest.mark.parametrize('case', [case for case in CASES if len(case[0]) <= 3])
def test_convolution(case, order):
    x, W, gy, g, out = arrays(case, np.float32)
    b, c, size = random(len(W)), random(x.shape[1]), x.shape[2:]
    y, gx, gW = (
        convolution.convolve(*wide(x, W, b), g, out),
        convolution.convolve_adjoint(*wide(gy, W, c), g, size),
        convolution.convolve_weight(*wide(x, gy), g),
    )
    ordered = ORDERS[order]
    x, gy, W = ordered(x), ordered(gy), with_layout(W, 'strided') if order == 'strided' else W
    assert_near(conv_twins.convolve(x, W, b, g, out), y, VALUE)
    assert_near(conv_twins.convolve_adjoint(gy, W, c, g, size), gx, GRADIENT)
    assert_near(conv_twins.convolve_weight(x, gy, g), gW, GRADIENT)
    gradients = gx - c.reshape(1, -1, *[1] * len(out)), gW, gy.astype(np.float64).sum((0, *range(2, gy.ndim)))
    for found, expected in zip(conv_twins.convolve_gradients(x, W, gy, g, True, True), gradients):
        assert_near(found, expected, GRADIENT)
    alone, gW, none = conv_twins.convolve_gradients(x, W, gy, g, False, False)
    assert alone is None is none
    assert_near(gW, gradients[1], GRADIENT)


@pytest.mark.parametrize('order', ['plain', 'channels last'])
def test_deconvolution_gradients(order):
    x, W, gy, g, _ = arrays(CASES[4], np.float32)
    expected = convolution.deconvolve_gradients(*wide(gy, W, x), g)
    found = conv_twins.deconvolve_gradients(ORDERS[order](gy), W, ORDERS[order](x), g)
    for one, other in zip(found, expected):
        assert_near(one, other, GRADIENT)


@pytest.mark.parametrize('order', [name for name in ORDERS if name != 'batch last'])
@pytest.mark.parametrize('ties', [False, True])
@pytest.mark.parametrize(('size', 'k', 's', 'p'), [g for g in GEOMETRIES if np.prod(g[1]) < 256])
def test_pooling(size, k, s, p, ties, order):
    g, x = geometry(k, s, p), random(9, 2, *size)
    x = np.round(x) if ties else x
    for cover_all in (False, True):
        out = windows.conv_outsizes(size, k, s, p, cover_all)
        if any((o - 1) * b - q >= m for o, b, q, m in zip(out, s, p, size)):
            continue  # a window of padding alone
        gy = random(9, 2, *out)
        y, indexes = pooling.max_pool(x.astype(np.float64), g, out, True)
        ordered = ORDERS[order]
        found, found_indexes = pool_twins.max_pool(ordered(x), g, out, True)
        np.testing.assert_array_equal(found, y)
        np.testing.assert_array_equal(found_indexes, indexes)
        assert pool_twins.max_pool(x, g, out, False)[1] is None
        expected = pooling.scatter(gy.astype(np.float64), indexes, g, size)
        assert_near(pool_twins.scatter(ordered(gy), indexes, g, size), expected, GRADIENT)
        assert_near(pool_twins.sum_pool(ordered(x), g, out), pooling.sum_pool(x.astype(np.float64), g, out), VALUE)
        expected = pooling.sum_pool_adjoint(gy.astype(np.float64), g, size)
        assert_near(pool_twins.sum_pool_adjoint(ordered(gy), g, size), expected, GRADIENT)


def test_pooling_leaves_to_numpy_what_would_differ():
    x, g = random(2, 2, 6, 6), geometry((2, 2), (2, 2), (0, 0))
    indexes = np.full((2, 2, 3, 3), 4, np.uint8)  # there are 4 positions, 0 to 3
    assert pool_twins.scatter(random(2, 2, 3, 3), indexes, g, (6, 6)) is NotImplemented
    assert pool_twins.max_pool(x, geometry((1, 2), (3, 1), (0, 0)), (3, 5), True) is NotImplemented  # padding alone
    assert pool_twins.max_pool(random(1, 1, 16, 16), geometry((16, 16), (1, 1), (0, 0)), (1, 1), True) is NotImplemented
    assert pool_twins.sum_pool(random(1, 1, 99), geometry((99,), (1,), (0,)), (1,)) is NotImplemented  # precision


@pytest.mark.parametrize('turn', [lambda x: x, lambda x: np.ascontiguousarray(x.swapaxes(-1, -2)).swapaxes(-1, -2)])
@pytest.mark.parametrize('order', ['plain', 'strided', 'reversed', 'window', 'misaligned'])
@pytest.mark.parametrize('stack', [(), (3,), (2, 3)])
def test_product(stack, order, turn):
    a, b = random(*stack, 4, 5), random(*stack, 5, 6)
    expected = a.astype(np.float64) @ b
    for first in (a, turn(a), ORDERS[order](a)):
        for second in (b, turn(b), ORDERS[order](b)):
            assert_near(product_twins.product(first, second), expected, VALUE)


def test_products_of_other_shapes_are_numpys():
    for a, b in (((5,), (5,)), ((4, 5), (5,)), ((4, 5), (3, 5, 6)), ((3, 4, 5), (2, 5, 6)), ((4, 5), (4, 6))):
        assert product_twins.product(random(*a), random(*b)) is NotImplemented


@pytest.mark.parametrize('order', ['plain', 'strided', 'reversed', 'misaligned'])
@pytest.mark.parametrize('shape', [(7, 40), (3, 2, 50), (100,)])
def test_softmax(shape, order):
    x, gy = 3 * random(*shape), random(*shape)[::-1]
    for name in ('softmax', 'log_softmax'):
        y = getattr(softmax, name)(x.astype(np.float64), -1)
        assert_near(getattr(softmax_twins, name)(ORDERS[order](x), -1), y, VALUE)
        expected = getattr(softmax, f'{name}_gradient')(y, gy.astype(np.float64), -1)
        gradient = getattr(softmax_twins, f'{name}_gradient')
        assert_near(gradient(ORDERS[order](y.astype('f')), ORDERS[order](gy), -1), expected, GRADIENT)


def test_the_logarithm_of_short_rows_is_numpys():
    assert softmax_twins.log_softmax(random(100, 31), 1) is NotImplemented
    assert softmax_twins.log_softmax(random(31, 100), 0) is NotImplemented
    assert softmax_twins.log_softmax(np.float32(1)[...], 0) is NotImplemented


@pytest.mark.parametrize('shift', [0, 10])
def test_layer_normalization(shift):
    x, gy, gamma, beta = random(7, 33) + np.float32(shift), random(7, 33)[::-1], random(33), random(33)
    y, mean, variance = normalization.normalize_rows(*wide(x, gamma, beta), 1e-5)
    found = norm_twins.normalize_rows(with_layout(x, 'strided'), gamma, beta, 1e-5)
    for one, other in zip(found, (y, mean, variance)):
        assert_near(one, other, VALUE * max(1, shift))
    expected = normalization.normalize_rows_gradients(*wide(x, gamma, gy, mean, variance), 1e-5)
    found = norm_twins.normalize_rows_gradients(x, gamma, gy, *found[1:], 1e-5)
    for one, other in zip(found, expected):
        assert_near(one, other, GRADIENT)


@pytest.mark.parametrize('order', [name for name in ORDERS if name not in ('strided', 'window', 'reversed')])
def test_sigmoid(order):
    x = 30 * random(9, 3, 4, 5)
    expected = 1 / (1 + np.exp(-x.astype(np.float64)))
    found = elementwise_twins.sigmoid(ORDERS[order](x))
    if order == 'misaligned':
        assert found is NotImplemented
        return
    assert_near(found, expected, VALUE)
    small = expected < 1e-6
    np.testing.assert_allclose(found[small], expected[small], rtol=1e-5, atol=1e-37)
    assert found.strides == ORDERS[order](x).strides
    for other in ('strided', 'window', 'reversed'):
        assert elementwise_twins.sigmoid(ORDERS[other](x)) is NotImplemented


# What is left to NumPy

ONE = windows.Geometry((2,), (1,), (0,), (1,))
CALLS = {  # kernel, twin, arguments that it takes
    'convolve': (convolution.convolve, lambda x: (x((9, 2, 6)), x((3, 2, 2)), None, ONE, (5,))),
    'convolve_adjoint': (convolution.convolve_adjoint, lambda x: (x((9, 3, 5)), x((3, 2, 2)), None, ONE, (6,))),
    'convolve_weight': (convolution.convolve_weight, lambda x: (x((9, 2, 6)), x((9, 3, 5)), ONE)),
    'convolve_gradients': (
        convolution.convolve_gradients,
        lambda x: (x((9, 2, 6)), x((3, 2, 2)), x((9, 3, 5)), ONE, True, True),
    ),
    'max_pool': (pooling.max_pool, lambda x: (x((9, 2, 6)), ONE, (5,), True)),
    'scatter': (pooling.scatter, lambda x: (x((9, 2, 5)), np.zeros((9, 2, 5), np.uint8), ONE, (6,))),
    'sum_pool': (pooling.sum_pool, lambda x: (x((9, 2, 6)), ONE, (5,))),
    'sum_pool_adjoint': (pooling.sum_pool_adjoint, lambda x: (x((9, 2, 5)), ONE, (6,))),
    'product': (products.product, lambda x: (x((9, 8)), x((8, 7)))),
    'softmax': (softmax.softmax, lambda x: (x((9, 40)), 1)),
    'softmax_gradient': (softmax.softmax_gradient, lambda x: (x((9, 40)), x((9, 40)), 1)),
    'log_softmax': (softmax.log_softmax, lambda x: (x((9, 40)), 1)),
    'log_softmax_gradient': (softmax.log_softmax_gradient, lambda x: (x((9, 40)), x((9, 40)), 1)),
    'sigmoid': (elementwise.sigmoid, lambda x: (x((9, 40)),)),
    'normalize_rows': (normalization.normalize_rows, lambda x: (x((9, 40)), x((40,)), x((40,)), 1e-5)),
}
TWINS = (elementwise_twins, conv_twins, pool_twins, product_twins, softmax_twins, norm_twins)


def twin_of(name):
    (twin,) = [getattr(module, name) for module in TWINS if hasattr(module, name)]
    return twin


@pytest.mark.parametrize('name', CALLS)
def test_other_dtypes_and_empty_arrays_are_numpys(name):
    kernel, arguments = CALLS[name]
    twin = twin_of(name)
    assert twin(*arguments(lambda shape: random(*shape))) is not NotImplemented
    for dtype in ('float16', 'float64', '>f4'):
        assert twin(*arguments(lambda shape, dtype=dtype: random(*shape).astype(dtype))) is NotImplemented
    empty = arguments(lambda shape: random(*shape)[:0] if shape[0] == 9 else random(*shape))
    empty = [a[:0] if isinstance(a, np.ndarray) and len(a) == 9 else a for a in empty]
    assert twin(*empty) is NotImplemented


@pytest.mark.parametrize('bad', [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize('name', CALLS)
def test_nan_and_infinities_are_numpys(name, bad):
    """Wherever a value that is not finite stands, the result has NaN and infinities where NumPy's has."""
    kernel, arguments = CALLS[name]
    xs = arguments(lambda shape: random(*shape))
    for i, x in enumerate(xs):
        if not isinstance(x, np.ndarray) or x.dtype != np.float32:
            continue
        for place in (0, x.size // 2):
            with np.errstate(all='ignore'):
                given = [a.copy() if a is x else a for a in xs]
                given[i].flat[place] = bad
                with using_config('use_ideep', 'never'):
                    expected = kernel(*given)
                found = kernel(*given)
            for one, other in zip(*(r if isinstance(r, tuple) else (r,) for r in (found, expected))):
                np.testing.assert_array_equal(np.isnan(one), np.isnan(other))
                np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_arguments_that_do_not_fit_together_are_numpys():
    """`config.type_check = False` lets them pass: oneDNN, which gets addresses alone, would read beyond their ends."""
    image, W = random(9, 2, 6), random(3, 2, 2)
    assert conv_twins.convolve(image, W, random(2), ONE, (5,)) is NotImplemented
    assert conv_twins.convolve(random(9, 3, 6), W, None, ONE, (5,)) is NotImplemented
    assert conv_twins.convolve(image, W, None, ONE, (6, 6)) is NotImplemented
    assert conv_twins.convolve_weight(image, random(8, 3, 5), ONE) is NotImplemented
    assert pool_twins.scatter(random(9, 2, 5), np.zeros((9, 2, 4), np.uint8), ONE, (6,)) is NotImplemented
    assert pool_twins.scatter(random(9, 2, 5), np.zeros((9, 2, 5), np.uint8), ONE, (3,)) is NotImplemented
    assert softmax_twins.softmax(random(9, 40), 2) is NotImplemented
    assert softmax_twins.log_softmax(random(9, 40), -3) is NotImplemented
    assert softmax_twins.softmax_gradient(random(9, 40), random(1, 40), 1) is NotImplemented
    assert norm_twins.normalize_rows(random(9, 40), random(40), random(39), 1e-5) is NotImplemented


def test_memory_order_of_the_channels_stays():
    x, W, gy, g, out = arrays(CASES[2], np.float32)
    x, gy = channels_last(x), channels_last(gy)
    for y in (conv_twins.convolve(x, W, None, g, out), conv_twins.convolve_adjoint(gy, W, None, g, x.shape[2:])):
        assert np.moveaxis(y, 1, -1).flags.c_contiguous and not y.flags.c_contiguous
    windows_of_two = geometry((2, 2), (2, 2), (0, 0))
    for y in pool_twins.max_pool(x, windows_of_two, (2, 3), True):
        assert np.moveaxis(y, 1, -1).flags.c_contiguous and not y.flags.c_contiguous


@pytest.mark.parametrize(('has_numba', 'fewest'), [(True, 16), (False, 32)])
def test_images_become_many_channels_that_are_last(has_numba, fewest, monkeypatch):
    monkeypatch.setattr(conv_twins, 'has_numba', lambda: has_numba)
    images, g = random(2, 3, 8, 8), windows.Geometry((3, 3), (1, 1), (1, 1), (1, 1))
    y = conv_twins.convolve(images, random(fewest, 3, 3, 3), None, g, (8, 8))
    assert np.moveaxis(y, 1, -1).flags.c_contiguous and not y.flags.c_contiguous
    assert conv_twins.convolve(images, random(fewest - 1, 3, 3, 3), None, g, (8, 8)).flags.c_contiguous
    features = random(2, 4, 8, 8)
    assert conv_twins.convolve(features, random(64, 4, 3, 3), None, g, (8, 8)).flags.c_contiguous


@pytest.mark.parametrize(('rows', 'n_threads', 'is_taken'), [(5, 1, False), (5, 2, True), (1, 2, False), (8, 1, True)])
def test_products_that_blas_would_share_are_taken(rows, n_threads, is_taken, monkeypatch):
    """5 x 200 x 800 is 800,000: NumPy's BLAS uses two threads, which would then spin beside those of oneDNN."""
    before = thread_pool.count()
    try:
        thread_pool.use(n_threads)
        with using_config('use_ideep', 'auto'):
            y = product_twins.product(random(rows, 200), random(800, 200).T)
    finally:
        thread_pool.use(before)
    assert (y is not NotImplemented) == is_taken
