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
from chaingrad.autograd.reduction import average, sum
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


def array_ufunc(self: Variable, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    if method == '__call__' and ufunc in _functions and not kwargs:
        return _functions[ufunc](*inputs)
    name = ufunc.__name__ if method == '__call__' else f'{ufunc.__name__}.{method}'
    how = f' with {", ".join(kwargs)}' if kwargs else ''
    raise TypeError(f'np.{name}{how} does not work on Variables. Use v.array, or a function of chaingrad.functions.')


def array_function(self: Variable, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
    if func in _functions:
        return _functions[func](*args, **kwargs)
    raise TypeError(
        f'np.{func.__name__} does not work on Variables. Use v.array, or a function of chaingrad.functions.'
    )


def _of_operator(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Apply a Python operator; an array on the left would call NumPy again, so it becomes a Variable."""

    def apply(a: Any, b: Any) -> Any:
        if isinstance(a, np.generic):
            a = a.item()
        elif not isinstance(a, Variable):
            a = Variable(np.asarray(a, b.dtype), requires_grad=False)
        return function(a, b)

    return apply


for _numpy_name, _name in map(str.split, _OPERATORS.split(', ')):
    provide(getattr(np, _numpy_name), _of_operator(getattr(operator, _name)))
for _numpy_name, _name in map(str.split, _COMPARISONS.split(', ')):
    provide(getattr(np, _numpy_name), getattr(Variable, f'__{_name}__'))
for _name in ('shape', 'ndim', 'size'):
    provide(getattr(np, _name), operator.attrgetter(_name))
provide(np.negative, neg)
provide(np.absolute, absolute)
provide(np.dot, matmul)
provide(np.sum, sum)
provide(np.mean, average)
provide(np.reshape, reshape)
provide(np.transpose, transpose)
provide(np.broadcast_to, broadcast_to)
