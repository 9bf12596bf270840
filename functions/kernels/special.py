"""Special functions of arrays, which NumPy does not have: SciPy's, or CuPy's on a GPU, imported when first needed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chaingrad.autograd.backends.array_module import is_gpu_array

# Slow, one element at a time, but there without SciPy.
_WITHOUT_SCIPY = {'erf': math.erf, 'erfc': math.erfc, 'ndtr': lambda x: 0.5 * math.erfc(-x * 2**-0.5)}


def special_array(name: str, *arrays: Any) -> Any:
    """Return a function of `scipy.special` of arrays, in the dtype of the last.

    Args:
        name: its name there.
        arrays: its arguments; the last decides dtype and device.

    Raises:
        ImportError: when it needs SciPy, which is not installed.
    """
    x = arrays[-1]
    y = _find(name, is_gpu_array(x))(*arrays)
    return y.astype(x.dtype, copy=False)


def _find(name: str, gpu: bool) -> Any:
    try:
        if gpu:
            import cupyx.scipy.special as module
        else:
            import scipy.special as module
    except ImportError as error:
        if name in _WITHOUT_SCIPY and not gpu:
            return np.vectorize(_WITHOUT_SCIPY[name], otypes=[float])
        raise ImportError(
            f'{name}: SciPy must be there, but it is not installed. Install it with pip install "chaingrad[special]".'
        ) from error
    return getattr(module, name)
