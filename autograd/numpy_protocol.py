"""NumPy meets Variable: `np.sin(v)`, `np.sum(v)` and `array @ v` record the graph, or say by name that they cannot.

The tables are filled by whoever defines the functions, with `provide`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import broadcast_to, reshape, transpose
from chaingrad.autograd.matmul import matmul
from chaingrad.autograd.operators import absolute, neg
from chaingrad.autograd.reduction import average, sum
from chaingrad.autograd.variable import Variable, as_variable

_functions: dict[Any, Callable[..., Any]] = {}


def provide(numpy_function: Any, function: Callable[..., Any]) -> None:
    """Say which function of ours NumPy's function stands for when an argument is a Variable.

    Args:
        numpy_function: a ufunc such as `np.sin`, or a function such as `np.sum`.
        function: called with the same arguments.
    """
    _functions[numpy_function] = function


def _array_ufunc(self: Variable, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    if method == '__call__' and ufunc in _functions and not kwargs:
        return _functions[ufunc](*inputs)
    name = ufunc.__name__ if method == '__call__' else f'{ufunc.__name__}.{method}'
    how = f' with {", ".join(kwargs)}' if kwargs else ''
    raise TypeError(f'np.{name}{how} does not work on Variables. Use v.array, or a function of chaingrad.functions.')


def _array_function(self: Variable, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
    if func in _functions:
        return _functions[func](*args, **kwargs)
    raise TypeError(
        f'np.{func.__name__} does not work on Variables. Use v.array, or a function of chaingrad.functions.'
    )


def _install() -> None:
    """Fill the table with what this room has, and give the protocols to Variable."""
    V: Any = Variable
    V.__array_ufunc__ = _array_ufunc
    V.__array_function__ = _array_function
    binary = {
        np.add: V.__add__,
        np.subtract: V.__sub__,
        np.multiply: V.__mul__,
        np.divide: V.__truediv__,
        np.floor_divide: V.__floordiv__,
        np.power: V.__pow__,
        np.float_power: V.__pow__,
    }
    reflected = {
        np.add: V.__radd__,
        np.subtract: V.__rsub__,
        np.multiply: V.__rmul__,
        np.divide: V.__rtruediv__,
        np.floor_divide: V.__rfloordiv__,
        np.power: V.__rpow__,
        np.float_power: V.__rpow__,
    }

    def two(ufunc: Any) -> Callable[[Any, Any], Any]:
        first, second = binary[ufunc], reflected[ufunc]
        return lambda a, b: first(a, b) if isinstance(a, Variable) else second(b, a)

    for ufunc in binary:
        provide(ufunc, two(ufunc))
    provide(np.negative, neg)
    provide(np.absolute, absolute)
    provide(np.matmul, matmul)
    provide(np.dot, lambda a, b: matmul(as_variable(a), b))
    provide(np.sum, sum)
    provide(np.mean, average)
    provide(np.reshape, reshape)
    provide(np.transpose, transpose)
    provide(np.broadcast_to, broadcast_to)
    provide(np.shape, lambda a: a.shape)
    provide(np.ndim, lambda a: a.ndim)
    provide(np.size, lambda a: a.size)


_install()
