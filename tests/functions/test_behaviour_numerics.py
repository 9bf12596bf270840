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
