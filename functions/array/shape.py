"""expand_dims, squeeze and flatten."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Axis
from chaingrad.autograd.array_ops import Reshape, reshape
from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.reduction import resolve_axes
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.checks import axis_of, check_axes


class ExpandDims(Reshape):
    """The same elements with one more axis of length 1."""


class Squeeze(Reshape):
    """The same elements without axes of length 1."""


def expand_dims(x: VariableOrArray, axis: int) -> Variable:
    """Insert an axis of length 1.

    Args:
        x: Variable or array of any shape.
        axis (int): index of the new axis in the output.

    Returns:
        Variable with one more axis.

    Raises:
        InvalidType: when the axis is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.expand_dims(np.array([1.0, 2.0]), 1).shape
        (2, 1)
    """
    axis = axis_of('expand_dims', x, axis, new_axes=1)
    return ExpandDims((*x.shape[:axis], 1, *x.shape[axis:])).apply((x,))[0]


def squeeze(x: VariableOrArray, axis: Axis = None) -> Variable:
    """Remove axes of length 1.

    Args:
        x: Variable or array of any shape.
        axis (None, int or tuple of ints): axes to remove; all of length 1 when None.

    Returns:
        Variable without these axes.

    Raises:
        InvalidType: when an axis is out of range.
        ValueError: when an axis is longer than 1.
        TypeError: when axis is neither None, int nor tuple of ints.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.squeeze(np.zeros((1, 3, 1))).shape
        (3,)
    """
    axis = check_axes('squeeze', x, axis)
    removed = resolve_axes(axis, len(x.shape))
    if axis is None:
        removed = tuple([i for i in removed if x.shape[i] == 1])
    if any(x.shape[i] != 1 for i in removed):
        raise ValueError(f'squeeze: the axes {axis} must have length 1, but x is {x.dtype} {x.shape}.')
    return Squeeze(tuple([n for i, n in enumerate(x.shape) if i not in removed])).apply((x,))[0]


def flatten(x: VariableOrArray) -> Variable:
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
