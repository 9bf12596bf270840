"""Variable: its gradient, its place in the graph, its methods, copies and files."""

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
from chaingrad import Variable, as_array, as_variable


def variable(*shape, **options):
    return Variable(np.random.default_rng(9).uniform(0.5, 1.5, shape), **options)


# The gradient


def test_set_grad():
    x = variable(2)
    g = np.ones(2)
    x.grad = g
    assert x.grad is g
    assert x.grad_var.array is g
    assert x.grad is g
    x.grad = None
    assert x.grad is None and x.grad_var is None


def test_set_grad_var():
    x, g = variable(2), variable(2)
    x.grad_var = g
    assert x.grad_var is g and x.grad is g.array
    x.grad_var = None
    assert x.grad is None and x.grad_var is None


def test_grad_var_is_one_object():
    x = variable(2, grad=np.ones(2))
    assert x.grad_var is x.grad_var


@pytest.mark.parametrize(
    ('g', 'error', 'message'),
    [
        (np.ones(3), ValueError, r'\(2,\).*\(3,\)'),
        (np.ones((2, 1)), ValueError, r'\(2,\).*\(2, 1\)'),
        (np.ones(2, np.float32), TypeError, 'float64.*float32'),
        ([1.0, 1.0], TypeError, 'list'),
        (1.0, TypeError, 'float'),
    ],
)
def test_a_gradient_must_fit(g, error, message):
    x = variable(2)
    with pytest.raises(error, match=message):
        x.grad = g
    assert x.grad is None
    if isinstance(g, np.ndarray):
        with pytest.raises(error, match=message):
            x.grad_var = Variable(g)
        with pytest.raises(error, match=message):
            Variable(x.array, grad=g)


def test_a_variable_without_array_can_have_no_gradient():
    with pytest.raises(ValueError, match='no value yet'):
        Variable().grad = np.ones(2)


def test_cleargrad_and_zerograd():
    x = variable(2, grad=np.ones(2))
    with pytest.warns(DeprecationWarning, match='cleargrad'):
        x.zerograd()
    np.testing.assert_array_equal(x.grad, [0, 0])
    x.cleargrad()
    assert x.grad is None


def test_zerograd_does_not_write_into_an_array_that_others_hold():
    g = np.ones(2)
    x = variable(2, grad=g)
    with pytest.warns(DeprecationWarning, match='cleargrad'):
        x.zerograd()
    np.testing.assert_array_equal(g, [1, 1])


def test_addgrad():
    x, y = variable(2), variable(2, grad=np.array([1.0, 2.0]))
    x.addgrad(variable(2))
    assert x.grad is None
    x.addgrad(y)
    np.testing.assert_array_equal(x.grad, [1, 2])
    assert not np.may_share_memory(x.grad, y.grad)
    x.addgrad(y)
    np.testing.assert_array_equal(x.grad, [2, 4])
    np.testing.assert_array_equal(y.grad, [1, 2])
    with pytest.raises(ValueError, match=r'\(2,\).*\(3,\)'):
        x.addgrad(variable(3, grad=np.ones(3)))


def test_copydata():
    x, y = variable(2), Variable(np.array([5.0, 6.0], np.float32))
    a = x.array
    x.copydata(y)
    assert x.array is a
    np.testing.assert_array_equal(a, [5, 6])
    x.copydata(Variable())
    np.testing.assert_array_equal(a, [5, 6])
    with pytest.raises(ValueError, match=r'\(2,\).*\(3,\)'):
        x.copydata(variable(3))


def test_copydata_into_a_variable_without_array():
    x, y = Variable(), variable(2)
    x.copydata(y)
    np.testing.assert_array_equal(x.array, y.array)
    assert x.array is not y.array


# The graph


def test_creator_and_rank():
    x = variable(2)
    y = F.exp(x)
    z = y * x
    assert (x.rank, y.rank, z.rank) == (0, 1, 2)
    assert z.creator is z.creator_node
    assert z.creator.inputs == (y.node, x.node)


def test_the_node_knows_the_variable():
    x = variable(2, name='x')
    assert x.node is x.node
    assert x.node.get_variable() is x
    assert x.node.name == 'x'
    x.name = 'y'
    assert x.node.name == 'y'
    assert x.label == x.node.label == 'y: (2,), float64'


def test_set_creator():
    node = F.exp(variable(2) * 1).creator
    for set_it in (
        lambda y: y.set_creator(node),
        lambda y: y.set_creator_node(node),
        lambda y: setattr(y, 'creator', node),
        lambda y: setattr(y, 'creator_node', node),
    ):
        y = variable(2)
        set_it(y)
        assert y.creator is y.creator_node is node
        assert y.rank == 2


def test_unchain():
    x = variable(2)
    h = F.exp(x)
    y = F.sum(h * h)
    h.unchain()
    y.backward()
    assert x.grad is None and h.creator is None
    np.testing.assert_allclose(h.grad, 2 * h.array)
    x.unchain()


@pytest.mark.behaviour('unchain-keeps-rank')
def test_what_is_unchained_keeps_its_rank():
    x = variable(2)
    h = F.exp(F.exp(x))
    a, b = F.split_axis(h, 2, 0)
    y = F.sum(a + b)
    for variables, end in (
        ([h], h.unchain),
        ([x], x.unchain),
        ([a, b], a.node.unchain),
        ([a, b, y], y.unchain_backward),
    ):
        ranks = [v.rank for v in variables]
        end()
        assert [v.rank for v in variables] == ranks and max(ranks) == {1: ranks[0], 2: 3, 3: 5}[len(ranks)]
    assert y.creator is None and F.exp(y).rank == 6 and h.rank == 2


@pytest.mark.filterwarnings('ignore:backward. no gradient flows')
def test_unchain_backward():
    x = variable(2)
    h = F.exp(x)
    g = F.sin(h)
    y = F.sum(h * g)
    y.unchain_backward()
    assert [v.creator for v in (h, g, y)] == [None] * 3
    y.backward()
    assert x.grad is None


def test_unchain_backward_frees_the_graph():
    """Truncated backpropagation through time: the state is kept, what led to it goes."""
    W, h = variable(3), variable(3)
    nodes = []
    for _ in range(5):
        h = F.tanh(h * W)
        nodes.append(weakref.ref(h.creator_node))
    gc.disable()
    try:
        h.unchain_backward()
        assert [node() for node in nodes] == [None] * 5
    finally:
        gc.enable()
    F.sum(h * W).backward()
    np.testing.assert_array_equal(W.grad, h.array)


def test_unchain_backward_through_diamonds_is_quick():
    x = variable(1)
    y = x
    for _ in range(60):
        y = y * 0.5 + y * 0.5
    y.unchain_backward()
    assert y.creator is None


def test_retain_data():
    x = variable(2)
    x.retain_data()
    assert x.node.data is x.array


@pytest.mark.parametrize('double', [False, True])
def test_requires_grad_is_inherited(double):
    c = variable(2, requires_grad=False)
    y = F.exp(c) * 2
    assert not y.requires_grad and not y.creator.inputs[0].requires_grad
    assert (y * variable(2)).requires_grad


# Views and operators that are methods


def test_reshape():
    x = variable(2, 3)
    for shape in ((3, 2), ((3, 2),), ([3, 2],), (-1,), (6,), ((6,),), (1, 6, 1), ((3, -1),)):
        y = x.reshape(*shape)
        np.testing.assert_array_equal(y.array, x.array.reshape(*shape))
    assert x.reshape(2, 3) is x


def test_transpose():
    x = variable(2, 3, 4)
    for axes in ((), (None,), (1, 0, 2), ((2, 0, 1),), ([0, 2, 1],), (-1, 0, 1)):
        np.testing.assert_array_equal(x.transpose(*axes).array, x.array.transpose(*axes))
    np.testing.assert_array_equal(x.T.array, x.array.T)
    np.testing.assert_array_equal(variable(3).transpose(0).array, variable(3).array)


def test_methods_give_gradients():
    x = variable(2, 3)
    F.sum(x.reshape(3, 2).T * x.transpose(0, 1)).backward()
    assert x.grad.shape == (2, 3)


def test_mean_and_sum():
    x = variable(2, 3)
    np.testing.assert_allclose(x.mean().array, x.array.mean())
    np.testing.assert_allclose(x.mean(0, keepdims=True).array, x.array.mean(0, keepdims=True))
    w = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(x.mean(1, weights=w).array, np.average(x.array, 1, w))
    np.testing.assert_allclose(x.sum(1).array, x.array.sum(1))


@pytest.mark.parametrize(
    'index',
    [0, -1, (1, 2), slice(None), (slice(None), 1), (..., 0), None, (slice(None, None, -1), None), [0, 0, 1]],
    ids=repr,
)
def test_indexing(index):
    x = variable(2, 3)
    y = x[index]
    np.testing.assert_array_equal(y.array, x.array[index])
    y.grad = np.ones_like(y.array)
    y.backward()
    expected = np.zeros((2, 3))
    np.add.at(expected, index, 1.0)
    np.testing.assert_array_equal(x.grad, expected)


def test_indexing_by_a_variable():
    x, ids = variable(3), Variable(np.array([2, 2, 0]))
    y = x[ids]
    np.testing.assert_array_equal(y.array, x.array[[2, 2, 0]])
    F.sum(y).backward()
    np.testing.assert_array_equal(x.grad, [1, 0, 2])
    assert ids.grad is None


def test_a_variable_is_not_changed_through_an_index():
    with pytest.raises(TypeError):
        variable(3)[0] = 1


# Copies and files


def test_copy_of_a_leaf():
    x = variable(2, name='x', grad=np.ones(2))
    y = copy.copy(x)
    assert y is not x and y.array is x.array and y.grad is x.grad and y.name == 'x'
    F.sum(y * 2).backward()
    np.testing.assert_array_equal(y.grad, [3, 3])
    np.testing.assert_array_equal(x.grad, [1, 1])


def test_copy_of_an_intermediate_keeps_its_place():
    x = variable(2)
    h = F.exp(x)
    F.sum(copy.copy(h)).backward()
    np.testing.assert_allclose(x.grad, h.array)


def test_deepcopy():
    x = variable(2, name='x', grad=np.ones(2), requires_grad=False)
    y = copy.deepcopy(x)
    assert (y.name, y.requires_grad) == ('x', False)
    np.testing.assert_array_equal(y.array, x.array)
    np.testing.assert_array_equal(y.grad, x.grad)
    assert not np.may_share_memory(y.array, x.array) and not np.may_share_memory(y.grad, x.grad)


@pytest.mark.parametrize('double', [False, True])
def test_deepcopy_leaves_the_graph_behind(double):
    x = variable(2)
    h = F.exp(x)
    F.sum(h).backward(enable_double_backprop=double)
    assert copy.deepcopy(h).creator is None
    np.testing.assert_array_equal(copy.deepcopy(x).grad, x.grad)


@pytest.mark.parametrize('protocol', range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(protocol):
    x = variable(2, name='x', grad=np.ones(2), requires_grad=False)
    y = pickle.loads(pickle.dumps(x, protocol))
    assert type(y) is Variable
    assert (y.name, y.requires_grad) == ('x', False)
    np.testing.assert_array_equal(y.array, x.array)
    np.testing.assert_array_equal(y.grad, x.grad)


def test_pickle_of_an_intermediate():
    h = F.exp(variable(2))
    loaded = pickle.loads(pickle.dumps(h))
    np.testing.assert_array_equal(loaded.array, h.array)
    assert loaded.creator is None


def test_pickle_of_an_empty_one():
    assert pickle.loads(pickle.dumps(Variable())).array is None


def test_subclasses_of_a_user():
    class Named(Variable):
        pass

    x = Named(np.array([2.0]))
    F.sum(x * x).backward()
    assert x.grad == 4
    assert type(copy.copy(x)) is type(copy.deepcopy(x)) is Named


# as_variable, as_array


def test_as_variable():
    x, a = variable(2), np.ones(2)
    assert as_variable(x) is x
    v = as_variable(a)
    assert v.array is a and not v.requires_grad


def test_as_array():
    x, a = variable(2), np.ones(2)
    assert as_array(x) is x.array
    assert as_array(a) is a


def test_public_paths():
    assert chaingrad.variable.Variable is Variable
