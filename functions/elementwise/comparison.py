"""maximum, minimum, where and clip: functions that select elements or bound them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operand, Operands
from chaingrad.autograd.arithmetic import Binary, typed
from chaingrad.autograd.elementwise import Elementwise
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions.checks import require_arrays

_NUMBERS = frozenset((bool, float, int))


class Masked(FunctionNode):
    """y = x where the mask holds, else 0: not x times the mask, which is NaN where x is NaN or infinite."""

    def __init__(self, mask: Array) -> None:
        self._mask = mask

    def forward(self, inputs: Arrays) -> Arrays:
        x = inputs[0]
        y = np.empty_like(x)
        # By bits, with all ones or none from the mask: np.where takes ten times as long for an irregular mask.
        bits = f'i{x.itemsize}'
        np.bitwise_and(x.view(bits), np.negative(self._mask, dtype=bits), out=y.view(bits))
        return (y,)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (Masked.of(grad_outputs[0], mask=self._mask),)


class Selection(Binary):
    """Base of the functions that select from two operands."""

    _first: Array  # booleans: True where the output is an element of the first operand

    def partial(self, i: int, gy: Operand, *retained: Operand) -> Operand:
        return Masked.of(gy, mask=self._first if i == 0 else ~self._first)


class Maximum(Selection):
    """y = max(a, b); where they are equal the gradient goes to a."""

    def compute(self, a: Array, b: Array) -> Array:
        self._first = a >= b
        return np.maximum(a, b)


class Minimum(Selection):
    """y = min(a, b); where they are equal the gradient goes to a."""

    def compute(self, a: Array, b: Array) -> Array:
        self._first = a <= b
        return np.minimum(a, b)


class Where(Selection):
    """y = a where the condition holds, else b."""

    def __init__(self, condition: Array) -> None:
        self._first = condition

    def compute(self, a: Array, b: Array) -> Array:
        return np.where(self._first, a, b)


class Clip(Elementwise):
    """y = x, at least x_min and at most x_max."""

    def __init__(self, x_min: float | None, x_max: float | None) -> None:
        self.x_min = x_min
        self.x_max = x_max

    def compute(self, x: Array) -> Array:
        low: Any = None if self.x_min is None else typed(self.x_min, x)
        high: Any = None if self.x_max is None else typed(self.x_max, x)
        return x.clip(low, high)

    def derivative(self, x: Operand) -> Operand:
        x = as_array(x)
        inside = np.ones(x.shape, bool) if self.x_min is None else x >= self.x_min
        if self.x_max is not None:
            inside = inside & (x <= self.x_max)
        return inside


def _arrays(a: Any, b: Any) -> tuple[Any, Any]:
    """Return two operands; a number among them takes the dtype of the other."""
    if type(b) in _NUMBERS or isinstance(b, np.generic):
        b = np.asarray(b, getattr(a, 'dtype', None))
    elif type(a) in _NUMBERS or isinstance(a, np.generic):
        a = np.asarray(a, getattr(b, 'dtype', None))
    return a, b


def maximum(x1: VariableOrArray | float, x2: VariableOrArray | float) -> Variable:
    """Return the larger of two arrays, elementwise.

    The operands broadcast. Where they are equal the gradient goes to x1.

    Args:
        x1: Variable or array of any shape, or a number.
        x2: Variable or array of the same dtype, or a number.

    Returns:
        Variable of the broadcast shape.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.maximum(np.array([1.0, 5.0]), np.array([3.0, 2.0]))
        variable([3., 5.])
        >>> F.maximum(np.array([1.0, -5.0]), 0)
        variable([1., 0.])
    """
    return Maximum().apply(_arrays(x1, x2))[0]


def minimum(x1: VariableOrArray | float, x2: VariableOrArray | float) -> Variable:
    """Return the smaller of two arrays, elementwise.

    The operands broadcast. Where they are equal the gradient goes to x1.

    Args:
        x1: Variable or array of any shape, or a number.
        x2: Variable or array of the same dtype, or a number.

    Returns:
        Variable of the broadcast shape.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.minimum(np.array([1.0, 5.0]), np.array([3.0, 2.0]))
        variable([1., 2.])
    """
    return Minimum().apply(_arrays(x1, x2))[0]


def where(condition: VariableOrArray, x: VariableOrArray | float, y: VariableOrArray | float) -> Variable:
    """Return elements of x where a condition holds, and of y elsewhere.

    All three broadcast.

    Args:
        condition: Variable or array of booleans.
        x: Variable or array of any shape, or a number.
        y: Variable or array of the same dtype, or a number.

    Returns:
        Variable of the broadcast shape.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.where(np.array([True, False]), np.array([1.0, 2.0]), np.array([-1.0, -2.0]))
        variable([ 1., -2.])
    """
    require_arrays('where', condition=condition)
    mask = as_array(condition)
    if mask.dtype != bool:
        raise InvalidType(
            f'where: condition.dtype == bool must hold, but condition is {mask.dtype} {mask.shape}. Use condition != 0.'
        )
    return Where(mask).apply(_arrays(x, y))[0]


def clip(x: VariableOrArray, x_min: float | None, x_max: float | None) -> Variable:
    """Return the elements, limited to an interval.

    y = min(max(x, x_min), x_max). The derivative is 1 where x is in [x_min, x_max], else 0.

    Args:
        x: Variable or array of any shape, floating dtype.
        x_min (float): lower bound, or None.
        x_max (float): upper bound, or None.

    Returns:
        Variable of the same shape.

    Raises:
        ValueError: when x_min is larger than x_max, or both are None.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.clip(np.array([-2.0, 0.5, 2.0]), -1.0, 1.0)
        variable([-1. ,  0.5,  1. ])
    """
    if x_min is None and x_max is None:
        raise ValueError('clip: x_min or x_max must be given, but both are None.')
    if x_min is not None and x_max is not None and np.any(x_min > x_max):
        raise ValueError(f'clip: x_min must not be larger than x_max, but they are {x_min} and {x_max}.')
    return Clip(x_min, x_max).apply_to(x)


def _cast_arrays(function: Callable[..., Variable]) -> Callable[..., Variable]:
    """Return a function of two last operands for NumPy, where an array beside a Variable takes the dtype of it."""

    def apply(*operands: Any) -> Variable:
        if len(operands) < 2:  # np.where(condition) alone
            return function(*operands)
        *others, a, b = operands
        if isinstance(a, Variable) and isinstance(b, np.ndarray):
            b = b.astype(a.dtype, copy=False)
        elif isinstance(b, Variable) and isinstance(a, np.ndarray):
            a = a.astype(b.dtype, copy=False)
        return function(*others, a, b)

    return apply


provide(np.maximum, _cast_arrays(maximum))
provide(np.minimum, _cast_arrays(minimum))
provide(np.where, _cast_arrays(where))
