"""Losses of the difference of two arrays: mean_squared_error, squared_error, huber_loss and the absolute errors."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.arithmetic import Binary
from chaingrad.autograd.elementwise import not_floating
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import sum as _sum
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable
from chaingrad.functions.checks import require_floats
from chaingrad.functions.loss.base import check_reduce, check_same, check_shapes


class MeanSquaredError(FunctionNode):
    """y = mean((x0 - x1) ** 2)."""

    _retained_inputs = (0, 1)

    def forward(self, inputs: Any) -> Any:
        x0, x1 = inputs
        check_same('mean_squared_error', x0, x1)
        if x0.dtype.kind != 'f':
            raise not_floating(self, x0, 'x0')
        d = x0 - x1
        if d.dtype == np.float16:
            d = d.astype(np.float32)
        if type(d) is np.ndarray:  # vdot costs half of (d * d).sum() on small arrays
            return (np.array(np.vdot(d, d) / max(d.size, 1), x0.dtype),)
        return (((d * d).sum() / max(d.size, 1)).astype(x0.dtype),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        x0, x1 = self.get_retained_inputs()
        g = grad_outputs[0] * (2.0 / max(x0.size, 1)) * (x0 - x1)
        return tuple([-g if i else g for i in indexes])


class MeanAbsoluteError(FunctionNode):
    """y = mean(|x0 - x1|)."""

    def forward(self, inputs: Any) -> Any:
        x0, x1 = inputs
        check_same('mean_absolute_error', x0, x1)
        require_floats('mean_absolute_error', x0=x0, x1=x1)
        d = x0 - x1
        self._sign = np.sign(d)
        total = abs(d).sum(dtype=np.float32 if d.dtype == np.float16 else None)
        return ((total / max(d.size, 1)).astype(x0.dtype),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        g = grad_outputs[0] * (1.0 / max(self._sign.size, 1)) * self._sign
        return tuple([-g if i else g for i in indexes])


class Difference(Binary):
    """Base of the losses of each element; `derivative(d)` is the derivative by the difference."""

    def compute(self, a: Any, b: Any) -> Any:
        check_same(self.label, a, b)
        require_floats(self.label, x0=a, x1=b)
        return self.loss(a - b)

    def partial(self, i: int, gy: Any, *retained: Any) -> Any:
        g = gy * self.derivative()
        return -g if i else g


class SquaredError(Difference):
    """y = (x0 - x1) ** 2."""

    label = 'squared_error'
    _retained_inputs = (0, 1)

    def loss(self, d: Any) -> Any:
        return d * d

    def derivative(self) -> Any:
        x0, x1 = self.get_retained_inputs()
        return 2 * (x0 - x1)


class AbsoluteError(Difference):
    """y = |x0 - x1|."""

    label = 'absolute_error'

    def loss(self, d: Any) -> Any:
        self._sign = np.sign(d)
        return abs(d)

    def derivative(self) -> Any:
        return self._sign


class HuberLoss(Difference):
    """y = d ** 2 / 2 where |d| < delta, else delta (|d| - delta / 2), d = x - t."""

    label = 'huber_loss'
    _retained_inputs = (0, 1)

    def __init__(self, delta: float) -> None:
        self.delta = delta

    def loss(self, d: Any) -> Any:
        near = abs(d) < self.delta
        self._near = near.astype(d.dtype)
        self._far = (np.sign(d) * ~near * self.delta).astype(d.dtype)  # the derivative where it is constant
        near_d = d * self._near
        return near_d * near_d / 2 + self._far * d - abs(self._far) * (self.delta / 2)

    def derivative(self) -> Any:
        x, t = self.get_retained_inputs()
        return (x - t) * self._near + self._far


def mean_squared_error(x0: Any, x1: Any) -> Variable:
    """Return the mean of the squared differences.

    y = sum((x0 - x1) ** 2) / n, over all n elements.

    Args:
        x0: Variable or array of any shape, floating dtype.
        x1: Variable or array of the same shape and dtype.

    Returns:
        Variable of no axes.

    Raises:
        InvalidType: when shapes or dtypes differ.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.mean_squared_error(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
        variable(2.)
    """
    return MeanSquaredError().apply((x0, x1))[0]


def mean_absolute_error(x0: Any, x1: Any) -> Variable:
    """Return the mean of the absolute differences.

    y = sum(|x0 - x1|) / n, over all n elements; the derivative where they are equal is taken as 0.

    Args:
        x0: Variable or array of any shape, floating dtype.
        x1: Variable or array of the same shape and dtype.

    Returns:
        Variable of no axes.

    Raises:
        InvalidType: when shapes or dtypes differ.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.mean_absolute_error(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
        variable(1.)
    """
    return MeanAbsoluteError().apply((x0, x1))[0]


def squared_error(x0: Any, x1: Any) -> Variable:
    """Return the squared differences, elementwise.

    y = (x0 - x1) ** 2; unlike `squared_difference`, the shapes must be equal.

    Args:
        x0: Variable or array of any shape, floating dtype.
        x1: Variable or array of the same shape and dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when shapes or dtypes differ.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.squared_error(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
        variable([0., 4.])
    """
    return SquaredError().apply((x0, x1))[0]


def absolute_error(x0: Any, x1: Any) -> Variable:
    """Return the absolute differences, elementwise.

    y = |x0 - x1|; the derivative where they are equal is taken as 0.

    Args:
        x0: Variable or array of any shape, floating dtype.
        x1: Variable or array of the same shape and dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when shapes or dtypes differ.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.absolute_error(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
        variable([0., 2.])
    """
    return AbsoluteError().apply((x0, x1))[0]


def huber_loss(x: Any, t: Any, delta: float, reduce: str = 'sum_along_second_axis') -> Variable:
    """Return the Huber loss: squared where the difference is small, linear where it is large.

    y = d ** 2 / 2 where |d| < delta, else delta (|d| - delta / 2), with d = x - t.

    Args:
        x: Variable or array, (n, m, ...), floating dtype; any shape with reduce='no'.
        t: Variable or array of the same shape and dtype.
        delta (float): where the loss turns from squared to linear.
        reduce (str): 'sum_along_second_axis', or 'no' for one loss per element.

    Returns:
        Variable, (n, ...), or of x's shape with reduce='no'.

    Raises:
        InvalidType: when shapes or dtypes differ, or there is no second axis.
        ValueError: when reduce is unknown.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.huber_loss(np.array([[1.0, 5.0]]), np.array([[0.0, 0.0]]), delta=2.0, reduce='no')
        variable([[0.5, 8. ]])

    Source:
        P. J. Huber, Robust Estimation of a Location Parameter, Annals of Mathematical Statistics 35, 1964.
    """
    check_reduce('huber_loss', reduce, ('sum_along_second_axis', 'no'))
    check_shapes('huber_loss', x=x, t=t)
    if reduce == 'no':
        return HuberLoss(delta).apply((x, t))[0]
    if len(x.shape) < 2:
        raise InvalidType(f"huber_loss: x must have a second axis unless reduce='no', but it is {x.dtype} {x.shape}.")
    return _sum(HuberLoss(delta).apply((x, t))[0], axis=1)
