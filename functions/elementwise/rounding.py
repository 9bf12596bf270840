"""Piecewise constant functions: ceil, floor, fix and sign; and fmod."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array, Operand
from chaingrad.autograd.arithmetic import Binary
from chaingrad.autograd.elementwise import Elementwise, not_floating
from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.type_checking.type_check import reject
from chaingrad.autograd.variable import Variable, VariableOrArray


class Ceil(Elementwise):
    """y = the smallest integer not below x; its derivative is zero."""

    ufunc = np.ceil


class Floor(Elementwise):
    """y = the largest integer not above x; its derivative is zero."""

    ufunc = np.floor


class Fix(Elementwise):
    """y = x without its fractional part; its derivative is zero."""

    label = 'fix'
    ufunc = np.trunc


class Sign(Elementwise):
    """y = -1, 0 or 1; its derivative is zero."""

    ufunc = np.sign


class Fmod(Binary):
    """y = a - b * fix(a / b)."""

    label = 'fmod'

    def compute(self, a: Array, b: Array) -> Array:
        if a.dtype.kind != 'f':
            reject(not_floating(self, a))
        y = np.fmod(a, b)
        self._quotient = np.rint((a - y) / b)
        return y

    def partial(self, i: int, gy: Operand, *retained: Operand) -> Operand:
        return gy if i == 0 else -gy * self._quotient


def ceil(x: VariableOrArray) -> Variable:
    """Return the smallest integer that is not below x, elementwise.

    Its derivative is zero: no gradient flows through.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.ceil(np.array([-1.5, 1.2]))
        variable([-1.,  2.])
    """
    return Ceil().apply_to(x)


def floor(x: VariableOrArray) -> Variable:
    """Return the largest integer that is not above x, elementwise.

    Its derivative is zero: no gradient flows through.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.floor(np.array([-1.5, 1.2]))
        variable([-2.,  1.])
    """
    return Floor().apply_to(x)


def fix(x: VariableOrArray) -> Variable:
    """Return the elements without their fractional parts: rounded towards 0.

    Its derivative is zero: no gradient flows through.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.fix(np.array([-1.5, 1.2]))
        variable([-1.,  1.])
    """
    return Fix().apply_to(x)


def sign(x: VariableOrArray) -> Variable:
    """Return the sign, elementwise.

    y = -1, 0 or 1. Its derivative is zero: no gradient flows through.

    Args:
        x: Variable or array of any shape, floating dtype.

    Returns:
        Variable of the same shape.

    Raises:
        InvalidType: when the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.sign(np.array([-1.5, 0.0, 3.0]))
        variable([-1.,  0.,  1.])
    """
    return Sign().apply_to(x)


def fmod(x: VariableOrArray, divisor: VariableOrArray) -> Variable:
    """Return the remainder of a division, elementwise, with the sign of x.

    y = x - divisor * fix(x / divisor). The operands broadcast.

    Args:
        x: Variable or array of any shape, floating dtype.
        divisor: Variable or array of the same dtype, not 0.

    Returns:
        Variable of the broadcast shape.

    Raises:
        InvalidType: when shapes or dtypes do not fit, or the dtype is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.fmod(np.array([-5.0, 5.5]), np.array([3.0, 2.0]))
        variable([-2. ,  1.5])
    """
    return Fmod().apply((x, divisor))[0]


provide(np.trunc, fix)
