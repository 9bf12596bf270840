"""expand_dims, squeeze and flatten."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import Reshape, reshape
from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable
from chaingrad.functions.checks import axis_of, require_arrays


class ExpandDims(Reshape):
    """The same elements with one more axis of length 1."""


class Squeeze(Reshape):
    """The same elements without axes of length 1."""


def expand_dims(x: Any, axis: int) -> Variable:
    """Insert an axis of length 1.

    Args:
        x: Variable or array.
        axis (int): place of the new axis in the output.

    Returns:
        Variable with one more axis.

    Raises:
        InvalidType: when the place is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.expand_dims(np.array([1.0, 2.0]), 1).shape
        (2, 1)
    """
    require_arrays('expand_dims', x=x)
    n = len(x.shape) + 1
    if not -n <= axis < n:
        raise InvalidType(f'expand_dims: axis must be in [-{n}, {n}), but it is {axis} and x is {x.dtype} {x.shape}.')
    shape = list(x.shape)
    shape.insert(axis % n, 1)
    return ExpandDims(tuple(shape)).apply((x,))[0]


def squeeze(x: Any, axis: Any = None) -> Variable:
    """Remove axes of length 1.

    Args:
        x: Variable or array.
        axis (None, int or tuple of ints): axes to remove; all of length 1 when None.

    Returns:
        Variable without these axes.

    Raises:
        InvalidType: when such an axis is longer than 1.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.squeeze(np.zeros((1, 3, 1))).shape
        (3,)
    """
    axis = axis_of('squeeze', x, axis)
    if axis is None:
        places = {i for i, n in enumerate(x.shape) if n == 1}
    else:
        places = {a % len(x.shape) for a in (axis if isinstance(axis, tuple) else (axis,))}
    if any(x.shape[i] != 1 for i in places):
        raise InvalidType(f'squeeze: the axes {axis} must have length 1, but x is {x.dtype} {x.shape}.')
    return Squeeze(tuple(n for i, n in enumerate(x.shape) if i not in places)).apply((x,))[0]


def flatten(x: Any) -> Variable:
    """Return the elements in a row.

    Args:
        x: Variable or array of any shape.

    Returns:
        Variable, (x.size,).

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.flatten(np.array([[1.0, 2.0], [3.0, 4.0]]))
        variable([1., 2., 3., 4.])
    """
    return reshape(x, (-1,))


provide(np.ravel, flatten)
