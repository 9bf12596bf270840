"""Helpers for users' own functions and links.

Those that only old programs need stand in `compat/names.py`.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.configuration import config
from chaingrad.compat.names import force_array, force_type, get_order, size_of_shape, tempdir
from chaingrad.functions.kernels.windows import get_conv_outsize, get_deconv_outsize
from chaingrad.functions.linalg.sparse import CooMatrix, to_coo
from chaingrad.utils import argument, conv, conv_nd, type_check, walker_alias
from chaingrad.utils.walker_alias import WalkerAlias

__all__ = [
    'CooMatrix',
    'WalkerAlias',
    'argument',
    'conv',
    'conv_nd',
    'experimental',
    'force_array',
    'force_type',
    'get_conv_outsize',
    'get_deconv_outsize',
    'get_order',
    'nondeterministic',
    'size_of_shape',
    'sum_to',
    'tempdir',
    'to_coo',
    'type_check',
    'walker_alias',
]


def experimental(api_name: str) -> None:
    """Warn that an interface may still change, unless `chaingrad.disable_experimental_feature_warning` is True.

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


def nondeterministic(f_name: str) -> None:
    """Warn that a function may return different results on every call, if `config.warn_nondeterministic` is set.

    Args:
        f_name: name of the function.

    Example:
        >>> from chaingrad.utils import nondeterministic
        >>> nondeterministic('atomic_add')
    """
    if config.warn_nondeterministic:
        warnings.warn(f'{f_name} is not deterministic: its results may differ between calls.', stacklevel=2)


def sum_to(x: Array, shape: Sequence[int]) -> Array:
    """Sum an array over the axes along which an array of `shape` would be broadcast to it.

    Args:
        x: array.
        shape: shape of the result.

    Raises:
        ValueError: when `shape` cannot be broadcast to the shape of `x`.

    Example:
        >>> import numpy as np
        >>> from chaingrad.utils import sum_to
        >>> sum_to(np.ones((2, 3)), (1, 3))
        array([[2., 2., 2.]])
    """
    lead = x.ndim - len(shape)
    if lead < 0 or any(n not in (1, m) for n, m in zip(shape, x.shape[lead:])):
        raise ValueError(f'sum_to: shape must be broadcastable to that of x, but it is {tuple(shape)} and x {x.shape}.')
    stretched = [i + lead for i, n in enumerate(shape) if n == 1 and x.shape[i + lead] != 1]
    y = x.sum(axis=(*range(lead), *stretched), keepdims=True)
    return y.reshape(tuple(shape))
