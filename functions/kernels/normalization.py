"""Normalization on plain arrays."""

from __future__ import annotations

import numpy as np


def statistics(x: np.ndarray, axis: tuple[int, ...], eps: float):
    """Return x minus its mean, the mean, the variance and 1 / sqrt(variance + eps), over axes that stay."""
    mean = x.mean(axis=axis, keepdims=True)
    centred = x - mean
    variance = (centred * centred).mean(axis=axis, keepdims=True)
    return centred, mean, variance, (variance + eps) ** -0.5


def gradient(x: np.ndarray, gy: np.ndarray, gamma, mean, inverse, axis: tuple[int, ...]):
    """Return the gradients of x, gamma and beta (those with the axes kept) of gamma (x - mean) inverse + beta, where
    mean and inverse belong to x. Works in place: half the passes over memory of the formula written out."""
    count = x.size // mean.size
    gbeta = gy.sum(axis=axis, keepdims=True)
    scaled = x - mean
    scaled *= inverse
    product = gy * scaled
    ggamma = product.sum(axis=axis, keepdims=True)
    scaled *= ggamma / count
    gx = np.subtract(gy, gbeta / count, out=product)
    gx -= scaled
    gx *= gamma * inverse
    return gx, ggamma, gbeta


def channel_sum(x: np.ndarray, half: int) -> np.ndarray:
    """Return the sum over the channels (axis 1) at most `half` away; its own adjoint."""
    y = x.copy()
    for i in range(1, min(half, x.shape[1] - 1) + 1):
        y[:, i:] += x[:, :-i]
        y[:, :-i] += x[:, i:]
    return y
