"""Reshape, transpose, indexing, broadcasting, cast: what the rows of tests/cases/array.py do not see."""

import numpy as np
import pytest

import chaingrad.functions as F
from chaingrad import Variable, grad, no_backprop_mode
from chaingrad.autograd.array_ops import BroadcastTo, GetItem, ScatterItem, SumTo
from chaingrad.autograd.type_checking.type_check import InvalidType


def variable(*shape, dtype=np.float64):
    return Variable(np.random.default_rng(13).uniform(-1, 1, shape).astype(dtype))


@pytest.mark.parametrize(
    'same',
    [
        lambda x: F.reshape(x, (2, 3)),
        lambda x: F.broadcast_to(x, (2, 3)),
        lambda x: F.sum_to(x, (2, 3)),
    ],
)
def test_nothing_to_do_gives_the_variable_itself(same):
    x = variable(2, 3)
    assert same(x) is x
    y = same(x.array)
    assert isinstance(y, Variable) and y.array is x.array


@pytest.mark.behaviour('cast-new-variable')
@pytest.mark.parametrize('same', [lambda x: F.cast(x, 'float64'), F.broadcast, lambda x: F.broadcast(x, x[:1])[0]])
def test_cast_and_broadcast_give_a_new_variable_while_backprop_is_on(same):
    x = variable(2, 3)
    y = same(x)
    assert y is not x and y.creator.inputs[0].get_variable() is x
    y.grad = np.full((2, 3), 7.0)
    y.backward()
    assert x.grad.tolist() == [[7.0] * 3] * 2
    with no_backprop_mode():
        assert same(x) is x


def test_views_share_memory():
    x = variable(2, 3)
    for y in (F.reshape(x, (6,)), F.transpose(x), x[0], F.broadcast_to(x, (4, 2, 3))):
        assert np.may_share_memory(y.array, x.array)


@pytest.mark.parametrize(
    ('call', 'message'),
    [
        (lambda x: F.reshape(x, (4, 2)), r'reshape.*\(2, 3\)'),
        (lambda x: F.reshape(x, (-1, 4)), r'reshape.*\(2, 3\)'),
        (lambda x: F.transpose(x, (0, 0)), r'transpose.*\(2, 3\)'),
        (lambda x: F.transpose(x, (0, 1, 2)), r'transpose.*\(2, 3\)'),
        (lambda x: F.broadcast_to(x, (2, 4)), r'broadcast_to.*\(2, 3\)'),
        (lambda x: F.broadcast_to(x, (3,)), r'broadcast_to.*\(2, 3\)'),
        (lambda x: F.sum_to(x, (2, 2)), r'sum_to.*\(2, 2\).*\(2, 3\)'),
        (lambda x: F.sum_to(x, (1, 2, 3)), r'sum_to.*\(1, 2, 3\).*\(2, 3\)'),
    ],
)
def test_what_does_not_fit(call, message):
    for x in (variable(2, 3), variable(2, 3).array):
        with pytest.raises(InvalidType, match=message):
            call(x)


@pytest.mark.parametrize('index', [5, (0, 7), [9]], ids=repr)
def test_an_index_out_of_range(index):
    with pytest.raises(IndexError):
        variable(2, 3)[index]


def test_too_many_indexes():
    with pytest.raises(IndexError):
        variable(2, 3)[0, 0, 0]


def test_an_element_named_twice_gets_both_gradients():
    x = variable(3)
    y = x[np.array([0, 0, 2])]
    y.grad = np.array([1.0, 10.0, 100.0])
    y.backward()
    np.testing.assert_array_equal(x.grad, [11, 0, 100])


@pytest.mark.parametrize(
    'slices',
    [
        np.array([True, False, True]),
        (np.array([[True, False, True, False]] * 3),),
        (np.array([0, 2, 2]), np.array([1, 1, 1])),
        (slice(None), [0, 0]),
        (None, [1, 1], ..., None),
        (np.int64(1), slice(1, None)),
        [True, False, True],
        np.array(1),
        (),
        [],
    ],
    ids=repr,
)
def test_kinds_of_indexes(slices):
    x = variable(3, 4)
    y = x[slices]
    np.testing.assert_array_equal(y.array, x.array[slices])
    gy = np.arange(y.size).reshape(y.shape) + 1.0
    expected = np.zeros((3, 4))
    np.add.at(expected, slices, gy)
    for double in (False, True):
        (gx,) = grad([y], [x], [gy], enable_double_backprop=double)
        np.testing.assert_array_equal(gx.array, expected)


def test_scatter_is_the_adjoint_of_get_item():
    rng = np.random.default_rng(0)
    x, slices = rng.standard_normal((3, 4)), (np.array([0, 2, 2]), slice(1, 3))
    y = GetItem.of(x, slices=slices)
    gy = rng.standard_normal(y.shape)
    np.testing.assert_allclose(np.vdot(gy, y), np.vdot(ScatterItem.of(gy, slices=slices, shape=x.shape), x))


@pytest.mark.parametrize('shapes', [((3,), (2, 3)), ((1, 3), (2, 3)), ((), (2, 2)), ((2, 1, 1), (2, 3, 4))])
def test_sum_to_is_the_adjoint_of_broadcast_to(shapes):
    rng = np.random.default_rng(0)
    x, y = (rng.standard_normal(shape) for shape in shapes)
    broadcast, summed = BroadcastTo.of(x, shape=y.shape), SumTo.of(y, shape=x.shape)
    assert summed.shape == x.shape
    np.testing.assert_allclose(np.vdot(broadcast, y), np.vdot(x, summed))


def test_sums_of_float16_are_made_in_float32():
    """In float16 the sum of 4096 ones and more stays at 2048."""
    x = variable(1, dtype=np.float16)
    y = F.broadcast_to(x, (4096,))
    y.grad = np.ones(4096, np.float16)
    y.backward()
    assert x.grad == 4096


@pytest.mark.parametrize('dtype', ['float16', 'float32', 'float64', 'int32', 'bool'])
def test_cast(dtype):
    x = variable(3)
    y = F.cast(x, dtype)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y.array, x.array.astype(dtype))


def test_the_gradient_of_cast_has_the_dtype_of_the_input():
    x = variable(3, dtype=np.float16)
    y = F.cast(x, np.float64)
    y.grad = np.full(3, 0.1)
    y.backward()
    assert x.grad.dtype == np.float16
    np.testing.assert_array_equal(x.grad, np.full(3, 0.1, np.float16))


def test_cast_to_integers_stops_gradients():
    x = variable(3)
    y = F.cast(F.cast(x, 'int64'), 'float64')
    F.sum(y).backward()
    assert x.grad is None


def test_cast_of_integers():
    x = Variable(np.arange(3))
    F.sum(F.cast(x, 'float32')).backward()
    assert x.grad is None


def test_empty_arrays():
    x = variable(0, 3)
    for y in (F.reshape(x, (3, 0)), x.T, x[:], x[[]], F.broadcast_to(x, (2, 0, 3)), F.sum_to(x, (1, 3))):
        y.grad = np.zeros_like(y.array)
        y.backward()
    assert x.grad.shape == (0, 3)


def test_get_item_of_arrays():
    y = F.get_item(np.arange(4.0), slice(1, 3))
    np.testing.assert_array_equal(y.array, [1, 2])


def test_the_gradient_of_cast_is_cast_back():
    x = Variable(np.array([1.0, 2.0], np.float32))
    (gx,) = grad([F.cast(x, 'float64')], [x], [np.array([3.0, -4.0])], enable_double_backprop=True)
    assert gx.dtype == np.float32 and gx.array.tolist() == [3, -4]
