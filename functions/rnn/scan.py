"""All steps of a recurrent layer in one node: its cells run on arrays, without a graph between them.

A cell is a class of FunctionNode. It takes the gates (the part of the input), the recurrent part (of the last output),
and the states (n, units); it returns the next states, of which the first is the output.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operand, Operands
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.configuration import force_backprop_mode
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.gradients import grad
from chaingrad.autograd.matmul import matmul_array
from chaingrad.functions.array.joining import Concat
from chaingrad.functions.connection import LinearFunction
from chaingrad.functions.kernels.recurrence import scan

Cell = Callable[[], FunctionNode]
"""A class of cells; its attribute `kind`, if any, is that of `kernels/recurrence.py`."""


class Scan(FunctionNode):
    """The outputs of a cell at all steps, and its last states.

    The inputs are x of all steps, one after another, lengths[t] rows for step t; the matrix and the bias of the gates,
    and those of the recurrent part; the first states (batch, units). A step changes the first rows of the states, as
    many as it has itself: so sequences that have ended keep theirs, and sequences that have not begun keep their first.
    """

    def __init__(self, cell: Cell, lengths: Sequence[int], backwards: bool) -> None:
        self._cell = cell
        self._lengths = lengths
        self._backwards = backwards
        self._steps: list[slice] = []  # the rows of each step
        start = 0
        for n in lengths:
            self._steps.append(slice(start, start + n))
            start += n
        self._order = self._steps[::-1] if backwards else self._steps  # in which the steps are computed

    def forward(self, inputs: Arrays) -> Arrays:
        self.retain_inputs(range(len(inputs)))
        kind = getattr(self._cell, 'kind', '')
        x, W, b, W_h, b_h, *states = inputs
        found = scan(kind, x, W, b, W_h, b_h, states, self._lengths, self._backwards)
        if found is None:
            self._saved = None
            return self._forward_step_by_step(inputs)
        y, last, self._saved = found
        return y, *last

    def _forward_step_by_step(self, inputs: Arrays) -> Arrays:
        self._done: list[tuple[slice, Array, FunctionNode]] = []  # rows, last output and cell of each computed step
        return self._scan(self._step_on_arrays, *inputs)

    def _step_on_arrays(self, rows: slice, arrays: Arrays) -> Arrays:
        node = self._cell()
        new_states = node.run_on_arrays(arrays)
        self._done.append((rows, arrays[2], node))
        return new_states

    def _step_on_variables(self, rows: slice, variables: Operands) -> Operands:
        return self._cell().apply(variables)

    def _scan(
        self,
        step: Callable[[slice, Operands], Operands],
        x: Operand,
        W: Operand,
        b: Operand,
        W_h: Operand,
        b_h: Operand,
        *states: Operand,
    ) -> Operands:
        """Return outputs and last states of arrays or of Variables; `step` computes one step."""
        gates = LinearFunction.of(x, W, b)
        outputs = {}
        for rows in self._order:
            n = rows.stop - rows.start
            old_states = [state[:n] for state in states]
            recurrent = LinearFunction.of(old_states[0], W_h, b_h)
            new_states = step(rows, (gates[rows], recurrent, *old_states))
            outputs[rows.start] = new_states[0]
            states = tuple([_with_rest(new, old) for new, old in zip(new_states, states)])
        return Concat.of(*[outputs[rows.start] for rows in self._steps], axis=0), *states

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        if not self._array_pass:
            return self._backward_through_graph(indexes, grad_outputs)
        if self._saved is not None:
            gradients = self._saved.gradients(grad_outputs[0], grad_outputs[1:])
            if gradients is not NotImplemented:
                return tuple([gradients[i] for i in indexes])
            self._forward_step_by_step(self.get_retained_inputs())
        return self._backward_step_by_step(indexes, grad_outputs)

    def _backward_step_by_step(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        x, W, _, W_h, _, *states = self.get_retained_inputs()
        gy, *gstates = grad_outputs
        xp = get_array_module(x)
        for i, state in enumerate(states):
            if gstates[i] is None:
                gstates[i] = xp.zeros_like(state)
        ggates = xp.empty((len(x), len(W)), x.dtype)
        grecurrent = xp.empty_like(ggates)
        h = xp.empty((len(x), W_h.shape[1]), W_h.dtype)  # the output before each step
        cell_indexes = tuple(range(2 + len(states)))
        for rows, h_step, node in reversed(self._done):
            n = rows.stop - rows.start
            gnew_states = [gstate[:n] for gstate in gstates]
            if gy is not None:
                gnew_states[0] = gnew_states[0] + gy[rows]
            gcell = node.backward(cell_indexes, tuple(gnew_states))
            h[rows] = h_step
            ggates[rows] = gcell[0]
            grecurrent[rows] = gcell[1]
            gold_states = list(gcell[2:])
            gh = matmul_array(grecurrent[rows], W_h)
            gold_states[0] = gh if gold_states[0] is None else gh + gold_states[0]
            gstates = [_with_rest(new, old) for new, old in zip(gold_states, gstates)]
        gx = matmul_array(ggates, W) if 0 in indexes else None
        gW, gb = matmul_array(ggates.T, x), ggates.sum(axis=0)
        gW_h, gb_h = matmul_array(grecurrent.T, h), grecurrent.sum(axis=0)
        gradients = (gx, gW, gb, gW_h, gb_h, *gstates)
        return tuple([gradients[i] for i in indexes])

    def _backward_through_graph(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        """Compute the steps again with a graph of their own, and differentiate it."""
        inputs = self.get_retained_inputs()
        with force_backprop_mode():
            outputs = self._scan(self._step_on_variables, *inputs)
        ys = []
        gys = []
        for y, gy in zip(outputs, grad_outputs):
            if gy is not None:
                ys.append(y)
                gys.append(gy)
        return tuple(grad(ys, [inputs[i] for i in indexes], gys, enable_double_backprop=True))


def _with_rest(new: Operand, old: Operand) -> Operand:
    """Return the new rows, followed by the old ones that they do not replace."""
    return new if len(new) == len(old) else Concat.of(new, old[len(new) :], axis=0)
