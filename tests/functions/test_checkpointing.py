"""Gradient checkpointing with forget."""

import numpy as np
import pytest

import chaingrad.functions as F
from chaingrad import Parameter, Variable, grad


def cube(x):
    return x * x * x


def test_forget_keeps_no_node_of_the_inner_graph():
    x = Variable(np.array([2.0]))
    y = F.forget(cube, x)
    assert y.creator.label == 'Forget'
    assert y.creator.inputs[0] is x.node


def test_parameters_inside_get_gradients():
    w = Parameter(np.array([3.0]))
    w.cleargrad()
    x = Variable(np.array([2.0]))
    F.sum(F.forget(lambda x: w * x * x, x)).backward()
    assert (x.grad, w.grad) == (12, 4)
    F.sum(F.forget(lambda x: w * x * x, x)).backward()
    assert w.grad == 8


def test_forget_is_differentiable_twice():
    w = Parameter(np.array([3.0]))
    w.cleargrad()
    x = Variable(np.array([2.0]))
    y = F.forget(lambda x: w * cube(x), x)
    (gx,) = grad([y], [x], [Variable(np.array([1.0]))], enable_double_backprop=True)
    assert gx.array == 36
    (ggx,) = grad([gx], [x])
    assert ggx.array == 36
    assert w.grad == 8


def test_several_inputs_and_outputs():
    x, z = Variable(np.array([2.0])), Variable(np.array([5.0]))
    a, b = F.forget(lambda x, z: (x * z, x + z), x, z)
    del b
    F.sum(a).backward()
    assert (x.grad, z.grad) == (5, 2)


def test_func_must_return_variables():
    with pytest.raises(RuntimeError, match='float'):
        F.forget(lambda x: 1.0, Variable(np.array([1.0])))
