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


@pytest.mark.filterwarnings('ignore:backward. no gradient flows')
@pytest.mark.behaviour('creator-of-array-input')
def test_apply_of_arrays_alone_records_what_gradients_do_not_reach():
    node = Mul()
    (z,) = node.apply((np.ones(2), np.ones(2)))
    assert z.creator is node and not z.requires_grad and not z.node.requires_grad
    assert [v.requires_grad for v in node.inputs] == [False, False] and node.get_retained_inputs() == ()
    assert F.relu(np.ones(2)).creator.inputs[0].shape == (2,)
    a, b = F.split_axis(np.ones(2), 2, 0)
    assert a.creator is b.creator and not a.node.requires_grad and a.rank == 1
    x = variable(2)
    y = F.sum(z * x)
    z.backward()
    y.backward(enable_double_backprop=True)
    np.testing.assert_array_equal(x.grad, z.array)
    assert z.grad is None and grad([z], [x], [z]) == [None]


def test_apply_in_no_backprop_mode_records_nothing():
    x = variable(2)
    node = Mul()
    with chaingrad.no_backprop_mode():
        (z,) = node.apply((x, x))
    assert z.creator is None and z.requires_grad
    assert node.inputs is None and x.node.data is None


@pytest.mark.behaviour('function-node-again')
def test_the_last_application_of_an_instance_counts():
    class Cube(FunctionNode):
        def forward(self, arrays):
            if len(arrays[0]) == 3:
                self.retain_outputs((0,))
            self.retain_inputs((0,))
            return (arrays[0] ** 3,)

        def backward(self, indexes, grad_outputs):
            (x,) = self.get_retained_inputs()
            return (3 * x * x * grad_outputs[0],)

    for make, between in ((Cube, None), (Cube, 'unchain'), (lambda: Mul(), None)):
        node, before, x = make(), variable(3), variable(2)
        inputs = 2 if isinstance(node, Mul) else 1
        (y,) = node.apply((F.exp(F.exp(before)),) * inputs)
        if between:
            y.unchain()
        (z,) = node.apply((x,) * inputs)
        assert (node.rank, z.rank, node.outputs[0]()) == (0, 1, z.node) and node._retained_outputs == ()
        assert node.inputs == (x.node,) * inputs and z.node.shape == (2,)
        F.sum(z).backward()
        np.testing.assert_allclose(x.grad, 2 * x.array if inputs == 2 else 3 * x.array**2)
        assert before.grad is None


def test_an_instance_is_not_applied_to_what_it_returned():
    """There would be a circle in the graph."""
    node = Mul()
    (y,) = node.apply((variable(2), variable(2)))
    with pytest.raises(RuntimeError, match='its inputs depend on what it returned'):
        node.apply((np.ones(2), F.exp(y)))


@pytest.mark.behaviour('forward-none-output')
def test_forward_may_return_none_among_its_outputs():
    class Maybe(FunctionNode):
        def forward(self, arrays):
            return arrays[0] * 2, None

        def backward(self, indexes, grad_outputs):
            gy, none = grad_outputs
            assert none is None
            return (gy * 2,)

    x = variable(2)
    y, nothing = Maybe().apply((x,))
    assert nothing.array is None and nothing.creator is y.creator and nothing.node.shape is None
    F.sum(y).backward()
    assert x.grad.tolist() == [2, 2]
    y, nothing = Maybe().apply((np.ones(2),))
    assert nothing.array is None and y.array.tolist() == [2, 2]


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
    F.sum(y).backward()
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
    F.sum(y).backward()
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


@pytest.mark.behaviour('error-types-function-node')
@pytest.mark.parametrize('inputs', [1, 2])
@pytest.mark.parametrize(
    ('returned', 'error'),
    [
        (lambda g: g, TypeError),
        (lambda g: g.array, TypeError),
        (lambda g: None, TypeError),
        (lambda g: 1.0, TypeError),
        (lambda g: (), ValueError),
        (lambda g: (g, g, g), ValueError),
        (lambda g: (1.0, 1.0), TypeError),
        (lambda g: (F.cast(g, 'float32'),) * 2, TypeError),
        (lambda g: (F.sum(g),) * 2, ValueError),
    ],
)
def test_results_of_backward_that_are_refused(inputs, returned, error):
    def per_input(indexes, g):
        found = returned(g)
        return found[:inputs] if type(found) is tuple and len(found) == 2 else found

    with pytest.raises(error, match='Given.backward'):
        rule(per_input, inputs)


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
