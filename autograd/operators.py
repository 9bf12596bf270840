"""The operators of Variable: + - * / // ** and abs.

A plain operand (number or array) is cast to the Variable's dtype. Between two Variables the dtypes must be equal.
"""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from chaingrad.autograd.arithmetic import (
    Absolute,
    Add,
    AddConstant,
    Binary,
    Constant,
    Div,
    DivConstant,
    DivFromConstant,
    FloorDiv,
    Mul,
    MulConstant,
    MultiAdd,
    Neg,
    PowConstVar,
    PowVarConst,
    PowVarVar,
    Sub,
    SubConstant,
    SubFromConstant,
)
from chaingrad.autograd.backends import device as devices
from chaingrad.autograd.checks.type_check import InvalidType
from chaingrad.autograd.variable import Variable, as_variable


def _plain(other: Any, x: Variable) -> Any:
    """Return an operand that fits x: Variables as they are, numbers and arrays cast to x's dtype, None for others."""
    if isinstance(other, Variable):
        return other
    dtype = x._array.dtype
    if type(other) in (float, int) and dtype.kind in 'fc':
        return other
    if isinstance(other, numbers.Number | np.generic):
        return dtype.type(other).item()
    return other.astype(dtype, copy=False) if devices.is_array(other) else None


def _operator(node: type[Binary], constant: type[Constant] | None = None) -> Any:
    """Make the method for `x op other`."""

    def method(x: Variable, other: Any) -> Any:
        other = _plain(other, x)
        if other is None:
            return NotImplemented
        if constant is None or isinstance(other, Variable) or devices.is_array(other):
            return node().apply((x, _at_least_array(other, x)))[0]
        return constant(other).apply((x,))[0]

    return method


def _reflected(node: type[Binary], constant: type[Constant] | None = None) -> Any:
    """Make the method for `other op x`."""

    def method(x: Variable, other: Any) -> Any:
        other = _plain(other, x)
        if other is None:
            return NotImplemented
        if constant is None or isinstance(other, Variable) or devices.is_array(other):
            return node().apply((_at_least_array(other, x), x))[0]
        return constant(other).apply((x,))[0]

    return method


def _at_least_array(other: Any, x: Variable) -> Any:
    return other if isinstance(other, Variable) or devices.is_array(other) else x.xp.asarray(other, x.dtype)


def neg(self: Any) -> Variable:
    """Return -x.

    Args:
        self: Variable or array of any shape.
    """
    return Neg().apply((self,))[0]


def absolute(self: Any) -> Variable:
    """Return the absolute value, elementwise.

    y = |x|, whose derivative at 0 is taken as 0.

    Args:
        self: Variable or array of any shape, floating or integer dtype.

    Returns:
        Variable of the same shape.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.absolute(np.array([-1.0, 2.0]))
        variable([1., 2.])
    """
    return Absolute().apply((self,))[0]


def add(*xs: Any) -> Variable:
    """Return the sum of two or more arrays, elementwise.

    Two operands broadcast; more than two must have one shape.

    Args:
        xs: Variables or arrays of one dtype.

    Returns:
        Variable of the broadcast shape.

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.add(np.array([1.0, 2.0]), np.array([10.0, 10.0]), np.array([5.0, 5.0]))
        variable([16., 17.])
    """
    if len(xs) < 2:
        raise ValueError(f'add: at least two operands are needed, but {len(xs)} were given.')
    if len(xs) == 2:
        y: Variable = as_variable(xs[0]) + xs[1]
        return y
    for x in xs[1:]:
        if x.shape != xs[0].shape or x.dtype != xs[0].dtype:
            raise InvalidType(
                'add: all operands must have one shape and dtype, but they are '
                + ', '.join(f'{x.dtype} {x.shape}' for x in xs)
            )
    return MultiAdd().apply(xs)[0]


def _install() -> None:
    """Give the operators to Variable."""
    V: Any = Variable
    V.__neg__ = neg
    V.__pos__ = lambda self: self
    V.__abs__ = absolute
    V.__add__ = V.__radd__ = _operator(Add, AddConstant)
    V.__sub__ = _operator(Sub, SubConstant)
    V.__rsub__ = _reflected(Sub, SubFromConstant)
    V.__mul__ = V.__rmul__ = _operator(Mul, MulConstant)
    V.__truediv__ = V.__div__ = _operator(Div, DivConstant)
    V.__rtruediv__ = V.__rdiv__ = _reflected(Div, DivFromConstant)
    V.__floordiv__ = _operator(FloorDiv)
    V.__rfloordiv__ = _reflected(FloorDiv)
    V.__pow__ = _operator(PowVarVar, PowVarConst)
    V.__rpow__ = _reflected(PowVarVar, PowConstVar)


_install()
