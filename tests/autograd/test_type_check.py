"""The type check language, as users' classes write it."""

import pickle

import numpy as np
import pytest

from chaingrad.autograd.type_checking import type_check
from chaingrad.autograd.type_checking.type_check import InvalidType, TypeInfo, Variable


def types_of(*arrays):
    return type_check.get_types(arrays, 'in_types', False)


def message(*expressions):
    with pytest.raises(InvalidType) as caught:
        type_check.expect(*expressions)
    assert len(caught.value.args) == 1
    return str(caught.value)


n, x = Variable(3, 'n'), Variable(TypeInfo((2, 3, 4), np.float32), 'x')


@pytest.mark.parametrize(
    'expression, text, value',
    [
        (n, 'n', 3),
        (n + 1, 'n + 1', 4),
        (1 + n, '1 + n', 4),
        (2 * (n + 1), '2 * (n + 1)', 8),
        ((n + 1) * 2, '(n + 1) * 2', 8),
        (n * 2 + 1, 'n * 2 + 1', 7),
        (1 - (2 - n), '1 - (2 - n)', 2),
        (1 - n - 2, '1 - n - 2', -4),
        (n // 2 % 2, 'n // 2 % 2', 1),
        (7 // n, '7 // n', 2),
        (7 % n, '7 % n', 1),
        (n / 2, 'n / 2', 1.5),
        (6 / n, '6 / n', 2.0),
        (2 ** (n - 1) ** 2, '2 ** (n - 1) ** 2', 16),
        ((2**n) ** 2, '(2 ** n) ** 2', 64),
        (-n, '-n', -3),
        (-(n + 1), '-(n + 1)', -4),
        ((-n) ** 2, '(-n) ** 2', 9),
        (x.shape[1], 'x.shape[1]', 3),
        (x.shape[-1] - x.ndim, 'x.shape[-1] - x.ndim', 1),
        (x.shape[1:], 'x.shape[1:]', (3, 4)),
        (x.shape[:-1], 'x.shape[:-1]', (2, 3)),
        (x.shape[0:3:2], 'x.shape[0:3:2]', (2, 4)),
        (x.shape[n - 1], 'x.shape[n - 1]', 4),
        (x.shape[n - 2 :], 'x.shape[n - 2:]', (3, 4)),
        (x.size, 'x.size', 24),
        (x.dtype, 'x.dtype', np.dtype('float32')),
        (x.dtype.kind, 'x.dtype.kind', 'f'),
        (x.shape.index(3), 'x.shape.index(3)', 1),
        (Variable(np.eye(2), 'a')[..., 1:].shape, 'a[..., 1:].shape', (2, 1)),
        (type_check.prod(x.shape), 'prod(x.shape)', 24),
        (x.ndim == 3, 'x.ndim == 3', True),
        (4 > n, 'n < 4', True),
        ((n + 1) <= n * 2, 'n + 1 <= n * 2', True),
    ],
)
def test_expressions(expression, text, value):
    assert str(expression) == text
    assert type_check.eval(expression) == value == expression.eval()


@pytest.mark.parametrize(
    'expression, expected, actual',
    [
        (n == 4, 'n == 4', '3 != 4'),
        (n != 3, 'n != 3', '3 == 3'),
        (n < 3, 'n < 3', '3 >= 3'),
        (n <= 2, 'n <= 2', '3 > 2'),
        (n > 3, 'n > 3', '3 <= 3'),
        (n >= 4, 'n >= 4', '3 < 4'),
        (x.dtype == np.float64, 'x.dtype == float64', 'float32 != float64'),
        (x.dtype.kind == 'i', 'x.dtype.kind == i', 'f != i'),
        (x.shape == (2, 3), 'x.shape == (2, 3)', '(2, 3, 4) != (2, 3)'),
    ],
)
def test_failed_comparison_prints_expression_and_values(expression, expected, actual):
    assert message(n == 3, expression) == f'Expect: {expected}\nActual: {actual}'


def test_types_of_inputs():
    in_types = types_of(np.ones((2, 3)), np.ones(3, np.int32))
    x_type, t_type = in_types
    type_check.expect(in_types.size() == 2, x_type.dtype.kind == 'f', x_type.shape[1] == t_type.shape[0])
    assert message(in_types.size() == 1) == 'Expect: in_types.size == 1\nActual: 2 != 1'
    assert message(in_types[1].ndim == 2) == 'Expect: in_types[1].ndim == 2\nActual: 1 != 2'
    type_check._argname(in_types, ('x', 't'))
    assert message(t_type.dtype.kind == 'f') == 'Expect: t.dtype.kind == f\nActual: i != f'
    with pytest.raises(InvalidType, match=r'1 argument\(s\): x'):
        type_check.argname(in_types, ('x',))
    assert repr(type_check.eval(x_type)) == 'float64 (2, 3)'


def test_inputs_that_are_no_arrays():
    with pytest.raises(TypeError, match=r'in_types\[1\] must be an array, but it is list'):
        types_of(np.ones(2), [1.0])
    with pytest.raises(TypeError, match='NoneType'):
        types_of(None)
    assert type_check.eval(type_check.get_types((None,), 'xs', True)[0]) is None


def test_expressions_refuse_what_would_mislead():
    with pytest.raises(RuntimeError, match='n == 3 is an expression'):
        bool(n == 3)
    with pytest.raises(TypeError, match='cannot be iterated over'):
        list(x.shape)
    with pytest.raises(NotImplementedError):
        type_check.Expr(0).eval()
    assert not hasattr(n, '__array__')
    assert len({n, x}) == 2


def test_plain_conditions():
    type_check.expect(True, n == 3)
    assert 'a condition does not hold' in message(False)


def test_broadcast_shapes():
    type_check.expect_broadcast_shapes(x.shape, (1, 4))
    with pytest.raises(InvalidType) as caught:
        type_check.expect_broadcast_shapes(x.shape, (5,))
    assert str(caught.value) == 'Expect: x.shape and (5,) broadcast together\nActual: (2, 3, 4) and (5,) do not'


def test_invalid_type_is_one_string():
    assert str(InvalidType('whole message')) == 'whole message'
    assert str(InvalidType('a', 'b', 'message')) == 'message'
    error = InvalidType('a == b', '1 != 2')
    assert error.args == ('Expect: a == b\nActual: 1 != 2',) and (error.expect, error.actual) == ('a == b', '1 != 2')
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error) and copy.actual == error.actual


def test_small_helpers():
    assert type_check.prod((2, 3)) == 6
    assert type_check.eval(5) == 5
    assert type_check.same_types(np.ones(1), np.ones(2)) and not type_check.same_types(np.ones(1), 'x')
    assert str(type_check.make_variable(2, 'm') + 1) == 'm + 1'


class Product:
    label = 'Product'
    calls = 0

    def check_type_forward(self, in_types):
        self.calls += 1
        type_check._argname(in_types, ('a', 'b'))
        a, b = in_types
        limit = type_check.make_variable(9, 'limit')
        type_check.expect(a.dtype == b.dtype, a.ndim == 2, a.shape[1] == b.shape[0], type_check.prod(a.shape) < limit)


def test_check_runs_once_when_all_is_well():
    function = Product()
    type_check.check_forward(function, (np.ones((2, 3)), np.ones((3, 4))))
    assert function.calls == 1


def test_failed_check_names_the_function():
    with pytest.raises(InvalidType) as caught:
        type_check.check_forward(Product(), (np.ones((2, 4)), np.ones((3, 4))))
    assert str(caught.value) == (
        'Invalid operation is performed in: Product (Forward)\n\nExpect: a.shape[1] == b.shape[0]\nActual: 4 != 3'
    )
    with pytest.raises(InvalidType, match=r'prod\(a.shape\) < limit'):
        type_check.check_forward(Product(), (np.ones((4, 4)), np.ones((4, 4))))
    with pytest.raises(InvalidType, match='2 argument'):
        type_check.check_forward(Product(), (np.ones((2, 4)),))
    assert 'Invalid operation' not in message(n == 4), 'the name is forgotten afterwards'


def test_check_that_evaluates_by_hand():
    class Evaluates:
        label = 'Evaluates'

        def check_type_forward(self, in_types):
            for i in range(in_types[0].ndim.eval()):  # only expressions have eval()
                type_check.expect(in_types[0].shape[i] == 2)

    type_check.check_forward(Evaluates(), (np.ones((2, 2)),))
    with pytest.raises(InvalidType, match=r'in_types\[0\].shape\[1\] == 2'):
        type_check.check_forward(Evaluates(), (np.ones((2, 3)),))
