"""NumPy's functions on Variables: `np.sin(v)`, `np.sum(v)` and `array @ v` record the graph, or raise by name.

A module that defines a function registers it here with `provide`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.arithmetic import absolute, neg
from chaingrad.autograd.array_ops import broadcast_to, reshape, transpose
from chaingrad.autograd.matmul import matmul
from chaingrad.autograd.reduction import average, sum
from chaingrad.autograd.variable import Variable

_functions: dict[Callable[..., Any], Callable[..., Any]] = {}  # ours by NumPy's


def provide(numpy_function: Callable[..., Any], function: Callable[..., Any]) -> None:
    """Register the function that is called when NumPy's function gets a Variable.

    Args:
        numpy_function: a ufunc such as `np.sin`, or a function such as `np.sum`.
        function: called with the same arguments.
    """
    _functions[numpy_function] = function


def array_ufunc(self: Variable, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    if method == '__call__' and ufunc in _functions and not kwargs:
        return _functions[ufunc](*inputs)
    name = ufunc.__name__
    if method != '__call__':
        name += f'.{method}'
    if kwargs:
        name += f' with {", ".join(kwargs)}'
    raise _not_provided(name)


def array_function(
    self: Variable, func: Callable[..., Any], types: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Any:
    if func in _functions:
        return _functions[func](*args, **kwargs)
    raise _not_provided(func.__name__)


def _not_provided(name: str) -> TypeError:
    return TypeError(f'np.{name} does not work on Variables. Use v.array, or a function of chaingrad.functions.')


def _operator_function(python_operator: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Return a Python operator for operands of which one is a Variable."""

    def apply(a: Any, b: Any) -> Any:
        if isinstance(a, np.generic):
            a = a.item()
        elif not isinstance(a, Variable):  # an array on the left would call NumPy again
            a = Variable(np.asarray(a, b.dtype), requires_grad=False)
        return python_operator(a, b)

    return apply


provide(np.add, _operator_function(operator.add))
provide(np.subtract, _operator_function(operator.sub))
provide(np.multiply, _operator_function(operator.mul))
provide(np.divide, _operator_function(operator.truediv))
provide(np.floor_divide, _operator_function(operator.floordiv))
provide(np.power, _operator_function(operator.pow))
provide(np.matmul, _operator_function(operator.matmul))

provide(np.equal, Variable.__eq__)
provide(np.not_equal, Variable.__ne__)
provide(np.less, Variable.__lt__)
provide(np.less_equal, Variable.__le__)
provide(np.greater, Variable.__gt__)
provide(np.greater_equal, Variable.__ge__)

provide(np.negative, neg)
provide(np.absolute, absolute)
provide(np.dot, matmul)
provide(np.sum, sum)
provide(np.reshape, reshape)
provide(np.transpose, transpose)
provide(np.broadcast_to, broadcast_to)
provide(np.shape, operator.attrgetter('shape'))
provide(np.ndim, operator.attrgetter('ndim'))
provide(np.size, operator.attrgetter('size'))
provide(np.mean, average)
