"""Losses of the difference of two arrays: mean_squared_error, squared_error, huber_loss and the absolute errors."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operand, Operands
from chaingrad.autograd.arithmetic import Binary
from chaingrad.autograd.elementwise import not_floating
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import sum as _sum
from chaingrad.autograd.type_checking.type_check import InvalidType, reject
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.checks import require_floats
from chaingrad.functions.loss.base import check_equal_shapes, check_equal_types, check_reduce


class MeanSquaredError(FunctionNode):
    """y = mean((x0 - x1) ** 2)."""

    _retained_inputs = (0, 1)

    def forward(self, inputs: Arrays) -> Arrays:
        x0, x1 = inputs
        if x0.shape != x1.shape or x0.dtype != x1.dtype:
            check_equal_types('mean_squared_error', x0, x1)
        if x0.dtype.kind != 'f':
            reject(not_floating(self, x0, 'x0'))
        d = x0 - x1
        if d.dtype.char == 'e':
            d = d.astype(np.float32)
        if type(d) is np.ndarray:  # vdot costs half of (d * d).sum() on small arrays
            return (np.array(np.vdot(d, d) / max(d.size, 1), x0.dtype),)
        return (((d * d).sum() / max(d.size, 1)).astype(x0.dtype),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        x0, x1 = self.get_retained_inputs()
        gx0 = gy * (2.0 / max(x0.size, 1)) * (x0 - x1)
        return tuple([gx0 if i == 0 else -gx0 for i in indexes])


class MeanAbsoluteError(FunctionNode):
    """y = mean(|x0 - x1|)."""

    def forward(self, inputs: Arrays) -> Arrays:
        x0, x1 = inputs
        check_equal_types('mean_absolute_error', x0, x1)
        require_floats('mean_absolute_error', x0=x0, x1=x1)
        d = x0 - x1
        self._sign = np.sign(d)
        total = abs(d).sum(dtype=np.float32 if d.dtype == np.float16 else None)
        return ((total / max(d.size, 1)).astype(x0.dtype),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        gx0 = gy * (1.0 / max(self._sign.size, 1)) * self._sign
        return tuple([gx0 if i == 0 else -gx0 for i in indexes])


class Difference(Binary):
    """Base of the elementwise losses y = loss(d), d = x0 - x1; `derivative` is that of the loss with respect to d."""

    def compute(self, x0: Array, x1: Array) -> Array:
        check_equal_types(self.label, x0, x1)
        require_floats(self.label, x0=x0, x1=x1)
        return self.loss(x0 - x1)

    def partial(self, i: int, gy: Operand, *retained: Operand) -> Operand:
        gx0 = gy * self.derivative(*retained)
        return gx0 if i == 0 else -gx0

    def loss(self, d: Array) -> Array:
        """Return the loss of each element of the difference."""
        raise NotImplementedError

    def derivative(self, *retained: Operand) -> Operand:
        """Return the derivative of the loss, from the retained inputs."""
        raise NotImplementedError


class SquaredError(Difference):
    """y = (x0 - x1) ** 2."""

    label = 'squared_error'
    _retained_inputs = (0, 1)

    def loss(self, d: Array) -> Array:
        return d * d

    def derivative(self, x0: Operand, x1: Operand) -> Operand:
        return 2 * (x0 - x1)


class AbsoluteError(Difference):
    """y = |x0 - x1|."""

    label = 'absolute_error'

    def loss(self, d: Array) -> Array:
        self._sign = np.sign(d)
        return abs(d)

    def derivative(self) -> Operand:
        return self._sign


class HuberLoss(Difference):
    """y = d ** 2 / 2 where |d| < delta, else delta (|d| - delta / 2), d = x - t."""

    label = 'huber_loss'
    _retained_inputs = (0, 1)

    def __init__(self, delta: float) -> None:
        self.delta = delta

    def loss(self, d: Array) -> Array:
        is_small = abs(d) < self.delta
        self._is_small = is_small.astype(d.dtype)
        self._constant = (np.sign(d) * ~is_small * self.delta).astype(d.dtype)  # the derivative where d is large
        small_d = d * self._is_small
        return small_d * small_d / 2 + self._constant * d - abs(self._constant) * (self.delta / 2)

    def derivative(self, x: Operand, t: Operand) -> Operand:
        return (x - t) * self._is_small + self._constant


def mean_squared_error(x0: VariableOrArray, x1: VariableOrArray) -> Variable:
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


def mean_absolute_error(x0: VariableOrArray, x1: VariableOrArray) -> Variable:
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


def squared_error(x0: VariableOrArray, x1: VariableOrArray) -> Variable:
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


def absolute_error(x0: VariableOrArray, x1: VariableOrArray) -> Variable:
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


def huber_loss(x: VariableOrArray, t: VariableOrArray, delta: float, reduce: str = 'sum_along_second_axis') -> Variable:
    """Return the Huber loss: squared where the difference is small, linear where it is large.

    y = d ** 2 / 2 where |d| < delta, else delta (|d| - delta / 2), with d = x - t.

    Args:
        x: Variable or array, (n, m, ...), floating dtype; any shape with reduce='no'.
        t: Variable or array of the same shape and dtype.
        delta (float): absolute difference at which the loss turns from squared to linear.
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
    check_equal_shapes('huber_loss', x=x, t=t)
    if reduce != 'no' and len(x.shape) < 2:
        raise InvalidType(f"huber_loss: x must have a second axis unless reduce='no', but it is {x.dtype} {x.shape}.")
    y = HuberLoss(delta).apply((x, t))[0]
    return y if reduce == 'no' else _sum(y, axis=1)
