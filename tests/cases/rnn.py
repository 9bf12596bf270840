"""Recurrent cells, and layers of them; the oracle of the latter runs every sequence on its own."""

import numpy as np
from hypothesis import strategies as st

import chaingrad.functions as F
from tests.cases.case import Case

N_IN, UNITS = 3, 2


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _lstm(c_prev, x):
    n = len(x)
    a, i, f, o = (x[:, k::4] for k in range(4))
    c = np.tanh(a) * _sigmoid(i) + _sigmoid(f) * c_prev[:n]
    return np.concatenate([c, c_prev[n:]]), _sigmoid(o) * np.tanh(c)


def _slstm(c_prev1, c_prev2, x1, x2):
    a1, i1, f1, o1 = (x1[:, k::4] for k in range(4))
    a2, i2, f2, o2 = (x2[:, k::4] for k in range(4))
    c = np.tanh(a1) * _sigmoid(i1) + np.tanh(a2) * _sigmoid(i2) + _sigmoid(f1) * c_prev1 + _sigmoid(f2) * c_prev2
    return c, _sigmoid(o1 + o2) * np.tanh(c)


def _tree_lstm(*inputs):
    *children, x = inputs
    a, i, o, *fs = np.split(x, 3 + len(children), axis=1)
    c = np.tanh(a) * _sigmoid(i) + sum(_sigmoid(f) * child for f, child in zip(fs, children))
    return c, _sigmoid(o) * np.tanh(c)


@st.composite
def _cells(draw, cells, inputs, parts, shorter=False):
    """Shapes of so many cells (m, units, ...) and inputs (n, parts units, ...)."""
    m, units = draw(st.integers(0, 3)), draw(st.integers(1, 3))
    n = draw(st.integers(0, m)) if shorter else m
    rest = draw(st.sampled_from([(), (2,)]))
    return ((m, units, *rest),) * cells + ((n, parts * units, *rest),) * inputs


# Layers. All weights come as one vector, from which both sides cut theirs.


def _weight_shapes(gates, layers, directions):
    for k in range(layers * directions):
        width = N_IN if k < directions else UNITS * directions
        yield [(UNITS, width)] * gates + [(UNITS, UNITS)] * gates, [(UNITS,)] * 2 * gates


def _cut(p, gates, layers, directions):
    ws, bs, start = [], [], 0
    for matrices, vectors in _weight_shapes(gates, layers, directions):
        for lists, shapes in ((ws, matrices), (bs, vectors)):
            parts = []
            for shape in shapes:
                size = int(np.prod(shape))
                parts.append(p[start : start + size].reshape(shape))
                start += size
            lists.append(parts)
    return ws, bs


def _lstm_cell(W, b, x, h, c):
    i, f, a, o = (W[k] @ x + W[k + 4] @ h + b[k] + b[k + 4] for k in range(4))
    c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(a)
    return _sigmoid(o) * np.tanh(c), c


def _gru_cell(W, b, x, h):
    r = _sigmoid(W[0] @ x + W[3] @ h + b[0] + b[3])
    z = _sigmoid(W[1] @ x + W[4] @ h + b[1] + b[4])
    a = np.tanh(W[2] @ x + b[2] + r * (W[5] @ h + b[5]))
    return ((1 - z) * a + z * h,)


def _rnn_cell(W, b, x, h):
    return (np.tanh(W[0] @ x + W[1] @ h + b[0] + b[1]),)


def _relu_cell(W, b, x, h):
    return (np.maximum(W[0] @ x + W[1] @ h + b[0] + b[1], 0),)


def _oracle(cell, gates, n_states, layers, directions):
    def expected(*inputs):
        states, p, xs = inputs[:n_states], inputs[n_states], inputs[n_states + 1 :]
        ws, bs = _cut(p, gates, layers, directions)
        last = [s.copy() for s in states]
        ys = [np.zeros((len(x), UNITS * directions)) for x in xs]
        for row in range(states[0].shape[1]):
            sequence = [x[row] for x in xs if row < len(x)]
            for layer in range(layers):
                read = []
                for d in range(directions):
                    k = layer * directions + d
                    state, outputs = [s[k, row] for s in states], []
                    for x in sequence[::-1] if d else sequence:
                        state = cell(ws[k], bs[k], x, *state)
                        outputs.append(state[0])
                    for s, value in zip(last, state):
                        s[k, row] = value
                    read.append(outputs[::-1] if d else outputs)
                sequence = [np.concatenate(parts) for parts in zip(*read)]
            for t, y in enumerate(sequence):
                ys[t][row] = y
        return (*last, *ys)

    return expected


def _layers(function, gates, n_states, layers, directions, **options):
    def call(*inputs):
        states, p, xs = inputs[:n_states], inputs[n_states], inputs[n_states + 1 :]
        *last, ys = function(layers, 0.5, *states, *_cut(p, gates, layers, directions), list(xs), **options)
        return (*last, *ys)

    return call


def _layer_shapes(gates, n_states, layers, directions):
    size = sum(np.prod(s) for shapes in _weight_shapes(gates, layers, directions) for part in shapes for s in part)
    batches = st.sampled_from([(2, 1), (3, 1), (1, 1), (2, 2), (2, 0)])
    return batches.map(
        lambda ns: ((layers * directions, ns[0], UNITS),) * n_states + ((int(size),),) + tuple((n, N_IN) for n in ns)
    )


def _row(name, function, cell, gates, n_states, directions, layers, variant='', **options):
    shape_of = gates, n_states, layers, directions
    return Case(
        name,
        _layers(function, *shape_of, **options),
        _oracle(cell, *shape_of),
        arity=n_states + 3,
        shapes=_layer_shapes(*shape_of),
        config={'train': False},
        tolerance=3,
        variant=variant,
    )


CASES = [
    Case('lstm', F.lstm, _lstm, arity=2, shapes=_cells(1, 1, 4)),
    Case('lstm', F.lstm, _lstm, arity=2, shapes=_cells(1, 1, 4, shorter=True), variant='ended'),
    Case('slstm', F.slstm, _slstm, arity=4, shapes=_cells(2, 2, 4)),
    Case('tree_lstm', F.tree_lstm, _tree_lstm, arity=3, shapes=_cells(2, 1, 5)),
    Case('tree_lstm', F.tree_lstm, _tree_lstm, arity=2, shapes=_cells(1, 1, 4), variant='one child'),
    _row('n_step_lstm', F.n_step_lstm, _lstm_cell, 4, 2, 1, 1),
    _row('n_step_bilstm', F.n_step_bilstm, _lstm_cell, 4, 2, 2, 1),
    _row('n_step_gru', F.n_step_gru, _gru_cell, 3, 1, 1, 1),
    _row('n_step_bigru', F.n_step_bigru, _gru_cell, 3, 1, 2, 1),
    _row('n_step_rnn', F.n_step_rnn, _rnn_cell, 1, 1, 1, 2),
    _row('n_step_rnn', F.n_step_rnn, _relu_cell, 1, 1, 1, 1, variant='relu', activation='relu'),
    _row('n_step_birnn', F.n_step_birnn, _rnn_cell, 1, 1, 2, 2),
]
