"""The product of NumPy: few rows times a transposed matrix are computed the other way round."""

from __future__ import annotations

import numpy as np
import pytest

from chaingrad import using_config
from chaingrad.functions.kernels import products
from chaingrad.functions.kernels.products import FEW_ROWS, LEAST_COLUMNS

K = LEAST_COLUMNS


@pytest.fixture
def orders(monkeypatch):
    """Return the list of the shapes that were multiplied."""
    found = []
    numpy_product = products.numpy_product

    def seen(a, b):
        found.append((a.shape, b.shape))
        return numpy_product(a, b)

    monkeypatch.setattr(products, 'numpy_product', seen)
    with using_config('use_ideep', 'never'):
        yield found


def random(*shape, dtype='f'):
    return np.random.default_rng(0).standard_normal(shape).astype(dtype)


@pytest.mark.parametrize('m, k, n', [(1, K, 1), (5, K, 5), (20, K, 800), (FEW_ROWS, K + 1, FEW_ROWS)])
def test_few_long_rows_are_turned(m, k, n, orders):
    x, W = random(m, k), random(n, k)
    y = products.product(x, W.T)
    assert orders == [((n, k), (k, m))]
    assert y.flags.c_contiguous
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, x.astype(float) @ W.T.astype(float), atol=1e-4)


@pytest.mark.parametrize(
    'x, b',
    [
        (random(FEW_ROWS + 1, K), random(500, K).T),  # many rows
        (random(20, K - 1), random(500, K - 1).T),  # short ones
        (random(20, K), random(19, K).T),  # W has fewer
        (random(20, K), random(K, 500)),  # W itself
        (random(K, 20).T, random(500, K).T),  # x transposed as well
        (random(20, K, dtype='d'), random(500, K, dtype='d').T),
        (random(3, 20, K), random(3, 500, K).swapaxes(1, 2)),
    ],
)
def test_others_are_not(x, b, orders):
    y = products.product(x, b)
    assert orders == [(x.shape, b.shape)]
    np.testing.assert_array_equal(y, x @ b)


def test_what_is_not_finite_stays_where_it_is(orders):
    x, W = random(4, K), random(30, K)
    x[2, 3], W[7, 5] = np.nan, np.inf
    y = products.product(x, W.T)
    assert len(orders) == 1
    np.testing.assert_array_equal(np.isfinite(y), np.isfinite(x.astype(float) @ W.T.astype(float)))
