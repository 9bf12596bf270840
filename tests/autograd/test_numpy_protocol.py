"""NumPy's functions on Variables: they record the graph, or raise by name."""

import numpy as np
import pytest

import chaingrad.functions as F
from chaingrad import Variable
from chaingrad.autograd import numpy_protocol


def variable(*shape, dtype=np.float64):
    return Variable(np.random.default_rng(23).uniform(0.5, 1.5, shape).astype(dtype))


UFUNCS = [np.sin, np.cos, np.tanh, np.exp, np.log, np.sqrt, np.negative, np.absolute]
BINARY = [np.add, np.subtract, np.multiply, np.divide, np.power, np.maximum, np.minimum, np.matmul]
FUNCTIONS = {
    'sum': lambda x: np.sum(x, axis=1, keepdims=True),
    'mean': lambda x: np.mean(x, axis=0),
    'max': lambda x: np.max(x, axis=1),
    'min': lambda x: np.min(x, axis=1),
    'reshape': lambda x: np.reshape(x, (9,)),
    'transpose': lambda x: np.transpose(x, (1, 0)),
    'broadcast_to': lambda x: np.broadcast_to(x, (2, 3, 3)),
    'dot': lambda x: np.dot(x, np.eye(3)),
    'concatenate': lambda x: np.concatenate([x, x], axis=1),
    'concatenate of arrays': lambda x: np.concatenate([np.ones((3, 3)), x]),
    'stack': lambda x: np.stack([x, x]),
    'expand_dims': lambda x: np.expand_dims(x, 0),
    'squeeze': lambda x: np.squeeze(np.expand_dims(x, 0)),
    'where': lambda x: np.where(np.eye(3) > 0, x, x * 2),
    'clip': lambda x: np.clip(x, 0.7, 1.2),
}


@pytest.mark.parametrize('ufunc', UFUNCS, ids=lambda f: f.__name__)
def test_ufuncs_record_the_graph(ufunc):
    x = variable(3, 3)
    y = ufunc(x)
    assert isinstance(y, Variable) and y.creator is not None
    np.testing.assert_allclose(y.array, ufunc(x.array))
    F.sum(y).backward()
    assert x.grad is not None


@pytest.mark.parametrize('swap', [False, True], ids=['variable first', 'array first'])
@pytest.mark.parametrize('ufunc', BINARY, ids=lambda f: f.__name__)
def test_binary_ufuncs(ufunc, swap):
    x, a = variable(3, 3), np.random.default_rng(0).uniform(0.5, 1.5, (3, 3))
    operands = (a, x) if swap else (x, a)
    y = ufunc(*operands)
    assert isinstance(y, Variable) and y.creator is not None
    np.testing.assert_allclose(y.array, ufunc(*[getattr(o, 'array', o) for o in operands]))
    both = ufunc(x, x)
    F.sum(both + y).backward()
    assert x.grad is not None


@pytest.mark.parametrize('name', FUNCTIONS)
def test_functions_record_the_graph(name):
    x = variable(3, 3)
    y = FUNCTIONS[name](x)
    assert isinstance(y, Variable) and y.creator is not None
    np.testing.assert_allclose(y.array, FUNCTIONS[name](x.array))
    F.sum(y).backward()
    assert x.grad is not None


def test_shape_ndim_size():
    x = variable(2, 3)
    assert (np.shape(x), np.ndim(x), np.size(x)) == ((2, 3), 2, 6)


@pytest.mark.parametrize(
    'other', [np.ones(3), np.ones(1), np.float64(2), np.array(2.0)], ids=['(3,)', '(1,)', 'number', '()']
)
def test_numpy_on_the_left_gives_one_variable(other):
    """Without the protocol NumPy would make an array of objects, one Variable for each element."""
    x = variable(3, dtype=np.float32)
    for y in (other + x, other - x, other * x, other / x, other**x):
        assert isinstance(y, Variable) and y.shape == (3,) and y.dtype == np.float32


@pytest.mark.parametrize(
    ('call', 'name'),
    [
        (lambda x: np.nextafter(x, x), 'nextafter'),
        (lambda x: np.add.reduce(x), 'add.reduce'),
        (lambda x: np.add(x, x, out=np.zeros(3)), 'add with out'),
        (lambda x: np.linalg.svd(x), 'svd'),
        (lambda x: np.unwrap(x), 'unwrap'),
        (lambda x: np.isnan(x), 'isnan'),
    ],
)
def test_what_is_not_provided_is_refused_by_name(call, name):
    with pytest.raises(TypeError, match=f'np.{name} does not work on Variables'):
        call(variable(3))


@pytest.mark.parametrize('compare', [np.equal, np.less, np.greater_equal])
def test_comparisons_are_refused(compare):
    with pytest.raises(TypeError):
        compare(np.ones(3), variable(3))


def test_an_array_compared_with_a_variable():
    with pytest.raises(TypeError):
        np.ones(3) == variable(3)  # noqa: B015


def test_asarray_gives_the_array():
    x = variable(2, 3)
    a = np.asarray(x)
    assert type(a) is np.ndarray
    np.testing.assert_array_equal(a, x.array)
    assert np.asarray(x, np.float32).dtype == np.float32
    assert np.array(x, copy=True) is not x.array
    assert not np.may_share_memory(np.array(x), x.array)
    assert np.may_share_memory(np.array(x, copy=False), x.array)


def test_a_list_of_variables_becomes_an_array():
    """Losses collected in a list are plotted this way."""
    losses = [Variable(np.array(v)) for v in (1.0, 2.0)]
    np.testing.assert_array_equal(np.array([float(v) for v in losses]), [1, 2])
    np.testing.assert_array_equal(np.asarray([v.array for v in losses]), [1, 2])


def test_provide(monkeypatch):
    monkeypatch.setattr(numpy_protocol, '_functions', dict(numpy_protocol._functions))
    numpy_protocol.provide(np.cbrt, lambda x: x ** (1 / 3))
    x = variable(2)
    np.testing.assert_allclose(np.cbrt(x).array, np.cbrt(x.array))
