"""Numerical stability: large arguments in float32, zeros in products, long sums in float16."""

import numpy as np
import pytest

import chaingrad.functions as F
from chaingrad import Variable, grad

LARGE = np.array([-1e4, -100.0, 0.0, 100.0, 1e4], np.float32)
FUNCTIONS = {
    'clipped_relu': F.clipped_relu,
    'crelu': lambda x: F.crelu(x, 0),
    'elu': F.elu,
    'erf': F.erf,
    'erfc': F.erfc,
    'hard_sigmoid': F.hard_sigmoid,
    'leaky_relu': F.leaky_relu,
    'log_ndtr': F.log_ndtr,
    'log_softmax': lambda x: F.log_softmax(x, 0),
    'logsumexp': F.logsumexp,
    'ndtr': F.ndtr,
    'prelu': lambda x: F.prelu(F.reshape(x, (1, -1)), np.array(0.1, np.float32)),
    'relu6': F.relu6,
    'selu': F.selu,
    'sigmoid': F.sigmoid,
    'softmax': lambda x: F.softmax(x, 0),
    'softplus': F.softplus,
    'swish': lambda x: F.swish(x, 1.0),
    'tanh': F.tanh,
    'arctan': F.arctan,
}


@pytest.mark.parametrize('name', FUNCTIONS)
def test_large_arguments_give_finite_values_and_gradients(name):
    x = Variable(LARGE)
    y = FUNCTIONS[name](x)
    assert np.isfinite(y.array).all()
    (gx,) = grad([y], [x], [Variable(np.ones_like(y.array))], enable_double_backprop=True)
    assert np.isfinite(gx.array).all()
    (ggx,) = grad([F.sum(gx * gx)], [x])
    assert ggx is None or np.isfinite(ggx.array).all()


@pytest.mark.parametrize(
    ('f', 'x', 'gy', 'expected'),
    [(F.log, 1e-5, 1e-3, 100), (lambda x: 2 / x, 4e-3, 0.1, -12500)],
    ids=['log x', '2 / x'],
)
def test_intermediate_results_of_float16_gradients_do_not_overflow(f, x, gy, expected):
    x = Variable(np.array([x], np.float16))
    (gx,) = grad([f(x)], [x], [np.array([gy], np.float16)])
    np.testing.assert_allclose(gx.array, [expected], rtol=0.05)


def test_log_ndtr_is_accurate_for_large_arguments():
    x = Variable(np.array([-1e4, -30.0, 8.0]))
    y = F.log_ndtr(x)
    np.testing.assert_allclose(y.array, [-50000010.129279, -454.3212439563368, -6.220960574271786e-16], rtol=1e-12)
    F.sum(y).backward()
    np.testing.assert_allclose(x.grad[:2], [10000.0001, 30.03325937], rtol=1e-8)


@pytest.mark.parametrize('dtype', ['float16', 'float32'])
def test_sums_accumulate_in_float32(dtype):
    x = np.full(4096, 0.1, dtype)
    for y in (F.cumsum(x).array[-1], F.sum(x).array, F.batch_l2_norm_squared(x[None]).array[0] * 10):
        assert abs(float(y) / (4096 * float(x[0])) - 1) < 2e-3
    assert abs(float(F.logsumexp(x).array) - (np.log(4096) + 0.1)) < 1e-2
    assert F.einsum('i,i->', x, x).array.dtype == dtype
    assert abs(float(F.einsum('i,i->', x, x).array) / (4096 * float(x[0]) ** 2) - 1) < 2e-3


def test_logsumexp_of_minus_infinity_and_of_empty_arrays():
    assert F.logsumexp(np.full(3, -np.inf)).array == -np.inf
    assert F.logsumexp(np.zeros((0, 2)), axis=0).array.tolist() == [-np.inf, -np.inf]


def test_products_with_zeros_have_all_derivatives():
    x = Variable(np.array([0.0, 2.0, 0.0, 3.0]))
    (gx,) = grad([F.prod(x)], [x], enable_double_backprop=True)
    assert gx.array.tolist() == [0, 0, 0, 0]
    (ggx,) = grad([gx[0]], [x], enable_double_backprop=True)
    assert ggx.array.tolist() == [0, 0, 6, 0]


def test_long_cumprod_takes_no_python_loop_over_elements():
    x = Variable(np.random.default_rng(0).uniform(0.9, 1.1, 50000))
    F.sum(F.cumprod(x)).backward()
    assert np.isfinite(x.grad).all()


def test_black_out_of_equal_and_of_large_scores():
    """A sample that equals another, or the label, has the same score: 1 - p must not cancel."""
    x = Variable(np.array([[1e4, -1e4], [1e4, 1e4]], np.float32))
    W = Variable(np.array([[1e4, 1.0], [1e4, 1.0], [-2e3, 1e4]], np.float32))
    y = F.black_out(x, np.array([0, 1]), W, np.array([[1, 2], [1, 2]]))
    assert abs(float(y.array) - 2 * np.log(2)) < 1e-3
    for g in grad([y], [x, W]):
        assert np.isfinite(g.array).all()


def test_weighted_average_of_float16_does_not_overflow():
    x = Variable(np.full(2000, 100, np.float16))
    y = F.average(x, weights=np.full(2000, 100, np.float16))
    assert y.dtype == np.float16 and y.array == 100
    y.backward()
    assert x.grad.dtype == np.float16 and abs(x.grad[0] * 2000 - 1) < 1e-2


def test_labels_of_a_large_float16_batch_are_counted_exactly():
    x, t = np.zeros((70001, 2), np.float16), np.zeros(70001, int)
    t[0] = -1
    assert abs(float(F.softmax_cross_entropy(x, t).array) - np.log(2)) < 1e-3


@pytest.mark.parametrize(
    'f',
    [
        lambda x, c: F.elu(x, c),
        lambda x, c: F.selu(x, c, c),
        lambda x, c: F.leaky_relu(x, c),
        lambda x, c: F.clip(x, -c, c),
        lambda x, c: F.clipped_relu(x, c),
        lambda x, c: F.softplus(x, c),
        lambda x, c: F.rrelu(x, r=np.full(x.shape, c)),
    ],
    ids=['elu', 'selu', 'leaky_relu', 'clip', 'clipped_relu', 'softplus', 'rrelu'],
)
@pytest.mark.parametrize('kind', [float, np.float64, np.array])
def test_options_from_numpy_leave_the_dtype_of_x(f, kind):
    x, z = (Variable(np.linspace(-2, 2, 6, dtype=np.float32)) for _ in range(2))
    y, expected = f(x, kind(0.5)), f(z, 0.5)
    F.sum(y).backward()
    F.sum(expected).backward()
    assert y.dtype == x.grad.dtype == np.float32
    np.testing.assert_allclose(y.array, expected.array, rtol=1e-6)
    np.testing.assert_allclose(x.grad, z.grad, rtol=1e-6)


MASK = np.array([[True, False], [False, False]])


@pytest.mark.parametrize('dtype', ['float16', 'float32', 'float64'])
@pytest.mark.parametrize('double', [False, True], ids=['arrays', 'Variables'])
@pytest.mark.parametrize(
    'select',
    [
        lambda x, zeros: F.where(MASK, x, zeros),
        lambda x, zeros: F.where(~MASK, zeros, x),
        lambda x, zeros: F.maximum(x, zeros + ~MASK),
        lambda x, zeros: F.minimum(zeros + 1, x + ~MASK),
    ],
    ids=['where x', 'where y', 'maximum', 'minimum'],
)
def test_gradients_of_elements_that_are_not_selected_vanish_even_if_nan(select, double, dtype):
    """As in attention whose softmax has rows that are masked throughout: their NaN must not reach the scores."""
    x = Variable(np.full((2, 2), 0.5, dtype))
    gy = Variable(np.array([[2, np.nan], [np.inf, -np.inf]], dtype))
    (gx,) = grad([select(x, np.zeros((2, 2), dtype))], [x], [gy], enable_double_backprop=double)
    assert gx.dtype == dtype
    np.testing.assert_array_equal(gx.array, [[2, 0], [0, 0]])
    if double:
        (ggy,) = grad([F.sum(gx)], [gy])
        np.testing.assert_array_equal(ggy.array, MASK)
