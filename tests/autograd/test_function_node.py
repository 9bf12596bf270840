"""FunctionNode: applying, retaining, several outputs, what comes back from a rule; see also tests/test_contract.py."""

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
from chaingrad import FunctionNode, Variable, grad
from chaingrad.autograd.arithmetic import Mul
from chaingrad.autograd.variable_node import VariableNode


def variable(*shape, **options):
    return Variable(np.random.default_rng(7).uniform(0.5, 1.5, shape), **options)


# Applying


def test_apply_links_the_graph():
    x, y = variable(2), variable(2)
    h = F.exp(x)
    node = Mul()
    (z,) = node.apply((h, y))
    assert node.inputs == (h.node, y.node)
    assert node.outputs[0]() is z.node
    assert (node.rank, z.rank, h.rank, x.rank) == (1, 2, 1, 0)
    assert z.creator is z.creator_node is node
    assert z.node.creator is z.node.creator_node is node


def test_apply_takes_arrays():
    x, c = variable(2), np.ones(2)
    node = Mul()
    (z,) = node.apply((x, c))
    assert len(node.inputs) == 2
    assert isinstance(node.inputs[1], VariableNode)
    assert not node.inputs[1].requires_grad
    assert node.inputs[1].data is c  # retained
    z.grad = np.ones(2)
    z.backward()
    np.testing.assert_array_equal(x.grad, [1, 1])


def test_apply_of_arrays_alone_records_nothing():
    node = Mul()
    (z,) = node.apply((np.ones(2), np.ones(2)))
    assert isinstance(z, Variable)
    assert z.creator is None and not z.requires_grad
    assert node.inputs is None


def test_apply_in_no_backprop_mode_records_nothing():
    x = variable(2)
    node = Mul()
    with chaingrad.no_backprop_mode():
        (z,) = node.apply((x, x))
    assert z.creator is None and z.requires_grad
    assert node.inputs is None and x.node.data is None


def test_an_instance_is_applied_once():
    node = Mul()
    x = variable(2)
    node.apply((x, x))
    with pytest.raises(RuntimeError, match='applied before'):
        node.apply((x, x))


def test_a_node_is_not_called():
    with pytest.raises(RuntimeError, match='apply'):
        Mul()(variable(2), variable(2))


def test_forward_of_zero_axes_gives_arrays():
    x = Variable(np.array(2.0))
    for y in (x * x, F.sum(variable(3)), F.exp(x), variable(3)[0], F.matmul(variable(3), variable(3))):
        assert type(y.array) is np.ndarray and y.array.shape == ()


def test_forward_cpu():
    class Doubled(FunctionNode):
        def forward_cpu(self, inputs):
            return (inputs[0] * 2,)

    (y,) = Doubled().apply((variable(2),))
    assert y.shape == (2,)


def test_forward_must_be_written():
    with pytest.raises(NotImplementedError, match='FunctionNode: write forward'):
        FunctionNode().apply((variable(2),))


@pytest.mark.parametrize(
    ('outputs', 'message'),
    [(np.ones(2), 'tuple of arrays.*ndarray'), ([np.ones(2)], 'list'), ((1.0,), 'float'), (None, 'None')],
)
def test_forward_must_return_a_tuple_of_arrays(outputs, message):
    class Wrong(FunctionNode):
        def forward(self, inputs):
            return outputs

    with pytest.raises(TypeError, match=f'Wrong.*{message}'):
        Wrong().apply((variable(2),))


@pytest.mark.parametrize('value', [[1.0], 1.0, None, 'text'])
def test_inputs_must_be_variables_or_arrays(value):
    with pytest.raises(
        (TypeError, RuntimeError), match='exp: input 0 (must be a Variable or an array|has no array yet)'
    ):
        F.exp(Variable(value) if value is None else value)


def test_of_on_arrays_runs_forward_only():
    class Watch(chaingrad.FunctionHook):
        def forward_preprocess(self, function, in_data):
            raise AssertionError('hooks are not called')

    with Watch():
        y = Mul.of(np.array([2.0]), np.array([3.0]))
    assert type(y) is np.ndarray and y == 6


def test_of_on_variables_applies():
    x = variable(2)
    y = Mul.of(x, np.ones(2))
    assert isinstance(y, Variable) and y.creator.inputs[0] is x.node
    assert isinstance(Mul.of(np.ones(2), x), Variable)


# Retaining


def test_nothing_is_retained_without_a_call():
    x = variable(2)
    y = x + x
    assert x.node.data is None
    assert y.creator.get_retained_inputs() == ()
    assert y.creator.get_retained_outputs() == ()


def test_retain_inputs_keeps_their_order():
    class Reversed(FunctionNode):
        def forward(self, inputs):
            self.retain_inputs((1, 0))
            return (inputs[0] * inputs[1],)

        def backward(self, indexes, grad_outputs):
            b, a = self.get_retained_inputs()
            return grad_outputs[0] * b, grad_outputs[0] * a

    a, b = Variable(np.array([2.0])), Variable(np.array([5.0]))
    (y,) = Reversed().apply((a, b))
    y.backward()
    assert (a.grad, b.grad) == (5, 2)


def test_retained_inputs_of_a_user_are_the_variables_themselves():
    class Look(FunctionNode):
        def forward(self, inputs):
            self.retain_inputs((0,))
            return (inputs[0] * 2,)

        def backward(self, indexes, grad_outputs):
            (self.seen,) = self.get_retained_inputs()
            return (grad_outputs[0] * 2,)

    x = variable(1)
    node = Look()
    (y,) = node.apply((x,))
    y.backward()
    assert node.seen is x


# What a rule may return


def rule(returned, inputs=2):
    """Apply a user's node whose backward returns what is given, and go back through it."""

    class Given(FunctionNode):
        def forward(self, arrays):
            return (sum(arrays),)

        def backward(self, indexes, grad_outputs):
            return returned(indexes, grad_outputs[0])

    xs = [variable(2) for _ in range(inputs)]
    (y,) = Given().apply(tuple(xs))
    F.sum(y).backward()
    return [None if x.grad is None else x.grad.tolist() for x in xs]


def test_one_gradient_per_input():
    assert rule(lambda indexes, g: (g, 2 * g)) == [[1, 1], [2, 2]]


def test_none_is_no_gradient():
    assert rule(lambda indexes, g: (None, g)) == [None, [1, 1]]


def test_a_list_is_as_good_as_a_tuple():
    assert rule(lambda indexes, g: [g, g]) == [[1, 1], [1, 1]]


def test_one_input_may_be_returned_bare():
    assert rule(lambda indexes, g: g * 3, inputs=1) == [[3, 3]]


@pytest.mark.parametrize('per', ['index', 'input'])
def test_one_gradient_per_index_or_per_input(per):
    class Partial(FunctionNode):
        def forward(self, arrays):
            return (arrays[0] + 10 * arrays[1] + 100 * arrays[2],)

        def backward(self, indexes, grad_outputs):
            all_gradients = [grad_outputs[0] * factor for factor in (1, 10, 100)]
            return tuple(all_gradients[i] for i in indexes) if per == 'index' else tuple(all_gradients)

    x, y = variable(2), variable(2)
    (z,) = Partial().apply((np.ones(2), x, y))
    F.sum(z).backward()
    np.testing.assert_array_equal(x.grad, [10, 10])
    np.testing.assert_array_equal(y.grad, [100, 100])
    (gy,) = grad([z], [y])
    np.testing.assert_array_equal(gy.array, [100, 100])


def test_too_few_gradients():
    with pytest.raises(ValueError, match=r'per index \(3\) or per input \(3\), but it returned 2'):
        rule(lambda indexes, g: (g, g), inputs=3)


def test_a_gradient_of_another_shape():
    with pytest.raises(ValueError, match=r'gradient of input 1 .*float64 \(2,\).*float64 \(2, 1\)'):
        rule(lambda indexes, g: (g, g.reshape(2, 1)))


def test_a_gradient_of_another_dtype():
    with pytest.raises(TypeError, match=r'gradient of input 0 .*float64 \(2,\).*float32 \(2,\)'):
        rule(lambda indexes, g: (F.cast(g, 'float32'), g))


@pytest.mark.parametrize('wrong', [1.0, 'text', [1.0, 1.0]])
def test_a_gradient_that_is_no_array(wrong):
    with pytest.raises(TypeError, match='must be an array'):
        rule(lambda indexes, g: (g, wrong))


def test_backward_without_a_rule_gives_no_gradient():
    class Flat(FunctionNode):
        def forward(self, inputs):
            return (np.sign(inputs[0]),)

    x = variable(2)
    (y,) = Flat().apply((x,))
    F.sum(y).backward()
    assert x.grad is None


# Graph


def test_unchain_makes_outputs_leaves():
    x = variable(2)
    h = F.exp(x)
    y = F.sum(h * h)
    h.creator.unchain()
    assert h.creator is None
    y.backward()
    assert x.grad is None
    np.testing.assert_allclose(h.grad, 2 * h.array)


def test_labels():
    assert FunctionNode().label == 'FunctionNode'
    assert Mul().label == '_ * _'
    assert F.exp(variable(2)).creator.label == 'exp'


def test_members_that_user_code_reads():
    node = F.exp(variable(2)).creator
    assert node.lazy_grad_sum is False
    assert node.stack is None
    assert node.local_function_hooks == {}
