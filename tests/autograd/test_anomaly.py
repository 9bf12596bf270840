"""Debug mode and detect_anomaly: where NaN and infinity were born, and retained arrays that were changed in place."""

from __future__ import annotations

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import Function, FunctionNode, Variable, optimizers
from chaingrad.autograd.call_site import short_name

MODES = [chaingrad.detect_anomaly, lambda: chaingrad.using_config('debug', True)]


@pytest.fixture(autouse=True)
def _numpy_says_nothing():
    with np.errstate(all='ignore'):
        yield


def line_of(text):
    """Return `file:number, in` of the first line of this file that ends with a text."""
    with open(__file__, encoding='utf-8') as f:
        number = next(i for i, line in enumerate(f, 1) if line.endswith(text + '\n'))
    return f'{short_name(__file__)}:{number}, in '


@pytest.mark.parametrize('mode', MODES)
def test_nan_in_forward(mode):
    x = Variable(np.array([[1.0, 4.0], [-1.0, -2.0]]))
    with mode(), pytest.raises(RuntimeError) as caught:
        F.sqrt(x)  # forward
    text = str(caught.value)
    assert text == (
        'sqrt: NaN in the output of the forward computation, float64 (2, 2): 2 of 4, the first at [1, 0]; made at '
        f'{line_of("F.sqrt(x)  # forward")}test_nan_in_forward: F.sqrt(x)  # forward.'
    )


@pytest.mark.parametrize('double', [False, True])
def test_infinity_in_backward(double):
    x = Variable(np.array([0.0, 1.0]))
    with chaingrad.detect_anomaly(), pytest.raises(RuntimeError) as caught:
        y = F.sqrt(x)  # backward
        F.sum(y).backward(enable_double_backprop=double)
    text = str(caught.value)
    if double:  # the functions that compute the gradient are watched too
        assert 'infinity in the output of the forward computation' in text
    else:
        assert text.startswith('sqrt: infinity in the gradient of an input, float64 (2,): 1 of 2, the first at [0]')
        assert line_of('y = F.sqrt(x)  # backward') in text
    assert chaingrad.config.debug is False


def test_infinity_that_was_given_is_none_of_ours():
    x = Variable(np.array([1.0, -np.inf]))
    with chaingrad.detect_anomaly():
        y = F.exp(x)
        z = x * 2
    with chaingrad.using_config('debug', True):
        F.log(Variable(np.zeros(1)))
    assert np.array_equal(y.array, [np.e, 0]) and z.array[1] == -np.inf


def test_nan_that_was_given_is_named_so():
    with chaingrad.detect_anomaly(), pytest.raises(RuntimeError, match='holds NaN or infinity already'):
        F.relu(Variable(np.array([np.nan], 'f')))


class Cube(FunctionNode):
    def forward(self, inputs):
        self.retain_inputs((0,))
        return (inputs[0] ** 3,)

    def backward(self, indexes, gys):
        (x,) = self.get_retained_inputs()
        return (3 * x * x * gys[0],)


class OldSquare(Function):
    def forward(self, inputs):
        return (inputs[0] ** 2,)

    def backward(self, inputs, gys):
        return (2 * inputs[0] * gys[0],)


@pytest.mark.parametrize('mode', MODES)
@pytest.mark.parametrize(
    'function, label',
    [
        (lambda x: x * x, 'input 0'),
        (lambda x: Cube().apply((x,))[0], 'Cube: input 0'),
        (lambda x: OldSquare()(x), 'OldSquare: input 0'),
        (lambda x: F.matmul(x, x, transa=True), 'input 0'),
    ],
)
def test_array_changed_through_numpy(mode, function, label):
    x = Variable(np.array([1.0, 2.0, 3.0]))
    with mode():
        y = F.sum(function(x))
        x.array *= 100
        with pytest.raises(RuntimeError) as caught:
            y.backward()
    text = str(caught.value)
    assert f'{label} was changed in place after the forward computation (made at {short_name(__file__)}' in text
    assert 'x.array = other' in text


def test_output_changed_through_numpy():
    x = Variable(np.array([1.0, 2.0]))
    with chaingrad.detect_anomaly():
        y = F.exp(x)
        y.array[:] = 0
        y.grad = np.ones(2)
        with pytest.raises(RuntimeError, match='exp: output 0 was changed in place'):
            y.backward()


@pytest.mark.parametrize('mode', MODES)
def test_update_between_forward_and_backward_is_an_error(mode):
    layer = L.Linear(3, 2)
    optimizer = optimizers.SGD(lr=0.5).setup(layer)
    x = np.ones((1, 3), 'f')
    with mode():
        loss = F.sum(F.square(layer(x)))
        optimizer.update(lambda: F.sum(layer(x)))
        with pytest.raises(RuntimeError, match=r'LinearFunction: input 1 \(parameter W\) was updated by its optimizer'):
            loss.backward()


def test_another_array_is_harmless():
    x = Variable(np.array([1.0, 2.0, 3.0]))
    with chaingrad.detect_anomaly():
        y = F.sum(x * x)
        x.array = np.full(3, 100.0)
        y.backward()
    assert np.array_equal(x.grad, [2, 4, 6])


def test_a_node_knows_its_calls_in_debug_mode_only():
    x = Variable(np.array([1.0]))
    with chaingrad.detect_anomaly():
        y = F.exp(x)  # known
    frame = y.creator_node.stack[-1]
    assert f'{short_name(frame.filename)}:{frame.lineno}, in ' == line_of('F.exp(x)  # known')
    assert frame.name == 'test_a_node_knows_its_calls_in_debug_mode_only'
    assert F.exp(x).creator_node.stack is None


def test_the_line_of_the_model():
    class Model(chaingrad.Chain):
        def forward(self, x):
            return F.log(x)  # in the model

    with chaingrad.detect_anomaly(), pytest.raises(RuntimeError) as caught:
        Model()(np.array([-1.0]))
    assert line_of('return F.log(x)  # in the model') + 'forward: return F.log(x)' in str(caught.value)
