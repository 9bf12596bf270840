"""The table of errors: each has the right type and one string: the function, every shape involved, and what to do.

A row is a call that a user might make by mistake, and what its message must contain.
"""

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
from chaingrad import Parameter, Variable, grad
from chaingrad.autograd.type_checking.type_check import InvalidType


def v(*shape, dtype='float32'):
    return Variable(np.zeros(shape, dtype))


def t(*values):
    return np.array(values, np.int32)


ROWS = [
    # making
    ('a list', lambda: Variable([1.0, 2.0]), TypeError, ['Variable', 'list', 'np.array([1.0, 2.0], dtype=np.float32)']),
    ('a number', lambda: Variable(3.0), TypeError, ['Variable', 'float', 'np.array(3.0']),
    ('volatile', lambda: Variable(np.ones(1), volatile=True), ValueError, ['volatile', 'no_backprop_mode']),
    ('an unknown keyword', lambda: Variable(np.ones(1), nam='x'), TypeError, ["'nam'", 'name, grad, requires_grad']),
    # gradients
    ('shape of a gradient', lambda: setattr(v(2, 3), 'grad', np.zeros((3, 2), 'f')), ValueError, ['(2, 3)', '(3, 2)']),
    ('dtype of a gradient', lambda: setattr(v(2), 'grad', np.zeros(2)), TypeError, ['float32', 'float64']),
    ('a gradient that is no array', lambda: setattr(v(2), 'grad', [0, 0]), TypeError, ['grad', 'list']),
    ('backward of several elements', lambda: (v(2, 3) * 2).backward(), RuntimeError, ['float32 (2, 3)', 'grad']),
    ('grad of no list', lambda: grad(v(1), [v(1)]), TypeError, ['grad', 'outputs', 'Variable']),
    # arithmetic
    ('dtypes of +', lambda: v(2) + v(2, dtype='float64'), InvalidType, ['float32 (2,)', 'float64 (2,)', 'F.cast']),
    ('shapes of +', lambda: v(2, 3) + v(2), InvalidType, ['(2, 3)', '(2,)']),
    ('shapes of *', lambda: v(2, 3) * np.zeros((3, 2)), InvalidType, ['(2, 3)', '(3, 2)']),
    ('dtypes of **', lambda: v(2) ** v(2, dtype='float16'), InvalidType, ['float32 (2,)', 'float16 (2,)']),
    ('truth', lambda: bool(v(1)), TypeError, ['Variable', 'v.array']),
    ('==', lambda: v(1) == v(1), TypeError, ['==', 'v.array == w.array']),
    ('hash', lambda: hash(v(1)), TypeError, ['hash']),
    ('float of two', lambda: float(v(2)), TypeError, ['(2,)']),
    ('item of two', lambda: v(2).item(), ValueError, ['(2,)']),
    # arrays
    ('reshape', lambda: F.reshape(v(2, 3), (4, 2)), InvalidType, ['(2, 3)', '(4,2)|(4, 2)']),
    ('transpose', lambda: F.transpose(v(2, 3), (0, 0)), InvalidType, ['(2, 3)']),
    ('broadcast_to', lambda: F.broadcast_to(v(2, 3), (2, 4)), InvalidType, ['(2, 3)', '(2,4)|(2, 4)']),
    ('sum_to', lambda: F.sum_to(v(2, 3), (2, 2)), InvalidType, ['(2, 3)', '(2, 2)']),
    ('concat', lambda: F.concat((v(2, 3), v(3, 3))), InvalidType, ['concat', '(2, 3)', '(3, 3)']),
    ('concat of dtypes', lambda: F.concat((v(2, 3), v(2, 3, dtype='float64'))), InvalidType, ['float32', 'float64']),
    ('stack', lambda: F.stack((v(2), v(3))), InvalidType, ['stack', '(2,)', '(3,)']),
    ('split_axis', lambda: F.split_axis(v(2, 3), 2, 1), InvalidType, ['split_axis', '(2, 3)', '2']),
    ('squeeze', lambda: F.squeeze(v(2, 1), 0), (InvalidType, ValueError), ['squeeze', '(2, 1)']),
    ('expand_dims', lambda: F.expand_dims(v(2), 4), InvalidType, ['expand_dims', '(2,)', '4']),
    ('an axis of sum', lambda: F.sum(v(2, 3), 2), InvalidType, ['sum', 'axis', '2']),
    ('an axis named twice', lambda: F.sum(v(2, 3), (0, 0)), ValueError, ['sum', '(0, 0)']),
    ('max of nothing', lambda: F.max(v(0, 3)), InvalidType, ['max', '(0, 3)']),
    ('mean of nothing', lambda: F.mean(v(0, 3)), InvalidType, ['mean', '(0, 3)']),
    ('weights of average', lambda: F.average(v(2, 3), 1, np.ones(2, 'f')), ValueError, ['weights', '(2, 3)', '(2,)']),
    ('where', lambda: F.where(np.ones((2, 3), bool), v(2, 3), v(4, 3)), InvalidType, ['(2, 3)', '(4, 3)']),
    # matrices
    ('matmul', lambda: F.matmul(v(2, 3), v(4, 5)), InvalidType, ['matmul', 'float32 (2, 3)', 'float32 (4, 5)']),
    ('matmul, transb', lambda: F.matmul(v(2, 3), v(4, 3)), InvalidType, ['(2, 3)', '(4, 3)', 'transb=True']),
    (
        'matmul of dtypes',
        lambda: F.matmul(v(2, 2), t(1, 2)),
        InvalidType,
        ['same dtype', 'int32 (2,)'],
    ),
    # elementwise
    ('sin of integers', lambda: F.sin(t(1, 2, 3)), InvalidType, ['sin', 'int32 (3,)', "F.cast(x, 'float32')"]),
    ('exp of integers', lambda: F.exp(t(1, 2)), InvalidType, ['exp', 'int32 (2,)', 'F.cast']),
    ('relu of integers', lambda: F.relu(t(1, 2)), InvalidType, ['relu', 'int32 (2,)', 'F.cast']),
    ('softmax of integers', lambda: F.softmax(t(1, 2)[None]), InvalidType, ['softmax', 'int32 (1, 2)']),
    ('softmax of one axis', lambda: F.softmax(v(3)), InvalidType, ['softmax', 'axis', '(3,)']),
    ('sin of a list', lambda: F.sin([1.0, 2.0]), TypeError, ['list', 'np.array|np.asarray']),
    ('maximum', lambda: F.maximum(v(2, 3), v(4)), InvalidType, ['(2, 3)', '(4,)']),
    ('clip', lambda: F.clip(v(2), 1.0, 0.0), ValueError, ['clip', 'x_min', 'x_max', '1.0', '0.0']),
    # layers and losses
    ('linear', lambda: F.linear(v(5, 3), v(2, 4)), InvalidType, ['linear', '(5, 3)', '(2, 4)']),
    ('linear of one axis', lambda: F.linear(v(3), v(2, 3)), InvalidType, ['linear', '(3,)', 'batch']),
    (
        'linear of float64',
        lambda: F.linear(v(5, 3, dtype='float64'), v(2, 3), v(2)),
        InvalidType,
        ['float64 (5, 3)', 'float32 (2, 3)', "x.astype('float32')"],
    ),
    ('bias of linear', lambda: F.linear(v(5, 3), v(2, 3), v(3)), InvalidType, ['linear', '(5, 3)', '(2, 3)', '(3,)']),
    (
        'embed_id of floats',
        lambda: F.embed_id(np.ones(2, 'f'), v(4, 2)),
        (InvalidType, TypeError),
        ['embed_id', 'float32 (2,)'],
    ),
    ('embed_id out of range', lambda: F.embed_id(t(0, 7), v(4, 2)), (ValueError, IndexError), ['embed_id', '7', '4']),
    (
        'mean_squared_error',
        lambda: F.mean_squared_error(v(5, 1), v(5)),
        InvalidType,
        ['mean_squared_error', '(5, 1)', '(5,)'],
    ),
    (
        'labels one-hot',
        lambda: F.softmax_cross_entropy(v(2, 3), np.eye(3, dtype=np.int32)[:2]),
        (InvalidType, ValueError),
        ['softmax_cross_entropy', '(2, 3)', 'argmax|one-hot'],
    ),
    (
        'labels (n, 1)',
        lambda: F.softmax_cross_entropy(v(2, 3), t(0, 1)[:, None]),
        (InvalidType, ValueError),
        ['softmax_cross_entropy', '(2, 3)', '(2, 1)'],
    ),
    (
        'labels of floats',
        lambda: F.softmax_cross_entropy(v(2, 3), np.zeros(2, 'f')),
        (InvalidType, TypeError, ValueError),
        ['softmax_cross_entropy', 'float32 (2,)'],
    ),
    (
        'a label out of range',
        lambda: F.softmax_cross_entropy(v(2, 3), t(0, 3)),
        (ValueError, IndexError),
        ['softmax_cross_entropy', '3'],
    ),
    (
        'number of labels',
        lambda: F.softmax_cross_entropy(v(2, 3), t(0, 1, 2)),
        (InvalidType, ValueError),
        ['softmax_cross_entropy', '(2, 3)', '(3,)'],
    ),
    (
        'sigmoid_cross_entropy',
        lambda: F.sigmoid_cross_entropy(v(2, 3), t(0, 1)),
        (InvalidType, ValueError),
        ['sigmoid_cross_entropy', '(2, 3)', '(2,)'],
    ),
    ('accuracy', lambda: F.accuracy(v(2, 3), t(0, 1, 2)), (InvalidType, ValueError), ['accuracy', '(2, 3)', '(3,)']),
    ('dropout', lambda: F.dropout(v(2), 1.0), ValueError, ['dropout', 'ratio', '1.0']),
    # nodes and parameters
    ('a node called', lambda: chaingrad.FunctionNode()(v(1)), RuntimeError, ['FunctionNode', 'apply']),
    ('a node without forward', lambda: chaingrad.FunctionNode().apply((v(1),)), NotImplementedError, ['forward']),
    ('a parameter of a list', lambda: Parameter([1.0]), TypeError, ['initializer', 'list']),
    (
        'a parameter without array',
        lambda: F.exp(Parameter(0)),
        (RuntimeError, TypeError),
        ['exp', 'input 0', 'parameter'],
    ),
    ('numpy function', lambda: np.unwrap(v(2)), TypeError, ['np.unwrap', 'v.array']),
    ('ufunc with out', lambda: np.add(v(2), 1, out=np.zeros(2)), TypeError, ['np.add', 'out']),
]


@pytest.mark.parametrize(('call', 'error', 'parts'), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_error(call, error, parts):
    with pytest.raises(error) as caught:
        call()
    exception = caught.value
    assert len(exception.args) == 1 and isinstance(exception.args[0], str), f'arguments: {exception.args!r}'
    text = str(exception)
    assert '\n' not in text or isinstance(exception, InvalidType)
    for part in parts:
        assert any(p in text for p in part.split('|')), f'{part!r} is not in: {text}'


@pytest.mark.parametrize(
    'name', ['+', '-', '*', '/', 'maximum', 'minimum', 'where', 'concat', 'stack', 'bias of linear']
)
def test_arrays_of_two_dtypes_are_refused(name):
    """Two Variables of different dtype raise InvalidType where the reference does; NumPy would use the larger dtype."""
    a, b = Variable(np.ones((2, 2), 'f')), Variable(np.ones((2, 2)))
    call = {
        '+': lambda: a + b,
        '-': lambda: a - b,
        '*': lambda: a * b,
        '/': lambda: a / b,
        'maximum': lambda: F.maximum(a, b),
        'minimum': lambda: F.minimum(a, b),
        'where': lambda: F.where(np.ones((2, 2), bool), a, b),
        'concat': lambda: F.concat((a, b)),
        'stack': lambda: F.stack((a, b)),
        'bias of linear': lambda: F.linear(a, a, b[0]),
    }[name]
    with pytest.raises(InvalidType, match='float32.*float64'):
        call()


@pytest.mark.parametrize('kind', ['int32', 'bool'])
@pytest.mark.parametrize(
    'function',
    [F.exp, F.sin, F.cos, F.sqrt, F.tanh, F.sigmoid, F.relu, F.leaky_relu, F.softmax, F.log_softmax, F.log],
    ids=lambda f: f.__name__,
)
def test_integers_are_refused_by_floating_functions(function, kind):
    x = np.ones((2, 2), kind)
    for given in (x, Variable(x)):
        with pytest.raises(InvalidType, match=rf'must have a floating dtype, but it is {kind} \(2, 2\)') as caught:
            function(given)
        assert str(caught.value).startswith(f'{function.__name__}: ')


def test_an_error_changes_nothing():
    x, W = v(5, 3), Parameter(np.zeros((2, 4), 'f'))
    W.cleargrad()
    with pytest.raises(InvalidType):
        F.linear(x, W)
    assert x.grad is None and W.grad is None and x.node.data is None
