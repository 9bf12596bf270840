"""NaN in each of thirty functions, forward and backward: the message names function, call, and link."""

from __future__ import annotations

import inspect
import traceback

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import Chain, Variable
from chaingrad.autograd.call_site import short_name

W = np.linspace(-1, 1, 12, dtype='f').reshape(3, 4)
FILTER = np.linspace(-1, 1, 18, dtype='f').reshape(2, 1, 3, 3)
LABELS = np.array([0, 1], 'i')

# Function of a matrix (2, 4), or of an image (2, 1, 6, 6), and its label.
MATRIX, IMAGE = (2, 4), (2, 1, 6, 6)
TABLE = [
    (lambda x: F.exp(x), 'exp', MATRIX),
    (lambda x: F.log(x), 'log', MATRIX),
    (lambda x: F.sqrt(x), 'sqrt', MATRIX),
    (lambda x: F.sin(x), 'sin', MATRIX),
    (lambda x: F.arctan(x), 'arctan', MATRIX),
    (lambda x: F.tanh(x), 'Tanh', MATRIX),
    (lambda x: F.sigmoid(x), 'Sigmoid', MATRIX),
    (lambda x: F.relu(x), 'ReLU', MATRIX),
    (lambda x: F.leaky_relu(x), 'LeakyReLU', MATRIX),
    (lambda x: F.elu(x), 'ELU', MATRIX),
    (lambda x: F.softplus(x), 'Softplus', MATRIX),
    (lambda x: F.softmax(x), 'Softmax', MATRIX),
    (lambda x: F.log_softmax(x), 'LogSoftmax', MATRIX),
    (lambda x: x + x, '_ + _', MATRIX),
    (lambda x: x - x, '_ - _', MATRIX),
    (lambda x: x * x, '_ * _', MATRIX),
    (lambda x: x / 3, '_ / 3', MATRIX),
    (lambda x: x**2, '_ ** 2', MATRIX),
    (lambda x: -x, '__neg__', MATRIX),
    (lambda x: x[0], 'GetItem', MATRIX),
    (lambda x: x.reshape(4, 2), 'Reshape', MATRIX),
    (lambda x: x.T, 'Transpose', MATRIX),
    (lambda x: F.sum(x), 'Sum', MATRIX),
    (lambda x: F.mean(x), 'Mean', MATRIX),
    (lambda x: F.max(x), 'Max', MATRIX),
    (lambda x: F.concat((x, x)), 'Concat', MATRIX),
    (lambda x: F.linear(x, W), 'LinearFunction', MATRIX),
    (lambda x: F.matmul(x, W.T), 'MatMul', MATRIX),
    (lambda x: F.softmax_cross_entropy(x, LABELS), 'SoftmaxCrossEntropy', MATRIX),
    (lambda x: F.mean_squared_error(x, np.zeros((2, 4), 'f')), 'MeanSquaredError', MATRIX),
    (lambda x: F.convolution_2d(x, FILTER), 'Convolution2DFunction', IMAGE),
    (lambda x: F.max_pooling_2d(x, 2), 'MaxPooling2D', IMAGE),
    (lambda x: F.average_pooling_2d(x, 2), 'AveragePooling2D', IMAGE),
    (lambda x: F.batch_normalization(x, np.ones((1, 6, 6), 'f'), np.zeros((1, 6, 6), 'f')), '', IMAGE),
    (lambda x: F.layer_normalization(x, np.ones(4, 'f'), np.zeros(4, 'f')), '', MATRIX),
]


class Calls(chaingrad.Link):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Net(Chain):
    def __init__(self, function):
        super().__init__()
        with self.init_scope():
            self.l2 = Calls(function)

    def forward(self, x):
        return self.l2(x)


class Model(Chain):
    def __init__(self, function):
        super().__init__()
        with self.init_scope():
            self.predictor = Net(function)

    def forward(self, x):
        return self.predictor(x)


@pytest.fixture(autouse=True)
def _numpy_says_nothing():
    with np.errstate(all='ignore'):
        yield


def expected_end(function):
    lines, number = inspect.getsourcelines(function)
    return f'made at {short_name(__file__)}:{number}, in <lambda>: {lines[0].strip()}, in /predictor/l2'


def positive(shape):
    return np.random.default_rng(0).uniform(0.5, 1.5, shape).astype('f')


def test_there_are_thirty():
    assert len(TABLE) >= 30


@pytest.mark.parametrize('function, label, shape', TABLE)
def test_nan_in_forward(function, label, shape):
    x = positive(shape)
    x.flat[1] = np.nan
    with chaingrad.detect_anomaly(), pytest.raises(RuntimeError) as caught:
        Model(function)(Variable(x))
    text = str(caught.value)
    assert text.startswith(f'{label}: NaN in the output of the forward computation, float32 (' if label else '')
    assert 'the first at [' in text or 'float32 (): 1 of 1;' in text
    assert expected_end(function) in text


@pytest.mark.parametrize('double', [False, True])
@pytest.mark.parametrize('function, label, shape', TABLE)
def test_nan_in_backward(function, label, shape, double):
    with chaingrad.detect_anomaly():
        model = Model(function)
        y = model(Variable(positive(shape)))
        y.grad = np.full_like(y.array, np.nan)
        with pytest.raises(RuntimeError) as caught:
            y.backward(enable_double_backprop=double)
    notes = '\n'.join([str(caught.value), *getattr(caught.value, '__notes__', ())])
    if not double:
        assert f'{label}: NaN in the gradient of an input, float32 {shape}: ' in notes
    assert expected_end(function) in notes


@pytest.mark.parametrize('hook', [False, True])
def test_nan_in_an_update(hook):
    model = chaingrad.Chain(predictor=L.Classifier(L.Linear(3, 2)))
    optimizer = chaingrad.optimizers.SGD(lr=np.inf).setup(model)
    if hook:
        optimizer.add_hook(lambda optimizer: None)
    model.cleargrads()
    model.predictor.predictor.W.grad = np.array([[0, 1, 0], [1, 0, 1]], 'f')
    model.predictor.predictor.b.grad = np.zeros(2, 'f')
    with chaingrad.using_config('debug', True), pytest.raises(RuntimeError) as caught:
        optimizer.update()
    assert str(caught.value).startswith(
        'SGD.update: NaN in parameter /predictor/predictor/W, float32 (2, 3): 3 of 6, the first at [0, 0]'
    )


class Broken(chaingrad.FunctionNode):
    def forward(self, inputs):
        return (inputs[0] * 2,)

    def backward(self, indexes, gys):
        raise KeyError('broken')


@pytest.mark.parametrize('double', [False, True])
def test_an_exception_in_a_rule_says_whose_it_is(double):
    function = lambda x: Broken().apply((x,))[0]  # noqa: E731
    with chaingrad.detect_anomaly():
        model = Model(function)
        y = F.sum(model(Variable(positive(MATRIX))))
        with pytest.raises(KeyError) as caught:
            y.backward(enable_double_backprop=double)
    (note,) = getattr(caught.value, '__notes__', [caught.value.args[0].partition('\n')[2]])
    assert note.startswith('in the backward computation of Broken, made at ')
    assert note.endswith(', in /predictor/l2') and 'Broken().apply((x,))[0]' in note


def test_double_backward_says_whose_gradient_it_was():
    x = Variable(np.array([0.0, 1.0], 'f'))
    with chaingrad.detect_anomaly(), pytest.raises(RuntimeError) as caught:
        y = F.sqrt(x)  # the function
        (gx,) = chaingrad.grad([y], [x], enable_double_backprop=True)
    text = str(caught.value)
    assert 'infinity in the output of the forward computation' in text
    assert 'for the gradient of sqrt, made at' in text and text.index('chaingrad.grad(') < text.index('# the function')


def test_modes_that_are_off_record_nothing():
    y = Model(F.exp)(Variable(positive(MATRIX)))
    assert y.creator_node.stack is None and y.creator_node._call_site is None


def test_the_stack_is_that_of_the_user():
    with chaingrad.detect_anomaly():
        y = Model(F.exp)(Variable(positive(MATRIX)))
    names = [frame.name for frame in y.creator_node.stack]
    assert names[-4:] == ['test_the_stack_is_that_of_the_user', 'forward', 'forward', 'forward']
    assert y.creator_node.stack[-1].line == 'return self.function(x)'
    assert traceback.format_list(y.creator_node.stack)[-1].endswith('in forward\n    return self.function(x)\n')


def test_the_graph_does_not_keep_links_alive():
    with chaingrad.detect_anomaly():
        y = Model(F.exp)(Variable(positive(MATRIX)))
    y.grad = np.full_like(y.array, np.nan)
    with chaingrad.detect_anomaly(), pytest.raises(RuntimeError, match='exp: NaN in the gradient'):
        y.backward()


def test_changes_of_large_arrays_are_noticed():
    x = Variable(np.arange(90_000, dtype='f').reshape(300, 300))
    with chaingrad.detect_anomaly():
        y = F.sum(F.sin(x))
        y.backward()
        x.array[7, 8] += 1
        with pytest.raises(RuntimeError, match='sin: input 0 was changed in place'):
            y.backward()
        x.array[7, 8] -= 1
        y.backward()
        x.array[[0, 299]] = x.array[[299, 0]]
        with pytest.raises(RuntimeError, match='sin: input 0 was changed in place'):
            y.backward()
