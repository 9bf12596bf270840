"""The operators and methods of Variable that record functions, in one table.

Functions are written with Variable, so it cannot name them where it is defined: they are given to it here.
`variable.py` declares them for type checkers.
"""

from __future__ import annotations

import importlib
import numbers
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chaingrad.autograd import arithmetic, variable_node
from chaingrad.autograd.advice import no_attribute
from chaingrad.autograd.array_ops import get_item, reshape, transpose
from chaingrad.autograd.backends.array_module import is_array
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.matmul import MatMul
from chaingrad.autograd.numpy_protocol import array_function, array_ufunc
from chaingrad.autograd.reduction import average, sum
from chaingrad.autograd.stepping import Step, backward_steps
from chaingrad.autograd.variable import Variable

_NUMBERS = frozenset((float, int))


def _plain(other: Any, x: Variable) -> Any:
    """Return a plain operand that fits x: numbers and arrays cast to x's dtype, None for others."""
    dtype = x._array.dtype
    if isinstance(other, numbers.Number | np.generic):
        return dtype.type(other).item()
    return other.astype(dtype, copy=False) if is_array(other) else None


def _binary(
    node: type[FunctionNode], constant: Callable[[Any], Any] | None = None, reflected: bool = False
) -> Callable[[Variable, Any], Any]:
    """Make the method for `x op other`, or for `other op x`; constant is the node for a scalar operand."""

    def method(x: Variable, other: Any) -> Any:
        if type(other) not in _NUMBERS and not isinstance(other, Variable):
            other = _plain(other, x)
            if other is None:
                return NotImplemented
        if type(other) in _NUMBERS or not (isinstance(other, Variable) or is_array(other)):
            if constant is not None:
                return constant(other).apply_to(x)
            other = x.xp.asarray(other, x.dtype)
        return node().apply((other, x) if reflected else (x, other))[0]

    return method


def _add_of_negative(c: Any) -> arithmetic.AddConstant:
    return arithmetic.AddConstant(-c)


def _positive(self: Variable) -> Variable:
    """Return the Variable itself."""
    return self


def _shape_arguments(arguments: tuple[Any, ...]) -> Any:
    """`v.reshape((2, 3))` and `v.reshape(2, 3)` mean the same."""
    return arguments[0] if len(arguments) == 1 and not isinstance(arguments[0], int) else arguments


def _reshape(self: Variable, *shape: Any) -> Variable:
    """Return the elements in another shape; see `chaingrad.functions.reshape`."""
    return reshape(self, _shape_arguments(shape))


def _transpose(self: Variable, *axes: Any) -> Variable:
    """Return the elements with the axes in another order; see `chaingrad.functions.transpose`."""
    return transpose(self, _shape_arguments(axes) if axes else None)


def _mean(self: Variable, axis: Any = None, *, weights: Any = None, keepdims: bool = False) -> Variable:
    """Return the mean over axes; see `chaingrad.functions.average`."""
    return average(self, axis, weights, keepdims)


def _backward_steps(
    self: Variable, retain_grad: bool = False, enable_double_backprop: bool = False, loss_scale: float | None = None
) -> Iterator[Step]:
    """Do what `backward` does, one function at a time; see `chaingrad.backward_steps`."""
    return backward_steps([self], retain_grad, enable_double_backprop, loss_scale)


def _graph(
    self: Variable, model: Any = None, depth: int | None = None, values: bool = False, grads: bool = False
) -> Any:
    """Return a picture of the graph: shown in a notebook, `.show()` prints it, `.save('graph.svg')` writes it.

    Args:
        model: the link that names the parameters, or a list or dict of links; None finds those that hold them.
        depth: down to how many names of a path links are opened; None opens as many as make a legible picture.
        values: whether arrays are shown.
        grads: whether gradients are shown.
    """
    # Loaded late: few programs draw.
    return importlib.import_module('chaingrad.autograd.drawing.graph').Graph([self], model, depth, values, grads)


def _no_attribute(self: Variable, name: str) -> Any:
    """Raise the AttributeError for a name that Variable does not have; Python calls it for no other."""
    if self.__dict__.get('_array', 0) is None and name[0] != '_' and hasattr(Variable, name):
        raise AttributeError(
            f'{type(self).__name__}: there is no array yet, so there is no {name}. Set x.array; a parameter without '
            'shape gets its array when its link is called first.',
            name=name,
        )
    no_attribute(self, name, 'VARIABLE')


def _repr_html(self: Variable) -> str:
    """Return what notebooks show: dtype, shape, array and gradient."""
    text: str = importlib.import_module('chaingrad.autograd.drawing.html').variable_html(self)
    return text


OF_VARIABLE: dict[str, Any] = {
    '__neg__': arithmetic.neg,
    '__pos__': _positive,
    '__abs__': arithmetic.absolute,
    '__add__': _binary(arithmetic.Add, arithmetic.AddConstant),
    '__radd__': _binary(arithmetic.Add, arithmetic.AddConstant),
    '__sub__': _binary(arithmetic.Sub, _add_of_negative),
    '__rsub__': _binary(arithmetic.Sub, arithmetic.SubFromConstant, reflected=True),
    '__mul__': _binary(arithmetic.Mul, arithmetic.MulConstant),
    '__rmul__': _binary(arithmetic.Mul, arithmetic.MulConstant),
    '__truediv__': _binary(arithmetic.Div, arithmetic.DivConstant),
    '__rtruediv__': _binary(arithmetic.Div, arithmetic.DivFromConstant, reflected=True),
    '__div__': _binary(arithmetic.Div, arithmetic.DivConstant),
    '__rdiv__': _binary(arithmetic.Div, arithmetic.DivFromConstant, reflected=True),
    '__floordiv__': _binary(arithmetic.FloorDiv),
    '__rfloordiv__': _binary(arithmetic.FloorDiv, reflected=True),
    '__pow__': _binary(arithmetic.PowVarVar, arithmetic.PowVarConst),
    '__rpow__': _binary(arithmetic.PowVarVar, arithmetic.PowConstVar, reflected=True),
    '__matmul__': _binary(MatMul),
    '__rmatmul__': _binary(MatMul, reflected=True),
    '__getitem__': get_item,
    'reshape': _reshape,
    'transpose': _transpose,
    'T': property(transpose, doc='The elements with the axes reversed.'),
    'sum': sum,
    'mean': _mean,
    'backward_steps': _backward_steps,
    'graph': _graph,
    'node': property(variable_node.view_of),
    '_repr_html_': _repr_html,
    '__getattr__': _no_attribute,
    '__array_ufunc__': array_ufunc,
    '__array_function__': array_function,
}

OF_FUNCTION_NODE: dict[str, Any] = {
    'inputs': property(variable_node.views_of_inputs),
    'outputs': property(variable_node.views_of_outputs),
}

for _name, _method in OF_VARIABLE.items():
    setattr(Variable, _name, _method)
for _name, _method in OF_FUNCTION_NODE.items():
    setattr(FunctionNode, _name, _method)
