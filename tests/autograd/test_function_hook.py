"""Hooks around functions: of a thread by a `with` statement, and of one function."""

import threading

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
from chaingrad import FunctionHook, Variable, get_function_hooks


class Recorder(FunctionHook):
    """Writes down every call."""

    def __init__(self, name='Recorder'):
        self.name = name
        self.calls = []

    def added(self, function):
        self.calls.append(('added', function))

    def deleted(self, function):
        self.calls.append(('deleted', function))

    def forward_preprocess(self, function, in_data):
        self.calls.append(('forward_preprocess', function, in_data))

    def forward_postprocess(self, function, in_data):
        self.calls.append(('forward_postprocess', function, in_data))

    def backward_preprocess(self, function, in_data, out_grad):
        self.calls.append(('backward_preprocess', function, in_data, out_grad))

    def backward_postprocess(self, function, in_data, out_grad):
        self.calls.append(('backward_postprocess', function, in_data, out_grad))

    @property
    def events(self):
        return [call[0] for call in self.calls]


def test_a_hook_of_the_thread():
    x = Variable(np.array([2.0, 3.0]))
    hook = Recorder()
    with hook as entered:
        assert entered is hook
        assert get_function_hooks() == {'Recorder': hook}
        y = x * x
        y.grad = np.array([1.0, 10.0])
        y.backward()
    assert not get_function_hooks()
    F.exp(x)
    assert hook.events == [
        'added',
        'forward_preprocess',
        'forward_postprocess',
        'backward_preprocess',
        'backward_postprocess',
        'forward_preprocess',  # x got two gradients, which are added
        'forward_postprocess',
        'deleted',
    ]
    function = y.creator_node
    assert hook.calls[0] == ('added', None) and hook.calls[-1] == ('deleted', None)
    for call in hook.calls[1:5]:
        assert call[1] is function
        assert all(np.array_equal(a, x.array) for a in call[2]) and len(call[2]) == 2
    for call in hook.calls[3:5]:
        np.testing.assert_array_equal(call[3][0], [1, 10])
        assert type(call[3][0]) is np.ndarray


@pytest.mark.behaviour('hooks-during-backward')
@pytest.mark.parametrize('double', [False, True])
def test_functions_that_run_during_backward(double):
    """gx = gy 2 x x: under double backprop a product; the sum of the two gradients of x, then with the former one."""
    x = Variable(np.array(3.0), grad=np.array(100.0))
    y = F.square(x) + F.exp(x)
    with Recorder() as hook:
        y.backward(enable_double_backprop=double)
    labels = [call[1].label for call in hook.calls if call[0] == 'forward_postprocess']
    assert labels[-2:] == ['_ + _'] * 2 and len(labels) == (5 if double else 2)
    assert x.grad == pytest.approx(106 + np.exp(3)) and (x.grad_var.creator is not None) == double


def test_inputs_that_were_not_retained_are_none_in_backward():
    x = Variable(np.array(2.0))
    with Recorder() as hook:
        (x + 1).backward()
    assert hook.calls[-2][2] == (None,)


def test_unused_outputs_have_no_gradient():
    x = Variable(np.arange(4.0))
    with Recorder() as hook:
        a, b = F.split_axis(x, 2, 0)
        F.sum(a).backward()
    (call,) = [c for c in hook.calls if c[0] == 'backward_preprocess' and len(c[3]) == 2]
    assert call[3][1] is None


@pytest.mark.parametrize('double', [False, True])
def test_hooks_get_arrays_in_every_pass(double):
    x = Variable(np.array(2.0))
    with Recorder() as hook:
        F.exp(x).backward(enable_double_backprop=double)
    call = next(c for c in hook.calls if c[0] == 'backward_preprocess')
    assert all(type(g) is np.ndarray for g in call[3])


def test_hooks_change_no_result():
    def gradient():
        x = Variable(np.array([0.5, 1.5]))
        F.sum(F.softmax(F.stack([x, x * 2])) ** 2).backward()
        return x.grad

    plain = gradient()
    with Recorder():
        watched = gradient()
    np.testing.assert_array_equal(plain, watched)


def test_two_hooks_are_called_in_order():
    order = []

    class Named(FunctionHook):
        def __init__(self, name):
            self.name = name

        def forward_preprocess(self, function, in_data):
            order.append(self.name)

    with Named('first'), Named('second'):
        F.exp(Variable(np.ones(())))
    assert order == ['first', 'second']


def test_two_hooks_of_one_name_are_refused():
    with Recorder(), pytest.raises(KeyError, match='already in use'), Recorder():
        pass
    assert not get_function_hooks()


def test_a_hook_ends_after_an_error():
    with pytest.raises(ZeroDivisionError), Recorder():
        raise ZeroDivisionError
    assert not get_function_hooks()


def test_hooks_are_of_one_thread():
    x = Variable(np.ones(()))
    with Recorder() as hook:
        thread = threading.Thread(target=lambda: F.exp(x))
        thread.start()
        thread.join()
        assert hook.events == ['added']
        F.exp(x)
    assert 'forward_preprocess' in hook.events


def test_a_hook_of_one_function():
    x = Variable(np.array(2.0))
    y = F.exp(x)
    z = F.exp(y)
    hook = Recorder()
    y.creator_node.add_hook(hook)
    assert y.creator_node.local_function_hooks == {'Recorder': hook}
    z.backward()
    assert hook.events == ['added', 'backward_preprocess', 'backward_postprocess']
    assert all(call[1] is y.creator_node for call in hook.calls)
    y.creator_node.delete_hook('Recorder')
    assert hook.events[-1] == 'deleted'
    z.backward()
    assert len(hook.events) == 4


def test_a_hook_of_one_function_sees_its_forward():
    class Twice(chaingrad.FunctionNode):
        def forward(self, inputs):
            return (inputs[0] * 2,)

    node, hook = Twice(), Recorder()
    node.add_hook(hook, 'mine')
    node.apply((Variable(np.ones(2)),))
    assert hook.events == ['added', 'forward_preprocess', 'forward_postprocess']
    with pytest.raises(KeyError, match='mine'):
        node.add_hook(hook, 'mine')
    with pytest.raises(KeyError, match='other'):
        node.delete_hook('other')


def test_hooks_of_the_thread_come_before_those_of_the_function():
    y = F.exp(Variable(np.ones(())))
    order = []

    class Named(FunctionHook):
        def __init__(self, name):
            self.name = name

        def backward_preprocess(self, function, in_data, out_grad):
            order.append(self.name)

    y.creator_node.add_hook(Named('of the function'))
    with Named('of the thread'):
        y.backward()
    assert order == ['of the thread', 'of the function']


def test_a_base_hook_does_nothing():
    x = Variable(np.ones(()))
    with FunctionHook() as hook:
        F.exp(x).backward()
    assert hook.name == 'FunctionHook'
    np.testing.assert_allclose(x.grad, np.e)
