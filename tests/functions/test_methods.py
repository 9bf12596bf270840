"""The methods of NumPy's arrays on Variables, and numbers among the operands of maximum, minimum and where."""

import ast
import inspect
import textwrap

import numpy as np
import pytest

import chaingrad.functions as F
from chaingrad import Variable
from chaingrad.autograd import array_holder
from chaingrad.functions.methods import METHODS

CALLS = {
    'argmax': lambda x: x.argmax(axis=1),
    'argmin': lambda x: x.argmin(),
    'astype': lambda x: x.astype('float64'),
    'clip': lambda x: x.clip(0.2, max=0.6),
    'cumprod': lambda x: x.cumprod(axis=0),
    'cumsum': lambda x: x.cumsum(1),
    'diagonal': lambda x: x.diagonal(1),
    'dot': lambda x: x.dot(np.ones((3, 2), np.float32)),
    'flatten': lambda x: x.flatten(),
    'max': lambda x: x.max(axis=1, keepdims=True),
    'min': lambda x: x.min(),
    'prod': lambda x: x.prod(axis=0),
    'ravel': lambda x: x.ravel(),
    'repeat': lambda x: x.repeat(2, axis=1),
    'squeeze': lambda x: x[:, :1].squeeze(axis=1),
    'swapaxes': lambda x: x.swapaxes(0, 1),
}


def variable(*shape):
    return Variable(np.random.default_rng(5).uniform(-1, 1, shape).astype(np.float32))


def test_every_method_has_a_call():
    assert set(CALLS) == set(METHODS)


@pytest.mark.parametrize('name', METHODS)
def test_a_method_gives_what_the_array_gives(name):
    x = variable(4, 3)
    y = CALLS[name](x)
    expected = CALLS[name](x.array)
    assert isinstance(y, Variable)
    assert y.shape == expected.shape
    np.testing.assert_allclose(y.array, expected, rtol=1e-6)
    if y.dtype.kind == 'f':
        F.sum(y).backward()
        assert x.grad is not None and x.grad.any()


@pytest.mark.parametrize('name', METHODS)
def test_the_declared_arguments_are_those_of_the_method(name):
    cls = ast.parse(textwrap.dedent(inspect.getsource(array_holder.ArrayHolder))).body[0]
    (block,) = [node for node in cls.body if isinstance(node, ast.If)]
    declared = {node.name: [a.arg for a in node.args.args[1:]] for node in block.body}
    assert declared.keys() == METHODS.keys()
    _, *parameters = inspect.signature(METHODS[name]).parameters
    assert declared[name] == parameters


@pytest.mark.parametrize('number', [0, 0.0, False, np.float64(0), np.int32(0)], ids=repr)
@pytest.mark.parametrize(
    'function', [F.maximum, F.minimum, np.maximum, np.minimum], ids=['F.maximum', 'F.minimum', 'maximum', 'minimum']
)
def test_a_number_takes_the_dtype_of_the_other_operand(function, number):
    x = variable(4, 3)
    for y, expected in (
        (function(x, number), getattr(np, function.__name__)(x.array, np.float32(0))),
        (function(number, x), getattr(np, function.__name__)(np.float32(0), x.array)),
    ):
        assert y.dtype == np.float32
        np.testing.assert_array_equal(y.array, expected)
        x.cleargrad()
        F.sum(y).backward()
        np.testing.assert_array_equal(x.grad, expected != 0)


@pytest.mark.parametrize('where', [F.where, np.where], ids=['F', 'np'])
def test_where_takes_a_number_for_either_choice(where):
    x = variable(4, 3)
    mask = x.array > 0
    np.testing.assert_array_equal(where(mask, x, 0).array, np.where(mask, x.array, np.float32(0)))
    np.testing.assert_array_equal(where(mask, -1.5, x).array, np.where(mask, np.float32(-1.5), x.array))
    assert where(mask, x, 0).dtype == where(mask, -1.5, x).dtype == np.float32


@pytest.mark.parametrize('function', [np.maximum, np.minimum])
def test_numpy_casts_an_array_to_the_dtype_of_the_variable(function):
    """As the operators of Variable do."""
    x, a = variable(4, 3), np.zeros((4, 3))
    for y in (function(x, a), function(a, x), np.where(a == 0, x, a), np.where(a == 0, a, x)):
        assert isinstance(y, Variable) and y.dtype == np.float32
