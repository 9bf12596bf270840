"""The larger and the smaller of an array and a number, and the gradient of the first."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.arithmetic import typed
from chaingrad.functions.kernels.twins import with_twin

# For arrays of at least this size, clip is faster although it starts more slowly: NumPy's maximum and minimum of an
# array and a number reach only a third of its speed.
_LONG = 8192


def _clip_is_faster(x: Array) -> bool:
    return type(x) is np.ndarray and x.size >= _LONG and x.dtype.char in 'fd'


def at_least(x: Array, low: float) -> Array:
    """Return max(x, low) of an array; NaN stays."""
    return x.clip(low, np.inf) if _clip_is_faster(x) else np.maximum(x, typed(low, x))


def at_most(x: Array, high: float) -> Array:
    """Return min(x, high) of an array; NaN stays."""
    return x.clip(-np.inf, high) if _clip_is_faster(x) else np.minimum(x, typed(high, x))


@with_twin
def rectifier_gradient(y: Array, gy: Array) -> Array:
    """Return the gradient of x from y = max(x, 0) and its gradient."""
    return gy * (y > 0)
