"""Helpers of users' own functions and links."""

from __future__ import annotations

import contextlib
import math
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.configuration import config
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


def nondeterministic(f_name: str) -> None:
    """Warn that a function may give other results on every call, where `config.warn_nondeterministic` is set.

    Args:
        f_name: name of the function.

    Example:
        >>> from chaingrad.utils import nondeterministic
        >>> nondeterministic('atomic_add')
    """
    if config.warn_nondeterministic:
        warnings.warn(f'{f_name} is not deterministic: its results may differ between calls.', stacklevel=2)


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


def force_type(dtype: Any, value: Any) -> Any:
    """Return a number in a dtype, as a NumPy scalar; an array in it, copied where it has another.

    Args:
        dtype: the dtype.
        value: number or array.

    Example:
        >>> import numpy as np
        >>> from chaingrad.utils import force_type
        >>> force_type(np.dtype('float32'), 2.0).dtype
        dtype('float32')
    """
    if np.isscalar(value):
        return np.dtype(dtype).type(value)
    return value.astype(dtype, copy=False)


def size_of_shape(shape: Sequence[int]) -> int:
    """Return the number of elements of an array of this shape.

    Args:
        shape: tuple of ints.

    Example:
        >>> from chaingrad.utils import size_of_shape
        >>> size_of_shape((2, 3)), size_of_shape(())
        (6, 1)
    """
    return math.prod(shape)


def sum_to(x: Any, shape: Sequence[int]) -> Any:
    """Sum an array over the axes along which `shape` would be broadcast to its shape.

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
    axes = [i + lead for i, n in enumerate(shape) if n == 1 and x.shape[i + lead] != 1]
    y = x.sum(axis=(*range(lead), *axes), keepdims=True)
    return y.reshape(tuple(shape))


def get_order(row: Any, col: Any) -> str:
    """Tell how the elements of a sparse matrix are sorted.

    Args:
        row: array of the elements' rows, (m,) or (n, m).
        col: array of their columns.

    Returns:
        `'C'` when they come row by row, `'F'` when column by column, else `'other'`.

    Example:
        >>> import numpy as np
        >>> from chaingrad.utils import get_order
        >>> get_order(np.array([0, 0, 1]), np.array([1, 2, 0]))
        'C'
    """
    for name, major, minor in (('C', row, col), ('F', col, row)):
        step, inner = get_array_module(row).diff(major), get_array_module(row).diff(minor)
        if bool(((step > 0) | ((step == 0) & (inner > 0))).all()):
            return name
    return 'other'


@contextlib.contextmanager
def tempdir(**kwargs: Any) -> Iterator[str]:
    """Make a folder for the length of a `with` block.

    Args:
        kwargs: those of `tempfile.mkdtemp`; with `ignore_errors=True` it does not matter if removing it fails.

    Example:
        >>> import os
        >>> from chaingrad.utils import tempdir
        >>> with tempdir(prefix='example') as folder:
        ...     os.path.isdir(folder)
        True
    """
    ignore_errors = kwargs.pop('ignore_errors', False)
    folder = tempfile.mkdtemp(**kwargs)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=ignore_errors)
