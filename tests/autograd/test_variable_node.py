"""VariableNode: what the graph keeps of a Variable."""

import gc
import weakref

import numpy as np
import pytest

import chaingrad.functions as F
from chaingrad import Variable
from chaingrad.variable import VariableNode


def test_a_node_knows_shape_and_dtype_and_no_array():
    x = Variable(np.ones((2, 3), np.float32), name='x')
    node = x.node
    assert (node.shape, node.dtype, node.rank, node.name, node.requires_grad) == ((2, 3), np.float32, 0, 'x', True)
    assert node.data is None and node.creator is None and node.creator_node is None
    assert node.label == 'x: (2, 3), float32'
    assert Variable(np.ones(2)).node.label == '(2,), float64'
    assert Variable().node.label == ''


def test_a_node_does_not_keep_its_variable():
    x = Variable(np.ones(2))
    node, gone = x.node, weakref.ref(x)
    assert node.get_variable() is node.get_variable_or_none() is x
    del x
    gc.collect()
    assert gone() is None
    assert node.get_variable_or_none() is None


def test_a_node_makes_its_variable_again():
    x = Variable(np.ones(2), name='x', requires_grad=False)
    node, array = x.node, x.array
    node.retain_data()
    del x
    again = node.get_variable()
    assert again.array is array and again.name == 'x' and not again.requires_grad
    assert again.node is node
    assert node.get_variable() is again


def test_retain_data_needs_the_variable():
    node = Variable(np.ones(2)).node
    with pytest.raises(RuntimeError, match='gone'):
        node.retain_data()


def test_grad_is_the_variables():
    x = Variable(np.ones(2))
    node = x.node
    assert node.grad is None and node.grad_var is None
    x.grad = np.zeros(2)
    assert node.grad is x.grad and node.grad_var is x.grad_var
    del x
    assert node.grad is None and node.grad_var is None


def test_creator_sets_the_rank():
    y = F.exp(F.exp(Variable(np.ones(2))))
    for set_it in ('set_creator', 'set_creator_node'):
        node = Variable(np.ones(2)).node
        getattr(node, set_it)(y.creator)
        assert node.creator is node.creator_node is y.creator
        assert node.rank == 2
    node.unchain()
    assert node.creator is None


def test_a_retained_array_is_that_of_the_forward_computation():
    """Setting `x.array` between forward and backward changes no gradient."""
    x = Variable(np.array([2.0]))
    y = x * x
    x.array = np.array([5.0])
    F.sum(y).backward()
    assert x.grad == 4


def test_a_node_has_no_dict():
    with pytest.raises(AttributeError):
        Variable(np.ones(1)).node.anything = 1


def test_a_node_is_made_of_a_variable_and_a_name():
    x = Variable(np.ones(3))
    node = VariableNode(x, 'x')
    assert node == x.node and node.name == x.name == 'x' and node.get_variable() is x
    assert VariableNode(x * 2).creator_node.label == '_ * 2'
