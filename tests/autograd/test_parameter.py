"""Parameter: initializers, shapes that come later, the first gradient."""

import copy
import pickle
import warnings

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
from chaingrad import Parameter, using_config
from chaingrad.autograd.initializer import Constant
from chaingrad.links.initializers import Normal


def test_from_an_array():
    a = np.ones((2, 3))
    p = Parameter(a, name='W')
    assert p.array is a and p.name == 'W' and p.is_initialized
    assert (p.shape, p.dtype, p.requires_grad) == ((2, 3), np.float64, True)


@pytest.mark.parametrize(
    'initializer', [3, 3.0, np.float64(3), Constant(3), lambda array: array.fill(3)], ids=lambda i: type(i).__name__
)
def test_from_a_shape(initializer):
    p = Parameter(initializer, (2, 3))
    np.testing.assert_array_equal(p.array, np.full((2, 3), 3.0))
    assert p.dtype == np.float32


def test_the_shape_may_be_a_number():
    assert Parameter(0, 4).shape == (4,)


def test_an_array_as_initializer_of_a_shape():
    a = np.arange(6.0).reshape(2, 3)
    p = Parameter(a, (2, 3))
    np.testing.assert_array_equal(p.array, a)


def test_without_initializer_it_is_nan():
    assert np.isnan(Parameter(shape=(2,)).array).all()


def test_the_initializer_says_the_dtype():
    assert Parameter(Constant(0, dtype=np.float64), (2,)).dtype == np.float64
    with using_config('dtype', np.dtype(np.float64)):
        assert Parameter(0, (2,)).dtype == np.float64


def test_a_bad_initializer():
    with pytest.raises(TypeError, match='initializer'):
        Parameter([1, 2, 3])


# Shapes that come later


def test_a_lazy_parameter():
    p = Parameter(0, name='W')
    assert not p.is_initialized
    assert p.array is None and p.grad is None
    p.initialize((2, 3))
    assert p.is_initialized
    np.testing.assert_array_equal(p.array, np.zeros((2, 3)))
    assert np.isnan(p.grad).all() and p.grad.shape == (2, 3)


def test_a_lazy_parameter_that_was_cleared_has_no_gradient():
    p = Parameter(0)
    p.cleargrad()
    p.initialize((2,))
    assert p.grad is None


@pytest.mark.behaviour('deprecation-zerograd')
def test_a_lazy_parameter_that_was_zeroed_has_zeros():
    p = Parameter(0)
    with pytest.warns(DeprecationWarning, match='cleargrad'):
        p.zerograd()
    p.initialize((2,))
    np.testing.assert_array_equal(p.grad, [0, 0])


@pytest.mark.behaviour('parameter-dtype')
def test_dtype_of_a_lazy_parameter():
    for dtype in (np.float16, 'float16', np.dtype(np.float16)):
        p = Parameter(Constant(0, dtype=dtype))
        assert p.dtype == np.float16 and isinstance(p.dtype, np.dtype)
    p = Parameter(0, name='W')
    with pytest.raises(
        RuntimeError, match='Parameter.dtype of W: it has no array yet and its initializer has no dtype'
    ):
        p.dtype  # noqa: B018
    p.initialize((2,))
    assert p.dtype == np.float32
    p.array = np.ones(2)
    assert p.dtype == np.float64


def test_a_lazy_parameter_in_a_function():
    with pytest.raises((RuntimeError, TypeError), match='exp: input 0 .* no (array|value) yet'):
        F.exp(Parameter(0))


@pytest.mark.behaviour('uninitialized-gradients')
def test_gradients_and_data_initialize():
    p, q = Parameter(5), Parameter(np.ones(2, np.float32))
    p.cleargrad()
    q.grad = np.array([1, 2], np.float32)
    p.addgrad(q)
    assert p.array.tolist() == [5, 5] and p.grad.tolist() == [1, 2] and p.grad is not q.grad
    lazy = Parameter(3)
    lazy.addgrad(Parameter(0))
    assert not lazy.is_initialized
    q.copydata(lazy)
    assert lazy.array.tolist() == q.array.tolist() == [3, 3] and lazy.array is not q.array
    link, other = chaingrad.Link(), chaingrad.Link(W=(2,))
    link.add_param('W')
    link.cleargrads()
    other.W.grad = np.array([1, 2], np.float32)
    link.addgrads(other)
    assert link.W.grad.tolist() == [1, 2]


def test_copydata_initializes():
    p, q = Parameter(0), Parameter(5, (2,))
    p.copydata(q)
    np.testing.assert_array_equal(p.array, [5, 5])
    assert p.array is not q.array


# The first gradient


def test_the_first_gradient_is_nan():
    p = Parameter(np.ones(2, np.float32))
    assert np.isnan(p.grad).all() and p.grad.dtype == np.float32


@pytest.mark.parametrize('double', [False, True])
def test_a_parameter_that_was_never_cleared_warns_once(double):
    p = Parameter(np.ones(2), name='W')
    with pytest.warns(RuntimeWarning, match=r'parameter W was never cleared.*model.cleargrads\(\)'):
        F.sum(p * p).backward(enable_double_backprop=double)
    assert np.isnan(p.grad).all()
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        F.sum(p * p).backward()
    assert np.isnan(p.grad).all()


def test_the_warning_points_to_the_users_line():
    p = Parameter(np.ones(2))
    with pytest.warns(RuntimeWarning, match='never cleared') as caught:
        F.sum(p * p).backward()
    assert caught[0].filename == __file__


@pytest.mark.filterwarnings('ignore:Variable.zerograd')
@pytest.mark.parametrize('clear', [Parameter.cleargrad, Parameter.zerograd, lambda p: setattr(p, 'grad', np.zeros(2))])
def test_a_cleared_parameter_accumulates(clear):
    p = Parameter(np.ones(2))
    clear(p)
    for _ in range(2):
        F.sum(p * 3).backward()
    np.testing.assert_array_equal(p.grad, [6, 6])


def test_gradients_of_parameters_by_grad_need_no_clearing():
    p = Parameter(np.ones(2))
    (g,) = chaingrad.grad([p * 3], [p])
    np.testing.assert_array_equal(g.array, [3, 3])


# Update, copies


def test_update_asks_the_rule():
    updated = []

    class Rule:
        def update(self, param):
            updated.append(param)

    p = Parameter(np.ones(2))
    p.update()
    p.update_rule = Rule()
    p.update()
    assert len(updated) == 1 and updated[0] is p


@pytest.mark.parametrize('duplicate', [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))], ids=['copy', 'pickle'])
def test_copies(duplicate):
    p = Parameter(Constant(2), (2,), name='W')
    p.grad = np.array([1, 2], np.float32)
    q = duplicate(p)
    assert type(q) is Parameter and q.name == 'W' and q.is_initialized
    np.testing.assert_array_equal(q.array, p.array)
    np.testing.assert_array_equal(q.grad, p.grad)
    assert not np.may_share_memory(q.array, p.array)


@pytest.mark.parametrize('duplicate', [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))], ids=['copy', 'pickle'])
def test_copies_of_a_lazy_parameter(duplicate):
    p = Parameter(Constant(2))
    p.cleargrad()
    held = copy.copy(p)
    q = duplicate(p)
    q.initialize((2,))
    np.testing.assert_array_equal(q.array, [2, 2])
    assert q.grad is None
    assert not p.is_initialized and not held.is_initialized


@pytest.mark.behaviour('copy-shares-later-data')
@pytest.mark.parametrize('first', [0, 1, 2])
@pytest.mark.parametrize('fill', ['initialize', 'array', 'data', 'copydata'])
def test_shallow_copies_of_a_lazy_parameter_share_what_one_of_them_gets(first, fill):
    p = Parameter(Normal())
    q = copy.copy(p)
    r = copy.copy(q)
    q.cleargrad()
    gone = copy.copy(p)
    del gone
    one = (p, q, r)[first]
    if fill == 'initialize':
        one.initialize((2, 3))
    elif fill == 'copydata':
        one.copydata(Parameter(np.ones((2, 3), np.float32)))
    else:
        setattr(one, fill, np.ones((2, 3), np.float32))
    assert p.array is q.array and q.array is r.array and p.shape == (2, 3)
    assert q.grad is None and (fill in ('array', 'data') or np.isnan(p.grad).all() and np.isnan(r.grad).all())
    assert p.grad is None or p.grad is not r.grad
    q.cleargrad()
    F.sum(q * 2).backward()
    np.testing.assert_array_equal(q.grad, np.full((2, 3), 2))
    q.array = np.zeros((2, 3), np.float32)  # from now on each goes its own way
    assert p.array is r.array is not q.array
    assert not copy.copy(p)._copies


@pytest.mark.behaviour('copy-shares-later-data')
@pytest.mark.parametrize('duplicate', [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))], ids=['copy', 'pickle'])
def test_lazy_parameters_that_share_are_copied_together(duplicate):
    p = Parameter(0)
    q = copy.copy(p)
    p2, q2 = duplicate((p, q))
    p2.initialize(3)
    assert q2.array is p2.array and not p.is_initialized
    q.initialize(2)
    assert p.array is q.array and q2.shape == (3,)


def test_a_shallow_copy_shares_the_array_and_not_the_gradient():
    """What Link.copy needs."""
    p = Parameter(np.ones(2))
    q = copy.copy(p)
    q.cleargrad()
    assert q.array is p.array
    F.sum(q).backward()
    assert np.isnan(p.grad).all()
    np.testing.assert_array_equal(q.grad, [1, 1])
