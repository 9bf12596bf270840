"""The gates of recurrent cells on arrays."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.backends.array_module import get_array_module


def split_shape(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    """Return the shape in which the four gates of (n, 4 units, ...) have an axis of their own, 1 or 2."""
    units = shape[1] // 4
    return (shape[0], *((4, units) if axis == 1 else (units, 4)), *shape[2:])


def lstm_gates(x: Any, axis: int) -> Any:
    """Return tanh of the first and sigmoid of the other three gates: (4, n, units, ...).

    sigmoid(x) = tanh(x / 2) / 2 + 1/2 works in place on all three at once and cannot overflow.
    """
    xp = get_array_module(x)
    parts = x.reshape(split_shape(x.shape, axis))
    gates = parts.transpose((axis, *(i for i in range(parts.ndim) if i != axis))).copy()
    sigmoids = gates[1:]
    sigmoids *= 0.5
    xp.tanh(gates, out=gates)
    sigmoids *= 0.5
    sigmoids += 0.5
    return gates
