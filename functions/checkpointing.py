"""identity, which does nothing, and forget, which trades time for memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chaingrad.autograd.configuration import force_backprop_mode, no_backprop_mode
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.gradients import backward, grad
from chaingrad.autograd.variable import Variable, as_variable

__all__ = ['forget', 'identity']


class Identity(FunctionNode):
    """y = x."""

    def forward(self, inputs: Any) -> Any:
        return inputs

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return tuple([grad_outputs[i] for i in indexes])


class Forget(FunctionNode):
    """y = f(x); f runs again when gradients are wanted."""

    def __init__(self, func: Callable[..., Any]) -> None:
        self.func = func

    def forward(self, inputs: Any) -> Any:
        self.retain_inputs(tuple(range(len(inputs))))
        with no_backprop_mode():
            return tuple([y.array for y in self._call([Variable(x) for x in inputs])])

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        if not self._array_pass:
            return self._backward_to_any_order(indexes, grad_outputs)
        xs = [Variable(x) for x in self.get_retained_inputs()]
        with force_backprop_mode():
            ys = self._call(xs)
            backward(*zip(*self._used(ys, grad_outputs)))  # parameters that f holds get their gradients here
        return tuple([xs[i].grad for i in indexes])

    def _backward_to_any_order(self, indexes: Any, grad_outputs: Any) -> Any:
        xs = self.get_retained_inputs()
        with force_backprop_mode():
            ys, gys = zip(*self._used(self._call(xs), grad_outputs))
            held = _leaves(ys, {x.node for x in xs})
            gs = grad(ys, [*xs, *held], gys, enable_double_backprop=True)
            for leaf, g in zip(held, gs[len(xs) :]):
                leaf.grad_var = g if leaf.grad is None else leaf.grad_var + g
        return tuple([gs[i] for i in indexes])

    @staticmethod
    def _used(ys: Any, gys: Any) -> list[tuple[Variable, Variable]]:
        return [(y, as_variable(gy)) for y, gy in zip(ys, gys) if gy is not None]

    def _call(self, xs: Any) -> tuple[Variable, ...]:
        ys = self.func(*xs)
        ys = ys if isinstance(ys, tuple) else (ys,)
        for y in ys:
            if not isinstance(y, Variable):
                raise RuntimeError(
                    f'forget: func must return a Variable or a tuple of Variables, but a {type(y).__name__} is among '
                    'what it returned.'
                )
        return ys


def _leaves(ys: Any, known: set[Any]) -> list[Variable]:
    """Return the Variables that ys depend on and no function made, but for those known."""
    found, seen = [], set(known)
    stack = [y.node for y in ys]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if node.creator_node is not None:
            stack.extend(node.creator_node.inputs)
        elif node.requires_grad and node.get_variable_or_none() is not None:
            found.append(node.get_variable_or_none())
    return found


def identity(*inputs: Any) -> Any:
    """Return the arrays as they are.

    Args:
        inputs: Variables or arrays.

    Returns:
        Variable; a tuple of them where several were given.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.identity(np.array([1.0, 2.0]))
        variable([1., 2.])
    """
    outputs = Identity().apply(inputs)
    return outputs[0] if len(outputs) == 1 else outputs


def forget(func: Callable[..., Any], *xs: Any) -> Any:
    """Call a function without keeping what it computes on the way; it is called again when gradients are wanted.

    Memory for time: the graph inside func, with all its arrays, is not kept. func must return the same when called
    twice, so it must not draw random numbers. Its Parameters get their gradients too.

    Args:
        func: function of Variables that returns a Variable or a tuple of Variables.
        xs: Variables or arrays, its arguments.

    Returns:
        What func returns.

    Raises:
        RuntimeError: when func returns something else.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.functions as F
        >>> x = chaingrad.Variable(np.array([2.0]))
        >>> y = F.forget(lambda x: F.exp(F.log(x) * 3), x)
        >>> y.backward()
        >>> x.grad
        array([12.])
    """
    ys = Forget(func).apply(tuple(as_variable(x) for x in xs))
    return ys[0] if len(ys) == 1 else ys
