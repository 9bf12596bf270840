"""Normalization on plain arrays."""

from __future__ import annotations

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.functions.kernels import layout
from chaingrad.functions.kernels.twins import with_twin


def statistics(x: Array, axis: tuple[int, ...], eps: float) -> tuple[Array, Array, Array, Array]:
    """Return x minus its mean, the mean, the variance and 1 / sqrt(variance + eps), over axes that stay."""
    mean = x.mean(axis=axis, keepdims=True)
    centred = x - mean
    variance = sum_products(centred, centred, axis) / (x.size // max(mean.size, 1))
    return centred, mean, variance, (variance + eps) ** -0.5


def sum_products(a: Array, b: Array, axis: tuple[int, ...]) -> Array:
    """Return the sum of a * b over axes that stay, for the usual ones without an array of the products."""
    xp = get_array_module(a)
    spatial = tuple(range(2, a.ndim))
    if axis == (0, *spatial):
        kept: Shape = (1, -1, *(1,) * len(spatial))
        if layout.is_batch_last(a) and layout.is_batch_last(b):
            a_rows = layout.first_to_last(a).reshape(a.shape[1], -1)
            b_rows = layout.first_to_last(b).reshape(a.shape[1], -1)
            return xp.vecdot(a_rows, b_rows).reshape(kept)
        if spatial and a.flags.c_contiguous and b.flags.c_contiguous:
            a_rows = a.reshape(*a.shape[:2], -1)
            b_rows = b.reshape(*a.shape[:2], -1)
            return xp.vecdot(a_rows, b_rows).sum(axis=0).reshape(kept)
    if axis == (a.ndim - 1,):
        return xp.vecdot(a, b)[..., None]
    return (a * b).sum(axis=axis, keepdims=True)


def gradient(
    centred: Array, factor: Array | float, gy: Array, scale: Array | float, inverse: Array, axis: tuple[int, ...]
) -> tuple[Array, Array, Array]:
    """Return the gradients of x, of scale and of a shift, all axes kept, where y = scale * x_hat + shift.

    x_hat = centred * factor is x with mean 0 and deviation 1 over `axis`; `inverse` is one over the deviation of x.
    """
    count = centred.size // max(inverse.size, 1)
    gshift = gy.sum(axis=axis, keepdims=True)
    gscale = sum_products(gy, centred, axis) * factor
    x_scale = scale * inverse
    gx = gy * x_scale
    gx -= gshift * x_scale / count
    gx -= centred * (gscale * factor * x_scale / count)
    return gx, gscale, gshift


@with_twin
def normalize_batch(
    x: Array, gamma: Array, beta: Array, axis: tuple[int, ...], eps: float
) -> tuple[Array, Array, Array, Array]:
    """Return gamma * x_hat + beta, where x_hat has mean 0 and deviation 1 over `axis`; mean, variance, 1 / deviation.

    gamma and beta have the shape of the other axes.
    """
    y, mean, variance, inverse = statistics(x, axis, eps)
    y *= gamma.reshape(mean.shape) * inverse
    y += beta.reshape(mean.shape)
    return y, mean, variance, inverse


@with_twin
def normalize_batch_gradients(
    x: Array, gamma: Array, gy: Array, mean: Array, inverse: Array, axis: tuple[int, ...]
) -> tuple[Array, Array, Array]:
    """Return the gradients of x, gamma and beta of `normalize_batch`, which returned mean and inverse."""
    return gradient(x - mean, inverse, gy, gamma.reshape(mean.shape), inverse, axis)


@with_twin
def scale_batch(x: Array, mean: Array, factor: Array, shift: Array, axis: tuple[int, ...]) -> Array:
    """Return (x - mean) * factor + shift, where these have length 1 along `axis`."""
    y = x - mean
    y *= factor
    y += shift
    return y


@with_twin
def normalize_rows(x: Array, gamma: Array, beta: Array, eps: float) -> tuple[Array, Array, Array]:
    """Return gamma * x_hat + beta of (n, c), where each row of x_hat has mean 0 and deviation 1; mean and variance."""
    y, mean, variance, inverse = statistics(x, (1,), eps)
    y *= inverse
    y *= gamma
    y += beta
    return y, mean, variance


@with_twin
def normalize_rows_gradients(
    x: Array, gamma: Array, gy: Array, mean: Array, variance: Array, eps: float
) -> tuple[Array, Array, Array]:
    """Return the gradients of x, gamma and beta of `normalize_rows`, which returned mean and variance."""
    inverse = (variance + eps) ** -0.5
    x_hat = x - mean
    x_hat *= inverse
    gx, _, _ = gradient(x_hat, 1, gy * gamma, 1, inverse, (1,))
    return gx, (gy * x_hat).sum(axis=0), gy.sum(axis=0)


def channel_sum(x: Array, half: int) -> Array:
    """Return the sum over the channels (axis 1) at most `half` away; its own adjoint."""
    y = x.copy()
    for i in range(1, min(half, x.shape[1] - 1) + 1):
        y[:, i:] += x[:, :-i]
        y[:, :-i] += x[:, i:]
    return y
