"""Cells of recurrent layers, and layers of several steps, whose steps are written one after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from chaingrad.autograd.annotations import Shape
from chaingrad.functions.kernels.recurrence import split_shape
from chaingrad.functions.rnn.lstm import LSTM
from chaingrad.functions.rnn.n_step_gru import GRU
from chaingrad.functions.rnn.n_step_lstm import LSTMCell
from chaingrad.functions.rnn.n_step_rnn import Simple
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


def _lstm_step(call: Call, gates: str, recurrent: str, states: Sequence[str], shapes: tuple[Shape, Shape]) -> list[str]:
    c, h = _lstm_cell(call, states[1], call.add('Add', gates, recurrent), 1, shapes)
    return [h, c]


def _gru_step(call: Call, gates: str, recurrent: str, states: Sequence[str], shapes: tuple[Shape, Shape]) -> list[str]:
    units = call.sizes([shapes[0][1] // 3] * 3)
    parts = []
    for name in (gates, recurrent):
        names = [call.new() for _ in range(3)]
        call.add('Split', name, units, outputs=names, axis=1)
        parts.append(names)
    (x_r, x_z, x_a), (g_r, g_z, g_a) = parts
    r = call.add('Sigmoid', call.add('Add', x_r, g_r))
    z = call.add('Sigmoid', call.add('Add', x_z, g_z))
    a = call.add('Tanh', call.add('Add', x_a, call.add('Mul', r, g_a)))
    return [call.add('Add', a, call.add('Mul', z, call.add('Sub', states[0], a)))]


def _simple_step(
    call: Call, gates: str, recurrent: str, states: Sequence[str], shapes: tuple[Shape, Shape]
) -> list[str]:
    kind = {'Tanh': 'Tanh', 'ReLU': 'Relu', 'Sigmoid': 'Sigmoid'}[type(call.func._cell()._activation).__name__]
    return [call.add(kind, call.add('Add', gates, recurrent))]


_Step = Callable[[Call, str, str, Sequence[str], tuple[Shape, Shape]], list[str]]
_STEPS: Mapping[type, _Step] = {LSTMCell: _lstm_step, GRU: _gru_step, Simple: _simple_step}


def _scan(call: Call) -> None:
    """Write one step after another; all sequences must be equally long."""
    x, W, b, W_h, b_h, *states = call.input_names
    batches = [len(step.arrays[5]) for step in (call.step, call.twin_step)]
    pairs = list(zip(call.func._order, call.twin._order))
    if any(rows.stop - rows.start != n for pair in pairs for rows, n in zip(pair, batches)):
        raise call.fail('reads sequences of unequal length')
    if len(call.func._order) != len(call.twin._order):
        raise call.fail('reads as many steps as the batch has rows')
    step = _STEPS[type(call.func._cell())]
    width = len(call.step.arrays[1])
    gates = call.add('Gemm', x, W, b, transB=1)
    axis = call.sizes([0])
    outputs = {}
    for rows, twin in pairs:
        ends = (call.sizes([rows.start], [twin.start]), call.sizes([rows.stop], [twin.stop]))
        part = call.add('Slice', gates, *ends, axis)
        recurrent = call.add('Gemm', states[0], W_h, b_h, transB=1)
        states = step(call, part, recurrent, states, ((batches[0], width), (batches[1], width)))
        outputs[rows.start] = states[0]
    call.add('Concat', *(outputs[rows.start] for rows in call.func._steps), outputs=call.output_names[:1], axis=0)
    for name, output in zip(states, call.output_names[1:]):
        call.add('Identity', name, outputs=[output])


CONVERTERS: Mapping[type, Converter] = {LSTM: _lstm, Scan: _scan}
