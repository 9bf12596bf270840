"""Gradient checkpointing, which trades time for memory; the reference calls it `forget`.

Backpropagation needs the arrays that every function retains, so memory grows with the length of a computation. A part
that is called through `forget` keeps its inputs only. Its forward computation is repeated when its gradients are
wanted, and the arrays in it are held no longer than that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from chaingrad.autograd.annotations import Arrays, Indexes, Operands
from chaingrad.autograd.configuration import force_backprop_mode, no_backprop_mode, using_config
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.gradients import backward, grad
from chaingrad.autograd.variable import Variable, VariableOrArray, as_variable
from chaingrad.autograd.variable_node import VariableNode

__all__ = ['forget']

_UserFunction: TypeAlias = Callable[..., Variable | tuple[Variable, ...]]


class Forget(FunctionNode):
    """y = f(x); f is called again when gradients are wanted."""

    def __init__(self, func: _UserFunction) -> None:
        self.func = func

    def forward(self, inputs: Arrays) -> Arrays:
        self.retain_inputs(tuple(range(len(inputs))))
        with no_backprop_mode():
            ys = self._call([Variable(x) for x in inputs])
        return tuple([y.array for y in ys])

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        if not self._array_pass:
            return self._differentiable_backward(indexes, grad_outputs)
        xs = [Variable(x) for x in self.get_retained_inputs()]
        with force_backprop_mode():
            ys, gys = self._recompute(xs, grad_outputs)
            backward(ys, gys)  # Parameters that f uses get their gradients here
        return tuple([xs[i].grad for i in indexes])

    def _differentiable_backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        xs = self.get_retained_inputs()
        with force_backprop_mode():
            ys, gys = self._recompute(xs, grad_outputs)
            parameters = _leaves(ys, {x.node for x in xs})
            gradients = grad(ys, [*xs, *parameters], gys, enable_double_backprop=True)
            for parameter, g in zip(parameters, gradients[len(xs) :]):
                parameter.grad_var = g if parameter.grad_var is None else parameter.grad_var + g
        return tuple([gradients[i] for i in indexes])

    def _recompute(self, xs: Sequence[Variable], grad_outputs: Operands) -> tuple[list[Variable], list[Variable]]:
        """Call the function again; return those of its outputs that have a gradient, and these gradients.

        Layers that keep statistics see in the configuration that this batch is not a new one.
        """
        with using_config('in_recomputing', True):
            outputs = self._call(xs)
        ys = []
        gys = []
        for y, gy in zip(outputs, grad_outputs):
            if gy is not None:
                ys.append(y)
                gys.append(as_variable(gy))
        return ys, gys

    def _call(self, xs: Sequence[Variable]) -> tuple[Variable, ...]:
        ys = self.func(*xs)
        if not isinstance(ys, tuple):
            ys = (ys,)
        for y in ys:
            if not isinstance(y, Variable):
                raise RuntimeError(
                    'forget: func must return a Variable or a tuple of Variables, but it returned a '
                    f'{type(y).__name__}, alone or in a tuple.'
                )
        return ys


def _leaves(ys: Iterable[Variable], known: set[VariableNode]) -> list[Variable]:
    """Return the leaves of the graph of ys that gradients can reach, without those whose nodes are known."""
    leaves = []
    seen = set(known)
    stack = [y.node for y in ys]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if node.creator_node is not None:
            stack.extend(node.creator_node.inputs)
            continue
        leaf = node.get_variable_or_none()
        if leaf is not None and node.requires_grad:
            leaves.append(leaf)
    return leaves


def forget(func: _UserFunction, *xs: VariableOrArray) -> Any:
    """Call a function with gradient checkpointing: keep its inputs only, and call it again for its gradients.

    The graph of func with all its arrays is not kept, which saves memory and costs a second forward computation. func
    must return the same values both times, so it must not draw random numbers. Parameters that it uses get their
    gradients too. In the second computation `config.in_recomputing` is True: a link with a state, such as
    BatchNormalization, then leaves it alone.

    Args:
        func: function of Variables that returns a Variable or a tuple of Variables.
        xs: Variables or arrays, its arguments.

    Returns:
        The Variable, or tuple of Variables, that func returns.

    Raises:
        RuntimeError: when func returns something else.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.functions as F
        >>> x = chaingrad.Variable(np.array(2.0))
        >>> y = F.forget(lambda x: F.exp(F.log(x) * 3), x)
        >>> y.backward()
        >>> x.grad
        array(12.)

    Source:
        T. Chen, B. Xu, C. Zhang, C. Guestrin, Training Deep Nets with Sublinear Memory Cost, 2016.
    """
    ys = Forget(func).apply(tuple([as_variable(x) for x in xs]))
    return ys[0] if len(ys) == 1 else ys
