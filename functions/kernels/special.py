"""Special functions that NumPy does not have: SciPy's, or CuPy's on a GPU, imported when first needed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.backends.array_module import is_gpu_array


def _ndtr(x: float) -> float:
    """Return the probability that a standard normal variable is less than x."""
    return 0.5 * math.erfc(-x * 2**-0.5)


# Slow, one element at a time, but available without SciPy.
_WITHOUT_SCIPY: dict[str, Callable[[float], float]] = {'erf': math.erf, 'erfc': math.erfc, 'ndtr': _ndtr}


def special_array(name: str, *arrays: Any) -> Array:
    """Return a function of `scipy.special` of arrays, in the dtype of the last.

    Args:
        name (str): the name of the function there.
        arrays: its arguments; the last one decides dtype and device.

    Returns:
        Array.

    Raises:
        ImportError: when SciPy is needed and not installed.
    """
    x = arrays[-1]
    y = _find(name, is_gpu_array(x))(*arrays)
    return y.astype(x.dtype, copy=False)


def _find(name: str, gpu: bool) -> Callable[..., Array]:
    try:
        if gpu:
            import cupyx.scipy.special as module
        else:
            import scipy.special as module
    except ImportError as error:
        if name in _WITHOUT_SCIPY and not gpu:
            return np.vectorize(_WITHOUT_SCIPY[name], otypes=[float])
        raise ImportError(
            f'{name}: SciPy must be installed, but it is not. Install it with pip install "chaingrad[special]".'
        ) from error
    return getattr(module, name)


def erfc_ratio_array(x: Array, n: int) -> Array:
    """Return i^n erfc(x) / i^(n-1) erfc(x) in the dtype of x, where i^n erfc is the n-th integral of erfc.

    i^(-1) erfc(x) = 2 / sqrt(pi) exp(-x^2), and i^(n-2) erfc = 2 n i^n erfc + 2 x i^(n-1) erfc (DLMF, section 7.18).
    Upwards the ratios of this recurrence are precise where x is not large. Where it is, they cancel, and the continued
    fraction that begins 24 ratios further up has converged.
    """
    wide = x.astype(np.float64)
    with np.errstate(divide='ignore', invalid='ignore'):  # where x is large, see below
        r = special_array('erfcx', wide) * (math.pi**0.5 / 2)
        for k in range(1, n + 1):
            r = 0.5 / (k * r) - wide / k
    large = wide > 3
    if large.any():
        tail = wide[large]
        fraction = 0.5 / tail
        for k in range(n + 24, n, -1):
            fraction = 0.5 / (tail + k * fraction)
        r = np.where(large, 0, r)
        r[large] = fraction
    return r.astype(x.dtype)
