"""FunctionNode with several outputs: unused ones, and retained ones that nobody holds any more."""

import gc
import weakref

import numpy as np
import pytest

import chaingrad.functions as F
from chaingrad import FunctionNode, Variable, grad


def variable(*shape, **options):
    return Variable(np.random.default_rng(7).uniform(0.5, 1.5, shape), **options)


class Pair(FunctionNode):
    """y = 2x and z = exp(x); the gradient needs z only as an output."""

    def forward(self, inputs):
        self.retain_outputs((1,))
        (x,) = inputs
        return 2 * x, np.exp(x)

    def backward(self, indexes, grad_outputs):
        self.given = grad_outputs
        gy, gz = grad_outputs
        (z,) = self.get_retained_outputs()
        gx = None if gy is None else 2 * gy
        if gz is not None:
            gx = gz * z if gx is None else gx + gz * z
        return (gx if gx is not None else z * 0,)


class ThroughOutput(FunctionNode):
    """y = x and z = exp(x); the gradient of y is deliberately computed with z, to be differentiated again."""

    def forward(self, inputs):
        self.retain_outputs((1,))
        return inputs[0] * 1, np.exp(inputs[0])

    def backward(self, indexes, grad_outputs):
        (z,) = self.get_retained_outputs()
        return (grad_outputs[0] * z,)


@pytest.mark.parametrize('double', [False, True])
def test_an_unused_output_has_no_gradient(double):
    x = variable(3)
    node = Pair()
    y, z = node.apply((x,))
    F.sum(y).backward(enable_double_backprop=double)
    assert node.given[1] is None
    np.testing.assert_array_equal(x.grad, [2, 2, 2])
    x.cleargrad()
    F.sum(z).backward(enable_double_backprop=double)
    assert node.given[0] is None
    np.testing.assert_allclose(x.grad, z.array)


@pytest.mark.parametrize('double', [False, True])
def test_a_dead_output_that_was_retained_comes_back(double):
    x = variable(3)
    z = Pair().apply((x,))[1]
    F.sum(z).backward(enable_double_backprop=double)
    np.testing.assert_allclose(x.grad, np.exp(x.array))
    x.cleargrad()
    y = ThroughOutput().apply((x,))[0]
    gc.collect()
    F.sum(y).backward(enable_double_backprop=double)
    np.testing.assert_allclose(x.grad, np.exp(x.array))


def test_a_dead_output_has_creator_and_rank_again():
    seen = []

    class Look(ThroughOutput):
        def backward(self, indexes, grad_outputs):
            seen.extend(self.get_retained_outputs())
            return super().backward(indexes, grad_outputs)

    x = variable(3)
    h = F.exp(x)
    y = Look().apply((h,))[0]
    F.sum(y).backward(enable_double_backprop=True)
    (z,) = seen
    assert z.creator is y.creator
    assert z.rank == y.rank == 2


def test_second_order_of_a_users_node_with_outputs_dropped():
    """gx = gz z, and d(gx)/dx = gz z again, through the retained output that nobody holds."""
    x = variable(3)
    z = Pair().apply((x,))[1]
    for _ in range(3):
        (z,) = grad([z], [x], enable_double_backprop=True)
        np.testing.assert_allclose(z.array, np.exp(x.array))


def test_a_dropped_variable_whose_node_lives_on():
    """exp(x) is dropped, but its node is an input of the sum; the array must come back with the Variable."""
    x = variable(3)
    y = F.exp(x) + 1
    for _ in range(3):
        (y,) = grad([y], [x], enable_double_backprop=True)
        np.testing.assert_allclose(y.array, np.exp(x.array))


def test_all_outputs_dropped_ends_the_graph():
    x = variable(3)
    node = weakref.ref(Pair().apply((x,))[0].creator_node)
    assert node() is None


def test_of_several_outputs_gives_a_tuple():
    outputs = Pair.of(np.ones(2))
    assert [type(y) for y in outputs] == [np.ndarray, np.ndarray]
    assert all(isinstance(y, Variable) for y in Pair.of(variable(2)))


def test_output_data():
    node = Pair()
    with pytest.raises(RuntimeError, match='after apply'):
        node.output_data  # noqa: B018
    _, z = node.apply((variable(2),))
    first, second = node.output_data
    assert first is None and second is z.array
