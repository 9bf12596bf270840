"""The loops that numba compiles, against NumPy's kernels: parameters of the same bits, the same values elsewhere."""

from __future__ import annotations

import builtins

import numpy as np
import pytest

import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import Variable, optimizers, using_config
from chaingrad.functions.kernels import clipping, jit, loops, normalization, scatter_rows, thread_pool, twins, updates
from chaingrad.optimizers.adam import AdamRule
from chaingrad.optimizers.update_rule import AT_ONCE, ElementwiseRule
from tests.strategies import batch_last, channels_last, with_layout

pytestmark = pytest.mark.skipif(not twins.has_numba(), reason='numba has no package for this Python')
VALUE, GRADIENT = 1e-6, 1e-5


@pytest.fixture(autouse=True, params=[1, 2], ids=['one thread', 'two threads'])
def always(request, monkeypatch):
    """Compute even small arrays, shared by several threads if there are any."""
    before = thread_pool.count()
    thread_pool.use(request.param)
    split = thread_pool.split
    monkeypatch.setattr(thread_pool, 'split', lambda work, length, elements, least=1: split(work, length, elements, 1))
    with using_config('use_ideep', 'always'):
        yield
    thread_pool.use(before)


def random(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype('f')


# Update rules

RULES = [
    ('SGD', {}),
    ('MomentumSGD', {}),
    ('CorrectedMomentumSGD', {}),
    ('NesterovAG', {}),
    ('RMSprop', {}),
    ('RMSprop', {'eps_inside_sqrt': True}),
    ('AdaGrad', {}),
    ('AdaDelta', {}),
    ('Adam', {}),
    ('AdamW', {'weight_decay_rate': 0.01, 'eta': 0.5}),
]


def trained(name, options, use_ideep, dtype='f', shape=(AT_ONCE // 100, 101), turn=np.asarray):
    """Return a parameter after some updates, and the state of its rule."""
    rng = np.random.default_rng(0)
    link = L.Linear(shape[1], shape[0], initialW=rng.standard_normal(shape).astype(dtype), nobias=True)
    link.W.array = turn(rng.standard_normal(shape).astype(dtype))
    optimizer = getattr(optimizers, name)(**options).setup(link)
    with using_config('use_ideep', use_ideep):
        for _ in range(3):
            link.W.grad = turn(rng.standard_normal(shape).astype(dtype))
            optimizer.update()
    return [link.W.array, *link.W.update_rule.state.values()]


@pytest.fixture
def calls(monkeypatch):
    """Return the list of the loops that were called."""
    found = []
    compiled = jit._compiled

    def counted(name, exact):
        found.append(name)
        return compiled(name, exact)

    monkeypatch.setattr(jit, '_compiled', counted)
    return found


@pytest.mark.parametrize('turn', [np.asarray, np.asfortranarray, lambda x: with_layout(x, 'strided')])
@pytest.mark.parametrize('dtype', ['f', 'd', 'e'])
@pytest.mark.parametrize(('name', 'options'), RULES)
def test_rules_give_the_same_bits(name, options, dtype, turn, calls):
    found = trained(name, options, 'always', dtype, turn=turn)
    expected = trained(name, options, 'never', dtype, turn=turn)
    for one, other in zip(found, expected):
        assert one.dtype == other.dtype == np.dtype(dtype)
        np.testing.assert_array_equal(one, other)
    assert bool(calls) is (dtype != 'e' and found[0].flags.forc)


def test_options_without_a_loop_are_numpys(calls):
    for name, options in (('Adam', {'amsgrad': True}), ('Adam', {'adabound': True}), ('SMORMS3', {})):
        for one, other in zip(trained(name, options, 'always'), trained(name, options, 'never')):
            np.testing.assert_array_equal(one, other)
    assert calls == []


def test_numbers_of_numpy_have_a_precision_of_their_own(calls):
    assert updates.update('sgd', random(3), random(3), (), (np.float64(0.1),)) is False
    assert calls == []


def test_a_rule_with_a_step_of_its_own_has_no_loop():
    class Slower(AdamRule):
        def step(self, x, g, m, v):
            x -= g

    class Named(AdamRule):
        def numbers(self):
            return None

    assert (Slower.loop, Named.loop, AdamRule.loop, ElementwiseRule.loop) == ('', 'adam', 'adam', '')


def test_numpy_has_no_loops():
    with using_config('use_ideep', 'never'):
        assert updates.update('sgd', random(3), random(3), (), (0.1,)) is False


def test_gradients_of_infinity_and_nan():
    gradient = random(4, 5)
    gradient[0] = np.inf
    gradient[1] = np.nan
    found = []
    for use_ideep in ('never', 'always'):
        link = L.Linear(5, 4, initialW=random(4, 5))
        optimizer = optimizers.Adam().setup(link)
        rule = link.W.update_rule
        link.W.grad = gradient
        rule._prepare(link.W)
        rule.t = 1
        with using_config('use_ideep', use_ideep), np.errstate(all='ignore'):
            rule._step_large(link.W.array, gradient, rule.state)
        found.append([link.W.array, *rule.state.values()])
        assert optimizer.target is link
    for one, other in zip(*found):
        np.testing.assert_array_equal(one, other)


# Rectified linear units


@pytest.mark.parametrize('order', [np.asarray, channels_last, batch_last, lambda x: with_layout(x, 'strided')])
@pytest.mark.parametrize('dtype', ['f', 'd', 'e'])
def test_gradient_of_relu(order, dtype, calls):
    y, gy = (order(x.astype(dtype)) for x in (random(9, 3, 5, 4).clip(0, None), random(9, 3, 5, 4)[::-1]))
    with np.errstate(invalid='ignore'):
        gy[0, 0, 0], y[1, 1, 1], gy[2, 2, 2] = np.inf, np.nan, np.nan
        found, expected = clipping.rectifier_gradient(y, gy), gy * (y > 0)
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == dtype
    is_one_run = order(y).strides == order(gy).strides and dtype != 'e'
    assert not calls or is_one_run


def test_relu_of_large_arrays(calls):
    x = Variable(random(300, 200))
    y = F.relu(x)
    y.grad = random(300, 200)[::-1].copy()
    y.backward()
    np.testing.assert_array_equal(x.grad, y.array.astype(bool) * random(300, 200)[::-1])
    assert calls == ['rectifier_gradient']


# Normalization over a batch


def assert_near(found, expected, tolerance):
    assert found.dtype == np.float32
    scale = np.abs(expected).max(initial=0)
    np.testing.assert_allclose(found, expected.reshape(found.shape), rtol=0, atol=tolerance * scale)


SHAPES = [(1030, 5), (9, 4, 70), (9, 4, 30, 40), (2, 3, 4, 5, 6)]
ORDERS = [np.asarray, channels_last, batch_last]  # two axes have one order only


@pytest.mark.parametrize('shift', [0, 100])
@pytest.mark.parametrize(('shape', 'order'), [(s, o) for s in SHAPES for o in ORDERS[: 1 if len(s) == 2 else 3]])
def test_batch_normalization(shape, order, shift):
    x, gy, gamma, beta = random(*shape) + np.float32(shift), random(*shape)[::-1], random(shape[1]), random(shape[1])
    axis = (0, *range(2, len(shape)))
    wide = [a.astype('d') for a in (x, gamma, beta, gy)]
    values = normalization.normalize_batch(*wide[:3], axis, 2e-5)
    gradients = normalization.normalize_batch_gradients(wide[0], wide[1], wide[3], values[1], values[3], axis)
    y, mean, variance, inverse = jit.normalize_batch(order(x), gamma, beta, axis, 2e-5)
    for one, other in zip((y, variance, inverse), (values[0], values[2], values[3])):
        assert_near(one, other, VALUE)
    np.testing.assert_allclose(mean, values[1], rtol=VALUE, atol=VALUE)
    for layout_of_gy in (order, np.asarray, channels_last):
        if len(shape) > 2 or layout_of_gy is np.asarray:
            found = jit.normalize_batch_gradients(order(x), gamma, layout_of_gy(gy), mean, inverse, axis)
            for one, other in zip(found, gradients):
                assert_near(one, other, GRADIENT)
            assert found[0].strides == order(x).strides == y.strides
    factor, offset = values[3].astype('f'), mean + 1
    expected = (wide[0] - mean) * factor + offset
    assert_near(jit.scale_batch(order(x), mean, factor, offset, axis), expected, VALUE)


def test_what_batch_normalization_leaves_to_numpy():
    x, row = random(9, 4, 6), random(4)
    for given, axis in (
        ((x.astype('d'), row, row), (0, 2)),
        ((x, row.astype('d'), row), (0, 2)),
        ((x[:, ::2], row[:2], row[:2]), (0, 2)),
        ((x, random(9), random(9)), (1, 2)),
    ):
        assert jit.normalize_batch(*given, axis, 1e-5) is NotImplemented
    bad = np.zeros((1, 4, 1), 'f')
    assert jit.normalize_batch_gradients(x, row, x.astype('d'), bad, bad, (0, 2)) is NotImplemented
    for value in (np.nan, np.inf, -np.inf):
        x[3, 2, 1] = value
        with np.errstate(all='ignore'):
            assert jit.normalize_batch(x, row, row, (0, 2), 1e-5) is NotImplemented
            assert jit.normalize_batch_gradients(random(9, 4, 6), row, x, bad, bad, (0, 2)) is NotImplemented
            found = normalization.normalize_batch(x, row, row, (0, 2), 1e-5)
            expected = normalization.normalize_batch.__wrapped__(x, row, row, (0, 2), 1e-5)
        np.testing.assert_array_equal(found[0], expected[0])


# Normalization of rows


@pytest.mark.parametrize('shift', [0, 100])
@pytest.mark.parametrize('shape', [(7, 33), (1030, 5), (3, 1100), (2, 3)])
def test_layer_normalization(shape, shift):
    x, gy, gamma, beta = random(*shape) + np.float32(shift), random(*shape)[::-1], random(shape[1]), random(shape[1])
    wide = [a.astype('d') for a in (x, gamma, beta, gy)]
    y, mean, variance = normalization.normalize_rows(*wide[:3], 1e-5)
    found = jit.normalize_rows(with_layout(x, 'strided'), gamma, beta, 1e-5)
    for one, other in zip(found, (y, mean, variance)):
        assert_near(one, other, VALUE * max(1, shift))
    expected = normalization.normalize_rows_gradients(wide[0], wide[1], wide[3], mean, variance, 1e-5)
    found = jit.normalize_rows_gradients(x, gamma, gy, *found[1:], 1e-5)
    for one, other in zip(found, expected):
        assert_near(one, other, GRADIENT * max(1, shift / 10))


@pytest.mark.parametrize('bad', [np.nan, np.inf, -np.inf])
def test_layer_normalization_with_nan_and_infinities(bad):
    x, gy, gamma, beta = random(7, 33), random(7, 33)[::-1].copy(), random(33), random(33)
    for given in ((x, 3), (gy, 40), (gamma, 2), (beta, 1)):
        changed, place = given
        before = changed.flat[place]
        changed.flat[place] = bad
        found = []
        for use_ideep in ('never', 'always'):
            with using_config('use_ideep', use_ideep), np.errstate(all='ignore'):
                y, mean, variance = normalization.normalize_rows(x, gamma, beta, 1e-5)
                gradients = normalization.normalize_rows_gradients(x, gamma, gy, mean, variance, 1e-5)
                found.append([y, mean, variance, *gradients])
        for one, other in zip(*found):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
        changed.flat[place] = before


def test_what_layer_normalization_leaves_to_numpy():
    x, row = random(9, 40), random(40)
    for given in (
        (x.astype('d'), row, row),
        (x, row.astype('e'), row),
        (x, row[:39], row),
        (x[:0], row, row),
        (x[None], row, row),
    ):
        assert jit.normalize_rows(*given, 1e-5) is NotImplemented
    statistic = np.ones((9, 1), 'f')
    assert jit.normalize_rows_gradients(x, row, x[:8], statistic, statistic, 1e-5) is NotImplemented
    assert jit.normalize_rows_gradients(x, row, x.astype('d'), statistic, statistic, 1e-5) is NotImplemented


# Rows of a table


@pytest.mark.parametrize('ids', [[3, 0, 3], [[0, 1], [1, 1]], [], list(range(5)) * 30])
@pytest.mark.parametrize('dtype', ['f', 'd'])
def test_add_rows(ids, dtype):
    ids = np.array(ids, np.int32)
    rows = random(*ids.shape, 3).astype(dtype)
    expected = np.zeros((6, 3), 'd')
    np.add.at(expected, ids, rows.astype('d'))
    for given in (rows, with_layout(rows, 'strided')):
        found = np.zeros((6, 3), dtype)
        scatter_rows.add_rows(ids, given, found)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6 * max(1, np.abs(expected).max()))
    assert jit.add_rows(ids, rows.astype('e'), found) is NotImplemented
    if ids.size:
        assert jit.add_rows(ids - 9, rows, found) is NotImplemented
        assert jit.add_rows(ids, rows, np.asfortranarray(found)) is NotImplemented


# Where numba is missing or cannot be used


def test_a_broken_numba_is_passed_over_with_one_warning(monkeypatch):
    original = builtins.__import__

    def fail(name, *args, **kwargs):
        if name == 'numba':
            raise ImportError('Numba needs NumPy 2.4 or less')
        return original(name, *args, **kwargs)

    jit._numba.cache_clear()
    jit._compiled.cache_clear()
    monkeypatch.setattr(builtins, '__import__', fail)
    try:
        with pytest.warns(UserWarning, match='numba cannot be used: Numba needs NumPy 2.4 or less. NumPy computes'):
            clipping.rectifier_gradient(random(3), random(3))
        x, row = random(9, 4), random(4)
        assert jit.normalize_batch(x, row, row, (0,), 1e-5) is NotImplemented
        assert jit.update('sgd', x, x, (), (0.1,)) is jit.add_rows(np.zeros(9, 'i'), x, x) is NotImplemented
    finally:
        jit._numba.cache_clear()
        jit._compiled.cache_clear()


def test_where_the_code_cannot_be_kept(monkeypatch):
    numba = pytest.importorskip('numba')
    asked = []

    def njit(cache=False, **options):
        asked.append(cache)
        if cache:
            raise RuntimeError('cannot cache function: no locator available')
        return numba_njit(**options)

    numba_njit = numba.njit
    monkeypatch.setattr(numba, 'njit', njit)
    jit._compiled.cache_clear()
    np.testing.assert_array_equal(jit.rectifier_gradient(random(3), random(3)), random(3) * (random(3) > 0))
    jit._compiled.cache_clear()
    assert asked == [True, False]


def test_small_arrays_are_numpys():
    with using_config('use_ideep', 'auto'):
        assert jit.rectifier_gradient(random(9), random(9)) is NotImplemented
        large = random(jit.LEAST_ELEMENTS)
        assert jit.rectifier_gradient(large, large) is not NotImplemented


def test_the_loops_are_python_as_well():
    """What is compiled is ordinary code, which a debugger can enter."""
    x, g, v = random(5), random(5)[::-1].copy(), np.zeros(5, 'f')
    loops.momentum_sgd(x, g, v, np.float32(0.1), np.float32(0.9))
    np.testing.assert_array_equal(v, -np.float32(0.1) * g)
    np.testing.assert_array_equal(x, random(5) + v)
