"""Cells of recurrent layers, and layers over sequences as LSTM, GRU and RNN of ONNX, one for each direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from chaingrad.autograd.annotations import Shape
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.functions.kernels.recurrence import split_shape
from chaingrad.functions.rnn.lstm import LSTM
from chaingrad.functions.rnn.n_step_gru import GRU
from chaingrad.functions.rnn.n_step_lstm import LSTMCell
from chaingrad.functions.rnn.scan import Scan
from chaingrad.onnx.converters.elementwise import Converter
from chaingrad.onnx.graph import Call

__all__ = ['CONVERTERS']


def _lstm(call: Call) -> None:
    c_prev, x = call.input_names
    axis = call.func._axis
    gates, twin = call.step.arrays[1].shape, call.twin_step.arrays[1].shape
    if gates[0] != len(call.x) or twin[0] != len(call.twin_step.arrays[0]):
        raise call.fail('has fewer rows of x than of c')
    c, h = _lstm_cell(call, c_prev, x, axis, (gates, twin))
    for name, output in zip((c, h), call.output_names):
        call.add('Identity', name, outputs=[output])


def _lstm_cell(call: Call, c_prev: str, x: str, axis: int, shapes: tuple[Shape, Shape]) -> tuple[str, str]:
    """Return c and h; the gates of x (n, 4 units) have an axis of their own, 1 or 2, once they are reshaped."""
    split = call.reshape(x, split_shape(shapes[0], axis), split_shape(shapes[1], axis))
    a, *rest = (call.add('Gather', split, call.number(k, np.int64), axis=axis) for k in range(4))
    i, f, o = (call.add('Sigmoid', gate) for gate in rest)
    c = call.add('Add', call.add('Mul', f, c_prev), call.add('Mul', i, call.add('Tanh', a)))
    return c, call.add('Mul', o, call.add('Tanh', c))


class _Layer(NamedTuple):
    """How ONNX has a layer: its operator, where its gates are among ours, and attributes."""

    kind: str
    gates: Sequence[int]
    attributes: Mapping[str, Any]


def _layer_of(cell: FunctionNode) -> _Layer:
    if isinstance(cell, LSTMCell):
        return _Layer('LSTM', (1, 3, 2, 0), {})  # i, o, f, c among c, i, f, o
    if isinstance(cell, GRU):
        return _Layer('GRU', (1, 0, 2), {'linear_before_reset': 1})  # z, r, h among r, z, h
    kind = {'Tanh': 'Tanh', 'ReLU': 'Relu'}[type(cell._activation).__name__]
    return _Layer('RNN', (0,), {'activations': [kind]})


def _scan(call: Call) -> None:
    """Write one layer in one direction; all sequences must be equally long."""
    x, W_x, b_x, W, b, *states = call.input_names
    batches = [len(step.arrays[5]) for step in (call.step, call.twin_step)]
    orders = (call.func._order, call.twin._order)
    if any(rows.stop - rows.start != n for order, n in zip(orders, batches) for rows in order):
        raise call.fail('reads sequences of unequal length')
    layer = _layer_of(call.func._cell())
    shape, twin_shape = ((len(order), n, call.x.shape[1]) for order, n in zip(orders, batches))
    weights = [_joined(call, layer, *given) for given in ((W_x,), (W,), (b_x, b))]
    first = [call.add('Unsqueeze', state, call.sizes([0])) for state in states]
    outputs = [call.new() for _ in range(1 + len(states))]
    units = call.step.arrays[3].shape[1]
    direction = 'reverse' if call.func._order != call.func._steps else 'forward'
    options = {'hidden_size': units, 'direction': direction, **layer.attributes}
    call.add(layer.kind, call.reshape(x, shape, twin_shape), *weights, '', *first, outputs=outputs, **options)
    call.reshape(outputs[0], call.shape, call.twin_shape, call.output_names[:1])
    for name, output in zip(outputs[1:], call.output_names[1:]):
        call.add('Squeeze', name, call.sizes([0]), outputs=[output])


def _joined(call: Call, layer: _Layer, *names: str) -> str:
    """Return weights or biases with their gates in the order of ONNX, and an axis for the direction."""
    parts = []
    for name in names:
        # The function has joined the parameters of the gates; they are joined anew, so that they keep their names.
        each = call.graph.calls[name].input_names if len(layer.gates) > 1 else [name]
        parts += [each[i] for i in layer.gates]
    joined = call.add('Concat', *parts, axis=0) if len(parts) > 1 else parts[0]
    return call.add('Unsqueeze', joined, call.sizes([0]))


CONVERTERS: Mapping[type, Converter] = {LSTM: _lstm, Scan: _scan}
