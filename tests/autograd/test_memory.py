"""Who owns the gradients of a pass, and when graphs die."""

import gc
import weakref

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
from chaingrad import FunctionNode, Variable
from chaingrad.autograd.variable_node import VariableNode


def variable(*shape, **options):
    return Variable(np.random.default_rng(3).uniform(0.5, 1.5, shape), **options)


def owned(g):
    return type(g) is np.ndarray and g.flags.writeable and g.flags.owndata


# Ownership


LEAVES = {
    'x + y': lambda x, y: x + y,
    'x - y': lambda x, y: x - y,
    'add three': lambda x, y: F.add(x, y, x),
    'sum': lambda x, y: F.sum(x) + F.sum(y),
    'broadcast_to': lambda x, y: F.sum(F.broadcast_to(x, (2, 3)) + F.broadcast_to(y, (2, 3))),
    'reshape': lambda x, y: F.reshape(x, (3, 1)) + F.reshape(y, (3, 1)),
    'transpose': lambda x, y: x.T + y.T,
    'concat': lambda x, y: F.concat((x, y), 0),
    'stack': lambda x, y: F.stack((x, y)),
    'maximum': lambda x, y: F.maximum(x, y),
    'cast': lambda x, y: F.cast(x, 'float32') + F.cast(y, 'float32'),
    'get_item': lambda x, y: x[:] + y[...],
    'mean': lambda x, y: F.mean(x) * 2 + F.mean(y),
    'identity': lambda x, y: x + 0 + (y + 0),
}


@pytest.mark.parametrize('retain_grad', [False, True])
@pytest.mark.parametrize('function', LEAVES.values(), ids=list(LEAVES))
def test_leaf_gradients_are_owned_writable_unaliased(function, retain_grad):
    """Hooks of optimizers write into gradients in place: each leaf must have an array of its own."""
    x, y = variable(3), variable(3)
    z = function(x, y)
    z.grad = gz = np.random.default_rng(0).standard_normal(z.shape).astype(z.dtype)
    z.backward(retain_grad=retain_grad)
    assert owned(x.grad) and owned(y.grad)
    arrays = [x.grad, y.grad, x.array, y.array, z.array, gz]
    for i, a in enumerate(arrays):
        assert not any(np.may_share_memory(a, b) for b in arrays[i + 1 :] if a is not z.array), i
    before = y.grad.copy()
    x.grad *= 0
    np.testing.assert_array_equal(y.grad, before)


class Itself(FunctionNode):
    """A user's node that returns the same gradient for all inputs, and keeps it."""

    def forward(self, inputs):
        return (inputs[0] + inputs[1],)

    def backward(self, indexes, grad_outputs):
        self.kept = grad_outputs[0] * 2
        return self.kept, self.kept


def test_the_gradient_of_a_users_node_is_copied():
    x, y = variable(3), variable(3)
    node = Itself()
    (z,) = node.apply((x, y))
    z.grad = np.ones(3)
    z.backward()
    assert owned(x.grad) and owned(y.grad)
    assert not np.may_share_memory(x.grad, y.grad)
    assert not np.may_share_memory(x.grad, node.kept.array)


def test_accumulated_gradients_are_owned():
    """The second summand must not become the leaf's own array, nor be changed in place."""
    x, y = variable(3), variable(3)
    for _ in range(3):
        z = x + y + x
        z.grad = np.ones(3)
        z.backward()
    np.testing.assert_array_equal(x.grad, [6, 6, 6])
    np.testing.assert_array_equal(y.grad, [3, 3, 3])
    assert owned(x.grad) and owned(y.grad)


def test_a_shared_gradient_is_not_changed_by_a_later_sum():
    """a and b get one array (gy of a + b); adding to a's sum in place would change b's gradient."""
    x = variable(3)
    a, b = x * 1, x * 10
    y = (a + b) + a * 2 + a * 3 + a
    y.grad = np.ones(3)
    y.backward(retain_grad=True)
    np.testing.assert_array_equal(a.grad, [7, 7, 7])
    np.testing.assert_array_equal(b.grad, [1, 1, 1])
    np.testing.assert_array_equal(x.grad, [17, 17, 17])
    np.testing.assert_array_equal(y.grad, [1, 1, 1])


# Death


def objects():
    """The graph objects that are alive."""
    kinds = (Variable, VariableNode, FunctionNode)
    return sum(issubclass(type(o), kinds) for o in gc.get_objects())


def a_step(double):
    x, W = variable(3, 4), variable(5, 4)
    y = F.sum(F.softmax(F.linear(x, W)) * F.relu(F.linear(x, W)))
    parts = F.split_axis(y * x, 2, 1)
    loss = F.sum(parts[0] ** 2) + y
    loss.backward(enable_double_backprop=double)
    if double:
        (ggx,) = chaingrad.grad([F.sum(x.grad_var**2)], [W], enable_double_backprop=True)
        F.sum(ggx).backward()


@pytest.mark.parametrize('double', [False, True])
def test_graphs_die_without_the_collector(double):
    a_step(double)
    gc.collect()
    gc.disable()
    try:
        before = objects()
        for _ in range(3):
            a_step(double)
        assert objects() == before
        assert gc.collect() == 0, 'a step left cycles'
    finally:
        gc.enable()


def test_dropping_the_output_frees_the_graph_at_once():
    x = variable(3)
    h = F.exp(x)
    y = F.sum(h * h)
    nodes = [weakref.ref(v.node) for v in (h, y)] + [weakref.ref(y.creator_node), weakref.ref(h.creator_node)]
    array = weakref.ref(h.array)
    del h
    assert array() is not None  # retained
    del y
    assert [node() for node in nodes] == [None] * 4
    assert array() is None


def test_arrays_that_no_gradient_needs_are_freed():
    x = variable(3)
    h = x + 1
    array = weakref.ref(h.array)
    y = h + 2
    del h
    assert array() is None
    assert y.creator_node.inputs[0].data is None


def test_functions_do_not_hold_their_outputs():
    x = variable(3)
    y = F.exp(x)
    function = y.creator_node
    node = weakref.ref(y.node)
    del y
    assert node() is None
    assert function.outputs[0]() is None
