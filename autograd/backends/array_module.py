"""The choice of the array module: numpy, or cupy for an array on a GPU."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def get_array_module(*args: Any) -> Any:
    """Return the module, numpy or cupy, that computes with the given arrays.

    Args:
        args: arrays, Variables or scalars.

    Returns:
        The module: cupy if any of them is on a GPU, numpy otherwise.

    Example:
        >>> import numpy as np
        >>> from chaingrad.autograd.backends import get_array_module
        >>> get_array_module(np.ones(3), 2.0).__name__
        'numpy'
    """
    cupy = sys.modules.get('cupy')  # before cupy is imported there are no CuPy arrays
    if cupy is None:
        return np
    for arg in args:
        if isinstance(getattr(arg, 'array', arg), cupy.ndarray):
            return cupy
    return np


def is_gpu_array(array: Any) -> bool:
    """Say whether `array` is a CuPy array, without importing CuPy."""
    cupy: Any = sys.modules.get('cupy')
    return cupy is not None and isinstance(array, cupy.ndarray)


def is_array(obj: Any) -> bool:
    """Say whether an object is an array that a Variable can hold."""
    return isinstance(obj, np.ndarray) or is_gpu_array(obj)
