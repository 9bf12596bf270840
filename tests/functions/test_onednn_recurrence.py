"""oneDNN's layers of LSTM and GRU cells, against the cells step by step in float64."""

from __future__ import annotations

import numpy as np
import pytest

from chaingrad import Variable, grad, using_config
from chaingrad.functions.kernels.onednn import recurrence as recurrence_twins
from chaingrad.functions.kernels.onednn.shared_object import find_library
from chaingrad.functions.rnn.n_step_gru import GRU
from chaingrad.functions.rnn.n_step_lstm import LSTMCell
from chaingrad.functions.rnn.scan import Scan
from tests.functions.test_onednn_kernels import GRADIENT, VALUE, assert_near, misaligned, random, wide
from tests.strategies import with_layout

pytestmark = pytest.mark.skipif(find_library() is None, reason='oneDNN is for x86-64 Linux only')


@pytest.fixture(autouse=True)
def always():
    with using_config('use_ideep', 'always'):
        yield


CELLS = {'lstm': (LSTMCell, 4, 2), 'gru': (GRU, 3, 1)}


def layer(kind, steps=4, n=3, size=5, units=6):
    """Return a cell, and x, W, b, W_h, b_h and the first states of a layer."""
    cell, gates, n_states = CELLS[kind]
    rows = gates * units
    shapes = ((steps * n, size), (rows, size), (rows,), (rows, units), (rows,), *[(n, units)] * n_states)
    rng = np.random.default_rng(0)
    return cell, [rng.standard_normal(shape).astype('f') for shape in shapes]


def run_layer(cell, xs, backwards, steps=4, gys=None):
    """Return the outputs of a layer and its gradients, computed as the configuration says."""
    leaves = [Variable(x) for x in xs]
    ys = Scan(cell, [len(xs[0]) // steps] * steps, backwards).apply(leaves)
    rng = np.random.default_rng(1)
    gys = [rng.standard_normal(y.shape).astype(y.dtype) for y in ys] if gys is None else gys
    given = [(y, gy) for y, gy in zip(ys, gys) if gy is not None]
    gxs = grad([y for y, _ in given], leaves, [gy for _, gy in given])
    return [y.array for y in ys], [g.array for g in gxs]


@pytest.fixture
def saved(monkeypatch):
    """Return the list of the layers whose gradients oneDNN has computed."""
    found = []
    gradients = recurrence_twins.Saved.gradients

    def counted(self, *args):
        found.append(self.key)
        return gradients(self, *args)

    monkeypatch.setattr(recurrence_twins.Saved, 'gradients', counted)
    return found


@pytest.mark.parametrize('backwards', [False, True])
@pytest.mark.parametrize('kind', CELLS)
@pytest.mark.parametrize('given', ['all', 'outputs', 'last states'])
def test_layer(kind, backwards, given, saved):
    cell, xs = layer(kind)
    with using_config('use_ideep', 'never'):
        ys, _ = run_layer(cell, wide(*xs), backwards)
    gys = [random(*y.shape) for y in ys]
    gys = {'all': gys, 'outputs': [gys[0], *[None] * len(gys[1:])], 'last states': [None, *gys[1:]]}[given]
    with using_config('use_ideep', 'never'):
        ys, gxs = run_layer(cell, wide(*xs), backwards, gys=[g if g is None else g.astype('d') for g in gys])
    for turned in (xs, [with_layout(x, 'strided') for x in xs], list(map(misaligned, xs))):
        found_ys, found_gxs = run_layer(cell, turned, backwards, gys=gys)
        for one, other in zip(found_ys, ys):
            assert_near(one, other, VALUE)
        for one, other in zip(found_gxs, gxs):
            assert_near(one, other, GRADIENT)
    again = run_layer(cell, xs, backwards, gys=gys)  # weight gradients are added to: what was there must be gone
    for one, other in zip(again[1], found_gxs):
        np.testing.assert_array_equal(one, other)
    assert len(saved) == 4


@pytest.mark.parametrize('bad', [np.nan, np.inf])
@pytest.mark.parametrize('kind', CELLS)
def test_layer_with_nan_and_infinities(kind, bad, saved):
    cell, xs = layer(kind)
    for i in range(len(xs)):
        given = [x.copy() for x in xs]
        given[i].flat[1] = bad
        with np.errstate(all='ignore'):
            found = run_layer(cell, given, False)
            with using_config('use_ideep', 'never'):
                expected = run_layer(cell, given, False)
        for one, other in zip(found[0] + found[1], expected[0] + expected[1]):
            np.testing.assert_array_equal(one, other)
    assert saved == []
    ys, _ = run_layer(cell, xs, False)
    gys = [np.ones_like(y) for y in ys]
    gys[0][1, 1] = bad
    with np.errstate(all='ignore'):
        found = run_layer(cell, xs, False, gys=gys)[1]
        with using_config('use_ideep', 'never'):
            expected = run_layer(cell, xs, False, gys=gys)[1]
    for one, other in zip(found, expected):
        np.testing.assert_array_equal(np.isnan(one), np.isnan(other))


def test_layers_that_are_numpys():
    cell, xs = layer('lstm')
    x, W, b, W_h, b_h, *states = xs
    scan = recurrence_twins.scan
    assert scan('lstm', x, W, b, W_h, b_h, states, [3] * 4, False) is not NotImplemented
    assert scan('', x, W, b, W_h, b_h, states, [3] * 4, False) is NotImplemented
    assert scan('lstm', x[:11], W, b, W_h, b_h, states, [3, 3, 3, 2], False) is NotImplemented
    assert scan('lstm', x[:8], W, b, W_h, b_h, states, [2] * 4, False) is NotImplemented  # some have ended before
    assert scan('lstm', x.astype('d'), W, b, W_h, b_h, states, [3] * 4, False) is NotImplemented
    assert scan('lstm', x[:0], W, b, W_h, b_h, [s[:0] for s in states], [0] * 4, False) is NotImplemented
    with using_config('use_ideep', 'auto'):
        assert scan('lstm', x, W, b, W_h, b_h, states, [3] * 4, False) is NotImplemented  # too small


def test_a_layer_is_differentiated_twice_by_numpy():
    cell, xs = layer('gru')
    found = []
    for use_ideep in ('never', 'always'):
        with using_config('use_ideep', use_ideep):
            leaves = [Variable(x) for x in xs]
            y, _ = Scan(cell, [3] * 4, False).apply(leaves)
            (gx,) = grad([y], leaves[:1], enable_double_backprop=True)
            found.append(grad([gx * gx], leaves)[3].array)
    assert_near(found[1], found[0].astype('d'), GRADIENT)


def test_a_layer_whose_library_is_gone_is_computed_again(monkeypatch):
    """As in a process that was forked between the passes."""
    cell, xs = layer('lstm')
    with using_config('use_ideep', 'never'):
        expected = run_layer(cell, xs, False)[1]
    monkeypatch.setattr(recurrence_twins, '_backward_plan', lambda key: None)
    for one, other in zip(run_layer(cell, xs, False)[1], expected):
        np.testing.assert_array_equal(one, other)
