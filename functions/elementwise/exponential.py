"""exp and log, to several bases and near 0; square roots and squares."""

from __future__ import annotations

import math

import numpy as np

from chaingrad.autograd.annotations import Array, Operand
from chaingrad.autograd.arithmetic import Binary, Log
from chaingrad.autograd.elementwise import Elementwise, not_floating
from chaingrad.autograd.type_checking.type_check import reject
from chaingrad.autograd.variable import Variable, VariableOrArray


class Exp(Elementwise):
    """y = exp(x)."""

    ufunc = np.exp

    def derivative_from_output(self, y: Operand) -> Operand:
        return y


class Expm1(Elementwise):
    """y = exp(x) - 1."""

    ufunc = np.expm1

    def derivative(self, x: Operand) -> Operand:
        return np.exp(x)  # y + 1 would cancel where y is near -1


class Log1p(Elementwise):
    """y = log(1 + x)."""

    ufunc = np.log1p

    def derivative(self, x: Operand) -> Operand:
        return 1 / (1 + x)


class Log2(Elementwise):
    """y = log(x) / log(2)."""

    ufunc = np.log2

    def derivative(self, x: Operand) -> Operand:
        return (1 / math.log(2)) / x


class Log10(Elementwise):
    """y = log(x) / log(10)."""

    ufunc = np.log10

    def derivative(self, x: Operand) -> Operand:
        return (1 / math.log(10)) / x


class Sqrt(Elementwise):
    """y = x ** 0.5."""

    ufunc = np.sqrt

    def derivative_from_output(self, y: Operand) -> Operand:
        return 0.5 / y


def exp(x: VariableOrArray) -> Variable:
    """Return the exponential function, elementwise.

    y = e ** x.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.exp(np.array([0.0, 1.0]))
        variable([1.        , 2.71828183])
    """
    return Exp().apply_to(x)


def expm1(x: VariableOrArray) -> Variable:
    """Return the exponential function minus 1, elementwise.

    y = e ** x - 1, accurate for small x too.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.expm1(np.array([1e-12, 1.0]))
        variable([1.00000000e-12, 1.71828183e+00])
    """
    return Expm1().apply_to(x)


def log(x: VariableOrArray) -> Variable:
    """Return the natural logarithm, elementwise.

    Args:
        x: Variable or array of any shape, floating dtype, positive.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.log(np.array([1.0, np.e]))
        variable([0., 1.])
    """
    if getattr(x, 'dtype', np.dtype(float)).kind != 'f':
        reject(not_floating(Log(), x))
    return Log().apply((x,))[0]


def log1p(x: VariableOrArray) -> Variable:
    """Return the natural logarithm of 1 + x, elementwise.

    y = log(1 + x), accurate for small x too.

    Args:
        x: Variable or array of any shape, floating dtype, larger than -1.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.log1p(np.array([1e-12, 1.0]))
        variable([1.00000000e-12, 6.93147181e-01])
    """
    return Log1p().apply_to(x)


def log2(x: VariableOrArray) -> Variable:
    """Return the logarithm to base 2, elementwise.

    y = log(x) / log(2).

    Args:
        x: Variable or array of any shape, floating dtype, positive.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.log2(np.array([1.0, 8.0]))
        variable([0., 3.])
    """
    return Log2().apply_to(x)


def log10(x: VariableOrArray) -> Variable:
    """Return the logarithm to base 10, elementwise.

    y = log(x) / log(10).

    Args:
        x: Variable or array of any shape, floating dtype, positive.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.log10(np.array([1.0, 1000.0]))
        variable([0., 3.])
    """
    return Log10().apply_to(x)


def sqrt(x: VariableOrArray) -> Variable:
    """Return the square root, elementwise.

    y = x ** 0.5; the derivative at 0 is infinite.

    Args:
        x: Variable or array of any shape, floating dtype, not negative.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.sqrt(np.array([4.0, 9.0]))
        variable([2., 3.])
    """
    return Sqrt().apply_to(x)


class Square(Elementwise):
    """y = x ** 2."""

    ufunc = np.square

    def derivative(self, x: Operand) -> Operand:
        return 2 * x


class RSqrt(Elementwise):
    """y = x ** -0.5."""

    label = 'rsqrt'

    def compute(self, x: Array) -> Array:
        return 1 / np.sqrt(x)

    def derivative_from_output(self, y: Operand) -> Operand:
        return -0.5 * (y * y * y)


class SquaredDifference(Binary):
    """y = (a - b) ** 2."""

    label = 'squared_difference'
    _retained_inputs = (0, 1)

    def compute(self, a: Array, b: Array) -> Array:
        difference = a - b
        return difference * difference

    def partial(self, i: int, gy: Operand, a: Operand, b: Operand) -> Operand:
        derivative = 2 * (a - b) if i == 0 else 2 * (b - a)
        return gy * derivative


def square(x: VariableOrArray) -> Variable:
    """Return the square, elementwise.

    y = x ** 2.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.square(np.array([-3.0, 2.0]))
        variable([9., 4.])
    """
    return Square().apply_to(x)


def squared_difference(x1: VariableOrArray, x2: VariableOrArray) -> Variable:
    """Return the square of the difference of two arrays, elementwise.

    y = (x1 - x2) ** 2. The operands broadcast.

    Args:
        x1: Variable or array of any shape.
        x2: Variable or array of the same dtype.

    Returns:
        Variable of the broadcast shape.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.squared_difference(np.array([1.0, 5.0]), np.array([3.0, 4.0]))
        variable([4., 1.])
    """
    return SquaredDifference().apply((x1, x2))[0]


def rsqrt(x: VariableOrArray) -> Variable:
    """Return the reciprocal of the square root, elementwise.

    y = x ** -0.5; infinite at 0.

    Args:
        x: Variable or array of any shape, floating dtype, positive.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.rsqrt(np.array([4.0, 0.25]))
        variable([0.5, 2. ])
    """
    return RSqrt().apply_to(x)
