"""The sum over axes, and what every reduction needs."""

from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import BroadcastTo, sum_array
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, as_variable


class Sum(FunctionNode):
    """y = the sum of x over axes."""

    def __init__(self, axis: Any = None, keepdims: bool = False) -> None:
        self.axis = axis
        self.keepdims = keepdims

    def forward(self, inputs: Any) -> Any:
        (x,) = inputs
        self._in_shape = x.shape
        return (sum_array(x, self.axis, self.keepdims),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return (spread(grad_outputs[0], self._in_shape, self.axis, self.keepdims),)


def spread(g: Any, shape: tuple[int, ...], axis: Any, keepdims: bool) -> Any:
    """Broadcast the gradient of a reduction (array or Variable) to the shape that was reduced."""
    if not keepdims and g.ndim != len(shape) and axis is not None:
        axes = {a % len(shape) for a in (axis if isinstance(axis, tuple) else (axis,))}
        g = g.reshape([1 if i in axes else n for i, n in enumerate(shape)])
    return BroadcastTo.of(g, shape=shape)


def check_axis(who: str, axis: Any, ndim: int) -> Any:
    """Return axis as None, an int or a tuple of ints, or raise."""
    if axis is None or isinstance(axis, int | np.integer) and -ndim <= axis < ndim:
        return axis
    axes = tuple(axis) if isinstance(axis, tuple | list) else (axis,)
    if not all(isinstance(a, int | np.integer) for a in axes):
        raise TypeError(f'{who}: axis must be None, an int or a tuple of ints, but it is {axis!r}.')
    if any(not -ndim <= a < ndim for a in axes):
        raise InvalidType(f'{who}: axis must be in [-{ndim}, {ndim}) for an array of {ndim} axes, but it is {axis!r}.')
    if len({a % ndim for a in axes}) < len(axes):
        raise ValueError(f'{who}: axis must name every axis once, but it is {axis!r}.')
    return axes


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Return the sum over axes.

    float16 is summed in float32.

    Args:
        x: Variable or array of any shape.
        axis (None, int or tuple of ints): axes to sum over; all when None.
        keepdims (bool): whether these axes stay, with length 1.

    Returns:
        Variable without the axes.

    Raises:
        InvalidType: when an axis is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.sum(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=0)
        variable([4., 6.])
    """
    x = as_variable(x)
    return Sum(check_axis('sum', axis, x.ndim), keepdims).apply((x,))[0]


Variable.sum = sum  # type: ignore
