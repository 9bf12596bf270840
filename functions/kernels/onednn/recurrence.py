"""Twin of `kernels/recurrence.py`: a layer of LSTM or GRU cells over sequences of one length.

Sequences of several lengths stay with NumPy: every batch would have shapes of its own, and primitives to be made for
them. oneDNN has the gates in an order of its own, so that weights and biases are put into it, and their gradients back.
"""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import c_uint
from typing import Any, NamedTuple

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.functions.kernels.onednn import arrays
from chaingrad.functions.kernels.onednn.arrays import address, contiguous, fits
from chaingrad.functions.kernels.onednn.descriptors import (
    BACKWARD,
    FLOAT32,
    FORWARD,
    GB,
    GW,
    WORKSPACE,
    B,
    Owned,
    W,
    X,
    Y,
    any_order,
    argument_description,
    described,
    factor_type,
    primitive_description,
    size_of,
)
from chaingrad.functions.kernels.onednn.plans import Plan, kept

LEAST_PRODUCTS = 50_000  # multiplications and additions from which a call pays: it stands for many small ones
LEAST_ROUNDED = 20_000_000  # those of a step from which products with rounded factors, one by one, take two thirds
# Arguments of the states, before and after; further than those is `descriptors.py`'s X and Y.
H, C, W_H, H_LAST, C_LAST = 2, 3, 34, 18, 19
_TO_GRADIENT = 128
_FORWARDS, _BACKWARDS = 1, 2  # directions
_GATES = {'lstm': (1, 2, 0, 3), 'gru': (1, 0, 2)}  # ours in the order of oneDNN: i, f, a, o and z, r, a
_NAMES = {'lstm': 'lstm', 'gru': 'lbr_gru'}


class _Key(NamedTuple):
    """What the primitives of a layer depend on: the cell, the direction, steps, batch, length of inputs, units."""

    kind: str
    backwards: bool
    steps: int
    n: int
    size: int
    units: int


class _Layer:
    """The descriptions that both directions of a layer share."""

    def __init__(self, key: _Key) -> None:
        kind, backwards, steps, n, size, units = key
        gates = len(_GATES[kind])
        self.x, self.y, self.h = described((steps, n, size)), described((steps, n, units)), described((1, 1, n, units))
        self.c = [self.h] if kind == 'lstm' else []
        self.W, self.W_h = (any_order((1, 1, columns, gates, units)) for columns in (size, units))
        self.W_given, self.W_h_given = (
            described((1, 1, columns, gates, units), self._strides(columns, gates, units)) for columns in (size, units)
        )
        self.b = described((1, 1, gates + (kind == 'gru'), units))
        unused = [None, None] if kind == 'lstm' else []  # peepholes and projections
        self.arrays = [self.x, self.h, *self.c, self.W, self.W_h, *unused, self.b, self.y, self.h, *self.c]
        self.direction = _BACKWARDS if backwards else _FORWARDS
        name, flags = _NAMES[kind], c_uint(0)
        self.forward = primitive_description(
            f'{name}_forward', FORWARD, self.direction, *self.arrays, flags, allows_reference=True
        )
        last = [(H_LAST, self.h), *[(C_LAST, c) for c in self.c]]
        states = [(H, self.h), *[(C, c) for c in self.c]]
        self.inputs = [(X, self.x), *states, (W, self.W_given), (W_H, self.W_h_given), (B, self.b)]
        self.outputs = [(Y, self.y), *last]
        self.workspace: list[Any] = [(WORKSPACE, None)]

    @staticmethod
    def _strides(columns: int, gates: int, units: int) -> Shape:
        """Return the strides of (gates * units, columns) seen as (1, 1, columns, gates, units)."""
        return (gates * units * columns, gates * units * columns, 1, units * columns, columns)

    def backward(self, kind: str) -> Owned:
        name = f'{_NAMES[kind]}_backward'
        return primitive_description(
            name, BACKWARD, self.direction, *self.arrays, *self.arrays, c_uint(0), self.forward, allows_reference=True
        )


@kept
def _forward_plan(key: _Key) -> tuple[Plan, int]:
    """Return the plan, and the size of its workspace."""
    layer = _Layer(key)
    size = size_of(argument_description(layer.forward, WORKSPACE))
    return Plan(layer.forward, layer.inputs, [*layer.outputs, *layer.workspace]), size


@kept
def _backward_plan(key: _Key) -> Plan:
    layer = _Layer(key)
    gys = [(argument + _TO_GRADIENT, description) for argument, description in layer.outputs]
    gxs = [(argument + _TO_GRADIENT, description) for argument, description in layer.inputs]
    inputs = [*layer.inputs, *layer.outputs, *layer.workspace, *gys]
    return Plan(layer.backward(key.kind), inputs, gxs, zeroed=(GW, W_H + _TO_GRADIENT, GB))


def _arranged(rows: Array, gates: Sequence[int]) -> Array:
    """Return rows or elements, gate by gate, in another order of gates."""
    return rows.reshape(len(gates), -1, *rows.shape[1:])[list(gates)]


def _restored(rows: Array, gates: Sequence[int]) -> Array:
    """Return rows or elements, gate by gate, in our order of gates."""
    places = [gates.index(i) for i in range(len(gates))]
    return rows[places].reshape(-1, *rows.shape[2:])


class Saved(NamedTuple):
    """What a layer has computed; the gradients need it."""

    key: _Key
    arrays: list[Array]  # inputs, outputs and workspace, as the plan takes them

    def gradients(self, gy: Array | None, glast: Sequence[Array | None]) -> Any:
        """Return the gradients of x, W, b, W_h, b_h and the first states from those of outputs and last states."""
        key = self.key
        plan = _backward_plan(key)
        if plan is None or not fits(gy, *glast):
            return NotImplemented
        given = [(gy, (key.steps, key.n, key.units)), *[(g, (key.n, key.units)) for g in glast]]
        gys = [np.zeros(shape, np.float32) if g is None else contiguous(g) for g, shape in given]
        if not all(map(arrays.is_finite, gys)):
            return NotImplemented
        count = len(glast)
        gxs = [np.empty(a.shape, np.float32) for a in self.arrays[: 1 + count]]
        weights = [np.zeros(a.shape, np.float32) for a in self.arrays[1 + count : 4 + count]]
        plan(*[address(a) for a in (*self.arrays, *gys, *gxs, *weights)])
        gates = _GATES[key.kind]
        gW, gW_h = (_restored(g, gates) for g in weights[:2])
        gb = _restored(weights[2][: len(gates)], gates)
        gb_h = gb
        if key.kind == 'gru':  # the bias of the recurrent part of a has a place of its own
            gb_h = np.concatenate([gb[: 2 * key.units], weights[2][3]])
        gx = gxs[0].reshape(-1, key.size)
        return gx, gW, gb, gW_h, gb_h.copy(), *gxs[1:]


def _takes(kind: str, lengths: Sequence[int], *given: Array) -> bool:
    """Return whether it is a cell that oneDNN has, over steps of equally many sequences, and of finite values."""
    if kind not in _GATES or min(lengths) != max(lengths) or not fits(*given):
        return False
    x, W, _, W_h, *_, h = given
    rows = len(_GATES[kind]) * h.shape[1]
    if x.ndim != 2 or W.shape != (rows, x.shape[1]) or W_h.shape != (rows, h.shape[1]) or len(h) != lengths[0]:
        return False
    products = lengths[0] * (W.size + W_h.size)  # of a step
    if factor_type() != FLOAT32 and products >= LEAST_ROUNDED:
        return False
    return arrays.pays(len(lengths) * products, LEAST_PRODUCTS) and all(map(arrays.is_finite, given))


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
    """Return the outputs of a layer, its last states, and what its gradients need."""
    if not _takes(kind, lengths, x, W, b, W_h, b_h, *states):
        return NotImplemented
    gates = _GATES[kind]
    units = W_h.shape[1]
    key = _Key(kind, backwards, len(lengths), lengths[0], x.shape[1], units)
    found = _forward_plan(key)
    if found is None:
        return NotImplemented
    plan, size = found
    biases = _arranged(b, gates) + _arranged(b_h, gates)
    if kind == 'gru':
        biases[2] = b[2 * units :]
        biases = np.concatenate([biases, b_h[None, 2 * units :]])
    inputs = [contiguous(x), *map(contiguous, states), _arranged(W, gates), _arranged(W_h, gates), biases]
    outputs = [np.empty((len(x), units), np.float32), *[np.empty(s.shape, np.float32) for s in states]]
    used = [*inputs, *outputs, np.empty(size, np.uint8)]
    plan(*[address(a) for a in used])
    if not arrays.is_finite(outputs[0]):
        return NotImplemented
    return outputs[0], tuple(outputs[1:]), Saved(key, used)
