"""The backward pass one function at a time, for people who want to watch it.

The traversal is that of `backprop.py`, which returns here after every function.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from chaingrad.autograd import backprop
from chaingrad.autograd.configuration import using_config
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.node import Node
from chaingrad.autograd.variable_node import VariableNode, views_of_inputs

SMALL = 64
"""Up to how many elements an array is shown in full."""


class Step:
    """One function's turn in a backward pass; `print(step)` shows its gradients.

    The gradients are those that the pass works with, so they must not be changed.

    Attributes:
        number: 1 for the first step.
        total: number of functions that gradients can reach; fewer steps come where a function gives none (None).
        function: the FunctionNode.
        grad_outputs: the gradients that came, complete: one per output, None for an output that was not used.
        inputs: the VariableNodes of the inputs that gradients go to.
        grad_inputs: the gradients that go, one per entry of `inputs`: what this function adds to an input's gradient,
            None for nothing.
        waiting: the functions that have a gradient and wait for their turn, the next one first.
    """

    def __init__(self, number: int, total: int, visited: backprop.Visited, waiting: Sequence[Any]) -> None:
        function, indexes, gys, gxs = visited
        nodes = views_of_inputs(function) or ()
        self.number = number
        self.total = total
        self.function: FunctionNode = function
        self.grad_outputs: tuple[Any, ...] = tuple(gys)
        self.inputs: tuple[VariableNode, ...] = tuple([nodes[i] for i in indexes])
        self.grad_inputs: tuple[Any, ...] = tuple([backprop.not_scalar(gx) for gx in gxs])
        self.waiting: tuple[FunctionNode, ...] = tuple(waiting[::-1])

    def __repr__(self) -> str:
        return f'<step {self.number} of {self.total}: {self.function.label}>'

    def __str__(self) -> str:
        lines = [f'step {self.number} of {self.total}: {self.function.label}']
        several = len(self.grad_outputs) > 1
        for i, gy in enumerate(self.grad_outputs):
            lines += _shown(f'  came to output {i}' if several else '  came', gy)
        for node, gx in zip(self.inputs, self.grad_inputs):
            lines += _shown(f'  goes to {_title(node)}', gx)
        return '\n'.join(lines)


def _title(node: VariableNode) -> str:
    """Return what a person calls a node: its name, or the function that made it, and its shape."""
    creator = node.creator_node
    name = node.name or ('a leaf' if creator is None else creator.label)
    return f'{name} {node.shape}'


def _shown(title: str, g: Any) -> list[str]:
    """Return a gradient as lines, or its size alone where it is large."""
    array = getattr(g, 'array', g)
    if array is None:
        return [f'{title}: nothing']
    array = array.get() if hasattr(array, 'get') else array  # from a GPU
    if array.size > SMALL:
        return [f'{title}: {array.dtype} {array.shape}, largest magnitude {float(abs(array).max()):.6g}']
    text = np.array2string(array, separator=', ').replace('\n', '\n    ')
    return [f'{title}:', f'    {text}'] if '\n' in text else [f'{title}: {text}']


def backward_steps(
    outputs: Sequence[Any],
    retain_grad: bool = False,
    enable_double_backprop: bool = False,
    loss_scale: float | None = None,
) -> Iterator[Step]:
    """Do what `backward` does, one function at a time, and yield each step.

    After the last step the leaves have their gradients, bit for bit those of `backward`. Who leaves the loop before
    changes nothing. `loss.backward_steps()` starts from one Variable.

    Args:
        outputs: tuple or list of Variables to start from, each with its own `grad` (1 for a single element).
        retain_grad: whether intermediate Variables get their gradients too, after the last step.
        enable_double_backprop: whether the gradients can be differentiated again.
        loss_scale: factor on the starting gradients, for float16.

    Returns:
        Iterator of `Step`.

    Raises:
        RuntimeError: when an output has several elements and no gradient was set.

    Example:
        >>> import numpy as np, chaingrad
        >>> x = chaingrad.Variable(np.array(3.0), name='x')
        >>> loss = (2 * x) ** 2
        >>> for step in loss.backward_steps():
        ...     print(step)
        step 1 of 2: _ ** 2
          came: 1.
          goes to _ * 2 (): 12.
        step 2 of 2: _ * 2
          came: 12.
          goes to x (): 24.
        >>> x.grad
        array(24.)
    """
    if not isinstance(outputs, tuple | list):
        raise TypeError(
            f'backward_steps: outputs must be a tuple or list of Variables, but it is {type(outputs).__name__}. '
            'For one Variable write loss.backward_steps().'
        )
    started, begun = backprop.begin(outputs, enable_double_backprop, loss_scale)
    return _steps(started, begun, retain_grad, enable_double_backprop, loss_scale)


def _steps(
    outputs: Sequence[Any], begun: backprop.Pass, retain_grad: bool, double: bool, loss_scale: float | None
) -> Iterator[Step]:
    grads, _, _, waiting = begun
    total = _count_functions([y._node for y in outputs])
    number = 0
    while True:
        with _recording(double):  # not around `yield`: the caller's code is not part of the pass
            visited: backprop.Visited | None = backprop.visit(begun, double, retain_grad, once=True)
        if visited is None:
            break
        number += 1
        yield Step(number, total, visited, waiting)
    with _recording(double):
        backprop.accumulate(grads, loss_scale)
    if not retain_grad:
        for y in outputs:
            y._set_grad(None)


def _recording(double: bool) -> contextlib.AbstractContextManager[Any]:
    """Return the context of a pass: one that shall be differentiated again records a graph."""
    return using_config('enable_backprop', True) if double else contextlib.nullcontext()


def _count_functions(nodes: list[Node]) -> int:
    """Return how many functions gradients can reach from these nodes."""
    found: set[FunctionNode] = set()
    while nodes:
        function = nodes.pop()._node_creator
        if function is not None and function not in found:
            found.add(function)
            edges = function._node_edges
            nodes += [edges[i] for i in function._node_targets]
    return len(found)
