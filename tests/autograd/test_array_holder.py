"""The array that a Variable holds; what a person at a prompt sees of it is in test_prompt.py."""

import numpy as np
import pytest

import chaingrad.functions as F
from chaingrad import Variable


def variable(*shape, **options):
    return Variable(np.random.default_rng(9).uniform(0.5, 1.5, shape), **options)


# Making


def test_a_variable_holds_the_array_itself():
    a = np.ones((2, 3), np.float32)
    x = Variable(a)
    assert x.array is a and x.data is a and x.raw_array is a
    assert (x.shape, x.ndim, x.size, x.dtype) == ((2, 3), 2, 6, np.float32)
    assert (x.name, x.grad, x.grad_var, x.creator, x.creator_node, x.rank) == (None, None, None, None, None, 0)
    assert x.requires_grad is True
    assert x.xp is np


def test_options():
    g = np.ones(2)
    x = Variable(np.zeros(2), name='x', grad=g, requires_grad=False)
    assert (x.name, x.requires_grad) == ('x', False)
    assert x.grad is g


def test_without_array():
    x = Variable()
    assert x.array is None and x.grad is None
    x.array = np.ones(2)
    assert x.shape == (2,)


@pytest.mark.parametrize('data', [[1.0, 2.0], (1.0,), 1.0, 3, np.float32(2), 'text', {}])
def test_only_arrays(data):
    with pytest.raises(TypeError, match=f'must be an array, but it is a {type(data).__name__}'):
        Variable(data)


def test_a_list_is_told_what_to_write():
    with pytest.raises(TypeError, match=r'Write Variable\(np.array\(\[1.0, 2.0\], dtype=np.float32\)\)'):
        Variable([1.0, 2.0])


def test_a_variable_is_told_what_to_write():
    with pytest.raises(TypeError, match='as_variable'):
        Variable(variable(2))


def test_volatile_is_refused_with_advice():
    with pytest.raises(ValueError, match='no_backprop_mode'):
        Variable(np.ones(1), volatile=True)


def test_unknown_keywords():
    with pytest.raises(TypeError, match="unexpected keyword 'nmae'"):
        Variable(np.ones(1), nmae='x')


@pytest.mark.parametrize('dtype', [np.int64, np.bool_, np.float16, np.complex64, object])
def test_arrays_of_any_dtype(dtype):
    assert Variable(np.zeros(2, dtype)).dtype == dtype


def test_an_array_of_zero_axes():
    x = Variable(np.array(2.0))
    assert (x.shape, x.ndim, x.size) == ((), 0, 1)
    assert x.item() == 2.0 and type(x.item()) is float


# The array


def test_set_array():
    x = variable(2)
    for name in ('array', 'data'):
        a = np.ones(3, np.float32)
        setattr(x, name, a)
        assert x.array is a and x.data is a
    assert (x.node.shape, x.node.dtype) == ((3,), np.float32)
    with pytest.raises(TypeError, match='must be an array'):
        x.array = [1.0]


def test_a_new_array_counts_in_the_next_application():
    x = variable(2)
    x.node  # noqa: B018
    x.array = np.array([1.0, 2.0, 3.0], np.float32)
    F.sum(x * x).backward()
    np.testing.assert_array_equal(x.grad, [2, 4, 6])
    assert x.grad.dtype == np.float32


def test_updates_in_place_are_seen():
    x = variable(2)
    x.array[...] = 7
    assert F.sum(x).array == 14


def test_item():
    assert variable(1, 1).item() == pytest.approx(variable(1, 1).array[0, 0])
    with pytest.raises(ValueError, match=r'one element.*\(3,\)'):
        variable(3).item()


def test_len_and_iteration():
    x = variable(3, 2)
    rows = list(x)
    assert len(x) == len(rows) == 3
    np.testing.assert_array_equal(rows[1].array, x.array[1])
    F.sum(rows[1] * 2).backward()
    np.testing.assert_array_equal(x.grad, [[0, 0], [2, 2], [0, 0]])


def test_zero_axes_have_no_length():
    with pytest.raises(TypeError):
        len(variable())
    with pytest.raises(TypeError):
        list(variable())


def test_devices():
    x = variable(2, grad=np.ones(2))
    x.to_cpu()
    x.to_device('@numpy')
    assert x.device.name == '@numpy'
    assert type(x.array) is type(x.grad) is np.ndarray
    with pytest.raises(Exception, match='(?i)cupy'):
        x.to_gpu()
