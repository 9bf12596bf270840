"""Names that only old programs ask for, each with what to write today. They are public where the reference has them."""

from __future__ import annotations

import contextlib
import math
import shutil
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.functions.linalg.sparse import check_padding

disable_experimental_feature_warning = False
"""The first value of the switch that `chaingrad.utils.experimental` reads at the top of `chaingrad`."""


def force_array(x: Any, dtype: Any = None) -> Array:
    """Return an array, also for a scalar that NumPy returned in place of a 0-d array. Today: `np.asarray`.

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
    """Cast a number to a NumPy scalar of a dtype, or an array to that dtype. Today: `value.astype(dtype, copy=False)`.

    Args:
        dtype: dtype of the result.
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
    """Return the number of elements of an array of this shape. Today: `math.prod`.

    Args:
        shape: tuple of ints.

    Example:
        >>> from chaingrad.utils import size_of_shape
        >>> size_of_shape((2, 3)), size_of_shape(())
        (6, 1)
    """
    return math.prod(shape)


def get_order(row: Array, col: Array) -> str:
    """Return how the elements of a sparse matrix are sorted. `F.sparse_matmul` takes any order.

    Args:
        row: rows of the elements, (m,) or (n, m), integers; -1 marks padding, which does not count.
        col: columns of the elements, of the same shape; -1 where row is.

    Returns:
        `'C'` for row by row, `'F'` for column by column, else `'other'`.

    Raises:
        ValueError: when only one of row and col is negative.

    Example:
        >>> import numpy as np
        >>> from chaingrad.utils import get_order
        >>> get_order(np.array([0, 0, 1]), np.array([1, 2, 0]))
        'C'
    """
    check_padding('get_order', row, col)
    if _is_sorted(row, col):
        return 'C'
    if _is_sorted(col, row):
        return 'F'
    return 'other'


def _is_sorted(major: Array, minor: Array) -> bool:
    """Say whether pairs ascend strictly, by their first number and then by their second."""
    if major.ndim > 1:
        return all(map(_is_sorted, major, minor))
    xp = get_array_module(major)
    major, minor = major[major >= 0], minor[major >= 0]
    major_step = xp.diff(major)
    minor_step = xp.diff(minor)
    return bool(((major_step > 0) | ((major_step == 0) & (minor_step > 0))).all())


@contextlib.contextmanager
def tempdir(**kwargs: Any) -> Iterator[str]:
    """Make a folder that is removed at the end of a `with` block. Today: `tempfile.TemporaryDirectory`.

    Args:
        kwargs: arguments of `tempfile.mkdtemp`; `ignore_errors=True` ignores a failure to remove the folder.

    Example:
        >>> import os
        >>> from chaingrad.utils import tempdir
        >>> with tempdir(prefix='example') as folder:
        ...     os.path.isdir(folder)
        True
    """
    import tempfile  # takes 2 ms

    ignore_errors = kwargs.pop('ignore_errors', False)
    folder = tempfile.mkdtemp(**kwargs)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=ignore_errors)


def static_graph(*args: Any, **kwargs: Any) -> Any:
    """Decorate the method of a chain whose graph never changes. Today: nothing, the graph is recorded each time.

    Args:
        args: the method, where the decorator has no arguments of its own.
        kwargs: options of the reference, which change nothing.

    Returns:
        The method itself; a decorator that returns it where there are only options.

    Example:
        >>> import chaingrad
        >>> @chaingrad.static_graph(verbosity_level=1)
        ... def forward(x):
        ...     return 2 * x
        >>> forward(3)
        6
    """
    return args[0] if args and callable(args[0]) else _same_function


def static_code(*dec_args: Any, **dec_kwargs: Any) -> Any:
    """Decorate a function that a static graph shall call. Today: nothing, as for `static_graph`.

    Args:
        dec_args: the function, where the decorator has no arguments of its own.
        dec_kwargs: options of the reference, which change nothing.

    Example:
        >>> import chaingrad
        >>> @chaingrad.static_code
        ... def log(x):
        ...     return x
        >>> log(3)
        3
    """
    return static_graph(*dec_args, **dec_kwargs)


def _same_function(function: Callable[..., Any]) -> Callable[..., Any]:
    return function
