"""grad() with all its arguments, and backward() of several outputs."""

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
from chaingrad import FunctionHook, Variable, backward, grad


def variable(*shape, **options):
    return Variable(np.random.default_rng(5).uniform(0.5, 1.5, shape), **options)


class Visits(FunctionHook):
    """Counts the functions that backward visits."""

    def __init__(self):
        self.labels = []

    def backward_preprocess(self, function, in_data, out_grad):
        self.labels.append(function.label)


# grad


def test_grad_returns_variables_and_sets_nothing():
    x, y = variable(3), variable(3)
    z = x * y
    gx, gy = grad([z], [x, y])
    assert isinstance(gx, Variable) and isinstance(gy, Variable)
    np.testing.assert_array_equal(gx.array, y.array)
    np.testing.assert_array_equal(gy.array, x.array)
    assert x.grad is None and y.grad is None and z.grad is None


def test_grad_outputs_are_ones_by_default_in_any_shape():
    x = variable(2, 3)
    (gx,) = grad([x * 2], [x])
    np.testing.assert_array_equal(gx.array, np.full((2, 3), 2.0))


@pytest.mark.parametrize('wrap', [Variable, lambda g: g], ids=['variable', 'array'])
def test_grad_outputs(wrap):
    x = variable(3)
    gy = np.array([1.0, 10, 100])
    (gx,) = grad([x * 2], [x], [wrap(gy)])
    np.testing.assert_array_equal(gx.array, 2 * gy)


def test_grad_outputs_may_be_none_one_by_one():
    x = variable(2)
    (gx,) = grad([x * 2, x * 3], [x], [None, np.array([10.0, 20])])
    np.testing.assert_array_equal(gx.array, [32, 62])


def test_grad_ignores_the_gradients_of_the_outputs():
    x = variable(2)
    y = x * 2
    y.grad = np.array([100.0, 100])
    (gx,) = grad([y], [x])
    np.testing.assert_array_equal(gx.array, [2, 2])


@pytest.mark.parametrize('double', [False, True])
@pytest.mark.parametrize('shape', [(), (2,)])
def test_grad_inputs_are_added(shape, double):
    x, other = variable(*shape), variable(*shape)
    extra = np.full(shape, 5.0)
    gx, g_other = grad([x * 2], [x, other], None, [Variable(extra), extra], enable_double_backprop=double)
    np.testing.assert_array_equal(gx.array, np.full(shape, 7.0))
    np.testing.assert_array_equal(g_other.array, extra)
    np.testing.assert_array_equal(extra, np.full(shape, 5.0))


def test_grad_inputs_are_part_of_the_graph():
    x, extra = variable(2), variable(2)
    (gx,) = grad([x * x], [x], None, [extra], enable_double_backprop=True)
    (ggx,) = grad([gx], [extra])
    np.testing.assert_array_equal(ggx.array, [1, 1])


@pytest.mark.behaviour('grad-given-flows-on')
@pytest.mark.parametrize('double', [False, True])
def test_what_is_given_for_an_intermediate_variable_flows_on(double):
    x, gy, gx0, gh0 = variable(2), variable(2), Variable(np.array([3.0, 4])), Variable(np.array([10.0, 20]))
    h = x * 2
    y = h * h
    gx, gh = grad([y], [x, h], [gy], [gx0, gh0], enable_double_backprop=double)
    np.testing.assert_allclose(gh.array, 10 * np.array([1, 2]) + 2 * h.array * gy.array)
    np.testing.assert_allclose(gx.array, gx0.array + 2 * gh.array)
    (gx,) = grad([y], [x], [gy], enable_double_backprop=double)
    np.testing.assert_allclose(gx.array, 4 * h.array * gy.array)
    if double:
        np.testing.assert_array_equal(
            grad([grad([y], [x, h], None, [None, gh0], False, False, True)[0]], [gh0])[0].array, [2, 2]
        )


@pytest.mark.behaviour('grad-given-flows-on')
@pytest.mark.parametrize('double', [False, True])
def test_what_is_given_elsewhere_stays_there(double):
    x, g = variable(2), variable(2)
    h = x * 2
    gx, gh = grad([x * 3], [x, h], None, [None, g], enable_double_backprop=double)
    np.testing.assert_array_equal(gx.array, [3, 3])
    assert gh is g


@pytest.mark.behaviour('grad-given-flows-on')
@pytest.mark.parametrize('double', [False, True])
def test_a_gradient_that_was_given_is_that_variable(double):
    x, other, gy, extra = variable(2), variable(2), variable(2), variable(2)
    y = x + 1
    for found in grad([y], [y, x], [gy], enable_double_backprop=double):
        assert found is gy
    assert grad([y], [other], [gy], [extra], enable_double_backprop=double) == [extra]
    gx, g_other = grad([x + other], [x, other], [gy], set_grad=True, enable_double_backprop=double)
    assert x.grad_var is gx and not np.shares_memory(x.grad, gy.array) and not np.shares_memory(x.grad, other.grad)


def test_set_grad():
    x = variable(3)
    x.grad = np.full(3, 100.0)
    (gx,) = grad([x * 2], [x], set_grad=True)
    np.testing.assert_array_equal(x.grad, [2, 2, 2])
    assert x.grad_var is gx


def test_retain_grad_sets_what_lies_between():
    x = variable(3)
    h = x * 2
    y = h * h
    grad([y], [x], retain_grad=True)
    np.testing.assert_allclose(h.grad, 2 * h.array)
    np.testing.assert_array_equal(y.grad, np.ones(3))
    assert x.grad is None


def test_loss_scale():
    x = variable(3)
    (gx,) = grad([x * 2], [x], loss_scale=16.0)
    np.testing.assert_array_equal(gx.array, [32, 32, 32])


def test_no_path_gives_none():
    x, other = variable(3), variable(3)
    gx, g_other = grad([x * 2], [x, other])
    assert gx is not None and g_other is None


def test_an_output_is_its_own_input():
    x = variable(3)
    (gx,) = grad([x], [x])
    np.testing.assert_array_equal(gx.array, [1, 1, 1])


def test_the_same_output_twice():
    x = variable(3)
    y = x * 2
    (gx,) = grad([y, y], [x])
    np.testing.assert_array_equal(gx.array, [4, 4, 4])


def test_inputs_may_be_intermediate():
    x = variable(3)
    h = F.exp(x)
    y = h * h
    gh, gx = grad([y], [h, x])
    np.testing.assert_allclose(gh.array, 2 * h.array)
    np.testing.assert_allclose(gx.array, 2 * h.array**2)


def test_an_input_behind_another_by_two_ways():
    x = variable(3)
    h = x * 2
    y = h * x
    gh, gx = grad([y], [h, x])
    np.testing.assert_allclose(gh.array, x.array)
    np.testing.assert_allclose(gx.array, 4 * x.array)


def test_an_output_behind_another():
    x = variable(3)
    h = x * 2
    (gx,) = grad([h, h * 3], [x])
    np.testing.assert_array_equal(gx.array, [8, 8, 8])


def test_only_functions_between_are_visited():
    x, other = variable(3), variable(3)
    h = F.sin(x)
    y = F.cos(other) * h
    with Visits() as visits:
        grad([y], [h])
    assert visits.labels == ['_ * _']


def test_only_gradients_between_are_computed():
    wanted = []

    class Note(chaingrad.FunctionNode):
        def forward(self, inputs):
            self.retain_inputs((0, 1))
            return (inputs[0] * inputs[1],)

        def backward(self, indexes, grad_outputs):
            wanted.append(indexes)
            xs = self.get_retained_inputs()
            return tuple(grad_outputs[0] * xs[1 - i] for i in indexes)

    a, b = variable(2), variable(2)
    (y,) = Note().apply((a, b))
    (gb,) = grad([y], [b])
    assert wanted == [(1,)]
    np.testing.assert_array_equal(gb.array, a.array)


def test_grad_without_double_backprop_records_nothing():
    x = variable(3)
    (gx,) = grad([x**3], [x])
    assert gx.creator is None


def test_grad_is_differentiable_with_double_backprop():
    x, gy = variable(3), variable(3)
    (gx,) = grad([x**3], [x], [gy], enable_double_backprop=True)
    ggx, ggy = grad([gx], [x, gy])
    np.testing.assert_allclose(ggx.array, 6 * x.array * gy.array)
    np.testing.assert_allclose(ggy.array, 3 * x.array**2)


def test_grad_in_no_backprop_mode():
    x = variable(3)
    y = x**3
    with chaingrad.no_backprop_mode():
        (gx,) = grad([y], [x], enable_double_backprop=True)
    assert gx.creator is not None


def test_grad_by_an_input_that_requires_none():
    x, c = variable(2), variable(2, requires_grad=False)
    gx, gc = grad([x * c], [x, c])
    assert gx is not None and gc is None


def test_gradients_of_zero_axes():
    x = Variable(np.array(3.0))
    (gx,) = grad([x * x * x], [x])
    assert type(gx.array) is np.ndarray and gx.array == 27


def test_a_gradient_penalty_trains():
    """The use that asks for it all: a loss of a gradient, differentiated by the weights."""
    x, W = variable(4, 3), variable(2, 3)
    y = F.tanh(F.linear(x, W))
    (gx,) = grad([y], [x], enable_double_backprop=True)
    loss = F.sum(y) + F.mean_squared_error(gx, Variable(np.zeros_like(gx.array)))
    loss.backward()
    eps, ij = 1e-6, (1, 2)

    def value(delta):
        moved = W.array.copy()
        moved[ij] += delta
        out = np.tanh(x.array @ moved.T)
        return out.sum() + np.mean(((1 - out**2) @ moved) ** 2)

    np.testing.assert_allclose(W.grad[ij], (value(eps) - value(-eps)) / (2 * eps), rtol=1e-6)


@pytest.mark.parametrize('name', ['outputs', 'inputs', 'grad_outputs', 'grad_inputs'])
def test_grad_wants_lists(name):
    x = variable(2)
    arguments = {'outputs': [x * 2], 'inputs': [x], name: x}
    with pytest.raises(TypeError, match=f'grad: {name} must be a tuple or list'):
        grad(**arguments)


@pytest.mark.parametrize('name', ['grad_outputs', 'grad_inputs'])
def test_grad_wants_one_gradient_each(name):
    x = variable(2)
    with pytest.raises(ValueError, match=f'grad: {name} must have 1 elements'):
        grad([x * 2], [x], **{name: [None, None]})


# backward of several outputs


def test_backward_of_several_outputs():
    x = variable(2)
    y, z = x * 2, x * 3
    y.grad, z.grad = np.array([1.0, 2]), np.array([10.0, 20])
    backward([y, z])
    np.testing.assert_array_equal(x.grad, [32, 64])


def test_backward_of_several_outputs_visits_shared_functions_once():
    x = variable(2)
    h = F.exp(x)
    with Visits() as visits:
        backward([F.sum(h), F.sum(h * 2)])
    assert visits.labels.count('exp') == 1


def test_backward_of_several_outputs_starts_single_elements_with_one():
    x = variable(2)
    backward((F.sum(x), F.sum(x * 2)))
    np.testing.assert_array_equal(x.grad, [3, 3])


def test_backward_with_grad_outputs():
    x = variable(2)
    backward([x * 2, x * 3], [Variable(np.array([1.0, 2])), Variable(np.array([10.0, 20]))])
    np.testing.assert_array_equal(x.grad, [32, 64])


def test_backward_with_double_backprop():
    x = variable(2)
    backward([F.sum(x**2), F.sum(x**3)], enable_double_backprop=True)
    (ggx,) = grad([x.grad_var], [x])
    np.testing.assert_allclose(ggx.array, 2 + 6 * x.array)


def test_backward_of_an_output_behind_another():
    x = variable(2)
    h = x * 2
    h.grad = np.ones(2)
    backward([h, F.sum(h * 3)])
    np.testing.assert_array_equal(x.grad, [8, 8])


def test_backward_accumulates():
    x = variable(2)
    x.grad = np.ones(2)
    backward([F.sum(x)])
    np.testing.assert_array_equal(x.grad, [2, 2])


@pytest.mark.parametrize('name', ['retain_grad', 'loss_scale'])
def test_backward_of_several_refuses_what_only_one_has(name):
    x = variable(2)
    with pytest.raises(ValueError, match=f'{name} is not supported'):
        backward([F.sum(x)], **{name: True})


def test_backward_refuses_unknown_keywords():
    with pytest.raises((TypeError, ValueError), match='retain_graph'):
        backward([F.sum(variable(2))], retain_graph=True)


def test_backward_wants_a_list():
    with pytest.raises(TypeError, match='outputs must be a tuple or list'):
        backward(F.sum(variable(2)))


def test_backward_wants_one_gradient_each():
    x = variable(2)
    with pytest.raises(ValueError, match='grad_outputs must have 1 elements'):
        backward([F.sum(x)], [None, None])
