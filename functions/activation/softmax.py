"""softmax and log_softmax."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operands
from chaingrad.autograd.contract import public_name
from chaingrad.autograd.elementwise import not_floating
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import Sum
from chaingrad.autograd.type_checking.type_check import reject
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.checks import check_axes
from chaingrad.functions.kernels import softmax as kernels


class SoftmaxBase(FunctionNode):
    """Base of softmax and log_softmax."""

    _retained_outputs = (0,)
    compute: Callable[[Array, int], Array]  # y, from x and the axis

    def __init__(self, axis: int = 1) -> None:
        self.axis = axis

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        if x.dtype.kind != 'f':
            reject(not_floating(self, x))
        if not -x.ndim <= self.axis < x.ndim:
            check_axes(public_name(self), x, self.axis)
        return (self.compute(x, self.axis),)


class Softmax(SoftmaxBase):
    """y = exp(x) / sum(exp(x)) along an axis."""

    compute = staticmethod(kernels.softmax)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (y,) = self.get_retained_outputs()
        (gy,) = grad_outputs
        if self._array_pass:
            return (kernels.softmax_gradient(y, gy, self.axis),)
        gx = y * gy
        return (gx - y * Sum.of(gx, axis=self.axis, keepdims=True),)


class LogSoftmax(SoftmaxBase):
    """y = x - log(sum(exp(x))) along an axis."""

    compute = staticmethod(kernels.log_softmax)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (y,) = self.get_retained_outputs()
        (gy,) = grad_outputs
        if self._array_pass:
            return (kernels.log_softmax_gradient(y, gy, self.axis),)
        return (gy - np.exp(y) * Sum.of(gy, axis=self.axis, keepdims=True),)


def softmax(x: VariableOrArray, axis: int = 1) -> Variable:
    """Return the softmax along an axis.

    y = exp(x) / sum(exp(x)); stable for large |x|.

    Args:
        x: Variable or array of any shape, floating dtype.
        axis (int): axis along which the output sums to 1.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating or the axis is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.softmax(np.array([[0.0, 0.0], [0.0, 1000.0]]))
        variable([[0.5, 0.5],
                  [0. , 1. ]])
    """
    return Softmax(axis).apply((x,))[0]


def log_softmax(x: VariableOrArray, axis: int = 1) -> Variable:
    """Return the logarithm of the softmax along an axis.

    y = x - log(sum(exp(x))); exact where the softmax itself would underflow to 0.

    Args:
        x: Variable or array of any shape, floating dtype.
        axis (int): axis along which exp(y) sums to 1.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating or the axis is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.log_softmax(np.array([[0.0, 1000.0]]))
        variable([[-1000.,     0.]])
    """
    return LogSoftmax(axis).apply((x,))[0]
