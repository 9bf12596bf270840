"""max and min, argmax and argmin."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from chaingrad.autograd.annotations import Arrays, Axis, Indexes, Operands
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import broadcast_gradient
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.checks import check_axes, check_one_axis


class Extremum(FunctionNode):
    """Base of max and min; every element that equals the extremum gets its gradient."""

    _advice = 'The axes must have elements.'
    method: ClassVar[str]  # of arrays

    def __init__(self, axis: Axis = None, keepdims: bool = False) -> None:
        self.axis = axis
        self.keepdims = keepdims

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        y = getattr(x, self.method)(axis=self.axis, keepdims=True)
        self._chosen = x == y
        if not self.keepdims:
            y = y.squeeze(self.axis)
        return (y,)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (broadcast_gradient(grad_outputs[0], self._chosen.shape, self.axis, self.keepdims) * self._chosen,)


class Max(Extremum):
    """y = the largest element over axes."""

    method = 'max'


class Min(Extremum):
    """y = the smallest element over axes."""

    method = 'min'


class ArgExtremum(FunctionNode):
    """Base of argmax and argmin: integers, through which no gradient flows."""

    _advice = 'The axes must have elements.'
    method: ClassVar[str]  # of arrays

    def __init__(self, axis: int | None = None) -> None:
        self.axis = axis

    def forward(self, inputs: Arrays) -> Arrays:
        return (getattr(inputs[0], self.method)(axis=self.axis).astype(np.int32),)


class ArgMax(ArgExtremum):
    """y = the index of the largest element."""

    method = 'argmax'


class ArgMin(ArgExtremum):
    """y = the index of the smallest element."""

    method = 'argmin'


def max(x: VariableOrArray, axis: Axis = None, keepdims: bool = False) -> Variable:
    """Return the largest element over axes.

    Every element that equals the maximum gets the whole gradient.

    Args:
        x: Variable or array of any shape.
        axis (None, int or tuple of ints): axes to reduce; all when None.
        keepdims (bool): whether these axes stay, with length 1.

    Returns:
        Variable without the axes.

    Raises:
        InvalidType: when an axis is out of range, or x is empty.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.max(np.array([[1.0, 2.0], [4.0, 3.0]]), axis=1)
        variable([2., 4.])
    """
    return Max(check_axes('max', x, axis), keepdims).apply((x,))[0]


def min(x: VariableOrArray, axis: Axis = None, keepdims: bool = False) -> Variable:
    """Return the smallest element over axes.

    Every element that equals the minimum gets the whole gradient.

    Args:
        x: Variable or array of any shape.
        axis (None, int or tuple of ints): axes to reduce; all when None.
        keepdims (bool): whether these axes stay, with length 1.

    Returns:
        Variable without the axes.

    Raises:
        InvalidType: when an axis is out of range, or x is empty.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.min(np.array([[1.0, 2.0], [4.0, 3.0]]), axis=1)
        variable([1., 3.])
    """
    return Min(check_axes('min', x, axis), keepdims).apply((x,))[0]


def argmax(x: VariableOrArray, axis: int | None = None) -> Variable:
    """Return the index of the largest element along an axis, the first where there are several.

    No gradient flows through.

    Args:
        x: Variable or array of any shape.
        axis (int): axis to search along; when None, x is flattened first.

    Returns:
        Variable of int32, without the axis.

    Raises:
        InvalidType: when the axis is out of range, or x is empty.
        TypeError: when axis is neither None nor an int.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.argmax(np.array([[1.0, 2.0], [4.0, 3.0]]), axis=1).array
        array([1, 0], dtype=int32)
    """
    check_one_axis('argmax', x, axis)
    return ArgMax(axis).apply((x,))[0]


def argmin(x: VariableOrArray, axis: int | None = None) -> Variable:
    """Return the index of the smallest element along an axis, the first where there are several.

    No gradient flows through.

    Args:
        x: Variable or array of any shape.
        axis (int): axis to search along; when None, x is flattened first.

    Returns:
        Variable of int32, without the axis.

    Raises:
        InvalidType: when the axis is out of range, or x is empty.
        TypeError: when axis is neither None nor an int.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.argmin(np.array([[1.0, 2.0], [4.0, 3.0]]), axis=1).array
        array([0, 1], dtype=int32)
    """
    check_one_axis('argmin', x, axis)
    return ArgMin(axis).apply((x,))[0]
