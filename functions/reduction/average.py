"""average, also known as mean, with and without weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import broadcast_to, reshape
from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.reduction import Sum, spread, sum
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, as_variable
from chaingrad.functions.casting import downcast, upcast_inputs
from chaingrad.functions.checks import axis_of


class Mean(Sum):
    """y = the mean of x over axes."""

    def forward(self, inputs: Any) -> Any:
        (x,) = inputs
        self._in_shape = x.shape
        if not x.size:
            raise InvalidType(f'mean: x must have elements, but it is {x.dtype} {x.shape}.')
        y = x.mean(axis=self.axis, keepdims=self.keepdims)
        self._n = x.size // max(y.size, 1)
        return (y,)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return (spread(grad_outputs[0] / self._n, self._in_shape, self.axis, self.keepdims),)


def average(x: Any, axis: Any = None, weights: Any = None, keepdims: bool = False) -> Variable:
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
    axis = axis_of('average', x, axis)
    if weights is None:
        return Mean(axis, keepdims).apply((x,))[0]
    w = as_variable(weights)
    if w.shape != x.shape:
        axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        if w.shape != tuple(x.shape[a] for a in axes):
            raise ValueError(
                f'average: weights must have the shape of x, {x.shape}, or of the axes {axis}, but it is {w.shape}.'
            )
        places = {a % x.ndim for a in axes}
        w = broadcast_to(reshape(w, [n if i in places else 1 for i, n in enumerate(x.shape)]), x.shape)
    wide_x, wide_w = upcast_inputs('average', x=x, weights=w)
    return downcast(sum(wide_w * wide_x, axis, keepdims) / sum(wide_w, axis, keepdims), x.dtype)


mean = average


def _mean_method(self: Variable, axis: Any = None, *, weights: Any = None, keepdims: bool = False) -> Variable:
    """Return the mean over axes; see `chaingrad.autograd.reduction`."""
    return average(self, axis, weights, keepdims)


Variable.mean = _mean_method  # type: ignore[method-assign]
provide(np.mean, average)
