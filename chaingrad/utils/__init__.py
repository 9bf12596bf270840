"""Helpers of users' own functions and links."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import numpy as np

from chaingrad.functions.kernels.windows import get_conv_outsize, get_deconv_outsize
from chaingrad.functions.linalg.sparse import CooMatrix, to_coo
from chaingrad.utils import argument, type_check

__all__ = [
    'CooMatrix',
    'argument',
    'experimental',
    'force_array',
    'get_conv_outsize',
    'get_deconv_outsize',
    'to_coo',
    'type_check',
]


def experimental(api_name: str) -> None:
    """Warn that something may still change, unless `chaingrad.disable_experimental_feature_warning` is True.

    Args:
        api_name: name of what is experimental.

    Example:
        >>> import warnings
        >>> from chaingrad.utils import experimental
        >>> with warnings.catch_warnings(record=True) as caught:
        ...     warnings.simplefilter('always')
        ...     experimental('my_function')
        >>> print(caught[0].message)
        my_function is experimental. Its interface may change.
    """
    if not sys.modules['chaingrad'].disable_experimental_feature_warning:
        warnings.warn(f'{api_name} is experimental. Its interface may change.', FutureWarning, stacklevel=2)


def force_array(x: Any, dtype: Any = None) -> Any:
    """Return an array for what NumPy made a scalar of; cast it if a dtype is given.

    Args:
        x: array or scalar.
        dtype: dtype of the result; that of x when None.

    Example:
        >>> import numpy as np
        >>> from chaingrad.utils import force_array
        >>> force_array(np.float32(2))
        array(2., dtype=float32)
    """
    if np.isscalar(x):
        return np.array(x, dtype)
    return x if dtype is None else x.astype(dtype, copy=False)
