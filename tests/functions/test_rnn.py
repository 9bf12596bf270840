"""Recurrent functions: dropout between layers, and errors. Their values are rows of tests/cases/rnn.py."""

import numpy as np
import pytest

import chaingrad.functions as F
from chaingrad import Variable, using_config
from chaingrad.autograd.type_checking.type_check import InvalidType

N_STEP = [
    (F.n_step_rnn, 2, 1, 1),
    (F.n_step_birnn, 2, 1, 2),
    (F.n_step_gru, 6, 1, 1),
    (F.n_step_bigru, 6, 1, 2),
    (F.n_step_lstm, 8, 2, 1),
    (F.n_step_bilstm, 8, 2, 2),
]
every_function = pytest.mark.parametrize(
    ('function', 'weights', 'states', 'directions'), N_STEP, ids=[f.__name__ for f, *_ in N_STEP]
)


def _inputs(weights, states, directions, layers, units=4, batches=(3, 2)):
    rng = np.random.default_rng(0)
    ws, bs = [], []
    for k in range(layers * directions):
        width = units if k < directions else units * directions
        half = weights // 2
        ws.append([rng.standard_normal((units, width if i < half else units)) for i in range(weights)])
        bs.append([rng.standard_normal(units) for _ in range(weights)])
    first = [rng.standard_normal((layers * directions, batches[0], units)) for _ in range(states)]
    return first, ws, bs, [rng.standard_normal((n, units)) for n in batches]


@every_function
def test_dropout_acts_between_layers_while_training(function, weights, states, directions):
    def outputs(layers, ratio):
        first, ws, bs, xs = _inputs(weights, states, directions, layers)
        return function(layers, ratio, *first, ws, bs, xs)[-1][0].array

    assert np.array_equal(outputs(1, 0.5), outputs(1, 0.0))
    assert not np.array_equal(outputs(2, 0.5), outputs(2, 0.0))
    with using_config('train', False):
        assert np.array_equal(outputs(2, 0.5), outputs(2, 0.0))


@every_function
def test_states_of_sequences_that_ended_stay(function, weights, states, directions):
    first, ws, bs, xs = _inputs(weights, states, directions, 1)
    *last, ys = function(1, 0.0, *first, ws, bs, xs)
    np.testing.assert_array_equal(last[0].array[0, 2], ys[0].array[2, :4])
    np.testing.assert_array_equal(last[0].array[0, :2], ys[1].array[:, :4])
    *fewer, _ = function(1, 0.0, *first, ws, bs, [x[:1] for x in xs])
    for state, begun in zip(fewer, first):
        np.testing.assert_array_equal(state.array[:, 1:], begun[:, 1:])


@every_function
@pytest.mark.parametrize('keyword', ['train', 'use_cudnn'])
def test_old_keywords_are_refused(function, weights, states, directions, keyword):
    first, ws, bs, xs = _inputs(weights, states, directions, 1)
    with pytest.raises(ValueError, match='using_config'):
        function(1, 0.0, *first, ws, bs, xs, **{keyword: True})


def _changed(**changes):
    """Call n_step_gru with arguments that fit but for some."""
    first, ws, bs, xs = _inputs(6, 1, 1, 1)
    given = {'n_layers': 1, 'dropout_ratio': 0.0, 'hx': first[0], 'ws': ws, 'bs': bs, 'xs': xs, **changes}
    return F.n_step_gru(**given)


z = np.zeros


@pytest.mark.parametrize(
    ('call', 'words'),
    [
        (lambda: _changed(n_layers=2), ['ws', '2 lists', '1 lists']),
        (lambda: _changed(bs=[[z(4)] * 5]), ['bs', '6', '5']),
        (lambda: _changed(xs=[z((2, 4)), z((3, 4))]), ['xs[1]', '(3, 4)', 'transpose_sequence']),
        (lambda: _changed(xs=[z((4, 4))]), ['xs[0]', '(4, 4)', '(1, 3, 4)']),
        (lambda: _changed(xs=[z((3, 5))]), ['ws[0]', '(4, 4)', '5']),
        (lambda: _changed(hx=z((1, 3, 5))), ['hx', '(1, 3, 5)', '(1, batch, 4)']),
        (lambda: _changed(hx=z((1, 3, 4), 'f')), ['float32', 'float64']),
        (lambda: F.n_step_rnn(1, 0.0, z((1, 2, 3)), [[]], [[]], [z((2, 3))], activation='typo'), ["'tanh'", "'relu'"]),
        (lambda: F.lstm(z((2, 3)), z((2, 9))), ['(2, 3)', '(2, 9)', '4 units']),
        (lambda: F.lstm(z((2, 3)), z((3, 12))), ['(2, 3)', '(3, 12)', 'n <= m']),
        (lambda: F.lstm(z((2, 3), 'f'), z((2, 12))), ['float32', 'float64']),
        (lambda: F.slstm(z((2, 3)), z((2, 3)), z((2, 12)), z((1, 12))), ['(1, 12)']),
        (lambda: F.tree_lstm(z((2, 3)), z((2, 3)), z((2, 12))), ['(2, 3)', '(2, 12)', '5 units']),
        (lambda: F.tree_lstm(z((2, 3))), ['child']),
    ],
)
def test_errors_say_what_was_given(call, words):
    with pytest.raises((ValueError, InvalidType)) as caught:
        call()
    assert len(caught.value.args) == 1
    assert not [word for word in words if word not in str(caught.value)], str(caught.value)


def test_lstm_alone_or_over_steps_is_the_same():
    (h, c), ws, bs, xs = _inputs(8, 2, 1, 1)
    hy, cy, _ = F.n_step_lstm(1, 0.0, h, c, ws, bs, xs[:1])
    i, f, a, o = (xs[0] @ ws[0][k].T + bs[0][k] + h[0] @ ws[0][k + 4].T + bs[0][k + 4] for k in range(4))
    c_next, h_next = F.lstm(c[0], np.stack([a, i, f, o], axis=2).reshape(3, 16))
    np.testing.assert_allclose(cy.array[0], c_next.array)
    np.testing.assert_allclose(hy.array[0], h_next.array)


def test_weights_may_be_variables_used_twice():
    first, ws, bs, xs = _inputs(2, 1, 1, 1)
    W = Variable(ws[0][0])
    _, ys = F.n_step_rnn(1, 0.0, *first, [[W, W]], bs, xs)
    F.sum(ys[1]).backward()
    assert W.grad.shape == (4, 4) and np.isfinite(W.grad).all()
