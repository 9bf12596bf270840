"""The sum and the mean over axes, and what every reduction needs."""

from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Arrays, Axis, Indexes, Operands, Shape
from chaingrad.autograd.array_ops import BroadcastTo, broadcast_to, downcast, reshape, sum_array, transpose, upcast
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.type_checking.type_check import InvalidType, reject
from chaingrad.autograd.variable import Variable, VariableOrArray, as_variable


class Sum(FunctionNode):
    """y = the sum of x over axes."""

    def __init__(self, axis: Axis = None, keepdims: bool = False) -> None:
        self.axis = axis
        self.keepdims = keepdims

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        self._in_shape = x.shape
        return (sum_array(x, self.axis, self.keepdims),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (broadcast_gradient(grad_outputs[0], self._in_shape, self.axis, self.keepdims),)


def broadcast_gradient(g: Any, shape: Shape, axis: Any, keepdims: bool) -> Any:
    """Broadcast the gradient of a reduction (array or Variable) to the shape that was reduced."""
    if not keepdims and g.ndim != len(shape) and axis is not None:
        axes = resolve_axes(axis, len(shape))
        g = g.reshape([1 if i in axes else n for i, n in enumerate(shape)])
    return BroadcastTo.of(g, shape=shape)


def check_axis(who: str, axis: Any, ndim: int) -> Any:
    """Return axis as None, an int or a tuple of ints, or raise."""
    if axis is None or isinstance(axis, int | np.integer) and -ndim <= axis < ndim:
        return axis
    axes = axis if isinstance(axis, tuple) else (axis,)
    for a in axes:
        if not isinstance(a, int | np.integer):
            raise TypeError(f'{who}: axis must be None, an int or a tuple of ints, but it is {axis!r}.')
        if not -ndim <= a < ndim:
            raise InvalidType(
                f'{who}: axis must be in [-{ndim}, {ndim}) for an array of {ndim} axes, but it is {axis!r}.'
            )
    if len({a % ndim for a in axes}) < len(axes):
        raise ValueError(f'{who}: axis must name every axis once, but it is {axis!r}.')
    return axes


def resolve_axes(axis: Axis, ndim: int) -> tuple[int, ...]:
    """Return the axes that a checked `axis` argument names, counted from the front; all of them when it is None."""
    if axis is None:
        return tuple(range(ndim))
    if isinstance(axis, tuple):
        return tuple([i % ndim for i in axis])
    return (axis % ndim,)


def sum(x: VariableOrArray, axis: Axis = None, keepdims: bool = False) -> Variable:
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


class Mean(Sum):
    """y = the mean of x over axes."""

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        self._in_shape = x.shape
        if not x.size and not all(x.shape[i] for i in resolve_axes(self.axis, x.ndim)):
            raise InvalidType(f'mean: x must have elements, but it is {x.dtype} {x.shape}.')
        y = x.mean(axis=self.axis, keepdims=self.keepdims)
        self._n = x.size // max(y.size, 1)
        return (y,)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (broadcast_gradient(grad_outputs[0] / self._n, self._in_shape, self.axis, self.keepdims),)


def average(
    x: VariableOrArray, axis: Axis = None, weights: VariableOrArray | None = None, keepdims: bool = False
) -> Variable:
    """Return the mean, or the weighted mean, over axes.

    y = sum(w x) / sum(w). float16 is averaged in float32.

    Args:
        x: Variable or array of any shape.
        axis (None, int or tuple of ints): axes to average over; all when None.
        weights: Variable or array of x's shape, or one weight per element along a single axis.
        keepdims (bool): whether these axes stay, with length 1.

    Returns:
        Variable without the axes.

    Raises:
        InvalidType: when an axis is out of range, or there is nothing to average.
        ValueError: when the shape of weights does not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> F.average(x, axis=0)
        variable([2., 3.])
        >>> F.average(x, axis=1, weights=np.array([3.0, 1.0]))
        variable([1.25, 3.25])
    """
    x = as_variable(x)
    axis = check_axis('average', axis, x.ndim)
    if weights is None:
        return Mean(axis, keepdims).apply((x,))[0]
    w = as_variable(weights)
    if w.shape != x.shape:
        axes = resolve_axes(axis, x.ndim)
        if w.shape != tuple([x.shape[i] for i in axes]):
            raise ValueError(
                f'average: weights must have the shape of x, {x.shape}, or of the axes {axis}, but it is {w.shape}.'
            )
        if sorted(axes) != list(axes):
            w = transpose(w, [axes.index(i) for i in sorted(axes)])
        w = broadcast_to(reshape(w, [n if i in axes else 1 for i, n in enumerate(x.shape)]), x.shape)
    if x.dtype != w.dtype or x.dtype.kind != 'f':
        reject(
            f'average: x and weights must have one floating dtype, but x is {x.dtype} {x.shape} and weights is '
            f"{w.dtype} {w.shape}. Convert with F.cast(x, 'float32')."
        )
    wide_x, wide_w = upcast(x), upcast(w)
    y: Variable = downcast(sum(wide_w * wide_x, axis, keepdims) / sum(wide_w, axis, keepdims), x.dtype)
    return y


mean = average
