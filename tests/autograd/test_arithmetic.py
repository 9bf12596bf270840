"""The nodes behind the operators: labels, broadcasting, constants; values and gradients are rows of tests/cases/."""

import numpy as np
import pytest

import chaingrad.functions as F
from chaingrad import Variable, grad
from chaingrad.autograd.type_checking.type_check import InvalidType


def variable(*shape, dtype=np.float64):
    return Variable(np.random.default_rng(11).uniform(0.5, 1.5, shape).astype(dtype))


LABELS = {
    '_ + _': lambda x: x + x,
    '_ - _': lambda x: x - x,
    '_ * _': lambda x: x * x,
    '_ / _': lambda x: x / x,
    '_ ** _': lambda x: x**x,
    '_ + 1': lambda x: x + 1,
    '_ * 2.5': lambda x: 2.5 * x,
    '_ ** 2': lambda x: x**2,
    '2 ** _': lambda x: 2**x,
    '__neg__': lambda x: -x,
    '|_|': lambda x: abs(x),
}


@pytest.mark.parametrize('label', LABELS)
def test_labels(label):
    assert LABELS[label](variable(2)).creator.label == label


def test_numbers_are_no_inputs():
    assert len((variable(2) + 1).creator.inputs) == 1


def test_arrays_are_inputs():
    creator = (variable(2) + np.ones(2)).creator
    assert len(creator.inputs) == 2
    assert not creator.inputs[1].requires_grad


@pytest.mark.parametrize('shapes', [((2, 3), (3,)), ((2, 3), ()), ((2, 1), (1, 3)), ((1, 3), (2, 3)), ((), (2,))])
@pytest.mark.parametrize('name', ['+', '-', '*', '/', '**'])
def test_broadcasting(name, shapes):
    apply = {
        '+': lambda a, b: a + b,
        '-': lambda a, b: a - b,
        '*': lambda a, b: a * b,
        '/': lambda a, b: a / b,
        '**': lambda a, b: a**b,
    }[name]
    a, b = (variable(*shape) for shape in shapes)
    y = apply(a, b)
    np.testing.assert_allclose(y.array, apply(a.array, b.array))
    y.grad = np.ones_like(y.array)
    y.backward()
    assert (a.grad.shape, b.grad.shape) == shapes


@pytest.mark.parametrize('apply', [lambda a, b: a + b, lambda a, b: a * b, F.add, lambda a, b: a**b])
def test_shapes_that_do_not_fit(apply):
    with pytest.raises(InvalidType, match=r'\(2, 3\).*\(2, 4\)'):
        apply(variable(2, 3), variable(2, 4))


# Powers


def test_power_of_zero():
    """0 ** 2, 0 ** 1 and 0 ** 0 have finite gradients."""
    for exponent, derivative in ((3, 0), (2, 0), (1, 1), (0, 0)):
        x = Variable(np.array([0.0]))
        F.sum(x**exponent).backward()
        assert x.grad == derivative, exponent


def test_power_of_zero_twice():
    x = Variable(np.array([0.0]))
    (gx,) = grad([x**2], [x], enable_double_backprop=True)
    (ggx,) = grad([gx], [x])
    assert ggx.array == 2


@pytest.mark.parametrize('double', [False, True])
def test_power_of_zero_by_a_variable(double):
    """The derivative by the exponent is y log x, whose limit at x = 0 is 0."""
    a, b = Variable(np.array([0.0, 2.0])), Variable(np.array([2.0, 3.0]))
    F.sum(a**b).backward(enable_double_backprop=double)
    np.testing.assert_allclose(b.grad, [0, 8 * np.log(2)])
    np.testing.assert_allclose(a.grad, [0, 12])


def test_a_negative_base_and_a_whole_exponent():
    x = Variable(np.array([-2.0]))
    F.sum(x**3).backward()
    assert x.grad == 12


def test_zero_to_the_power_of_a_variable():
    x = Variable(np.array([2.0]))
    y = 0**x
    F.sum(y).backward()
    assert y.array == 0 and x.grad == 0


# absolute, floor division, add


def test_the_derivative_of_absolute_at_zero_is_zero():
    x = Variable(np.array([0.0, -1.0]))
    F.sum(abs(x)).backward()
    np.testing.assert_array_equal(x.grad, [0, -1])


def test_absolute_of_integers():
    assert abs(Variable(np.array([-3]))).array == 3


def test_floor_division_has_no_gradient():
    x = Variable(np.array([5.0, -5.0]))
    y = x // 2
    np.testing.assert_array_equal(y.array, [2, -3])
    np.testing.assert_array_equal((7 // x).array, [1, -2])
    F.sum(y).backward()
    assert x.grad is None


def test_add_of_many():
    x, y = variable(2), variable(2)
    z = F.add(x, y, x, x)
    np.testing.assert_allclose(z.array, 3 * x.array + y.array)
    z.grad = np.array([1.0, 2.0])
    z.backward()
    np.testing.assert_array_equal(x.grad, [3, 6])
    np.testing.assert_array_equal(y.grad, [1, 2])


def test_add_wants_operands_of_one_shape():
    with pytest.raises(InvalidType, match=r'\(2,\).*\(2,\).*\(1,\)'):
        F.add(variable(2), variable(2), variable(1))
    with pytest.raises(ValueError, match='at least two'):
        F.add(variable(2))


def test_add_of_arrays():
    y = F.add(np.ones(2), np.ones(2), np.ones(2))
    np.testing.assert_array_equal(y.array, [3, 3])


def test_operands_are_not_changed():
    a, b = np.ones(2), np.ones(2)
    F.add(Variable(a), Variable(b), Variable(a))
    np.testing.assert_array_equal(a, [1, 1])


def test_integers():
    x = Variable(np.array([3, 4]))
    for y, expected in (
        (x + 1, [4, 5]),
        (x * x, [9, 16]),
        (-x, [-3, -4]),
        (x - 1, [2, 3]),
        (x // 2, [1, 2]),
        (x**2, [9, 16]),
        (10 - x, [7, 6]),
    ):
        np.testing.assert_array_equal(y.array, expected)
        assert y.dtype == x.dtype


def test_retained_operands():
    x, y = variable(2), variable(2)
    z = x * y
    first, second = z.creator.inputs
    assert first.data is x.array and second.data is y.array
    del z


def test_zero_to_the_power_of_x():
    """0 ** x is infinite for x < 0, and its derivative there is y log 0; elsewhere it is constant but at 0."""
    x = Variable(np.array([-1.0, 0.0, 2.0]))
    with np.errstate(divide='ignore'):
        y = 0.0**x
    y.grad = np.ones(3)
    with np.errstate(invalid='ignore'):
        y.backward()
    np.testing.assert_array_equal(y.array, [np.inf, 1, 0])
    np.testing.assert_array_equal(x.grad, [-np.inf, 0, 0])
