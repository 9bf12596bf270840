"""All steps of a recurrent layer in one node: its cells run on arrays, without a graph between them.

A cell is a class of FunctionNode. It takes the gates (the part of the input), the recurrent part (of the last output),
and the states (n, units); it returns the next states, of which the first is the output.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.configuration import force_backprop_mode
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.gradients import grad
from chaingrad.autograd.matmul import matmul_array
from chaingrad.functions.array.joining import Concat
from chaingrad.functions.connection import LinearFunction

Cell = Callable[[], FunctionNode]


class Scan(FunctionNode):
    """The outputs of a cell at all steps, and its last states.

    The inputs are the gates of all steps, one after another, lengths[t] rows for step t; the matrix and the bias of the
    recurrent part; the first states (batch, units). A step changes as many rows of the states as it has itself, the
    first: so sequences that have ended keep theirs, and sequences that begin later their first.
    """

    def __init__(self, cell: Cell, lengths: Sequence[int], backwards: bool) -> None:
        self._cell = cell
        self._steps = [slice(end - n, end) for n, end in zip(lengths, accumulate(lengths))]
        self._reading = self._steps[:: -1 if backwards else 1]

    def forward(self, inputs: Any) -> Any:
        self.retain_inputs(range(len(inputs)))
        self._done: list[tuple[slice, Any, FunctionNode]] = []

        def run(rows: slice, arrays: tuple[Any, ...]) -> tuple[Any, ...]:
            node = self._cell()
            new = node.run_on_arrays(arrays)
            self._done.append((rows, arrays[2], node))
            return new

        return self._scan(run, *inputs)

    def _scan(self, run: Callable[..., tuple[Any, ...]], gates: Any, W: Any, b: Any, *states: Any) -> tuple[Any, ...]:
        """Return outputs and last states of arrays or of Variables; `run` computes one step."""
        outputs = {}
        for rows in self._reading:
            live = [s[: rows.stop - rows.start] for s in states]
            new = run(rows, (gates[rows], LinearFunction.of(live[0], W, b), *live))
            outputs[rows.start] = new[0]
            states = tuple(map(_with_rest, new, states))
        return Concat.of(*[outputs[rows.start] for rows in self._steps], axis=0), *states

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        inputs = self.get_retained_inputs()
        if not self._array_pass:
            return self._on_variables(indexes, inputs, grad_outputs)
        gates, W, _, *states = inputs
        xp = get_array_module(gates)
        gy, *grads = grad_outputs
        grads = [xp.zeros_like(s) if g is None else g for s, g in zip(states, grads)]
        ggates, recurrent = xp.empty_like(gates), xp.empty_like(gates)
        before = xp.empty((len(gates), W.shape[1]), W.dtype)
        for rows, before[rows], node in reversed(self._done):
            live = [g[: rows.stop - rows.start] for g in grads]
            if gy is not None:
                live[0] = live[0] + gy[rows]
            ggates[rows], recurrent[rows], g, *others = node.backward(range(len(inputs) - 1), tuple(live))
            back = matmul_array(recurrent[rows], W)
            grads = list(map(_with_rest, [back if g is None else back + g, *others], grads))
        found = (ggates, matmul_array(recurrent.T, before), recurrent.sum(axis=0), *grads)
        return tuple([found[i] for i in indexes])

    def _on_variables(self, indexes: Any, inputs: Any, grad_outputs: Any) -> Any:
        """Differentiate the same steps with a graph of their own."""
        with force_backprop_mode():
            ys = self._scan(lambda rows, variables: self._cell().apply(variables), *inputs)
        ys, gys = zip(*[(y, gy) for y, gy in zip(ys, grad_outputs) if gy is not None])
        return tuple(grad(ys, [inputs[i] for i in indexes], gys, enable_double_backprop=True))


def _with_rest(new: Any, old: Any) -> Any:
    """Return the new rows, and after them the old ones that no new ones replace."""
    return new if len(new) == len(old) else Concat.of(new, old[len(new) :], axis=0)
