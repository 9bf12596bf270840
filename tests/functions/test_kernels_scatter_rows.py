"""Rows added to a table by number: the same as numpy.add.at, whichever way is taken."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import chaingrad
import chaingrad.functions as F
from chaingrad import Variable
from chaingrad.functions.kernels import scatter_rows as kernel
from chaingrad.functions.kernels.scatter_rows import add_rows


def added(ids, rows, n):
    table = np.zeros((n, *rows.shape[ids.ndim :]), rows.dtype)
    add_rows(ids, rows, table)
    return table


def expected(ids, rows, n):
    table = np.zeros((n, *rows.shape[ids.ndim :]), rows.dtype)
    np.add.at(table, ids, rows)
    return table


@given(
    ids=st.lists(st.integers(0, 5), max_size=60),
    width=st.integers(0, 3),
    dtype=st.sampled_from(['e', 'f', 'd']),
    few=st.sampled_from([0, 4096]),
)
def test_equals_add_at(ids, width, dtype, few):
    """Small whole numbers, so that every order of summation gives the same."""
    ids = np.array(ids, np.int32)
    rows = np.random.default_rng(4).integers(-9, 9, (len(ids), width)).astype(dtype)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, '_FEW', few)
        patch.setattr(kernel, '_FEW_PER_ROW', 0)
        table = added(ids, rows, 6)
    assert table.dtype == rows.dtype
    np.testing.assert_array_equal(table, expected(ids, rows, 6))


@pytest.mark.parametrize('shape', [(4, 30), (2, 3, 20), (200,)])
def test_ids_of_any_shape(shape):
    rng = np.random.default_rng(5)
    ids, rows = rng.integers(0, 7, shape), rng.integers(-9, 9, (*shape, 64)).astype('f')
    np.testing.assert_array_equal(added(ids, rows, 9), expected(ids, rows, 9))


def test_numbers_that_never_occur_and_one_that_often_does():
    ids = np.array([3] * 50 + [1] * 8 + [2] * 9)
    rows = np.random.default_rng(6).standard_normal((67, 300)).astype('f')
    table = added(ids, rows, 5)
    np.testing.assert_allclose(table, expected(ids, rows, 5), rtol=1e-5, atol=1e-5)
    assert not table[[0, 4]].any()


@pytest.mark.parametrize('turn', [np.asarray, np.asfortranarray, lambda table: np.repeat(table, 2, 1)[:, ::2]])
def test_rows_are_added_to_what_is_there(turn):
    rng = np.random.default_rng(9)
    ids, rows = rng.integers(0, 7, 200), rng.integers(-9, 9, (200, 300)).astype('f')
    table = turn(rng.integers(-9, 9, (9, 300)).astype('f'))
    sum_of_both = table + expected(ids, rows, 9)
    add_rows(ids, rows, table)
    np.testing.assert_array_equal(table, sum_of_both)


def test_the_sum_of_rows_is_differentiable():
    W, ids = Variable(np.random.default_rng(7).standard_normal((6, 80))), np.arange(300) % 5
    gy = Variable(np.random.default_rng(8).standard_normal((300, 80)))
    (gW,) = chaingrad.grad([F.embed_id(ids, W)], [W], [gy], enable_double_backprop=True)
    (ggy,) = chaingrad.grad([F.sum(gW * gW)], [gy])
    np.testing.assert_allclose(ggy.array, 2 * expected(ids, gy.array, 6)[ids])
