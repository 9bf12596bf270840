"""Elementwise: what decides the rule, and that the quick way (`apply_to`) leaves what `apply` leaves."""

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
from chaingrad import FunctionHook, Parameter, Variable
from chaingrad.autograd.arithmetic import AddConstant, DivFromConstant, MulConstant, Neg, PowConstVar, PowVarConst
from chaingrad.autograd.elementwise import Elementwise
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.functions.activation.rectifier import ReLU
from chaingrad.functions.activation.sigmoid import Sigmoid, Tanh
from chaingrad.functions.elementwise.rounding import Floor
from chaingrad.functions.elementwise.trigonometric import Sin

NODES = {
    'derivative of x': Sin,
    'derivative of y': Tanh,
    'compute': Sigmoid,
    'boolean derivative': ReLU,
    'flat': Floor,
    'own rule': Neg,
    'scalar': lambda: MulConstant(3),
    'scalar, gradient passed on': lambda: AddConstant(2.5),
    'scalar, keeps x': lambda: PowVarConst(3),
    'scalar, keeps y': lambda: PowConstVar(2),
    'scalar first': lambda: DivFromConstant(2),
}
every_node = pytest.mark.parametrize('make', NODES.values(), ids=NODES)


def array(*shape, dtype='f'):
    return np.random.default_rng(3).uniform(0.5, 1.5, shape).astype(dtype)


def only(outputs):
    (y,) = outputs
    return y


def what_is_seen(x, y):
    """Everything of a node that a user, a hook or a picture can see."""
    node = y.creator
    y.grad = array(*y.shape, dtype=y.dtype)[::-1].copy() if y.ndim else np.ones((), y.dtype)
    y.backward()
    return {
        'array': y.array.tolist(),
        'kind': (type(y.array), y.dtype, y.shape, y.requires_grad),
        'gradient': None if x.grad is None else (x.grad.dtype, x.grad.tolist()),
        'label': (node.label, y.label, node.rank, y.rank),
        'inputs': [n is x.node for n in node.inputs],
        'outputs': [n() is y.node for n in node.outputs],
        'variable': y.node.get_variable() is y,
        'retained': [None if data is None else data.tolist() for data in (x.node.data, *node.output_data)],
        'node': (y.node.requires_grad, y.node.dtype, y.node.shape),
    }


@every_node
@pytest.mark.parametrize('dtype', ['e', 'f', 'd'])
@pytest.mark.parametrize('shape', [(3, 2), (2,), (0,), ()])
def test_the_quick_way_leaves_what_apply_leaves(make, dtype, shape):
    a, b = Variable(array(*shape, dtype=dtype)), Variable(array(*shape, dtype=dtype))
    with np.errstate(all='ignore'):
        assert what_is_seen(a, make().apply_to(a)) == what_is_seen(b, only(make().apply((b,))))


@every_node
def test_second_order_after_the_quick_way(make):
    x = Variable(array(3, dtype='d'))
    y = make().apply_to(x)
    (gx,) = chaingrad.grad([y], [x], enable_double_backprop=True)
    z = Variable(x.array)
    expected = only(make().apply((z,)))
    (gz,) = chaingrad.grad([expected], [z], enable_double_backprop=True)
    if gz is None:
        assert gx is None
        return
    np.testing.assert_array_equal(gx.array, gz.array)
    if gz.creator is not None:
        (ggx,), (ggz,) = chaingrad.grad([F.sum(gx)], [x]), chaingrad.grad([F.sum(gz)], [z])
        assert (ggx is None) == (ggz is None)
        if ggz is not None:
            np.testing.assert_array_equal(ggx.array, ggz.array)


# What the quick way must leave to apply


@every_node
def test_nothing_is_recorded_in_no_backprop_mode(make):
    with chaingrad.no_backprop_mode():
        y = make().apply_to(Variable(array(2)))
    assert y.creator is None and y.requires_grad


@pytest.mark.behaviour('creator-of-array-input')
def test_nothing_is_retained_where_no_gradient_is_wanted():
    for x in (array(2), Variable(array(2), requires_grad=False)):
        y = F.sin(x)
        assert y.creator.label == 'sin' and y.creator._retained is None and not y.requires_grad


def test_a_hook_sees_every_application():
    class Names(FunctionHook):
        name = 'names'

        def __init__(self):
            self.seen = []

        def forward_postprocess(self, function, in_data):
            self.seen.append((function.label, in_data[0].tolist()))

    x = Variable(array(2))
    with Names() as names:
        F.sin(x)
        x * 2
    assert names.seen == [('sin', x.array.tolist()), ('_ * 2', x.array.tolist())]


def test_debug_mode_sees_a_nan():
    with chaingrad.using_config('debug', True), np.errstate(all='ignore'), pytest.raises(RuntimeError, match='NaN'):
        F.sqrt(Variable(-array(2)))


@pytest.mark.parametrize('dtype', ['i', '?', 'D'])
def test_a_function_of_reals_refuses_other_dtypes(dtype):
    with pytest.raises(InvalidType, match='sin: x must have a floating dtype'):
        F.sin(Variable(array(2).astype(dtype)))


@pytest.mark.parametrize('dtype', ['i', 'D'])
def test_arithmetic_takes_other_dtypes(dtype):
    x = Variable(array(2).astype(dtype))
    for y, expected in ((-x, -x.array), (x + 2, x.array + 2), (abs(x), abs(x.array))):
        np.testing.assert_array_equal(y.array, expected)
        assert y.dtype == expected.dtype


def test_another_byte_order():
    x = Variable(array(3).astype('>f4'))
    y = F.sum(F.sin(x) * 2)
    y.backward()
    assert x.grad.dtype == np.dtype('>f4')
    np.testing.assert_allclose(x.grad, 2 * np.cos(x.array), rtol=1e-6)


def test_a_parameter_without_array_is_named():
    with pytest.raises(RuntimeError, match='sin: input 0 has no array yet'):
        F.sin(Parameter(0))


def test_a_list_is_refused_with_advice():
    with pytest.raises(TypeError, match=r'sin: input 0 must be .* list.* np.asarray'):
        F.sin([1.0, 2.0])


def test_an_error_in_compute_names_the_function():
    class Reciprocal(Elementwise):
        label = 'reciprocal'

        def compute(self, x):
            if (x == 0).any():
                raise ZeroDivisionError('a zero in x')
            return 1 / x

    with pytest.raises(ZeroDivisionError, match='a zero in x'):
        Reciprocal().apply_to(Variable(np.zeros(2)))
    assert Reciprocal().apply_to(Variable(np.ones(2))).array.tolist() == [1, 1]


@pytest.mark.behaviour('function-node-again')
def test_a_node_applied_the_quick_way_is_applied_again():
    node = Sin()
    node.apply_to(before := Variable(array(2)))
    (y,) = node.apply((x := Variable(array(3)),))
    F.sum(y).backward()
    np.testing.assert_allclose(x.grad, np.cos(x.array))
    assert before.grad is None


def test_unchain_forgets_what_was_kept():
    x = Variable(array(2))
    y = F.sin(x)
    node = y.creator
    y.unchain()
    assert y.creator is None and node.inputs is None and node._retained is None


# The rule


def test_the_derivative_that_is_written_last_decides():
    class FromX(Elementwise):
        def compute(self, x):
            return x * x

        def derivative(self, x):
            return 2 * x

    class FromY(FromX):
        def derivative_from_output(self, y):
            return 2 * y**0.5

    x = Variable(np.array([3.0]))
    for cls, kept in ((FromX, 3), (FromY, 9)):
        y = cls().apply_to(x)
        assert y.creator._retained == kept
        F.sum(y).backward()
    assert x.grad.tolist() == [12]


def test_a_flat_function_passes_no_gradient_on():
    x = Variable(array(1))
    F.sum(F.floor(x)).backward()
    assert x.grad is None
