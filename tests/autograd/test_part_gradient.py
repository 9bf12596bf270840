"""Gradients of arrays of which functions use parts: one sum, not an array of zeros for each part."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import chaingrad
import chaingrad.functions as F
from chaingrad import Variable, function_hooks
from chaingrad.autograd import array_ops
from chaingrad.autograd.part_gradient import LEAST, PartGradient

ROWS, WIDTH = 30, LEAST // 30 + 1


def whole_numbers(*shape, seed=0):
    """Return whole numbers, so that every order of summation gives the same."""
    return np.random.default_rng(seed).integers(-9, 9, shape).astype('f')


@pytest.fixture
def written(monkeypatch):
    """Return the list of the part gradients that were written as arrays."""
    found = []
    array = PartGradient.array

    def counted(self):
        found.append(self)
        return array(self)

    monkeypatch.setattr(PartGradient, 'array', counted)
    return found


def used(x, indexes):
    """Return the sum of a different multiple of each part of x."""
    total = 0
    for k, index in enumerate(indexes):
        total = total + F.sum(x[index] * (k + 1))
    return total


def expected(shape, indexes):
    gx = np.zeros(shape, 'f')
    for k, index in enumerate(indexes):
        np.add.at(gx, index, k + 1)
    return gx


def test_a_loop_over_rows_makes_one_array(written):
    x = Variable(whole_numbers(ROWS, WIDTH))
    used(x, range(ROWS)).backward()
    assert len(written) == 1
    np.testing.assert_array_equal(x.grad, expected(x.shape, range(ROWS)))


def test_small_arrays_have_zeros(written):
    x = Variable(whole_numbers(ROWS, 3))
    used(x, range(ROWS)).backward()
    assert not written
    np.testing.assert_array_equal(x.grad, expected(x.shape, range(ROWS)))


def test_a_loop_over_words_makes_one_array(written):
    W, words = Variable(whole_numbers(ROWS, WIDTH)), [np.array([k, 3, 3, -1]) for k in range(5)]
    total, gW = 0, np.zeros(W.shape, 'f')
    for k, ids in enumerate(words):
        total = total + F.sum(F.embed_id(ids, W, ignore_label=-1) * (k + 1))
        np.add.at(gW, ids[:-1], k + 1)
    total.backward()
    assert len(written) == 1
    np.testing.assert_array_equal(W.grad, gW)


part = st.one_of(
    st.integers(-6, 5),
    st.tuples(st.integers(0, 5), st.integers(0, 4)),
    st.slices(6),
    st.tuples(st.slices(6), st.slices(5)),
    st.tuples(st.just(Ellipsis), st.integers(0, 4)),
    st.tuples(st.just(None), st.slices(6)),
    st.lists(st.integers(0, 5), min_size=1, max_size=9),
    st.integers(0, 5).map(lambda i: np.arange(6) <= i),
)


@given(indexes=st.lists(part, min_size=1, max_size=6), is_leaf=st.booleans(), also_whole=st.integers(0, 7))
def test_any_parts(indexes, is_leaf, also_whole):
    """Parts overlap, and functions of the whole array come before, between and after them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(array_ops, 'LEAST', 0)
        x = Variable(whole_numbers(6, 5))
        h = x if is_leaf else x * 2
        total = used(h, indexes[:also_whole]) + F.sum(h * 7) + used(h, indexes[also_whole:])
        total.backward()
    gx = 7 + expected(x.shape, indexes[:also_whole]) + expected(x.shape, indexes[also_whole:])
    np.testing.assert_array_equal(x.grad, gx if is_leaf else 2 * gx)


def test_a_gradient_belongs_to_its_leaf():
    x = Variable(whole_numbers(ROWS, WIDTH))
    y, z = x[:], x[:]
    y.grad = gy = np.ones_like(x.array)
    z.grad = gz = np.ones_like(x.array)
    chaingrad.backward([y, z])
    np.testing.assert_array_equal(x.grad, 2)
    assert gy.all() and gz.all() and not np.shares_memory(x.grad, gy) and not np.shares_memory(x.grad, gz)
    y.grad = gy
    y.backward()
    np.testing.assert_array_equal(x.grad, 3)
    np.testing.assert_array_equal(gy, 1)


def test_retained_and_returned_gradients_are_arrays():
    x = Variable(whole_numbers(ROWS, WIDTH))
    h = x * 2
    y = used(h, [0, 1, 1])
    y.backward(retain_grad=True)
    assert type(h.grad) is type(x.grad) is np.ndarray
    (gh,) = chaingrad.grad([used(h, [4])], [h])
    np.testing.assert_array_equal(gh.array, expected(x.shape, [4]))


def test_second_derivatives():
    x = Variable(whole_numbers(ROWS, WIDTH))
    y = F.sum(x[3] ** 3) + F.sum(x[3:5] ** 3)
    (gx,) = chaingrad.grad([y], [x], enable_double_backprop=True)
    (ggx,) = chaingrad.grad([F.sum(gx)], [x])
    times = np.zeros((ROWS, 1))
    times[3:5, 0] = 2, 1
    np.testing.assert_array_equal(ggx.array, 6 * x.array * times)


def test_hooks_and_steps_see_arrays():
    x = Variable(whole_numbers(ROWS, WIDTH))

    class Look(chaingrad.FunctionHook):
        seen = ()

        def backward_gradients(self, function, gxs):
            self.seen = (*self.seen, *gxs)

    with Look() as look:
        used(x, [0, 1]).backward()
    assert all(type(g) is np.ndarray for g in look.seen)
    assert any(g.shape == x.shape for g in look.seen)
    np.testing.assert_array_equal(x.grad, expected(x.shape, [0, 1]))
    for step in used(x, [0, 1]).backward_steps():
        assert all(type(g) is np.ndarray for g in step.grad_inputs)
    with function_hooks.TimerHook() as timer:
        used(x, [2]).backward()
    assert timer.total_time() > 0
