"""The larger and the smaller of an array and a number, and the gradient of the first."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.arithmetic import typed
from chaingrad.functions.kernels.elementwise import shared
from chaingrad.functions.kernels.thread_pool import LEAST
from chaingrad.functions.kernels.twins import with_twin

# For arrays of at least this size, clip is faster although it starts more slowly: NumPy's maximum and minimum of an
# array and a number reach only a third of its speed.
_LONG = 8192


def _clip_is_faster(x: Array) -> bool:
    return type(x) is np.ndarray and x.size >= _LONG and x.dtype.char in 'fd'


def at_least(x: Array, low: float) -> Array:
    """Return max(x, low) of an array; NaN stays."""
    if not _clip_is_faster(x):
        return np.maximum(x, typed(low, x))
    y = shared(lambda x, y: x.clip(low, np.inf, out=y), x) if x.size >= 2 * LEAST else None
    return x.clip(low, np.inf) if y is None else y


def at_most(x: Array, high: float) -> Array:
    """Return min(x, high) of an array; NaN stays."""
    return x.clip(-np.inf, high) if _clip_is_faster(x) else np.minimum(x, typed(high, x))


@with_twin
def rectifier_gradient(y: Array, gy: Array) -> Array:
    """Return the gradient of x from y = max(x, 0) and its gradient."""
    gx = None
    if y.dtype == gy.dtype and y.size >= 2 * LEAST:
        gx = shared(lambda y, gy, gx: np.multiply(gy, y > 0, out=gx), y, gy)
    return gy * (y > 0) if gx is None else gx
