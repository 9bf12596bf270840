"""as_funcnode: make one function of a piece of code, so that one ONNX operator can stand for it."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chaingrad.autograd.annotations import Arrays, Indexes, Operands
from chaingrad.autograd.configuration import force_backprop_mode
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.gradients import grad
from chaingrad.autograd.variable import Variable

__all__ = ['WrappedFunctionNode', 'as_funcnode', 'fake_as_funcnode']

_Rename = Sequence[tuple[Any, Any]] | None


class WrappedFunctionNode(FunctionNode):
    """A piece of code as one function; its gradient is that of the code, computed again."""

    def __init__(
        self,
        name: str,
        func: Callable[..., Any],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        arg_vars: Sequence[Variable],
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        self.custom_function_name = name
        self.func = func
        self.args = args
        self.kwargs = kwargs
        self.arg_vars = list(arg_vars)
        for key, value in (attributes or {}).items():
            setattr(self, key, value)

    @property
    def label(self) -> str:
        """The name that was given."""
        return self.custom_function_name

    def _run(self, inputs: Sequence[Variable]) -> tuple[Variable, ...]:
        """Run the code on other Variables."""
        places = {id(old): new for old, new in zip(self.arg_vars, inputs)}
        returned = self.func(*_replaced(tuple(self.args), places), **_replaced(dict(self.kwargs), places))
        self._returned = returned
        return tuple(returned) if isinstance(returned, tuple | list) else (returned,)

    def forward(self, xs: Arrays) -> Arrays:
        self.retain_inputs(tuple(range(len(xs))))
        return tuple([y.array for y in self._run([Variable(x) for x in xs])])

    def reconstruct_return_value(self, outputs: Sequence[Variable]) -> Any:
        """Return the outputs as the code returned them: alone, or in a tuple or list."""
        return type(self._returned)(outputs) if isinstance(self._returned, tuple | list) else outputs[0]

    def backward(self, target_input_indexes: Indexes, grad_outputs: Operands) -> Operands:
        arrays = [x.array if isinstance(x, Variable) else x for x in self.get_retained_inputs()]
        with force_backprop_mode():
            xs = [Variable(x) for x in arrays]
            pairs = [(y, gy) for y, gy in zip(self._run(xs), grad_outputs) if gy is not None]
            gys = [gy if isinstance(gy, Variable) else Variable(gy) for _, gy in pairs]
            gxs = grad([y for y, _ in pairs], [xs[i] for i in target_input_indexes], gys)
        if self._array_pass:
            return tuple([None if gx is None else gx.array for gx in gxs])
        return tuple(gxs)


def _replaced(value: Any, places: Mapping[int, Variable]) -> Any:
    """Return the arguments with Variables replaced, also in lists, tuples and dicts."""
    if isinstance(value, Variable):
        return places.get(id(value), value)
    if isinstance(value, dict):
        return {key: _replaced(part, places) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return type(value)([_replaced(part, places) for part in value])
    return value


def fake_as_funcnode(
    alt_func: Callable[..., Any], name: str, rename_attributes: _Rename = None, experimental_warning: bool = True
) -> Callable[..., Any]:
    """Return a function that runs another one as a single node of the graph.

    Variables among the arguments, also in lists and tuples, are the inputs of the node; the other arguments become its
    attributes, under their names. So `external_converters={name: converter}` can write one operator for it.

    Args:
        alt_func: the function to wrap.
        name (str): the name of the node.
        rename_attributes: list of pairs of an argument's name (or position) and the attribute's name.
        experimental_warning (bool): accepted, for programs of the reference; nothing is experimental here.

    Returns:
        The wrapped function.

    Raises:
        ValueError: when it is called without a Variable.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.functions as F
        >>> from chaingrad.onnx.replace_func import fake_as_funcnode
        >>> scaled = fake_as_funcnode(lambda x, by: x * by, 'Scaled')
        >>> y = scaled(chaingrad.Variable(np.array([1.0, 2.0])), by=3.0)
        >>> y, y.creator.label, y.creator.by
        (variable([3., 6.]), 'Scaled', 3.0)

    Source: ONNX-Chainer's `fake_as_funcnode`.
    """
    renamed = dict(rename_attributes or ())

    @functools.wraps(alt_func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        bound = inspect.signature(alt_func).bind(*args, **kwargs)
        bound.apply_defaults()
        inputs: list[Variable] = []
        attributes = {}
        for position, (key, value) in enumerate(bound.arguments.items()):
            found = _variables(value)
            inputs += found
            if not found:
                attributes[renamed.get(key, renamed.get(position, key))] = value
        if not inputs:
            raise ValueError(f'as_funcnode: {name} must be called with a Variable, but it got none: {args}, {kwargs}.')
        node = WrappedFunctionNode(name, alt_func, bound.args, bound.kwargs, inputs, attributes)
        return node.reconstruct_return_value(node.apply(tuple(inputs)))

    return wrapper


def _variables(value: Any) -> list[Variable]:
    """Return the Variables in an argument."""
    if isinstance(value, Variable):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else ()
    return [x for part in parts for x in _variables(part)]


def as_funcnode(name: str, rename_attributes: _Rename = None) -> Callable[..., Any]:
    """Make a function a single node of the graph: the decorator for `fake_as_funcnode`.

    Args:
        name (str): the name of the node.
        rename_attributes: list of pairs of an argument's name (or position) and the attribute's name.

    Returns:
        The decorator.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.functions as F
        >>> from chaingrad.onnx.replace_func import as_funcnode
        >>> @as_funcnode('Mish')
        ... def mish(x):
        ...     return x * F.tanh(F.softplus(x))
        >>> mish(chaingrad.Variable(np.zeros(1))).creator.label
        'Mish'

    Source: ONNX-Chainer's `as_funcnode`.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        return fake_as_funcnode(function, name, rename_attributes, experimental_warning=False)

    return decorate
