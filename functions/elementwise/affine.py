"""bias, scale and linear_interpolate: sums and products with a smaller array, or with a proportion."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.array_ops import broadcast_to, reshape, sum_to_shape
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, as_variable


class LinearInterpolate(FunctionNode):
    """f = p x + (1 - p) y."""

    _retained_inputs = (0, 1, 2)

    def forward(self, inputs: Any) -> Any:
        p, x, y = inputs
        if not p.dtype == x.dtype == y.dtype or p.dtype.kind != 'f':
            raise InvalidType(
                f'linear_interpolate: p, x and y must have one floating dtype, but they are {p.dtype} {p.shape}, '
                f'{x.dtype} {x.shape} and {y.dtype} {y.shape}.'
            )
        return (p * x + (1 - p) * y,)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        (gy,) = grad_outputs
        p, x, y = self.get_retained_inputs()
        rules = (lambda: gy * (x - y), lambda: gy * p, lambda: gy * (1 - p))
        return tuple([sum_to_shape(rules[i](), (p, x, y)[i].shape) for i in indexes])


def linear_interpolate(p: Any, x: Any, y: Any) -> Variable:
    """Return what lies between two arrays, in a proportion, elementwise.

    f = p x + (1 - p) y. The operands broadcast.

    Args:
        p: Variable or array, floating dtype: the share of x.
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


def bias(x: Any, y: Any, axis: int = 1) -> Variable:
    """Return the sum of an array and a smaller one, whose axes are those of x from `axis` on.

    Args:
        x: Variable or array, such as (n, c, h, w).
        y: Variable or array of shape `x.shape[axis:axis + y.ndim]`, such as (c,).
        axis (int): the first axis of x that y has.

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
    return as_variable(x) + _aligned('bias', x, as_variable(y), axis)


def scale(x: Any, y: Any, axis: int = 1) -> Variable:
    """Return the product of an array and a smaller one, whose axes are those of x from `axis` on.

    Args:
        x: Variable or array, such as (n, c, h, w).
        y: Variable or array of shape `x.shape[axis:axis + y.ndim]`, such as (c,).
        axis (int): the first axis of x that y has.

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
    return as_variable(x) * _aligned('scale', x, as_variable(y), axis)


def _aligned(who: str, x: Any, y: Variable, axis: int) -> Variable:
    """Return y broadcast to the shape of x."""
    start = axis + len(x.shape) if axis < 0 else axis
    if start < 0 or x.shape[start : start + y.ndim] != y.shape:
        raise InvalidType(
            f'{who}: x.shape[{axis}:{axis} + y.ndim] == y.shape must hold, but x is {x.dtype} {x.shape} and y is '
            f'{y.dtype} {y.shape}. axis is the first axis of x that y has.'
        )
    return broadcast_to(reshape(y, (1,) * start + y.shape + (1,) * (len(x.shape) - start - y.ndim)), x.shape)
