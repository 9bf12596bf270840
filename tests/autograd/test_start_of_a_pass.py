"""Where a backward pass begins: the gradient that is set, or one; the same Variable twice; Variables without graph."""

import re

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
from chaingrad import Variable


def variable(*shape, **options):
    return Variable(np.random.default_rng(3).uniform(0.5, 1.5, shape), **options)


@pytest.mark.behaviour('preset-gradient-dropped')
@pytest.mark.parametrize('double', [False, True])
def test_a_preset_gradient_starts_the_pass_and_is_dropped(double):
    x = variable(3)
    y = x * 2
    y.grad = np.array([1.0, 10, 100])
    y.backward(enable_double_backprop=double)
    np.testing.assert_array_equal(x.grad, [2, 20, 200])
    assert y.grad is None and y.grad_var is None


@pytest.mark.behaviour('preset-gradient-dropped')
@pytest.mark.parametrize('double', [False, True])
def test_a_preset_gradient_stays_with_retain_grad(double):
    y = variable(3) * 2
    y.grad = g = np.array([1.0, 10, 100])
    y.backward(retain_grad=True, enable_double_backprop=double)
    assert y.grad is g
    y.grad_var = g = Variable(g)
    y.backward(retain_grad=True, enable_double_backprop=double)
    assert y.grad_var is g


@pytest.mark.filterwarnings('ignore:backward. no gradient flows')
def test_a_gradient_that_is_not_used_stays():
    x = variable(3, grad=np.ones(3))
    x.backward()
    y = F.exp(Variable(np.ones(3), requires_grad=False))
    y.grad = np.ones(3)
    y.backward()
    assert x.grad.tolist() == y.grad.tolist() == [1, 1, 1]


@pytest.mark.filterwarnings('ignore:backward. no gradient flows')
def test_backward_of_a_leaf_does_nothing():
    x = Variable(np.array(1.0))
    x.backward()
    assert x.grad is None


@pytest.mark.behaviour('deprecation-one-element-backward')
def test_one_element_in_any_shape_starts_with_one():
    x = variable()
    (x * 3).backward()
    assert x.grad == 3
    for shape in ((1,), (1, 1)):
        x = variable(*shape)
        text = re.escape(f'a Variable of shape {shape} without a gradient')
        with pytest.warns(DeprecationWarning, match=text) as told:
            (x * 3).backward()
        np.testing.assert_array_equal(x.grad, np.full(shape, 3.0))
        assert [warning.filename for warning in told] == [__file__]
        y = x * 3
        y.grad = np.ones(shape)
        y.backward()


def test_several_elements_need_a_gradient():
    with pytest.raises(RuntimeError, match=r'float64 \(3,\).*Set its grad'):
        (variable(3) * 2).backward()


@pytest.mark.behaviour('backward-twice-once')
def test_a_variable_that_is_there_twice_counts_once():
    x = variable(2)
    y, z = x * 3, x * 100
    y.grad, z.grad = np.array([1.0, 10]), np.ones(2)
    with pytest.warns(RuntimeWarning, match='outputs hold 2 different Variables of 3. Each counts once'):
        chaingrad.backward([y, z, y])
    np.testing.assert_array_equal(x.grad, [103, 130])
    x.cleargrad()
    chaingrad.backward([y, y], [Variable(np.array([1.0, 10])), Variable(np.array([2.0, 20]))])
    np.testing.assert_array_equal(x.grad, [9, 90])


def made_without_graph():
    with chaingrad.no_backprop_mode():
        return F.sum(variable(3) * 2)


def unchained():
    y = F.sum(variable(3) * 2)
    y.unchain_backward()
    return y


@pytest.mark.parametrize(
    'make, text',
    [
        (lambda: variable(), 'this Variable, float64 (), since it is in no graph: a leaf'),
        (lambda: Variable(None), 'this Variable, without an array, since it is in no graph: a leaf'),
        (made_without_graph, 'in no graph: a leaf, unchained, or made under no_backprop_mode. Call backward() of'),
        (unchained, 'in no graph'),
        (lambda: F.sum(Variable(np.ones(2), requires_grad=False)), 'nothing that it was computed from requires one'),
        (lambda: Variable(np.array(2)) * 2, 'int64 (), since its dtype has no gradients. Compute it from floating'),
        (lambda: Variable(np.array(2)), 'int64 (), since its dtype has no gradients'),
        (lambda: F.cast(variable(), 'int32'), 'int32 (), since its dtype has no gradients'),
    ],
)
def test_a_pass_that_reaches_nothing_warns_once(make, text):
    ys = make(), make()
    with pytest.warns(RuntimeWarning, match=re.escape(text)) as caught:
        for y in ys:
            y.backward()
    assert len(caught) == 1 and caught[0].filename == __file__


def test_several_outputs_of_which_one_is_in_a_graph():
    x = variable()
    chaingrad.backward([x * 2, Variable(np.array(1.0))])
    assert x.grad == 2
    chaingrad.backward([])
    with pytest.warns(RuntimeWarning, match='in no graph'):
        chaingrad.backward([variable(), variable()])
