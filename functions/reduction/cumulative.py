"""prod, cumprod and cumsum: products and running sums.

The derivatives of products are computed without division, so that they are right where elements are zero, in any order.
"""

from __future__ import annotations

import math

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Axis, Indexes, Operand, Operands
from chaingrad.autograd.array_ops import reshape, transpose
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.elementwise import not_floating
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import broadcast_gradient, resolve_axes
from chaingrad.autograd.type_checking.type_check import reject
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions.array.joining import Concat
from chaingrad.functions.casting import upcast
from chaingrad.functions.checks import check_axes, check_one_axis

_REVERSED = (Ellipsis, slice(None, None, -1))
_ALL_BUT_LAST = (Ellipsis, slice(None, -1))


class Cumsum(FunctionNode):
    """y_k = x_0 + ... + x_k along the last axis."""

    def forward(self, inputs: Arrays) -> Arrays:
        return (_accumulate_array('cumsum', inputs[0]),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (Cumsum.of(grad_outputs[0][_REVERSED])[_REVERSED],)


class Cumprod(FunctionNode):
    """y_k = x_0 ... x_k along the last axis."""

    _retained_inputs = (0,)

    def forward(self, inputs: Arrays) -> Arrays:
        if inputs[0].dtype.kind != 'f':
            reject(not_floating(self, inputs[0]))
        return (_accumulate_array('cumprod', inputs[0]),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (x,) = self.get_retained_inputs()
        return (products_before(x) * reversed_recurrence(x, grad_outputs[0]),)


class Recurrence(FunctionNode):
    """h_k = a_k h_{k-1} + b_k along the last axis, with h_{-1} = 0."""

    _retained_inputs = (0,)
    _retained_outputs = (0,)

    def forward(self, inputs: Arrays) -> Arrays:
        a = inputs[0].copy()
        h = inputs[1].copy()
        step = 1
        while step < a.shape[-1]:  # (a_k, h_k) combines 1, 2, 4, ... elements: a loop over elements would be slow
            h[..., step:] += a[..., step:] * h[..., :-step].copy()
            a[..., step:] *= a[..., :-step].copy()
            step *= 2
        return (h,)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (a,) = self.get_retained_inputs()
        (h,) = self.get_retained_outputs()
        gb = reversed_recurrence(a, grad_outputs[0])
        gradients = {1: gb}
        if 0 in indexes:
            gradients[0] = gb * shift(h, 0)
        return tuple([gradients[i] for i in indexes])


class Prod(FunctionNode):
    """y = the product of x over axes."""

    _retained_inputs = (0,)

    def __init__(self, axis: Axis = None, keepdims: bool = False) -> None:
        self.axis = axis
        self.keepdims = keepdims

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        if x.dtype.kind != 'f':
            reject(not_floating(self, x))
        y = upcast(x).prod(axis=self.axis, keepdims=self.keepdims)
        return (y.astype(x.dtype, copy=False),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (x,) = self.get_retained_inputs()
        gy = broadcast_gradient(grad_outputs[0], x.shape, self.axis, self.keepdims)
        return (gy * self._products_of_others(x),)

    def _products_of_others(self, x: Operand) -> Operand:
        """Return for every element the product of the other elements that it is multiplied with."""
        reduced = resolve_axes(self.axis, x.ndim)
        kept = [i for i in range(x.ndim) if i not in reduced]
        order = [*kept, *reduced]
        moved = x.transpose(order)  # the reduced axes come last and are taken as one
        rows = moved.reshape((*moved.shape[: len(kept)], math.prod(moved.shape[len(kept) :])))
        others = products_before(rows) * products_before(rows[_REVERSED])[_REVERSED]
        inverse = [order.index(i) for i in range(x.ndim)]
        return others.reshape(moved.shape).transpose(inverse)


def _accumulate_array(method: str, x: Array) -> Array:
    """Return cumsum or cumprod of an array along its last axis; float16 accumulates in float32."""
    dtype = np.float32 if x.dtype == np.float16 else x.dtype
    return getattr(x, method)(axis=-1, dtype=dtype).astype(x.dtype, copy=False)


def shift(x: Operand, first: int) -> Operand:
    """Return x shifted by one along the last axis; the first element becomes `first`."""
    xp = get_array_module(as_array(x))
    column = xp.full((*x.shape[:-1], min(1, x.shape[-1])), first, x.dtype)
    return Concat.of(column, x[_ALL_BUT_LAST], axis=-1)


def products_before(x: Operand) -> Operand:
    """Return for every element the product of the elements before it along the last axis."""
    return shift(Cumprod.of(x), 1)


def reversed_recurrence(a: Operand, b: Operand) -> Operand:
    """Return h_k = b_k + a_{k+1} h_{k+1} along the last axis."""
    return Recurrence.of(shift(a[_REVERSED], 0), b[_REVERSED])[_REVERSED]


def _apply_along(node: FunctionNode, x: VariableOrArray, axis: int | None) -> Variable:
    """Apply a node that works along the last axis along another one, or to the flattened array."""
    if axis is None:
        return node.apply((reshape(x, (-1,)),))[0]
    axes = list(range(len(x.shape)))
    if axes[axis] == axes[-1]:
        return node.apply((x,))[0]
    axes[axis], axes[-1] = axes[-1], axes[axis]  # an exchange is its own inverse
    (y,) = node.apply((transpose(x, axes),))
    return transpose(y, axes)


def cumsum(x: VariableOrArray, axis: int | None = None) -> Variable:
    """Return the running sum along an axis.

    y_k = x_0 + ... + x_k. float16 is summed in float32.

    Args:
        x: Variable or array of any shape.
        axis (int): axis to sum along; when None, x is flattened first.

    Returns:
        Variable of the same shape; of one axis where axis is None.

    Raises:
        InvalidType: when the axis is out of range.
        TypeError: when axis is neither None nor an int.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.cumsum(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=0)
        variable([[1., 2.],
                  [4., 6.]])
    """
    check_one_axis('cumsum', x, axis)
    return _apply_along(Cumsum(), x, axis)


def cumprod(x: VariableOrArray, axis: int | None = None) -> Variable:
    """Return the running product along an axis.

    y_k = x_0 ... x_k. Derivatives of any order are right where elements are zero.

    Args:
        x: Variable or array of any shape, floating dtype.
        axis (int): axis to multiply along; when None, x is flattened first.

    Returns:
        Variable of the same shape; of one axis where axis is None.

    Raises:
        InvalidType: when the axis is out of range or the dtype is not floating.
        TypeError: when axis is neither None nor an int.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.cumprod(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=0)
        variable([[1., 2.],
                  [3., 8.]])
    """
    check_one_axis('cumprod', x, axis)
    return _apply_along(Cumprod(), x, axis)


def prod(x: VariableOrArray, axis: Axis = None, keepdims: bool = False) -> Variable:
    """Return the product over axes.

    Derivatives of any order are right where elements are zero. float16 is multiplied in float32.

    Args:
        x: Variable or array of any shape, floating dtype.
        axis (None, int or tuple of ints): axes to multiply over; all when None.
        keepdims (bool): whether these axes stay, with length 1.

    Returns:
        Variable without the axes.

    Raises:
        InvalidType: when an axis is out of range or the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.prod(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=0)
        variable([3., 8.])
    """
    return Prod(check_axes('prod', x, axis), keepdims).apply((x,))[0]
