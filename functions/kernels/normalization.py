"""Normalization on plain arrays."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.functions.kernels import layout


def statistics(x: np.ndarray, axis: tuple[int, ...], eps: float):
    """Return x minus its mean, the mean, the variance and 1 / sqrt(variance + eps), over axes that stay."""
    mean = x.mean(axis=axis, keepdims=True)
    centred = x - mean
    variance = sum_products(centred, centred, axis) / (x.size // mean.size)
    return centred, mean, variance, (variance + eps) ** -0.5


def sum_products(a: np.ndarray, b: np.ndarray, axis: tuple[int, ...]) -> np.ndarray:
    """Return the sum of a * b over axes that stay, for the usual ones without an array of the products."""
    others, xp = tuple(range(2, a.ndim)), get_array_module(a)
    kept = (1, -1, *(1,) * len(others))
    if axis == (0, *others) and layout.is_batch_last(a) and layout.is_batch_last(b):
        a, b = (xp.moveaxis(x, 0, -1).reshape(x.shape[1], -1) for x in (a, b))
        return xp.vecdot(a, b).reshape(kept)
    if axis == (0, *others) and others and a.flags.c_contiguous and b.flags.c_contiguous:
        a, b = (x.reshape(*x.shape[:2], -1) for x in (a, b))
        return xp.vecdot(a, b).sum(axis=0).reshape(kept)
    if axis == (a.ndim - 1,):
        return xp.vecdot(a, b)[..., None]
    return (a * b).sum(axis=axis, keepdims=True)


def gradient(centred: np.ndarray, unit, gy: np.ndarray, scale, inverse, axis: tuple[int, ...]):
    """Return the gradient of x, and the sums of gy y and of gy, all axes kept, of scale * y with y = centred * unit.

    y is x with mean 0 and deviation 1 over `axis`; `inverse` is one over the deviation of x.
    """
    count = centred.size // inverse.size
    total = gy.sum(axis=axis, keepdims=True)
    products = sum_products(gy, centred, axis) * unit
    factor = scale * inverse
    gx = gy * factor
    gx -= total * factor / count
    gx -= centred * (products * unit * factor / count)
    return gx, products, total


def channel_sum(x: np.ndarray, half: int) -> np.ndarray:
    """Return the sum over the channels (axis 1) at most `half` away; its own adjoint."""
    y = x.copy()
    for i in range(1, min(half, x.shape[1] - 1) + 1):
        y[:, i:] += x[:, :-i]
        y[:, :-i] += x[:, i:]
    return y
