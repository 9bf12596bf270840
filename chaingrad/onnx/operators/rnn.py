"""Recurrent layers over sequences of the same length: LSTM, GRU and RNN, in one direction or in both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

import chaingrad.functions as F
from chaingrad.onnx.operators.node import Make, Node, Run, Value

__all__ = ['OPERATORS']

_ACTIVATIONS = {'LSTM': ['Sigmoid', 'Tanh', 'Tanh'], 'GRU': ['Sigmoid', 'Tanh'], 'RNN': ['Tanh']}
# The gates of ONNX in the order of ours: i, o, f, c for i, f, c, o; z, r, h for r, z, h.
_GATES = {'LSTM': (0, 2, 3, 1), 'GRU': (1, 0, 2), 'RNN': (0,)}


def _layer(kind: str) -> Make:
    """Return what makes a layer ready."""
    gates, n_states = _GATES[kind], 2 if kind == 'LSTM' else 1

    def make(node: Node) -> Run:
        direction = node.take('direction', 'forward')
        node.take('hidden_size')  # that of R
        node.require('layout', 0)
        if node.take('clip') is not None or node.take('activation_alpha') or node.take('activation_beta'):
            raise node.fail('has clip, activation_alpha or activation_beta')
        if any([*node.inputs[4:5], *node.inputs[5 + n_states :]]):
            raise node.fail('has sequence_lens or peepholes')
        run_layer = _function(node, kind, direction)

        def run(x: Value, W: Value, R: Value, B: Value | None = None, *rest: Value | None) -> Any:
            first = [*rest[1 : 1 + n_states], *[None] * (1 + n_states - max(1, len(rest)))]
            directions, units = R.shape[0], R.shape[2]
            zeros = np.zeros((directions, x.shape[1], units), x.dtype)
            states = [zeros if state is None else state for state in first]
            ws, bs = _weights(gates, W, R, np.zeros((directions, 2 * W.shape[1]), x.dtype) if B is None else B)
            steps = list(F.separate(x, axis=0))
            *last, ys = run_layer(1, 0.0, *states, ws, bs, steps[::-1] if direction == 'reverse' else steps)
            y = F.stack(ys[::-1] if direction == 'reverse' else ys, axis=0)
            y = F.transpose(y.reshape((*y.shape[:2], directions, units)), (0, 2, 1, 3))
            return (y, *last)

        return run

    return make


def _function(node: Node, kind: str, direction: str) -> Callable[..., Any]:
    """Return the function that computes the layer."""
    is_two = direction == 'bidirectional'
    wanted = _ACTIVATIONS[kind] * (2 if is_two else 1)
    activations = node.take('activations') or wanted
    if kind == 'LSTM':
        node.require('input_forget', 0)
    if kind == 'GRU' and node.take('linear_before_reset', 0) != 1:
        raise node.fail('has linear_before_reset=0, but only 1 can be loaded')
    if kind == 'RNN' and activations in (['Relu'], ['Relu', 'Relu']):
        relu = F.n_step_birnn if is_two else F.n_step_rnn
        return lambda *args: relu(*args, activation='relu')
    if activations != wanted:
        raise node.fail(f'has activations={activations}, but only {wanted} can be loaded')
    functions: dict[str, tuple[Any, Any]] = {
        'LSTM': (F.n_step_lstm, F.n_step_bilstm),
        'GRU': (F.n_step_gru, F.n_step_bigru),
        'RNN': (F.n_step_rnn, F.n_step_birnn),
    }
    return functions[kind][is_two]


def _weights(gates: Sequence[int], W: Value, R: Value, B: Value) -> tuple[list[list[Any]], list[list[Any]]]:
    """Return weights and biases of each direction as ours: those of the inputs by gate, then those of the state."""
    n = len(gates)

    def parts(array: Value, count: int) -> list[Any]:
        return list(F.split_axis(array, count, axis=0))

    ws, bs = [], []
    for k in range(W.shape[0]):
        of_inputs, of_state, biases = parts(W[k], n), parts(R[k], n), parts(B[k], 2 * n)
        ws.append([of_inputs[i] for i in gates] + [of_state[i] for i in gates])
        bs.append([biases[i] for i in gates] + [biases[n + i] for i in gates])
    return ws, bs


OPERATORS: Mapping[str, Make] = {kind: _layer(kind) for kind in _GATES}
