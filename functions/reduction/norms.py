"""logsumexp and batch_l2_norm_squared (sum is in `autograd/reduction.py`)."""

from __future__ import annotations

import math

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Axis, Indexes, Operands
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import Sum, broadcast_gradient
from chaingrad.autograd.type_checking.type_check import reject
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions.casting import downcast, upcast
from chaingrad.functions.checks import check_axes, require_floats


class LogSumExp(FunctionNode):
    """y = log(sum(exp(x))) over axes."""

    _retained_inputs = (0,)
    _retained_outputs = (0,)

    def __init__(self, axis: Axis = None) -> None:
        self.axis = axis

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        require_floats('logsumexp', x=x)
        return (logsumexp_array(x, self.axis),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (x,) = self.get_retained_inputs()
        y, gy = as_array(self.get_retained_outputs()[0]), grad_outputs[0]
        if not x.size:
            return (broadcast_gradient(gy, x.shape, self.axis, False),)
        # The softmax exp(x - y), made to sum to 1: of a large x, y has lost the logarithm to rounding. Whatever is
        # subtracted cancels in the quotient, so that y counts as a constant.
        wide = upcast(x)
        e = np.exp(wide - broadcast_gradient(upcast(y), x.shape, self.axis, False))
        g = upcast(gy) / Sum.of(e, axis=self.axis)
        return (downcast(e * broadcast_gradient(g, x.shape, self.axis, False), x.dtype),)


class BatchL2NormSquared(FunctionNode):
    """y = sum(x ** 2) of each sample."""

    _retained_inputs = (0,)

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        if x.ndim < 2 or x.dtype.kind != 'f':
            reject(
                'batch_l2_norm_squared: x must have a batch axis, at least one more, and a floating dtype, but it is '
                f'{x.dtype} {x.shape}.'
            )
        rows = upcast(x.reshape((len(x), math.prod(x.shape[1:]))))
        return (np.einsum('ij,ij->i', rows, rows).astype(x.dtype, copy=False),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (x,) = self.get_retained_inputs()
        gy = grad_outputs[0].reshape((-1,) + (1,) * (x.ndim - 1))
        return (x * (2 * gy),)


def logsumexp_array(x: Array, axis: Axis) -> Array:
    """Return log(sum(exp(x))) of an array; the maximum is subtracted first, so that exp does not overflow."""
    if x.dtype == np.float16:
        return logsumexp_array(x.astype(np.float32), axis).astype(np.float16)
    if not x.size:
        with np.errstate(divide='ignore'):
            return np.log(np.add.reduce(x, axis=axis))  # the sum of nothing is 0
    maximum = x.max(axis, keepdims=True)
    maximum = np.where(np.isfinite(maximum), maximum, 0)
    with np.errstate(divide='ignore'):  # where all are -inf
        y = np.log(np.add.reduce(np.exp(x - maximum), axis=axis, keepdims=True))
    y += maximum
    return y.squeeze(axis)


def logsumexp(x: VariableOrArray, axis: Axis = None) -> Variable:
    """Return the logarithm of the sum of the exponentials over axes.

    y = log(sum(exp(x))); stable for large |x|.

    Args:
        x: Variable or array of any shape, floating dtype.
        axis (None, int or tuple of ints): axes to sum over; all when None.

    Returns:
        Variable without the axes.

    Raises:
        InvalidType: when an axis is out of range or the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.logsumexp(np.array([[0.0, 0.0], [1000.0, 1000.0]]), axis=1)
        variable([6.93147181e-01, 1.00069315e+03])
    """
    return LogSumExp(check_axes('logsumexp', x, axis)).apply((x,))[0]


def batch_l2_norm_squared(x: VariableOrArray) -> Variable:
    """Return the square of the Euclidean norm of each sample.

    y_i = sum(x_i ** 2). float16 is summed in float32.

    Args:
        x: Variable or array, (n, ...), floating dtype; the axes after the first are taken as one.

    Returns:
        Variable, (n,).

    Raises:
        InvalidType: when x has fewer than two axes or the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.batch_l2_norm_squared(np.array([[3.0, 4.0], [1.0, 1.0]]))
        variable([25.,  2.])
    """
    return BatchL2NormSquared().apply((x,))[0]
