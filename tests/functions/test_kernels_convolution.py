"""The convolution kernels against a sum written as loops."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from chaingrad.functions.kernels import convolution, layout, windows

CASES = [  # size, k, s, p, d, groups, in-channels, out-channels, batch, cover_all
    ((7,), (3,), (1,), (1,), (1,), 1, 2, 3, 2, False),
    ((9,), (3,), (2,), (2,), (2,), 1, 4, 2, 9, True),
    ((5, 6), (3, 3), (1, 1), (1, 1), (1, 1), 1, 3, 2, 2, False),
    ((5, 6), (3, 3), (1, 1), (1, 1), (1, 1), 1, 3, 4, 10, False),
    ((5, 6), (3, 2), (1, 1), (0, 1), (1, 1), 1, 2, 9, 10, False),
    ((6, 7), (3, 2), (2, 3), (1, 0), (1, 2), 1, 2, 3, 2, False),
    ((6, 7), (3, 2), (2, 3), (1, 0), (1, 2), 1, 2, 3, 9, True),
    ((6, 7), (2, 2), (3, 3), (0, 0), (1, 1), 1, 2, 3, 9, False),
    ((4, 5), (1, 1), (1, 1), (0, 0), (1, 1), 1, 4, 3, 9, False),
    ((4, 5), (1, 1), (1, 1), (1, 2), (1, 1), 1, 4, 3, 3, False),
    ((4, 5), (1, 1), (2, 2), (0, 0), (1, 1), 2, 4, 6, 9, False),
    ((6, 6), (3, 3), (1, 1), (1, 1), (1, 1), 2, 4, 6, 9, False),
    ((6, 6), (3, 3), (2, 2), (1, 1), (1, 1), 4, 4, 8, 3, False),
    ((6, 6), (3, 3), (1, 1), (4, 3), (1, 1), 1, 2, 2, 3, False),
    ((4, 5, 3), (2, 3, 2), (1, 2, 1), (1, 1, 0), (1, 1, 2), 1, 2, 3, 2, False),
    ((4, 5, 3), (2, 3, 2), (1, 1, 1), (1, 1, 1), (1, 1, 1), 1, 3, 2, 9, False),
    ((3, 3, 3, 2), (2, 2, 2, 2), (1, 1, 1, 1), (0, 0, 0, 1), (1, 1, 1, 1), 1, 2, 2, 2, False),
]


def naive(x, W, g, out):
    y = np.zeros((len(x), len(W), *out))
    for i in itertools.product(*map(range, out)):
        for j in itertools.product(*map(range, W.shape[2:])):
            element = [a * s + b * d - p for a, b, s, d, p in zip(i, j, g.s, g.d, g.p)]
            if all(0 <= a < m for a, m in zip(element, x.shape[2:])):
                for o in range(len(W)):
                    first = o // (len(W) // g.groups) * W.shape[1]
                    values = x[(slice(None), slice(first, first + W.shape[1]), *element)]
                    y[(slice(None), o, *i)] += values @ W[(o, slice(None), *j)]
    return y


def arrays(case, dtype=np.float64):
    size, k, s, p, d, groups, c, o, n, cover_all = case
    rng = np.random.default_rng(0)
    g = windows.Geometry(k, s, p, d, groups)
    out = windows.conv_outsizes(size, k, s, p, cover_all, d)
    x = rng.standard_normal((n, c, *size)).astype(dtype)
    W = rng.standard_normal((o, c // groups, *k)).astype(dtype)
    gy = rng.standard_normal((n, o, *out)).astype(dtype)
    return x, W, gy, g, out


@pytest.fixture(params=[300, 1_200_000], autouse=True)
def block_bytes(request, monkeypatch):
    monkeypatch.setattr(windows, 'BLOCK_BYTES', request.param)


@pytest.mark.parametrize('last', [False, True])
@pytest.mark.parametrize('case', CASES)
def test_the_three_sums(case, last):
    x, W, gy, g, out = arrays(case)
    expected = naive(x, W, g, out)
    kept = x.copy(), W.copy(), gy.copy()
    if last:
        x, gy = (np.moveaxis(layout.batch_last(np, a), -1, 0) for a in (x, gy))
    b = np.arange(len(W)) * 1.0
    np.testing.assert_allclose(convolution.convolve(x, W, None, g, out), expected, atol=1e-12)
    np.testing.assert_allclose(
        convolution.convolve(x, W, b, g, out), expected + b.reshape(-1, *[1] * len(out)), atol=1e-12
    )
    gx = convolution.convolve_adjoint(gy, W, None, g, x.shape[2:])
    gW = convolution.convolve_weight(x, gy, g)
    assert gx.shape == x.shape and gW.shape == W.shape
    direction, rng = naive(x, np.ones_like(W), g, out), np.random.default_rng(1)
    assert direction.shape == gy.shape
    for _ in range(3):  # <gy, conv(dx, W)> = <gx, dx>, and the same for W
        dx, dW = rng.standard_normal(x.shape), rng.standard_normal(W.shape)
        np.testing.assert_allclose(np.vdot(gy, naive(dx, W, g, out)), np.vdot(gx, dx), rtol=1e-9)
        np.testing.assert_allclose(np.vdot(gy, naive(x, dW, g, out)), np.vdot(gW, dW), rtol=1e-9)
    both = convolution.convolve_gradients(x, W, gy, g, True, True)
    np.testing.assert_allclose(both[0], gx, atol=1e-12)
    np.testing.assert_allclose(both[1], gW, atol=1e-12)
    np.testing.assert_allclose(both[2], gy.sum((0, *range(2, gy.ndim))), atol=1e-12)
    alone, gW_alone, none = convolution.convolve_gradients(x, W, gy, g, False, False)
    assert alone is None is none
    np.testing.assert_allclose(gW_alone, gW, atol=1e-12)
    for array, before in zip((x, W, gy), kept):
        np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize('order', ['transposed', 'reversed', 'sliced'])
def test_any_memory_layout(order):
    x, W, gy, g, out = arrays(CASES[3])
    strange = {
        'transposed': lambda a: np.ascontiguousarray(a.T).T,
        'reversed': lambda a: np.ascontiguousarray(a[:, ::-1])[:, ::-1],
        'sliced': lambda a: np.repeat(a, 2, axis=0)[::2],
    }[order]
    np.testing.assert_allclose(convolution.convolve(strange(x), strange(W), None, g, out), naive(x, W, g, out))
    for one, two in zip(
        convolution.convolve_gradients(strange(x), strange(W), strange(gy), g, True, True),
        convolution.convolve_gradients(x, W, gy, g, True, True),
    ):
        np.testing.assert_allclose(one, two, atol=1e-12)


def test_float16_sums_in_float32():
    x, W = np.full((1, 4096, 1, 1), 1, np.float16), np.full((1, 4096, 1, 1), 1, np.float16)
    y = convolution.convolve(x, W, None, windows.Geometry((1, 1), (1, 1), (0, 0), (1, 1)), (1, 1))
    assert y.dtype == np.float16 and y.item() == 4096  # a sum in float16 stops at 2048


def test_an_empty_batch():
    x, W, gy, g, out = arrays(CASES[2])
    assert convolution.convolve(x[:0], W, None, g, out).shape == (0, *gy.shape[1:])
    gx, gW, gb = convolution.convolve_gradients(x[:0], W, gy[:0], g, True, True)
    assert gx.shape == (0, *x.shape[1:]) and not gW.any() and not gb.any()


def test_outsizes():
    for size, k, s, p, d in itertools.product(range(4, 9), (1, 2, 3), (1, 2, 3), (0, 1), (1, 2)):
        full = windows.get_conv_outsize(size, k, s, p, False, d)
        if full >= 1:
            back = windows.get_deconv_outsize(full, k, s, p, False, d)
            assert back <= size and windows.get_conv_outsize(back, k, s, p, False, d) == full
        covered = windows.get_conv_outsize(size, k, s, p, True, d)
        if covered >= 1:
            assert (covered - 1) * s + d * (k - 1) + 1 >= size + 2 * p


def test_as_tuple():
    assert windows.as_tuple(2, 3) == (2, 2, 2)
    assert windows.as_tuple([1, 2], 2) == (1, 2)
    assert windows.as_tuple(np.int64(3), 2) == (3, 3)
    assert windows.as_tuple(np.array([1, 2]), 2) == (1, 2)
    with pytest.raises(ValueError, match='2 ints'):
        windows.as_tuple((1, 2, 3), 2)


def test_padding_where_one_axis_is_too_long_and_the_next_too_short():
    """As in the gradients of a deconvolution whose outsize leaves rows over and lacks columns."""
    x = np.ones((1, 9, 7, 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np, 'empty', lambda shape, dtype: np.full(shape, np.nan, dtype))
        y = windows.padded(np, x, 1, (0, 0), (8, 8))
    np.testing.assert_array_equal(y[:, :, :7], x[:, :8])
    assert not y[:, :, 7].any()


def test_im2col_and_its_adjoint():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 3, 5, 6))
    g = windows.Geometry(k=(3, 2), s=(2, 1), p=(1, 0), d=(1, 2))
    out = windows.conv_outsizes((5, 6), g.k, g.s, g.p, True, g.d)
    col = windows.im2col(np, x, g, out)
    gcol = rng.standard_normal(col.shape)
    np.testing.assert_allclose(np.vdot(col, gcol), np.vdot(windows.col2im(np, gcol, g, (5, 6)), x))
