"""The operators of Variable: plain operands take its dtype, Variables of different dtype are refused."""

import ast
import inspect
import operator
import textwrap

import numpy as np
import pytest

from chaingrad import Variable
from chaingrad.autograd import operators, variable
from chaingrad.autograd.type_checking.type_check import InvalidType

BINARY = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
FLOATS = [np.float16, np.float32, np.float64]


def names(f):
    return f.__name__


@pytest.mark.parametrize('other', [2, 2.0, True, np.float64(2), np.float16(2), np.int64(2), np.bool_(True)], ids=repr)
@pytest.mark.parametrize('dtype', FLOATS, ids=names)
@pytest.mark.parametrize('op', BINARY, ids=names)
def test_a_number_takes_the_dtype_of_the_variable(op, dtype, other):
    x = Variable(np.array([1.5, 2.5], dtype))
    for y, expected in ((op(x, other), op(x.array, dtype(other))), (op(other, x), op(dtype(other), x.array))):
        assert isinstance(y, Variable)
        assert y.dtype == dtype
        np.testing.assert_allclose(y.array, expected, rtol=2e-3 if dtype is np.float16 else 1e-6)
        y.grad = np.ones(2, dtype)
        y.backward()
    assert x.grad.dtype == dtype


@pytest.mark.parametrize('of_array', [np.float16, np.float64, np.int64, np.bool_], ids=names)
@pytest.mark.parametrize('op', BINARY, ids=names)
def test_an_array_takes_the_dtype_of_the_variable(op, of_array):
    x = Variable(np.array([1.5, 2.5], np.float32))
    a = np.array([1, 2], of_array)
    for y, expected in ((op(x, a), op(x.array, a.astype('f'))), (op(a, x), op(a.astype('f'), x.array))):
        assert isinstance(y, Variable) and y.dtype == np.float32
        np.testing.assert_allclose(y.array, expected, rtol=1e-6)
        y.grad = np.ones(2, np.float32)
        y.backward()
    assert x.grad.dtype == np.float32
    assert a.dtype == of_array


@pytest.mark.parametrize('op', BINARY, ids=names)
def test_variables_of_different_dtype_are_refused(op):
    x, y = Variable(np.ones((2, 2), np.float32)), Variable(np.ones((2, 2)))
    with pytest.raises(InvalidType, match=r'float32 \(2, 2\).*float64 \(2, 2\)'):
        op(x, y)


@pytest.mark.parametrize('op', [*BINARY, operator.floordiv], ids=names)
@pytest.mark.parametrize('other', [[1.0, 2.0], 'text', None, {}], ids=repr)
def test_other_operands_are_refused(op, other):
    x = Variable(np.ones(2))
    with pytest.raises(TypeError):
        op(x, other)
    with pytest.raises(TypeError):
        op(other, x)


@pytest.mark.parametrize('op', BINARY, ids=names)
def test_objects_that_know_variables_have_their_say(op):
    class Other:
        __array_ufunc__ = None

        def _answer(self, x):
            return 'mine'

        __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rpow__ = _answer

    assert op(Variable(np.ones(2)), Other()) == 'mine'


def test_positive_and_negative():
    x = Variable(np.array([1.0]))
    np.testing.assert_array_equal((+x).array, [1])
    np.testing.assert_array_equal((-x).array, [-1])


@pytest.mark.parametrize('op', [operator.iadd, operator.isub, operator.imul, operator.itruediv], ids=names)
def test_in_place_operators_make_new_variables(op):
    x = Variable(np.array([2.0]))
    y = op(x, 3)
    assert y is not x and y.creator is not None
    assert x.array == 2


@pytest.mark.parametrize('op', [operator.iadd, operator.imul], ids=names)
def test_an_array_cannot_take_a_variable_in_place(op):
    """The array would lose the graph without a word."""
    a = np.ones(2)
    with pytest.raises(TypeError):
        op(a, Variable(np.ones(2)))
    np.testing.assert_array_equal(a, [1, 1])


def test_reflected_matmul():
    a, x = np.array([[1.0, 2.0]]), Variable(np.array([[3.0], [4.0]]))
    np.testing.assert_array_equal((a @ x).array, [[11]])
    np.testing.assert_array_equal((x @ a).array, [[3, 6], [4, 8]])
    assert (a @ x).creator is not None


@pytest.mark.parametrize('swap', [False, True])
def test_an_array_in_matmul_takes_the_dtype_of_the_variable(swap):
    x, a = Variable(np.ones((2, 2), np.float32)), np.ones((2, 2))
    y = a @ x if swap else x @ a
    assert y.dtype == np.float32


def test_zero_axes():
    x = Variable(np.array(2.0, np.float32))
    for y in (x + 1, 1 - x, x * x, x / 3, x**2, 2**x, x**0.5, -x, abs(x), x // 2):
        assert type(y.array) is np.ndarray and y.dtype == np.float32 and y.shape == ()


def test_a_number_too_large_for_float16():
    with np.errstate(over='ignore'):
        y = Variable(np.ones(1, np.float16)) * 1e6
    assert np.isinf(y.array) and y.dtype == np.float16


# The declarations for type checkers in variable.py


# Called by others.
NOT_DECLARED = {'__div__', '__rdiv__', '__array_ufunc__', '__array_function__', '__getattr__', '_repr_html_'}


def declarations():
    """Return what the TYPE_CHECKING block of Variable declares: the attributes' names, and the methods' nodes."""
    cls = ast.parse(textwrap.dedent(inspect.getsource(variable.Variable))).body[0]
    (block,) = [node for node in cls.body if isinstance(node, ast.If) and ast.unparse(node.test) == 'TYPE_CHECKING']
    attributes = [node.target.id for node in block.body if isinstance(node, ast.AnnAssign)]
    methods = {node.name: node for node in block.body if isinstance(node, ast.FunctionDef)}
    return attributes, methods


def test_variable_declares_the_names_of_the_table():
    attributes, methods = declarations()
    assert {*attributes, *methods} == set(operators.OF_VARIABLE) - NOT_DECLARED


@pytest.mark.parametrize('name', sorted(declarations()[1]))
def test_variable_declares_the_arguments_of_the_table(name):
    declared = declarations()[1][name]
    given = operators.OF_VARIABLE[name]
    if any(ast.unparse(decorator) == 'property' for decorator in declared.decorator_list):
        assert isinstance(given, property)
        return
    _, *parameters = inspect.signature(given).parameters.values()
    if declared.args.posonlyargs:
        assert len(parameters) == len(declared.args.posonlyargs) - 1
        return
    texts = [str(parameter.replace(annotation=parameter.empty)) for parameter in parameters]
    for argument in ast.walk(declared.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    shown = ast.unparse(declared.args).split(', ')[1:]
    assert texts == [text for text in shown if text != '*']
