"""logsumexp and batch_l2_norm_squared (sum is in the ground floor)."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import spread
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable
from chaingrad.functions.checks import axis_of, require_floats
from chaingrad.functions.elementwise.exponential import Exp


class LogSumExp(FunctionNode):
    """y = log(sum(exp(x))) over axes."""

    _retained_inputs = (0,)
    _retained_outputs = (0,)

    def __init__(self, axis: Any = None) -> None:
        self.axis = axis

    def forward(self, inputs: Any) -> Any:
        (x,) = inputs
        require_floats('logsumexp', x=x)
        return (logsumexp_array(x, self.axis),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        (x,) = self.get_retained_inputs()
        (y,) = self.get_retained_outputs()
        gy, y = (spread(v, x.shape, self.axis, False) for v in (grad_outputs[0], y))
        return (gy * Exp.of(x - y),)


class BatchL2NormSquared(FunctionNode):
    """y = sum(x ** 2) of each sample."""

    _retained_inputs = (0,)

    def forward(self, inputs: Any) -> Any:
        (x,) = inputs
        if x.ndim < 2 or x.dtype.kind != 'f':
            raise InvalidType(
                'batch_l2_norm_squared: x must have a batch axis, at least one more, and a floating dtype, but it is '
                f'{x.dtype} {x.shape}.'
            )
        rows = x.reshape((len(x), int(np.prod(x.shape[1:]))))
        wide = rows.astype(np.float32) if x.dtype == np.float16 else rows
        return (np.einsum('ij,ij->i', wide, wide).astype(x.dtype, copy=False),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        (x,) = self.get_retained_inputs()
        return (x * (2 * grad_outputs[0]).reshape((-1,) + (1,) * (x.ndim - 1)),)


def logsumexp_array(x: Any, axis: Any) -> Any:
    """Return log(sum(exp(x))) of an array; the maximum is taken off first, so that exp does not overflow."""
    if x.dtype == np.float16:
        return logsumexp_array(x.astype(np.float32), axis).astype(np.float16)
    if not x.size:
        with np.errstate(divide='ignore'):
            return np.log(np.add.reduce(x, axis=axis))  # the sum of nothing is 0
    top = x.max(axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    with np.errstate(divide='ignore'):  # where all are -inf
        y = np.log(np.add.reduce(np.exp(x - top), axis=axis, keepdims=True))
    y += top
    return y.squeeze(axis)


def logsumexp(x: Any, axis: Any = None) -> Variable:
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
    return LogSumExp(axis_of('logsumexp', x, axis)).apply((x,))[0]


def batch_l2_norm_squared(x: Any) -> Variable:
    """Return the square of the Euclidean norm of each sample.

    y_i = sum(x_i ** 2). float16 is summed in float32.

    Args:
        x: Variable or array, (n, ...), floating dtype; the axes after the first are taken as one.

    Returns:
        Variable, (n,).

    Raises:
        InvalidType: when x has less than two axes or the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.batch_l2_norm_squared(np.array([[3.0, 4.0], [1.0, 1.0]]))
        variable([25.,  2.])
    """
    return BatchL2NormSquared().apply((x,))[0]
