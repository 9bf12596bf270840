"""max and min, argmax and argmin."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import spread
from chaingrad.autograd.variable import Variable
from chaingrad.functions.checks import axis_of


class Extremum(FunctionNode):
    """Base of max and min; every element that equals the extremum gets its gradient."""

    method: str

    def __init__(self, axis: Any = None, keepdims: bool = False) -> None:
        self.axis = axis
        self.keepdims = keepdims

    def forward(self, inputs: Any) -> Any:
        (x,) = inputs
        y = getattr(x, self.method)(axis=self.axis, keepdims=True)
        self._chosen = x == y
        return (y if self.keepdims else y.squeeze() if self.axis is None else y.squeeze(self.axis),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return (spread(grad_outputs[0], self._chosen.shape, self.axis, self.keepdims) * self._chosen,)


class Max(Extremum):
    """y = the largest element over axes."""

    method = 'max'


class Min(Extremum):
    """y = the smallest element over axes."""

    method = 'min'


class ArgExtremum(FunctionNode):
    """Base of argmax and argmin: integers, through which no gradient flows."""

    method: str

    def __init__(self, axis: int | None = None) -> None:
        self.axis = axis

    def forward(self, inputs: Any) -> Any:
        return (getattr(inputs[0], self.method)(axis=self.axis).astype(np.int32),)


class ArgMax(ArgExtremum):
    """y = the place of the largest element."""

    method = 'argmax'


class ArgMin(ArgExtremum):
    """y = the place of the smallest element."""

    method = 'argmin'


def max(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Return the largest element over axes.

    Every element that equals the maximum gets the whole gradient.

    Args:
        x: Variable or array of any shape.
        axis (None, int or tuple of ints): axes to reduce; all when None.
        keepdims (bool): whether these axes stay, with length 1.

    Returns:
        Variable without the axes.

    Raises:
        InvalidType: when an axis is out of range, or there is nothing to choose from.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.max(np.array([[1.0, 2.0], [4.0, 3.0]]), axis=1)
        variable([2., 4.])
    """
    return Max(axis_of('max', x, axis), keepdims).apply((x,))[0]


def min(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Return the smallest element over axes.

    Every element that equals the minimum gets the whole gradient.

    Args:
        x: Variable or array of any shape.
        axis (None, int or tuple of ints): axes to reduce; all when None.
        keepdims (bool): whether these axes stay, with length 1.

    Returns:
        Variable without the axes.

    Raises:
        InvalidType: when an axis is out of range, or there is nothing to choose from.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.min(np.array([[1.0, 2.0], [4.0, 3.0]]), axis=1)
        variable([1., 3.])
    """
    return Min(axis_of('min', x, axis), keepdims).apply((x,))[0]


def argmax(x: Any, axis: int | None = None) -> Variable:
    """Return the place of the largest element along an axis, the first where there are several.

    No gradient flows through.

    Args:
        x: Variable or array of any shape.
        axis (int): axis to search along; the elements are taken as one sequence when None.

    Returns:
        Variable of int32, without the axis.

    Raises:
        InvalidType: when the axis is out of range, or there is nothing to choose from.
        TypeError: when axis is neither None nor an int.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.argmax(np.array([[1.0, 2.0], [4.0, 3.0]]), axis=1).array
        array([1, 0], dtype=int32)
    """
    if axis is not None and not isinstance(axis, int | np.integer):
        raise TypeError(f'argmax: axis must be None or an int, but it is {axis!r}.')
    return ArgMax(axis_of('argmax', x, axis)).apply((x,))[0]


def argmin(x: Any, axis: int | None = None) -> Variable:
    """Return the place of the smallest element along an axis, the first where there are several.

    No gradient flows through.

    Args:
        x: Variable or array of any shape.
        axis (int): axis to search along; the elements are taken as one sequence when None.

    Returns:
        Variable of int32, without the axis.

    Raises:
        InvalidType: when the axis is out of range, or there is nothing to choose from.
        TypeError: when axis is neither None nor an int.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.argmin(np.array([[1.0, 2.0], [4.0, 3.0]]), axis=1).array
        array([0, 1], dtype=int32)
    """
    if axis is not None and not isinstance(axis, int | np.integer):
        raise TypeError(f'argmin: axis must be None or an int, but it is {axis!r}.')
    return ArgMin(axis_of('argmin', x, axis)).apply((x,))[0]
