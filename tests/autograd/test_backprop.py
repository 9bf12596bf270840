"""The traversal: fan-in, order, depth, what is kept, who owns the gradients, when graphs die."""

import weakref

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
from chaingrad import Variable
from chaingrad.autograd.backprop import propagate


def variable(*shape, **options):
    return Variable(np.random.default_rng(3).uniform(0.5, 1.5, shape), **options)


def owned(g):
    return type(g) is np.ndarray and g.flags.writeable and g.flags.owndata


# Fan-in and order


def test_fan_in_adds_the_gradients():
    x = variable(3)
    F.sum(x * x + 3 * x + x).backward()
    np.testing.assert_allclose(x.grad, 2 * x.array + 4)


@pytest.mark.parametrize('n', [2, 3, 5])
def test_fan_in_of_many(n):
    x = variable(2, 3)
    h = x * 2
    y = h * 1
    for i in range(n):
        y = y + h * (i + 1)
    F.sum(y).backward()
    np.testing.assert_allclose(x.grad, np.full((2, 3), 2.0 * (1 + n * (n + 1) / 2)))


@pytest.mark.parametrize('retain', [False, True])
def test_a_function_of_several_outputs_has_one_turn(retain):
    turns = []

    class Twice(chaingrad.FunctionNode):
        def forward(self, inputs):
            return inputs[0] * 2, inputs[0] * 3, inputs[0] * 5

        def backward(self, indexes, grad_outputs):
            turns.append([None if g is None else g.array.tolist() for g in grad_outputs])
            return (grad_outputs[0] * 2 + grad_outputs[1] * 3,)

    x = Variable(np.array(1.0))
    a, b, _ = Twice().apply((x,))
    (a * 7 + b * 11).backward(retain_grad=retain)
    assert turns == [[7, 11, None]]
    assert x.grad == 7 * 2 + 11 * 3


def test_a_ladder_of_diamonds_takes_linear_time():
    """Each rung doubles the number of paths; a traversal that followed paths would never end."""
    x = Variable(np.array([1.0]))
    y = x
    for _ in range(60):
        y = y * 0.5 + y * 0.5
    F.sum(y).backward()
    np.testing.assert_allclose(x.grad, [1.0])


def test_a_short_and_a_long_way_from_the_same_node():
    """The gradient of h is complete only after the long way: order by rank, not by discovery."""
    x = variable(4)
    h = F.exp(x)
    long = h
    for _ in range(5):
        long = long * 1.1
    F.sum(h * long).backward()
    np.testing.assert_allclose(x.grad, 2 * 1.1**5 * np.exp(x.array) ** 2)


def test_the_same_input_twice():
    a = variable(2, 2)
    F.sum(F.matmul(a, a)).backward()
    ones = np.ones((2, 2))
    np.testing.assert_allclose(a.grad, ones @ a.array.T + a.array.T @ ones)


def test_functions_are_visited_once_from_high_to_low_rank():
    visited = []

    class Watch(chaingrad.FunctionHook):
        def backward_preprocess(self, function, in_data, out_grad):
            visited.append(function.rank)

    x = variable(2)
    h = F.sin(x)
    y = F.sum(h * F.cos(h) + h)
    with Watch():
        y.backward()
    assert visited == sorted(visited, reverse=True)
    assert len(visited) == 5


def test_the_order_is_the_same_every_time():
    def labels():
        seen = []

        class Watch(chaingrad.FunctionHook):
            def backward_preprocess(self, function, in_data, out_grad):
                seen.append(function.label)

        x = variable(2)
        with Watch():
            F.sum(F.sin(x) * F.cos(x) + F.exp(x) * F.tanh(x)).backward()
        return seen

    assert labels() == labels()


# Depth


@pytest.mark.parametrize('double', [False, True], ids=['arrays', 'variables'])
def test_a_chain_of_20000_nodes(double):
    """Forward, backward and destruction work without recursion."""
    x = Variable(np.array([1.0]))
    y = x
    for _ in range(20_000):
        y = y + 1
    F.sum(y).backward(enable_double_backprop=double)
    assert y.array == 20_001
    assert x.grad == 1
    last = weakref.ref(y.creator_node)
    first = weakref.ref(x.node)
    del y
    assert last() is None
    x.cleargrad()
    del x
    assert first() is None


def test_a_chain_of_20000_nodes_by_grad_and_unchain():
    x = Variable(np.array([1.0]))
    y = x
    for _ in range(20_000):
        y = -y
    (gx,) = chaingrad.grad([y], [x])
    assert gx.array == 1
    y.unchain_backward()
    assert y.creator is None


# What is set where


def test_only_leaves_get_gradients():
    x = variable(3)
    h = x * 2
    y = F.sum(h * h)
    y.backward()
    assert h.grad is None
    assert y.grad is None
    assert x.grad is not None


def test_retain_grad_sets_all():
    x = variable(3)
    h = x * 2
    y = F.sum(h * h)
    y.backward(retain_grad=True)
    np.testing.assert_array_equal(y.grad, 1.0)
    np.testing.assert_allclose(h.grad, 2 * h.array)
    np.testing.assert_allclose(x.grad, 4 * h.array)


def test_retained_gradients_are_set_and_leaf_gradients_added():
    x = variable(3)
    h = x * 2
    y = F.sum(h * h)
    for _ in range(2):
        y.backward(retain_grad=True)
    np.testing.assert_allclose(h.grad, 2 * h.array)
    np.testing.assert_allclose(x.grad, 8 * h.array)


def test_a_preset_gradient_of_an_intermediate_counts_not_and_stays():
    x = variable(3)
    h = x * 2
    h.grad = np.full(3, 100.0)
    F.sum(h).backward()
    np.testing.assert_array_equal(x.grad, [2, 2, 2])
    np.testing.assert_array_equal(h.grad, [100, 100, 100])


def test_gradients_accumulate_in_leaves():
    x = variable(3)
    x.grad = np.array([1.0, 2.0, 3.0])
    before = x.grad
    F.sum(x * 5).backward()
    np.testing.assert_array_equal(x.grad, [6, 7, 8])
    np.testing.assert_array_equal(before, [1, 2, 3])  # whoever holds the old array keeps it as it was


def test_backward_twice_through_one_graph():
    x = variable(3)
    y = F.sum(F.exp(x))
    y.backward()
    once = x.grad.copy()
    y.backward()
    np.testing.assert_allclose(x.grad, 2 * once)


def test_loss_scale_multiplies_the_gradients():
    x = Variable(np.array([2.0], np.float16))
    y = x * x
    F.sum(y).backward(loss_scale=128.0)
    assert x.grad == 512 and x.grad.dtype == np.float16


@pytest.mark.parametrize('double', [False, True])
def test_loss_scale_with_a_preset_gradient(double):
    x = variable(2)
    y = x * 3
    y.grad = np.array([1.0, 2.0])
    y.backward(loss_scale=8, enable_double_backprop=double)
    np.testing.assert_array_equal(x.grad, [24, 48])


def test_leaves_without_requires_grad_get_none():
    x, c = variable(2), variable(2, requires_grad=False)
    F.sum(x * c).backward()
    assert c.grad is None
    np.testing.assert_array_equal(x.grad, c.array)


def test_integer_variables_get_none():
    table, ids = variable(4, 2), Variable(np.array([1, 1, 3]))
    F.sum(F.embed_id(ids, table)).backward()
    assert ids.grad is None
    np.testing.assert_array_equal(table.grad, [[0, 0], [2, 2], [0, 0], [1, 1]])


@pytest.mark.filterwarnings('ignore:backward. no gradient flows')
def test_a_graph_of_integers_has_no_gradients():
    x = Variable(np.array([3]))
    y = x * 2 + x
    assert y.dtype == x.dtype
    F.sum(y).backward()
    assert x.grad is None


def test_a_leaf_that_was_dropped_is_no_problem():
    x, other = variable(2), variable(2)
    y = F.sum(x * other)
    kept = other.array
    del other
    y.backward()
    np.testing.assert_array_equal(x.grad, kept)


# Zero axes


@pytest.mark.parametrize('double', [False, True])
@pytest.mark.parametrize(
    'function',
    [lambda x: x * x, lambda x: x + x, lambda x: x * x * x, lambda x: F.exp(x) * x + x, lambda x: F.sum(x) * x],
)
def test_gradients_of_zero_axes_are_arrays(function, double):
    x = Variable(np.array(2.0))
    for _ in range(2):
        function(x).backward(enable_double_backprop=double)
    assert type(x.grad) is np.ndarray and x.grad.shape == () and x.grad.flags.writeable


@pytest.mark.parametrize('double', [False, True])
def test_intermediate_gradients_of_zero_axes_are_arrays(double):
    x = Variable(np.array(2.0))
    h = x * 3
    y = h * h + h
    y.backward(retain_grad=True, enable_double_backprop=double)
    assert type(h.grad) is np.ndarray and h.grad == 13
    assert x.grad == 39


# Higher orders


def test_third_order():
    x = Variable(np.array([0.7, -1.3]))
    y = F.sum(F.sin(x) * x)
    (g1,) = chaingrad.grad([y], [x], enable_double_backprop=True)
    (g2,) = chaingrad.grad([F.sum(g1)], [x], enable_double_backprop=True)
    (g3,) = chaingrad.grad([F.sum(g2)], [x], enable_double_backprop=True)
    a = x.array
    np.testing.assert_allclose(g1.array, np.cos(a) * a + np.sin(a))
    np.testing.assert_allclose(g2.array, -np.sin(a) * a + 2 * np.cos(a))
    np.testing.assert_allclose(g3.array, -np.cos(a) * a - 3 * np.sin(a))


def test_fourth_order_of_a_power():
    x = Variable(np.array(1.5))
    y = x**5
    for factor, power in ((5, 4), (20, 3), (60, 2), (120, 1)):
        (y,) = chaingrad.grad([y], [x], enable_double_backprop=True)
        np.testing.assert_allclose(y.array, factor * 1.5**power)


def test_double_backprop_through_backward():
    x = variable(3)
    y = F.sum(x**3)
    y.backward(enable_double_backprop=True)
    gx = x.grad_var
    assert gx.creator is not None
    x.cleargrad()
    F.sum(gx * gx).backward()
    np.testing.assert_allclose(x.grad, 2 * 3 * x.array**2 * 6 * x.array)


def test_gradients_record_no_graph_without_double_backprop():
    x = variable(3)
    F.sum(x**3).backward()
    assert x.grad_var.creator is None


def test_double_backprop_works_within_no_backprop_mode():
    x = variable(3)
    y = F.sum(x**3)
    with chaingrad.no_backprop_mode():
        y.backward(enable_double_backprop=True)
    assert x.grad_var.creator is not None


def test_double_backprop_accumulates_graphs():
    x = variable(2)
    for _ in range(2):
        F.sum(x**3).backward(enable_double_backprop=True)
    gx = x.grad_var
    x.cleargrad()
    F.sum(gx).backward()
    np.testing.assert_allclose(x.grad, 12 * x.array)


# The traversal itself


def test_propagate_returns_gradients_and_changes_nothing():
    x = variable(2)
    h = x * 3
    y = h * h
    grads = propagate([(y._get_node(), np.ones(2))])
    assert set(grads) == {x._get_node()}
    np.testing.assert_allclose(grads[x._get_node()], 18 * x.array)
    assert x.grad is None


def test_propagate_adds_two_gradients_of_one_start():
    x = variable(2)
    y = x * 3
    grads = propagate([(y._get_node(), np.ones(2)), (y._get_node(), np.ones(2))])
    np.testing.assert_array_equal(grads[x._get_node()], [6, 6])


def test_a_start_node_below_another():
    """h is a start, and y depends on it: both gradients count, and h's function runs once."""
    x = variable(2)
    h = x * 3
    y = h * 2
    grads = propagate([(h._get_node(), np.ones(2)), (y._get_node(), np.ones(2))])
    np.testing.assert_array_equal(grads[x._get_node()], [9, 9])
