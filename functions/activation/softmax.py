"""softmax and log_softmax."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.contract import public_name
from chaingrad.autograd.elementwise import not_floating
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import Sum
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable


def softmax_array(x: Any, axis: int) -> Any:
    """Return the softmax of an array; the maximum is taken off first, so that exp does not overflow."""
    if not x.size:
        return x.copy()
    if x.dtype == np.float16:
        return softmax_array(x.astype(np.float32), axis).astype(np.float16)
    y = np.exp(x - x.max(axis, keepdims=True))
    y /= np.add.reduce(y, axis=axis, keepdims=True)
    return y


def log_softmax_array(x: Any, axis: int) -> Any:
    """Return the logarithm of the softmax of an array, without ever taking the logarithm of 0."""
    if not x.size:
        return x.copy()
    if x.dtype == np.float16:
        return log_softmax_array(x.astype(np.float32), axis).astype(np.float16)
    y = x - x.max(axis, keepdims=True)
    y -= np.log(np.add.reduce(np.exp(y), axis=axis, keepdims=True))
    return y


class AlongAxis(FunctionNode):
    """Base of the two, which works along one axis."""

    _retained_outputs = (0,)
    kernel: Any  # the value, from an array and the axis

    def __init__(self, axis: int = 1) -> None:
        self.axis = axis

    def forward(self, inputs: Any) -> Any:
        (x,) = inputs
        if x.dtype.kind != 'f':
            raise not_floating(self, x)
        if not -x.ndim <= self.axis < x.ndim:
            raise InvalidType(
                f'{public_name(self)}: axis must be one of x, but it is {self.axis} and x is {x.dtype} {x.shape}.'
            )
        return (self.kernel(x, self.axis),)


class Softmax(AlongAxis):
    """y = exp(x) / sum(exp(x)) along an axis."""

    kernel = staticmethod(softmax_array)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        (y,) = self.get_retained_outputs()
        gx = y * grad_outputs[0]
        return (gx - y * Sum.of(gx, axis=self.axis, keepdims=True),)


class LogSoftmax(AlongAxis):
    """y = x - log(sum(exp(x))) along an axis."""

    kernel = staticmethod(log_softmax_array)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        (y,) = self.get_retained_outputs()
        (gy,) = grad_outputs
        return (gy - np.exp(y) * Sum.of(gy, axis=self.axis, keepdims=True),)


def softmax(x: Any, axis: int = 1) -> Variable:
    """Return the softmax along an axis.

    y = exp(x) / sum(exp(x)); stable for large |x|.

    Args:
        x: Variable or array, floating dtype, of at least axis + 1 axes.
        axis (int): axis along which the output sums to 1.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating or there is no such axis.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.softmax(np.array([[0.0, 0.0], [0.0, 1000.0]]))
        variable([[0.5, 0.5],
                  [0. , 1. ]])
    """
    return Softmax(axis).apply((x,))[0]


def log_softmax(x: Any, axis: int = 1) -> Variable:
    """Return the logarithm of the softmax along an axis.

    y = x - log(sum(exp(x))); exact where the softmax itself would underflow to 0.

    Args:
        x: Variable or array, floating dtype, of at least axis + 1 axes.
        axis (int): axis along which exp(y) sums to 1.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating or there is no such axis.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.log_softmax(np.array([[0.0, 1000.0]]))
        variable([[-1000.,     0.]])
    """
    return LogSoftmax(axis).apply((x,))[0]
