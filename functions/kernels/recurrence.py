"""The gates of recurrent cells on arrays, and whole layers where a library computes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.functions.kernels.twins import with_twin


def split_shape(shape: Shape, axis: int) -> Shape:
    """Return the shape in which the four gates of (n, 4 units, ...) have an axis of their own, 1 or 2."""
    n, rows, *rest = shape
    units = rows // 4
    return (n, 4, units, *rest) if axis == 1 else (n, units, 4, *rest)


def lstm_gates(x: Array, axis: int) -> Array:
    """Return tanh of the first gate and sigmoid of the other three: (4, n, units, ...).

    sigmoid(x) = tanh(x / 2) / 2 + 1/2 works in place on all three at once and cannot overflow.
    """
    xp = get_array_module(x)
    parts = x.reshape(split_shape(x.shape, axis))
    other_axes = [i for i in range(parts.ndim) if i != axis]
    gates = parts.transpose((axis, *other_axes)).copy()
    sigmoids = gates[1:]
    sigmoids *= 0.5
    xp.tanh(gates, out=gates)
    sigmoids *= 0.5
    sigmoids += 0.5
    return gates


@with_twin
def scan(
    kind: str,
    x: Array,
    W: Array,
    b: Array,
    W_h: Array,
    b_h: Array,
    states: Sequence[Array],
    lengths: Sequence[int],
    backwards: bool,
) -> Any:
    """Return the outputs of a layer, its last states, and what its gradients need; None where cells go step by step.

    Args:
        kind: 'lstm' or 'gru'; any other cell goes step by step.
        x: the inputs of all steps, (sum of lengths, in).
        W, b: weights and bias of the inputs, the rows of the gates one after another, in the order of the cell.
        W_h, b_h: those of the last output.
        states: the first states, each (batch, units).
        lengths: the number of sequences at each step.
        backwards: whether the last step is the first.
    """
    return None
