"""softmax and log_softmax along an axis, with their gradients, on plain arrays."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.array_ops import sum_array
from chaingrad.functions.kernels.twins import with_twin


@with_twin
def softmax(x: Array, axis: int) -> Array:
    """Return the softmax of an array; the maximum is subtracted first, so that exp does not overflow."""
    if not x.size:
        return x.copy()
    if x.dtype == np.float16:
        return softmax(x.astype(np.float32), axis).astype(np.float16)
    y = np.exp(x - x.max(axis, keepdims=True))
    y /= np.add.reduce(y, axis=axis, keepdims=True)
    return y


@with_twin
def log_softmax(x: Array, axis: int) -> Array:
    """Return the logarithm of the softmax of an array, without ever taking the logarithm of 0."""
    if not x.size:
        return x.copy()
    if x.dtype == np.float16:
        return log_softmax(x.astype(np.float32), axis).astype(np.float16)
    y = x - x.max(axis, keepdims=True)
    y -= np.log(np.add.reduce(np.exp(y), axis=axis, keepdims=True))
    return y


@with_twin
def softmax_gradient(y: Array, gy: Array, axis: int) -> Array:
    """Return the gradient of x from y = softmax(x) and its gradient."""
    gx = y * gy
    gx -= y * sum_array(gx, axis, True)
    return gx


@with_twin
def log_softmax_gradient(y: Array, gy: Array, axis: int) -> Array:
    """Return the gradient of x from y = log_softmax(x) and its gradient."""
    gx = np.exp(y)
    gx *= sum_array(gy, axis, True)
    return np.subtract(gy, gx, out=gx)
