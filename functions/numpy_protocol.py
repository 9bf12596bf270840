"""NumPy meets Variable: `np.sin(v)`, `np.sum(v)` and `array @ v` record the graph, or say by name that they cannot.

The tables are filled by whoever defines the functions, with `provide`.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from chaingrad.autograd.arithmetic import absolute, neg
from chaingrad.autograd.array_ops import broadcast_to, reshape, transpose
from chaingrad.autograd.matmul import matmul
from chaingrad.autograd.reduction import sum
from chaingrad.autograd.variable import Variable

# NumPy's names beside those of Python's operators
_OPERATORS = 'add add, subtract sub, multiply mul, divide truediv, floor_divide floordiv, power pow, matmul matmul'
_COMPARISONS = 'equal eq, not_equal ne, less lt, less_equal le, greater gt, greater_equal ge'
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
    """Fill the table with what the engine has, and give the protocols to Variable."""
    V: Any = Variable
    V.__array_ufunc__ = _array_ufunc
    V.__array_function__ = _array_function
    for numpy_name, name in map(str.split, _OPERATORS.split(', ')):
        provide(getattr(np, numpy_name), _of_operator(getattr(operator, name)))
    for numpy_name, name in map(str.split, _COMPARISONS.split(', ')):
        provide(getattr(np, numpy_name), getattr(V, f'__{name}__'))
    for numpy_function, function in (
        (np.negative, neg),
        (np.absolute, absolute),
        (np.dot, matmul),
        (np.sum, sum),
        (np.reshape, reshape),
        (np.transpose, transpose),
        (np.broadcast_to, broadcast_to),
    ):
        provide(numpy_function, function)
    for name in ('shape', 'ndim', 'size'):
        provide(getattr(np, name), operator.attrgetter(name))


def _of_operator(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Apply a Python operator; an array on the left would call NumPy again, so it becomes a Variable."""

    def apply(a: Any, b: Any) -> Any:
        if isinstance(a, np.generic):
            a = a.item()
        elif not isinstance(a, Variable):
            a = Variable(np.asarray(a, b.dtype), requires_grad=False)
        return function(a, b)

    return apply


_install()
