"""Old-style Function: forward and backward on arrays, with a node that carries it."""

import gc

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
from chaingrad import Function, FunctionAdapter, Variable
from chaingrad.utils import type_check


class MulAdd(Function):
    """y = x0 * x1 + x2, as in Chainer 1."""

    def check_type_forward(self, in_types):
        type_check.expect(in_types.size() == 3, in_types[0].shape == in_types[1].shape)

    def forward(self, inputs):
        x, y, z = inputs
        return (x * y + z,)

    def backward(self, inputs, grad_outputs):
        x, y, z = inputs
        (gw,) = grad_outputs
        self.seen = inputs, grad_outputs
        return y * gw, x * gw, gw


class Split(Function):
    """Two outputs."""

    def forward(self, inputs):
        return inputs[0][:1], inputs[0][1:]

    def backward(self, inputs, grad_outputs):
        self.given = grad_outputs
        parts = [np.zeros(n) if g is None else g for n, g in zip((1, 2), grad_outputs)]
        return (np.concatenate(parts),)


def variables():
    return [Variable(np.array([n, n + 1.0])) for n in range(3)]


def test_forward_and_backward_on_arrays():
    x, y, z = variables()
    function = MulAdd()
    w = function(x, y, z)
    np.testing.assert_array_equal(w.array, x.array * y.array + z.array)
    w.grad = np.array([1.0, 10.0])
    w.backward()
    np.testing.assert_array_equal(x.grad, y.array * [1, 10])
    np.testing.assert_array_equal(y.grad, x.array * [1, 10])
    np.testing.assert_array_equal(z.grad, [1, 10])
    assert all(type(a) is np.ndarray for part in function.seen for a in part)


def test_leaf_gradients_are_owned():
    x, y, z = variables()
    w = MulAdd()(x, y, z)
    w.grad = np.ones(2)
    w.backward()
    assert z.grad is not w.grad and not np.may_share_memory(z.grad, w.grad)
    assert z.grad.flags.owndata and z.grad.flags.writeable


def test_the_creator_is_the_function():
    w = (function := MulAdd())(*variables())
    assert w.creator is function
    assert isinstance(w.creator_node, FunctionAdapter)
    assert w.creator_node.function is function
    assert function.node is w.creator_node
    assert w.creator_node.label == function.label == 'MulAdd'


def test_members():
    x, y, z = variables()
    w = (function := MulAdd())(x * 2, y, z)
    assert function.inputs == w.creator_node.inputs
    assert function.outputs[0]() is w.node
    assert function.rank == 1
    assert function.stack is None
    assert function.output_data == (None,)


def test_several_outputs_and_one_unused():
    x = Variable(np.array([1.0, 2.0, 3.0]))
    a, b = (function := Split())(x)
    F.sum(b).backward()
    assert function.given[0] is None
    np.testing.assert_array_equal(x.grad, [0, 1, 1])


def test_one_output_dropped():
    x = Variable(np.array([1.0, 2.0, 3.0]))
    b = Split()(x)[1]
    F.sum(b).backward()
    np.testing.assert_array_equal(x.grad, [0, 1, 1])


def test_arrays_as_inputs():
    x, y, z = variables()
    w = MulAdd()(x.array, y, z.array)
    F.sum(w).backward()
    np.testing.assert_array_equal(y.grad, x.array)


def test_gradients_only_where_wanted():
    x, y, z = variables()
    y.cleargrad()
    w = MulAdd()(Variable(x.array, requires_grad=False), y, z)
    F.sum(w).backward()
    np.testing.assert_array_equal(y.grad, x.array)


def test_forward_cpu_and_backward_cpu():
    class Doubled(Function):
        def forward_cpu(self, inputs):
            return (inputs[0] * 2,)

        def backward_cpu(self, inputs, grad_outputs):
            return (grad_outputs[0] * 2,)

    x = Variable(np.array([1.0]))
    y = Doubled()(x)
    F.sum(y).backward()
    assert (y.array, x.grad) == (2, 2)


def test_without_backward_there_is_no_gradient():
    class Doubled(Function):
        def forward(self, inputs):
            return (inputs[0] * 2,)

    x = Variable(np.array([1.0]))
    F.sum(Doubled()(x)).backward()
    assert x.grad is None


def test_retain_inputs():
    class First(Function):
        def forward(self, inputs):
            self.retain_inputs((0,))
            return (inputs[0] * 3,)

        def backward(self, inputs, grad_outputs):
            self.seen = inputs
            return grad_outputs[0] * 3, None

    x, y = Variable(np.array([1.0])), Variable(np.array([2.0]))
    function = First()
    z = function(x, y)
    F.sum(z).backward()
    assert function.seen[0] is x.array and function.seen[1] is None
    assert x.grad == 3 and y.grad is None


def test_retain_outputs():
    class Exp(Function):
        def forward(self, inputs):
            self.retain_inputs(())
            self.retain_outputs((0,))
            return (np.exp(inputs[0]),)

        def backward(self, inputs, grad_outputs):
            return (self.output_data[0] * grad_outputs[0],)

    x = Variable(np.array([1.0]))
    F.sum(Exp()(x)).backward()
    np.testing.assert_allclose(x.grad, np.e)


def test_check_type_forward():
    x, y, _ = variables()
    with pytest.raises(type_check.InvalidType, match='Expect'):
        MulAdd()(x, y)
    with pytest.raises(type_check.InvalidType, match=r'in_types\[0\].shape'):
        MulAdd()(x, Variable(np.zeros(3)), x)
    with chaingrad.using_config('type_check', False), pytest.raises(ValueError, match='unpack'):
        MulAdd()(x, y)


def test_the_same_function_twice():
    x, y, z = variables()
    function = MulAdd()
    first = function(x, y, z)
    second = function(first, y, z)
    F.sum(second).backward()
    np.testing.assert_array_equal(x.grad, y.array**2)


class Cube(Function):
    """y = x ** 3; x is not retained where it keeps a copy itself."""

    def __init__(self, retains=True):
        self.retains = retains

    def forward(self, inputs):
        if not self.retains:
            self.retain_inputs(())
        self.x = inputs[0]
        return (self.x**3,)

    def backward(self, inputs, grad_outputs):
        return (3 * self.x**2 * grad_outputs[0],)


@pytest.mark.behaviour('old-function-double-backprop')
@pytest.mark.parametrize('retains', [True, False])
@pytest.mark.parametrize('wanted', ['x', 'gy', 'all', 'parameter before'])
def test_the_gradient_of_a_function_cannot_be_differentiated(retains, wanted):
    w, gy = Variable(np.array(2.0)), Variable(np.array(1.0))
    x = w * 1
    y = Cube(retains)(x)
    (gx,) = chaingrad.grad([y], [x], [gy], enable_double_backprop=True)
    assert gx.array == 12
    z = gx * x
    with pytest.raises(RuntimeError, match='Cube: an old-style Function cannot be differentiated twice'):
        if wanted == 'all':
            z.backward()
        else:
            chaingrad.grad([z], [{'x': x, 'gy': gy, 'parameter before': w}[wanted]])


def test_a_first_pass_that_could_be_differentiated_again_is_right():
    x, y, z = variables()
    w = MulAdd()(x, y, z)
    v = Split()(F.concat((w, w[:1]), 0))[1]
    F.sum(v).backward(enable_double_backprop=True)
    np.testing.assert_array_equal(x.grad, [1, 2])
    np.testing.assert_array_equal(z.grad, [1, 1])
    v.cleargrad()
    x.grad[...] = y.grad[...] = 7  # of nobody else
    np.testing.assert_array_equal(z.grad, [1, 1])
    assert chaingrad.grad([x.grad_var], [Variable(np.ones(2))]) == [None]


def test_hooks():
    calls = []

    class Record(chaingrad.FunctionHook):
        def forward_preprocess(self, function, in_data):
            calls.append(('forward', function))

        def backward_preprocess(self, function, in_data, out_grad):
            calls.append(('backward', function))

    function = MulAdd()
    hook = Record()
    function.add_hook(hook)
    assert function.local_function_hooks == {'FunctionHook': hook}
    w = function(*variables())
    F.sum(w).backward()
    assert [name for name, _ in calls] == ['forward', 'backward']
    function.delete_hook('FunctionHook')
    assert not function.local_function_hooks


def test_unchain():
    x, y, z = variables()
    h = (function := MulAdd())(x, y, z)
    w = F.sum(h * 2)
    function.unchain()
    assert h.creator is None
    w.backward()
    assert x.grad is None
    np.testing.assert_array_equal(h.grad, [2, 2])


def test_forward_must_be_written():
    with pytest.raises(NotImplementedError, match='Function: write forward'):
        Function()(Variable(np.ones(1)))


def test_errors_in_a_gradient():
    class Wrong(Function):
        def forward(self, inputs):
            return (inputs[0] * 2,)

        def backward(self, inputs, grad_outputs):
            return (grad_outputs[0].astype(np.float32),)

    with pytest.raises(TypeError, match='Wrong.backward.*float64.*float32'):
        F.sum(Wrong()(Variable(np.ones(1)))).backward()


def test_functions_and_their_graphs_die_without_the_collector():
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            F.sum(MulAdd()(*variables())).backward()
        assert gc.collect() == 0
    finally:
        gc.enable()
