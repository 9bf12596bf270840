"""The pooling kernels: indexes, ties, memory order and precision, which the table of functions does not test."""

from __future__ import annotations

import numpy as np
import pytest

import chaingrad
from chaingrad import Variable
from chaingrad.functions import pooling as F
from chaingrad.functions.kernels import layout, pooling, windows
from chaingrad.functions.pooling.nodes import MaxPooling2D

GEOMETRIES = [
    (((5, 6)), (2, 2), (2, 2), (0, 0)),
    (((5, 6)), (3, 2), (2, 1), (1, 1)),
    (((6, 6)), (2, 2), (3, 3), (0, 0)),
    (((7,)), (3,), (1,), (1,)),
    (((4, 5, 3)), (2, 3, 2), (2, 1, 2), (0, 1, 0)),
    (((17, 17)), (17, 17), (17, 17), (0, 0)),
]


def geometry(k, s, p):
    return windows.Geometry(k, s, p, (1,) * len(k))


def last(x):
    return np.moveaxis(layout.batch_last(np, x), -1, 0)


@pytest.mark.parametrize('order', [np.ascontiguousarray, last])
@pytest.mark.parametrize(('size', 'k', 's', 'p'), GEOMETRIES)
def test_the_first_maximum_row_by_row(size, k, s, p, order):
    x = np.random.default_rng(0).integers(0, 4, (9, 2, *size)).astype(float)  # many ties
    out = windows.conv_outsizes(size, k, s, p)
    column = windows.im2col(np, x, geometry(k, s, p), out, -np.inf).reshape(9, 2, -1, *out)
    y, indexes = pooling.max_pool(order(x), geometry(k, s, p), out, True)
    np.testing.assert_array_equal(y, column.max(axis=2))
    np.testing.assert_array_equal(indexes, column.argmax(axis=2))
    alone, none = pooling.max_pool(order(x), geometry(k, s, p), out, False)
    np.testing.assert_array_equal(alone, y)
    assert none is None
    np.testing.assert_array_equal(pooling.gather(order(x), indexes, geometry(k, s, p)), y)


@pytest.mark.parametrize('order', [np.ascontiguousarray, last])
@pytest.mark.parametrize(('size', 'k', 's', 'p'), GEOMETRIES)
def test_the_adjoints(size, k, s, p, order):
    rng, g = np.random.default_rng(0), geometry(k, s, p)
    out = windows.conv_outsizes(size, k, s, p)
    x, gy = order(rng.standard_normal((9, 2, *size))), rng.standard_normal((9, 2, *out))
    _, indexes = pooling.max_pool(x, g, out, True)
    y = pooling.gather(x, indexes, g)
    np.testing.assert_allclose(np.vdot(y, gy), np.vdot(x, pooling.scatter(gy, indexes, g, size)))
    np.testing.assert_allclose(
        np.vdot(pooling.sum_pool(x, g, out), gy), np.vdot(x, pooling.sum_pool_adjoint(gy, g, size))
    )


def test_sums_of_float16_are_made_in_float32():
    x = np.ones((1, 1, 4096), np.float16)
    y = pooling.sum_pool(x, geometry((4096,), (1,), (0,)), (1,))
    assert y.dtype == np.float16 and y.item() == 4096


def test_layouts():
    x = np.random.default_rng(0).standard_normal((33, 3, 5, 4))
    y = last(x)
    assert layout.is_batch_last(y) and not layout.is_batch_last(x) and not layout.is_batch_last(y[:, 1:][::2])
    np.testing.assert_array_equal(x, y)
    assert layout.batch_last(np, y).base is not None  # no copy where the memory has that order


def test_indices_are_returned():
    x = np.array([[[[1, 5, 2, 0], [0, 3, 4, 9]]]], np.float32)
    y, indexes = F.max_pooling_2d(x, 2, return_indices=True)
    assert indexes.tolist() == [[[[1, 3]]]] and indexes.dtype == np.int32
    with chaingrad.no_backprop_mode():
        assert F.max_pooling_2d(x, 2, return_indices=True)[1].tolist() == indexes.tolist()
        node = MaxPooling2D(2)
        node.apply((x,))
    assert node.indexes is None  # nothing is computed for a pass that never comes


def test_the_node_can_be_used_alone():
    x = Variable(np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4))
    (y,) = MaxPooling2D(2, 2).apply((x,))
    y.grad = np.ones_like(y.array)
    y.backward()
    assert x.grad.sum() == 4 and y.creator.label == 'MaxPooling2D'


def test_cover_all_is_the_default_of_maximum_and_of_unpooling_only():
    x = np.zeros((1, 1, 5, 5), np.float32)
    assert F.max_pooling_2d(x, 2).shape == (1, 1, 3, 3)
    assert F.average_pooling_2d(x, 2).shape == (1, 1, 2, 2)
    assert F.unpooling_2d(x, 2).shape == (1, 1, 9, 9)


def test_pyramid_refuses_what_it_cannot_cut():
    with pytest.raises(ValueError, match="'max'"):
        F.spatial_pyramid_pooling_2d(np.zeros((1, 1, 8, 8), np.float32), 2)
    with pytest.raises(chaingrad.utils.type_check.InvalidType, match='fewer levels'):
        F.spatial_pyramid_pooling_2d(np.zeros((1, 1, 5, 5), np.float32), 3, 'max')
