"""Recurrent layers: state between calls, sequences of different lengths, where they start, what bad input gets."""

import numpy as np
import pytest

import chaingrad.functions as F
import chaingrad.links as L
from chaingrad.autograd.configuration import using_config
from chaingrad.autograd.variable import Variable
from chaingrad.links.reporter import Reporter

rng = np.random.default_rng(0)
STATEFUL = [L.LSTM, L.StatefulGRU, L.GRU, L.StatefulMGU, L.StatefulPeepholeLSTM, L.StatefulZoneoutLSTM]


def floats(*shape):
    return rng.normal(size=shape).astype(np.float32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


# One step after the other


@pytest.mark.parametrize('cls', STATEFUL)
def test_the_state_is_kept_and_forgotten(cls):
    layer, xs = cls(3, 2), floats(3, 4, 3)
    with using_config('train', False):
        first = layer(xs[0]).array
        second = layer(xs[0]).array
        assert np.abs(first - second).max() > 1e-4
        layer.reset_state()
        assert layer.h is None
        np.testing.assert_array_equal(layer(xs[0]).array, first)
    layer.to_device('@numpy')
    loss = F.sum(layer(xs[1]) * floats(4, 2))
    layer.cleargrads()
    loss.backward()
    assert all(p.grad is not None for p in layer.params())  # through both steps


@pytest.mark.parametrize('cls', [c for c in STATEFUL if hasattr(c, 'set_state')])
def test_set_state(cls):
    layer, x = cls(3, 2), floats(4, 3)
    with using_config('train', False):
        layer(x)
        states = [getattr(layer, name) for name in layer.state_names]
        expected = layer(x).array
        layer.set_state(*(s.array for s in states))
        assert isinstance(layer.h, Variable)
        np.testing.assert_array_equal(layer(x).array, expected)
        layer.set_state(*states)
        np.testing.assert_array_equal(layer(x).array, expected)


def test_lstm_by_hand():
    layer, xs = L.LSTM(3, 2), floats(3, 4, 3)
    c = h = np.zeros((4, 2))
    for x in xs:
        y = layer(x)
        gates = (x @ layer.upward.W.array.T + layer.upward.b.array + h @ layer.lateral.W.array.T).reshape(4, 2, 4)
        a, i, f, o = np.moveaxis(gates, 2, 0)
        c = np.tanh(a) * sigmoid(i) + sigmoid(f) * c
        h = sigmoid(o) * np.tanh(c)
        np.testing.assert_allclose(y.array, h, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(layer.c.array, c, rtol=1e-4, atol=1e-6)


def test_peephole_by_hand():
    layer, xs = L.StatefulPeepholeLSTM(3, 2), floats(3, 4, 3)
    c = h = np.zeros((4, 2))
    for x in xs:
        y = layer(x)
        gates = (x @ layer.upward.W.array.T + h @ layer.lateral.W.array.T).reshape(4, 2, 4)
        a, i, f, o = np.moveaxis(gates, 2, 0)
        p_i, p_f, p_o = (layer[f'peep_{g}'].W.array.T for g in 'ifo')
        c = np.tanh(a) * sigmoid(i + c @ p_i) + sigmoid(f + c @ p_f) * c
        h = sigmoid(o + c @ p_o) * np.tanh(c)
        np.testing.assert_allclose(y.array, h, rtol=1e-4, atol=1e-6)


def test_zoneout_keeps_all_or_nothing():
    x = floats(4, 3)
    keeping, plain = L.StatefulZoneoutLSTM(3, 2, 1, 1), L.StatefulZoneoutLSTM(3, 2, 0, 0)
    keeping(x)
    assert not keeping.h.array.any() and not keeping.c.array.any()
    lstm = L.LSTM(3, 2)
    for name in ('upward', 'lateral'):
        lstm[name].copyparams(plain[name])
    for _ in range(2):
        np.testing.assert_allclose(plain(x).array, lstm(x).array, rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match="using_config\\('train'"):
        L.StatefulZoneoutLSTM(3, 2, train=False)
    with pytest.raises(ValueError, match='ratio must be in'):
        L.StatefulZoneoutLSTM(3, 2, c_ratio=2)(x)


def test_sequences_that_end_keep_their_state():
    layer, xs = L.LSTM(3, 2), [floats(n, 3) for n in (4, 3, 3, 1, 0)]
    for x in xs:
        y = layer(x)
        assert y.shape == (len(x), 2) and layer.h.shape == (4, 2)
    alone = L.LSTM(3, 2)
    alone.copyparams(layer)
    for x in xs[:3]:
        y = alone(x[2:3])
    np.testing.assert_allclose(layer.h.array[2:3], y.array, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(layer.c.array[2:3], alone.c.array, rtol=1e-5, atol=1e-6)
    with pytest.raises(TypeError, match='must not have more rows than the state, but it has 5 and the state 4'):
        layer(floats(5, 3))


def test_where_lstm_starts():
    layer = L.LSTM(300, 200)
    b = layer.upward.b.array.reshape(200, 4)
    assert (b[:, 2] == 1).all() and not b[:, [0, 1, 3]].any()
    assert abs(layer.upward.W.array.std() - 300**-0.5) < 1e-3
    assert abs(layer.lateral.W.array.std() - 200**-0.5) < 1e-3
    layer = L.StatelessLSTM(3, 2, lateral_init=1, upward_init=2, bias_init=3, forget_bias_init=4)
    assert (layer.lateral.W.array == 1).all() and (layer.upward.W.array == 2).all()
    np.testing.assert_array_equal(layer.upward.b.array, [3, 3, 4, 3] * 2)
    for cls in (L.LSTM, L.StatelessLSTM):
        assert cls(5).state_size == 5 and not cls(5).upward.W.is_initialized
        with pytest.raises(ValueError, match='out_size must be given'):
            cls(None)
    gru = L.StatelessGRU(3, 2, init=1, inner_init=2, bias_init=3)
    assert (gru.W_z.W.array == 1).all() and (gru.U.W.array == 2).all() and (gru.U_r.b.array == 3).all()


@pytest.mark.behaviour('gru-argument-counts')
@pytest.mark.parametrize('n', [0, 2, 3])
def test_gru_takes_one_argument(n):
    with pytest.raises(ValueError, match=f'one argument, x, is wanted, but there are {n}.*StatelessGRU'):
        L.GRU(3, 2)(*[floats(4, 3)] * n)
    for neighbour in (L.StatefulGRU(3, 2), L.StatelessGRU(3, 2)):
        with pytest.raises(TypeError, match='argument'):
            neighbour(*[floats(4, 3)] * 3)


@pytest.mark.behaviour('tree-lstm-none')
@pytest.mark.parametrize('tree', [L.ChildSumTreeLSTM(3, 2), L.NaryTreeLSTM(3, 2, n_ary=2)])
def test_tree_lstms_take_none_for_x(tree):
    c1, c2, h1, h2 = floats(4, 4, 2)
    zeros = np.zeros((4, 3), np.float32)
    for states in ((c1, c2, h1, h2), (None, c2, None, None), (None, None, None, h2)):
        for y, expected in zip(tree(*states, None), tree(*states, zeros)):
            np.testing.assert_array_equal(y.array, expected.array)
    with pytest.raises(ValueError, match='all arguments are None'):
        tree(None, None, None, None, None)
    with pytest.raises(ValueError, match='arguments'):
        tree(c1, h1, h2, None)
    with pytest.raises(ValueError, match='in_size is not known yet'):
        type(tree)(None, 2)(c1, c2, h1, h2, None)


def test_state_is_part_of_no_file_and_of_no_report():
    layer = L.LSTM(3, 2)
    layer(floats(4, 3))
    assert [path for path, _ in layer.namedparams()] == ['/lateral/W', '/upward/W', '/upward/b']
    Reporter().add_observers('', layer.namedlinks())


# Trees


def test_trees_of_leaves():
    x, c, h = floats(4, 3), floats(4, 2), floats(4, 2)
    nothing = np.zeros((4, 2), np.float32)
    child_sum, nary = L.ChildSumTreeLSTM(3, 2), L.NaryTreeLSTM(3, 2, 3)
    for tree, leaf, zeros in (
        (child_sum, (x,), (nothing, nothing, x)),
        (nary, (*[None] * 6, x), (*[nothing] * 6, x)),
        (child_sum, (c, None, h, None, x), (c, nothing, h, nothing, x)),
        (nary, (c, None, None, h, None, None, x), (c, nothing, nothing, h, nothing, nothing, x)),
    ):
        for got, expected in zip(tree(*leaf), tree(*zeros)):
            np.testing.assert_allclose(got.array, expected.array, rtol=1e-5, atol=1e-6)
    for states in ((c, x), (c, h, h, x), ()):
        with pytest.raises(ValueError, match='as many cells as outputs'):
            child_sum(*states)
    with pytest.raises(ValueError, match='3 cells and 3 outputs, then x, must be given, but there are 3 arguments'):
        nary(c, h, x)
    with pytest.raises(ValueError, match='n_ary must be at least 1'):
        L.NaryTreeLSTM(3, 2, 0)


# Whole sequences


@pytest.mark.parametrize('name', [n for n in L.__all__ if n.startswith('NStep')])
def test_sequences_are_computed_each_by_itself(name):
    layer, xs = getattr(L, name)(2, 3, 4, 0.5), [floats(n, 3) for n in (2, 5, 0, 3)]
    directions = 2 if 'Bi' in name else 1
    states = [floats(2 * directions, 4, 4) for _ in range(layer.n_cells)]
    with using_config('train', False):
        *lasts, ys = layer(*states, xs)
        assert [y.shape for y in ys] == [(n, 4 * directions) for n in (2, 5, 0, 3)]
        for k in (0, 1, 3):
            *last, (y,) = layer(*(s[:, k : k + 1] for s in states), xs[k : k + 1])
            np.testing.assert_allclose(ys[k].array, y.array, rtol=1e-4, atol=1e-5)
            for whole, part in zip(lasts, last):
                np.testing.assert_allclose(whole.array[:, k : k + 1], part.array, rtol=1e-4, atol=1e-5)
        *_, zeros = layer(*[None] * layer.n_cells, xs)
        *_, given = layer(*[layer.init_hx(xs)] * layer.n_cells, xs)
        np.testing.assert_array_equal(zeros[1].array, given[1].array)
    assert layer.use_bi_direction == (directions == 2) and len(layer.ws) == 2 * directions
    assert all(len(ws) == layer.n_weights for ws in (*layer.ws, *layer.bs))
    assert repr(layer) == f'{name}(n_layers=2, in_size=3, out_size=4, dropout=0.5)'


def test_n_step_lstm_is_lstm_step_by_step():
    layer, lstm, x = L.NStepLSTM(1, 3, 2, 0), L.LSTM(3, 2), floats(5, 3)
    ws, bs = ([p.array for p in parts[0]] for parts in (layer.ws, layer.bs))
    order = [2, 0, 1, 3]  # of a, i, f, o among the weights
    lstm.upward.W.array[...] = np.stack([ws[k] for k in order], 1).reshape(8, 3)
    lstm.lateral.W.array[...] = np.stack([ws[4 + k] for k in order], 1).reshape(8, 2)
    lstm.upward.b.array[...] = np.stack([bs[k] + bs[4 + k] for k in order], 1).reshape(8)
    _, _, (ys,) = layer(None, None, [x])
    for step, y in zip(x, ys):
        np.testing.assert_allclose(lstm(step[None]).array[0], y.array, rtol=1e-4, atol=1e-6)


def test_where_n_step_starts_and_what_it_refuses():
    layer = L.NStepGRU(2, 400, 300, 0.0)
    assert abs(layer[0].w0.array.std() - 0.05) < 2e-3 and abs(layer[1].w3.array.std() - 300**-0.5) < 2e-3
    assert not layer[1].b5.array.any()
    layer = L.NStepBiLSTM(2, 3, 4, 0.0, initialW=1, initial_bias=2)
    assert [link.w0.shape for link in layer] == [(4, 3), (4, 3), (4, 8), (4, 8)] and layer[3].w4.shape == (4, 4)
    assert all((p.array == (1 if name[-2] == 'w' else 2)).all() for name, p in layer.namedparams())
    for keyword in ('use_cudnn', 'use_bi_direction', 'activation'):
        with pytest.raises(ValueError, match=f'NStepLSTM: {keyword}'):
            L.NStepLSTM(1, 3, 4, 0.0, **{keyword: 1})
    with pytest.raises(TypeError, match="'bias'"):
        L.NStepLSTM(1, 3, 4, 0.0, bias=1)
    for xs in (floats(2, 3), []):
        with pytest.raises(TypeError, match='xs must be a list or tuple of at least one sequence'):
            layer(None, None, xs)


def test_dropout_between_layers_only():
    x = [floats(5, 3)]
    one, two = L.NStepGRU(1, 3, 4, 0.9), L.NStepGRU(2, 3, 4, 0.9)
    assert np.array_equal(one(None, x)[1][0].array, one(None, x)[1][0].array)
    assert not np.array_equal(two(None, x)[1][0].array, two(None, x)[1][0].array)
