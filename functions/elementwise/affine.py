"""bias and scale, a sum and a product with a smaller array; and linear_interpolate."""

from __future__ import annotations

from chaingrad.autograd.annotations import Arrays, Indexes, Operands
from chaingrad.autograd.array_ops import broadcast_to, reshape, sum_to_shape
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.type_checking.type_check import InvalidType, reject
from chaingrad.autograd.variable import Variable, VariableOrArray, as_variable


class LinearInterpolate(FunctionNode):
    """f = p x + (1 - p) y."""

    _retained_inputs = (0, 1, 2)

    def forward(self, inputs: Arrays) -> Arrays:
        p, x, y = inputs
        if not p.dtype == x.dtype == y.dtype or p.dtype.kind != 'f':
            reject(
                f'linear_interpolate: p, x and y must have one floating dtype, but they are {p.dtype} {p.shape}, '
                f'{x.dtype} {x.shape} and {y.dtype} {y.shape}.'
            )
        return (p * x + (1 - p) * y,)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        p, x, y = self.get_retained_inputs()
        gradients = {}
        if 0 in indexes:
            gradients[0] = sum_to_shape(gy * (x - y), p.shape)
        if 1 in indexes:
            gradients[1] = sum_to_shape(gy * p, x.shape)
        if 2 in indexes:
            gradients[2] = sum_to_shape(gy * (1 - p), y.shape)
        return tuple([gradients[i] for i in indexes])


def linear_interpolate(p: VariableOrArray, x: VariableOrArray, y: VariableOrArray) -> Variable:
    """Return the linear interpolation between two arrays, elementwise.

    f = p x + (1 - p) y. The operands broadcast.

    Args:
        p: Variable or array, floating dtype: the weight of x.
        x: Variable or array of the same dtype.
        y: Variable or array of the same dtype.

    Returns:
        Variable of the broadcast shape.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.linear_interpolate(np.array([0.25]), np.array([4.0]), np.array([8.0]))
        variable([7.])
    """
    return LinearInterpolate().apply((p, x, y))[0]


def bias(x: VariableOrArray, y: VariableOrArray, axis: int = 1) -> Variable:
    """Return the sum of an array and a smaller one, whose axes are those of x from `axis` on.

    Args:
        x: Variable or array, such as (n, c, h, w).
        y: Variable or array of shape `x.shape[axis:axis + y.ndim]`, such as (c,).
        axis (int): the axis of x that is the first one of y.

    Returns:
        Variable of the shape of x.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.bias(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([10.0, 20.0]))
        variable([[11., 22.],
                  [13., 24.]])
    """
    x = as_variable(x)
    return x + _broadcast_from_axis('bias', x, as_variable(y), axis)


def scale(x: VariableOrArray, y: VariableOrArray, axis: int = 1) -> Variable:
    """Return the product of an array and a smaller one, whose axes are those of x from `axis` on.

    Args:
        x: Variable or array, such as (n, c, h, w).
        y: Variable or array of shape `x.shape[axis:axis + y.ndim]`, such as (c,).
        axis (int): the axis of x that is the first one of y.

    Returns:
        Variable of the shape of x.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.scale(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([10.0, 20.0]))
        variable([[10., 40.],
                  [30., 80.]])
    """
    x = as_variable(x)
    return x * _broadcast_from_axis('scale', x, as_variable(y), axis)


class ShapeMismatch(InvalidType, AssertionError):
    """The error of bias and scale for shapes that do not fit: the reference asserts them in its debug mode."""


def _broadcast_from_axis(who: str, x: Variable, y: Variable, axis: int) -> Variable:
    """Return y broadcast to the shape of x, whose axes from `axis` on are those of y."""
    start = axis + x.ndim if axis < 0 else axis
    if start < 0 or x.shape[start : start + y.ndim] != y.shape:
        raise ShapeMismatch(
            f'{who}: x.shape[{axis}:{axis} + y.ndim] == y.shape must hold, but x is {x.dtype} {x.shape} and y is '
            f'{y.dtype} {y.shape}. axis is the axis of x that is the first one of y.'
        )
    shape = (1,) * start + y.shape + (1,) * (x.ndim - start - y.ndim)
    return broadcast_to(reshape(y, shape), x.shape)
