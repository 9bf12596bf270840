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
