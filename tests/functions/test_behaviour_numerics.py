"""Values and derivatives of every order where the obvious formula cancels, overflows or divides by zero."""

import numpy as np
import pytest

import chaingrad.functions as F
from chaingrad import Variable, grad


def derivatives(f, x, order):
    """Return y and its derivatives up to an order by x, elementwise."""
    x = Variable(x)
    found = [f(x)]
    for _ in range(order):
        (g,) = grad([found[-1]], [x], enable_double_backprop=True)
        found.append(Variable(np.zeros_like(x.array)) if g is None else g)
    return [y.array for y in found]


def first_order(f, x):
    """Return the gradient of a sum by a pass on arrays."""
    x = Variable(x)
    y = f(x)
    y.grad = np.ones_like(y.array)
    y.backward()
    return x.grad


# Decorrelated batch normalization


def whitening_gradient(x, gy, eps=2e-5):
    """The gradient of y = S^(-1/2) (x - mean), x (n, c), by divided differences of l^(-1/2) at the eigenvalues of S."""
    z, g = (x - x.mean(0)).T, gy.T
    n = len(x)
    values, U = np.linalg.eigh(z @ z.T / n + eps * np.eye(len(z)))
    r = np.sqrt(values)
    gP = g @ z.T
    D = 1 / (r[:, None] * r * (r[:, None] + r))
    gS = -U @ (D * (U.T @ (gP + gP.T) @ U / 2)) @ U.T
    gz = (U / r) @ U.T @ g + 2 / n * gS @ z
    return (gz - gz.mean(1, keepdims=True)).T


@pytest.mark.behaviour('decorrelated-float32-gradient')
@pytest.mark.parametrize('scale', [1, 10])
@pytest.mark.parametrize(('n', 'c'), [(2, 4), (4, 16), (8, 32), (64, 16)])
def test_decorrelated_batch_normalization_of_a_singular_covariance(n, c, scale):
    rng = np.random.default_rng(0)
    x, gy, ggx = (rng.normal(size=(n, c)).astype(np.float32) for _ in range(3))
    x *= scale
    x[:, 1] = x[:, 0]
    results = {}
    for dtype in (np.float32, np.float64):
        x_, gy_, ggx_ = (Variable(a.astype(dtype)) for a in (x, gy, ggx))
        y = F.decorrelated_batch_normalization(x_, groups=1)
        y.grad = gy_.array
        y.backward()
        (gx,) = grad([y], [x_], [gy_], enable_double_backprop=True)
        assert x_.grad.dtype == dtype
        np.testing.assert_allclose(x_.grad, gx.array, rtol=1e-5, atol=1e-6 * np.abs(gx.array).max())
        results[dtype] = [gx.array, *[g.array for g in grad([gx], [x_, gy_], [ggx_])]]
    expected = whitening_gradient(x.astype(float), gy.astype(float))
    np.testing.assert_allclose(results[np.float32][0], expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())
    for found, exact in zip(results[np.float32], results[np.float64]):
        np.testing.assert_allclose(found, exact, rtol=1e-5, atol=1e-5 * np.abs(exact).max())


# Activation functions


def sigmoid(x):
    """In float64, right in both tails."""
    e = np.exp(-abs(x))
    return np.where(x < 0, e, 1) / (1 + e)


TAILS = {
    np.float16: [-np.inf, -6e4, -1000, -20, -16, -14, -11.5, -9, -1, 0, 3, 20, 6e4, np.inf],
    np.float32: [-np.inf, -3e38, -1e20, -1000, -105, -85, -50, -17, -1, 0, 3, 20, 3e38, np.inf],
    np.float64: [-np.inf, -1e308, -1000, -705, -100, -1, 0, 3, 40, 1e308, np.inf],
}
every_dtype = pytest.mark.parametrize('dtype', TAILS)


def close(found, expected, dtype, factor=8):
    """The values agree to the precision of the dtype; a number too small for full precision may be 0."""
    info = np.finfo(dtype)
    atol = 8 * float(info.smallest_subnormal) if dtype == np.float16 else 100 * float(info.tiny)
    np.testing.assert_allclose(found.astype(float), expected, rtol=factor * info.eps, atol=atol)


@pytest.mark.behaviour('sigmoid-tails')
@every_dtype
def test_sigmoid_far_from_zero(dtype):
    x = np.array(TAILS[dtype], dtype)
    s = sigmoid(x.astype(float))
    found = derivatives(F.sigmoid, x, 3)
    close(found[0], s, dtype)
    low = x < 0  # y (1 - y) of a y near 1 is as right as y
    close(found[1][low], (s * (1 - s))[low], dtype)
    close(found[2][low], (s * (1 - s) * (1 - 2 * s))[low], dtype)
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(first_order(F.sigmoid, x), found[1])


@pytest.mark.behaviour('sigmoid-tails')
@every_dtype
def test_the_derivative_of_softplus_far_from_zero(dtype):
    x = np.array(TAILS[dtype], dtype)
    s = sigmoid(x.astype(float))
    y, first, second = derivatives(F.softplus, x, 2)
    close(first, s, dtype)
    close(second[x < 0], (s * (1 - s))[x < 0], dtype)
    assert y[0] == 0 and y[-1] == np.inf and np.isfinite(second).all()
    np.testing.assert_array_equal(first_order(F.softplus, x), first)


@pytest.mark.behaviour('sigmoid-tails')
@pytest.mark.parametrize('beta', [1.0, np.ones((), np.float64)], ids=['number', 'array'])
@every_dtype
def test_swish_far_from_zero(dtype, beta):
    x = np.array(TAILS[dtype], dtype)
    exact = x.astype(float)
    s = sigmoid(exact)
    with np.errstate(invalid='ignore', over='ignore'):
        slope = np.where((s == 0) | (s == 1), 0, exact * s * (1 - s))
        value = np.where(s == 0, 0, exact * s)
    beta = beta if np.isscalar(beta) else beta.astype(dtype)
    y, first, second = derivatives(lambda x: F.swish(x, beta), x, 2)
    close(y, value, dtype)
    assert y[0] == 0 and y[-1] == np.inf
    small = x < 5 if dtype != np.float16 else (x < 5) & (x > -18)  # there 1 - s is right
    close(first[small], (s + slope)[small], dtype, 64)
    assert np.isfinite(first).all() and np.isfinite(second).all()
    assert first[0] == 0 and first[-1] == 1 and second[0] == 0 and second[-1] == 0
    np.testing.assert_array_equal(first_order(lambda x: F.swish(x, beta), x), first)


@pytest.mark.behaviour('sigmoid-tails')
@pytest.mark.parametrize('double', [False, True])
def test_the_gradient_of_swish_by_beta_of_infinite_elements(double):
    x = Variable(np.array([[-np.inf, -3e38, 1.0], [np.inf, -1000, 3e38]], np.float32))
    beta = Variable(np.ones(3, np.float32))
    y = F.swish(x, beta)
    (gbeta,) = grad([y], [beta], enable_double_backprop=double)
    s = sigmoid(1.0)
    np.testing.assert_allclose(gbeta.array, [0, 0, s * (1 - s)], rtol=1e-6)
    if double:
        for g in grad([gbeta], [x, beta]):
            assert np.isfinite(g.array).all()


@pytest.mark.behaviour('elu-selu-derivative')
@pytest.mark.parametrize(
    ('f', 'alpha', 'scale'),
    [
        (F.elu, 1.0, 1.0),
        (lambda x: F.elu(x, 0.5), 0.5, 1.0),
        (F.selu, 1.6732632423543772, 1.0507009873554805),
    ],
    ids=['elu', 'elu 0.5', 'selu'],
)
@every_dtype
def test_elu_and_selu_have_their_derivatives_everywhere(f, alpha, scale, dtype):
    x = np.array(TAILS[dtype], dtype)
    exact = x.astype(float)
    y, first, second, third = derivatives(f, x, 3)
    e = scale * alpha * np.exp(np.minimum(exact, 0))
    with np.errstate(over='ignore'):
        close(
            y, np.where(exact > 0, (scale * exact).astype(dtype), scale * alpha * np.expm1(np.minimum(exact, 0))), dtype
        )
    close(first, np.where(exact > 0, scale, e), dtype)
    for higher in (second, third):
        close(higher, np.where(exact > 0, 0, e), dtype)
    np.testing.assert_array_equal(first_order(f, x), first)


@pytest.mark.behaviour('prelu-infinite')
@pytest.mark.parametrize('double', [False, True])
def test_an_infinite_element_adds_nothing_to_the_gradient_of_the_slopes(double):
    x = Variable(np.array([[np.inf, -1.0, 2.0], [3.0, np.inf, np.inf]], np.float32))
    W = Variable(np.array([0.25, 0.5, 0.1], np.float32))
    gy = Variable(np.array([[1, 2, 3], [4, 5, 6]], np.float32))
    y = F.prelu(x, W)
    gx, gW = grad([y], [x, W], [gy], enable_double_backprop=double)
    np.testing.assert_array_equal(y.array, [[np.inf, -0.5, 2], [3, np.inf, np.inf]])
    np.testing.assert_array_equal(gW.array, [0, -2, 0])
    np.testing.assert_array_equal(gx.array, [[1, 1, 3], [4, 5, 6]])
    if double:
        ggx, ggy = grad([gW], [x, gy])
        np.testing.assert_array_equal(ggx.array, [[0, 2, 0], [0, 0, 0]])
        np.testing.assert_array_equal(ggy.array, [[0, -1, 0], [0, 0, 0]])


# Powers


EXPONENTS = [0.0, 1.0, 2.0, 3.0]
ORDERS = [[0, 1, 0, 0], [0, 0, 2, 0], [0, 0, 0, 6], [0, 0, 0, 0]]  # of x ** EXPONENTS at 0


@pytest.mark.behaviour('power-derivative')
@pytest.mark.parametrize('dtype', [np.float16, np.float32, np.float64])
@pytest.mark.parametrize('wrap', [lambda b: b, Variable, lambda b: Variable(b, requires_grad=False)], ids='avc')
def test_derivatives_of_a_power_at_zero(wrap, dtype):
    exponents = np.array(EXPONENTS, dtype)
    x = np.zeros(4, dtype)
    found = derivatives(lambda x: x ** wrap(exponents), x, 4)
    np.testing.assert_array_equal(found, [[1, 0, 0, 0], *ORDERS])
    np.testing.assert_array_equal(first_order(lambda x: x ** wrap(exponents), x), ORDERS[0])
    mixed = derivatives(lambda x: x ** wrap(exponents), np.array([0, 2, 0, 2], dtype), 3)
    np.testing.assert_allclose(mixed, [[1, 2, 0, 8], [0, 1, 0, 12], [0, 0, 2, 12], [0, 0, 0, 6]], rtol=2e-3)
    for i, exponent in enumerate(EXPONENTS):
        constant = derivatives(lambda x, c=exponent: x**c, np.zeros((), dtype), 4)
        np.testing.assert_array_equal(constant[1:], [order[i] for order in ORDERS])


@pytest.mark.behaviour('power-derivative')
@pytest.mark.filterwarnings('ignore:divide by zero')
@pytest.mark.parametrize(
    'base', [lambda b: np.zeros_like(b.array), lambda b: Variable(np.zeros_like(b.array)), lambda b: 0]
)
def test_derivatives_of_a_power_of_zero_by_the_exponent(base):
    b = np.array([-1, 0, 0.5, 1, 2])
    found = derivatives(lambda b: base(b) ** b, b, 3)
    np.testing.assert_array_equal(found[0], [np.inf, 1, 0, 0, 0])
    for order, limit in enumerate((-np.inf, np.inf, -np.inf), 1):
        np.testing.assert_array_equal(found[order], [limit, 0, 0, 0, 0])
    np.testing.assert_array_equal(first_order(lambda b: base(b) ** b, b), found[1])


@pytest.mark.behaviour('power-derivative')
def test_operands_of_a_power_broadcast_at_zero():
    x, b = Variable(np.array([[0.0], [2.0]])), Variable(np.array([0.0, 1, 2]))
    y = x**b
    y.grad = np.array([[1.0, 2, 3], [4, 5, 6]])
    y.backward()
    np.testing.assert_array_equal(x.grad, [[2], [5 + 6 * 4]])
    np.testing.assert_allclose(b.grad, np.log(2) * np.array([4, 10, 24]))


# logsumexp, expm1, erfcx, log_ndtr


@pytest.mark.behaviour('logsumexp-gradient')
@pytest.mark.parametrize('shift', [0, -3, 300, 3e4, 1e7, -1e7, 1e30])
@pytest.mark.parametrize('axis', [None, 1, (0, -1)])
@pytest.mark.parametrize('dtype', [np.float16, np.float32, np.float64])
def test_the_gradient_of_logsumexp_is_a_softmax(axis, shift, dtype):
    if dtype == np.float16 and abs(shift) > 6e4:
        shift = 6e4 * np.sign(shift)
    z = np.array([[[0.0, 1, -2], [0, 0, 3]], [[5, 5, 5], [-1, 2, 0]]])
    x = (z + shift).astype(dtype)
    exact = x.astype(float)
    e = np.exp(exact - exact.max(axis, keepdims=True))
    p = e / e.sum(axis, keepdims=True)
    gy = np.random.default_rng(0).normal(size=p.sum(axis).shape).astype(dtype)
    wide = np.broadcast_to(np.expand_dims(gy, axis if axis is not None else (0, 1, 2)), x.shape).astype(float)
    x_, gy_ = Variable(x), Variable(gy)
    y = F.logsumexp(x_, axis)
    (first,) = grad([y], [x_], [gy_])
    (gx,) = grad([y], [x_], [gy_], enable_double_backprop=True)
    close(gx.array, wide * p, dtype)
    np.testing.assert_array_equal(first.array, gx.array)
    ggx = np.random.default_rng(1).normal(size=x.shape).astype(dtype)
    (second,) = grad([gx], [x_], [ggx])
    a = wide * ggx * p
    close(second.array + 1, a - p * a.sum(axis, keepdims=True) + 1, dtype)  # absolute: terms cancel
    assert second.dtype == gx.dtype == dtype


@pytest.mark.behaviour('expm1-erfcx-log-ndtr')
@every_dtype
def test_the_derivatives_of_expm1_are_exp(dtype):
    x = np.array([x for x in TAILS[dtype] if x < 5], dtype)
    found = derivatives(F.expm1, x, 3)
    close(found[0], np.expm1(x.astype(float)), dtype)
    for higher in found[1:]:
        close(higher, np.exp(x.astype(float)), dtype)
    np.testing.assert_array_equal(first_order(F.expm1, x), found[1])


def scaled_integrals(x, orders=4, terms=3000):
    """exp(x^2) i^n erfc(x) for n = 0, 1, ... of a positive x, by the continued fraction of their ratios."""
    ratio = 0.5 / x
    ratios = []
    for k in range(orders + terms, 0, -1):
        ratio = 0.5 / (x + k * ratio)
        if k <= orders:
            ratios.insert(0, ratio)
    return 2 / np.sqrt(np.pi) * np.cumprod(ratios, 0)


@pytest.mark.behaviour('expm1-erfcx-log-ndtr')
@pytest.mark.parametrize('dtype', [np.float16, np.float32, np.float64])
def test_the_derivatives_of_erfcx(dtype):
    """The n-th is (-2)^n n! exp(x^2) i^n erfc(x)."""
    pytest.importorskip('scipy')
    x = np.array([0.5, 1, 2, 2.875, 3.125, 8, 20.5, *([501, 5000, 1e10] if dtype != np.float16 else [])], dtype)
    found = derivatives(F.erfcx, x, 3)
    exact = scaled_integrals(x.astype(float))
    for y, integral, factor in zip(found, exact, (1, -2, 8, -48)):
        tolerance = {np.float16: 2e-2, np.float32: 2e-6, np.float64: 1e-11}[dtype]
        np.testing.assert_allclose(y, factor * integral, rtol=tolerance, atol=1e-6 if dtype == np.float16 else 1e-37)
    np.testing.assert_array_equal(first_order(F.erfcx, x), found[1])
    if dtype != np.float16:
        z = np.array([0, -0.5, -2, -4], dtype)
        y, first, second = derivatives(F.erfcx, z, 2)
        np.testing.assert_allclose(first, 2 * z * y - 2 / np.sqrt(np.pi), rtol=1e-6)
        np.testing.assert_allclose(second, 2 * y + 2 * z * first, rtol=1e-5)


@pytest.mark.behaviour('expm1-erfcx-log-ndtr')
@pytest.mark.parametrize('dtype', [np.float32, np.float64])
def test_the_derivatives_of_log_ndtr(dtype):
    """h = exp(-x^2 / 2) / (sqrt(2 pi) ndtr(x)), h' = -h (x + h)."""
    pytest.importorskip('scipy')
    x = np.array([-1e10, -1e4, -1000, -40, -6, -4.5, -2, -1], dtype)
    y, first, second = derivatives(F.log_ndtr, x, 2)
    zero, one = scaled_integrals(-x.astype(float) / 2**0.5, 2)
    h = np.sqrt(2 / np.pi) / zero
    np.testing.assert_allclose(first, h, rtol=1e-6 if dtype == np.float32 else 1e-13)
    np.testing.assert_allclose(second, -h * 2**0.5 * one / zero, rtol=1e-6 if dtype == np.float32 else 1e-12)
    np.testing.assert_allclose(second[1], -1 + 1e-8, rtol=4 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(first_order(F.log_ndtr, x), first)
    y, first, second = derivatives(F.log_ndtr, np.array([0, 1, 5, 30], dtype), 2)
    np.testing.assert_allclose(second, -first * (np.array([0, 1, 5, 30]) + first), rtol=1e-5)
