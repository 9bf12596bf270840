"""Reductions over axes: max and min (sum and mean are in the ground floor)."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.reduction import check_axis, spread
from chaingrad.autograd.variable import Variable


class Extremum(FunctionNode):
    """Base of max and min; every element that equals the extremum gets its gradient."""

    method: str

    def __init__(self, axis: Any = None, keepdims: bool = False) -> None:
        self.axis = axis
        self.keepdims = keepdims

    def forward(self, inputs: Any) -> Any:
        (x,) = inputs
        y = getattr(x, self.method)(axis=self.axis, keepdims=True)
        self._chosen = x == y
        return (y if self.keepdims else y.squeeze() if self.axis is None else y.squeeze(self.axis),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return (spread(grad_outputs[0], self._chosen.shape, self.axis, self.keepdims) * self._chosen,)


class Max(Extremum):
    """y = the largest element over axes."""

    method = 'max'


class Min(Extremum):
    """y = the smallest element over axes."""

    method = 'min'


def max(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Return the largest element over axes.

    Every element that equals the maximum gets the whole gradient.

    Args:
        x: Variable or array of any shape.
        axis (None, int or tuple of ints): axes to reduce; all when None.
        keepdims (bool): whether these axes stay, with length 1.

    Returns:
        Variable without the axes.

    Raises:
        InvalidType: when an axis is out of range, or there is nothing to choose from.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.max(np.array([[1.0, 2.0], [4.0, 3.0]]), axis=1)
        variable([2., 4.])
    """
    return Max(check_axis('max', axis, x.ndim), keepdims).apply((x,))[0]


def min(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Return the smallest element over axes.

    Every element that equals the minimum gets the whole gradient.

    Args:
        x: Variable or array of any shape.
        axis (None, int or tuple of ints): axes to reduce; all when None.
        keepdims (bool): whether these axes stay, with length 1.

    Returns:
        Variable without the axes.

    Raises:
        InvalidType: when an axis is out of range, or there is nothing to choose from.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.min(np.array([[1.0, 2.0], [4.0, 3.0]]), axis=1)
        variable([1., 3.])
    """
    return Min(check_axis('min', axis, x.ndim), keepdims).apply((x,))[0]


provide(np.max, max)
provide(np.min, min)
