"""The gradient check: it accepts right gradients and refuses every kind of wrong one."""

import numpy as np
import pytest

from chaingrad.autograd.configuration import using_config
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.gradient_checking.gradient_check import (
    NondifferentiableError,
    assert_allclose,
    check_backward,
    check_double_backward,
    numerical_grad,
)
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable

EXACT = {'eps': 1e-4, 'atol': 1e-6, 'rtol': 1e-5}


def normal(*shape, dtype=np.float64, seed=0):
    return np.random.RandomState(seed).standard_normal(shape).astype(dtype)


class Square(FunctionNode):
    """y = x ** 2 with a gradient that a test may break."""

    def __init__(self, broken=None):
        self.broken = broken

    def forward(self, inputs):
        self.retain_inputs((0,))
        return (inputs[0] ** 2,)

    def backward(self, indexes, grad_outputs):
        (x,), (gy,) = self.get_retained_inputs(), grad_outputs
        if self.broken == 'sign':
            return (-2 * x * gy,)
        if self.broken == 'factor':
            return (2.01 * x * gy,)
        if self.broken == 'missing':
            return (None,)
        if self.broken == 'second order':
            return (Variable(2 * x.array) * gy,)
        return (2 * x * gy,)


def square(broken=None):
    return lambda x: Square(broken).apply((x,))[0]


def test_right_gradients_pass():
    x, gy, ggx = normal(3, 4), normal(3, 4, seed=1), normal(3, 4, seed=2)
    check_backward(square(), x, gy, **EXACT)
    check_double_backward(square(), x, gy, ggx, **EXACT)


@pytest.mark.parametrize('broken', ['sign', 'factor'])
@pytest.mark.parametrize('shape', [(), (1,), (3, 4), (1000,)])
def test_wrong_gradients_fail(broken, shape):
    x, gy = normal(*shape), normal(*shape, seed=1)
    with pytest.raises(AssertionError, match='check_backward: along a random direction') as caught:
        check_backward(square(broken), x, gy, **EXACT)
    assert len(caught.value.args) == 1 and f'float64 {shape}' in str(caught.value)


def test_one_wrong_element_among_many_is_found():
    class OneWrong(Square):
        def backward(self, indexes, grad_outputs):
            wrong = np.ones(1000)
            wrong[17] = 1.5
            return (super().backward(indexes, grad_outputs)[0] * wrong,)

    with pytest.raises(AssertionError):
        check_backward(lambda x: OneWrong().apply((x,))[0], np.ones(1000), np.ones(1000), **EXACT)


def test_wrong_second_order_fails():
    x, gy, ggx = normal(3, 4), normal(3, 4, seed=1), normal(3, 4, seed=2)
    check_backward(square('second order'), x, gy, **EXACT)
    with pytest.raises(AssertionError, match='check_double_backward'):
        check_double_backward(square('second order'), x, gy, ggx, **EXACT)


def test_a_missing_gradient_counts_as_zero():
    with pytest.raises(AssertionError, match='backward.. gives 0'):
        check_backward(square('missing'), normal(3), normal(3))
    with pytest.raises(AssertionError, match='check_double_backward'):
        check_double_backward(square('second order'), normal(3), normal(3), normal(3))
    check_backward(lambda x, w: x * Variable(w.array), (normal(3), normal(3)), normal(3), no_grads=[False, True])
    with pytest.raises(AssertionError, match='check_backward'):
        check_backward(lambda x, w: x * Variable(w.array), (normal(3), normal(3)), normal(3))


@pytest.mark.behaviour('gradient-check-no-influence')
def test_inputs_without_influence():
    xs, gy, ggxs = (normal(3), normal(4)), normal(3), (normal(3, seed=1), normal(4, seed=1))
    check_backward(lambda x, w: x * x, xs, gy, Parameter(normal(3)), **EXACT)
    check_double_backward(lambda x, w: x * x, xs, gy, ggxs, **EXACT)
    check_backward(lambda x, w: x * x, xs, gy, no_grads=[False, True], **EXACT)
    check_double_backward(lambda x, w: x * x, xs, gy, ggxs, no_grads=[False, True], **EXACT)
    xs = (normal(3), normal(3))
    for check in (check_backward, lambda *args, **options: check_double_backward(*args, xs, **options)):
        with pytest.raises(RuntimeError, match='input 1 got a gradient, but no_grads says that it has none'):
            check(lambda x, w: x * w, xs, gy, no_grads=[False, True])


@pytest.mark.behaviour('numerical-grad-scalar')
def test_numerical_grad_with_numbers_as_gradients():
    x = normal(3)
    (gx,) = numerical_grad(lambda: (x**2, 3 * x), (x,), (1, 2.0))
    assert_allclose(gx, 2 * x + 6)


def test_several_inputs_and_outputs():
    xs, gys = (normal(3, 4), normal(4, 2, seed=1)), (normal(3, 2, seed=2), normal(3, 4, seed=3))

    def func(a, b):
        return (a @ b) ** 2, a * a

    check_backward(func, xs, gys, **EXACT)
    check_double_backward(func, xs, gys, (normal(3, 4, seed=4), normal(4, 2, seed=5)), **EXACT)
    check_backward(func, xs, (gys[0], None), **EXACT)
    check_double_backward(func, xs, (gys[0], None), (normal(3, 4, seed=4), normal(4, 2, seed=5)), **EXACT)


def test_scalar_output_needs_no_gradient():
    check_backward(square(), np.array(3.0), None, **EXACT)
    with pytest.raises(ValueError, match=r'y_grad may be None only for one output of one element.*\(3,\)'):
        check_backward(square(), normal(3), None)


def test_second_derivative_that_is_zero():
    x, w, gy = normal(3, 4), normal(4, 2, seed=1), normal(3, 2, seed=2)
    ggs = normal(3, 4, seed=3), normal(4, 2, seed=4)
    check_double_backward(lambda x, w: x @ w, (x, w), gy, ggs, **EXACT)
    check_double_backward(lambda x: 3.0 * x, x, x, x, **EXACT)


@pytest.mark.behaviour('check-linear-paths')
@pytest.mark.parametrize(
    'f',
    [
        lambda a, b: a + b,
        lambda a, b: a * 3 - b,
        lambda a, b: a + b * b,
        lambda a, b: (a, b),
        lambda a, b: (a * b, b),
    ],
    ids=['a + b', '3 a - b', 'a + b * b', '(a, b)', '(a b, b)'],
)
def test_linear_paths_and_the_identity(f):
    xs, gys = (normal(3), normal(3, seed=1)), (normal(3), normal(3, seed=1))
    n = len(f(*xs)) if isinstance(f(*xs), tuple) else 1
    check_backward(f, xs, gys[:n], **EXACT)
    check_double_backward(f, xs, gys[:n], (normal(3), normal(3, seed=1)), **EXACT)


@pytest.mark.behaviour('check-linear-paths')
def test_the_identity_and_a_parameter_itself():
    x, gy = normal(3), normal(3, seed=1)
    check_backward(lambda a: a, x, gy)
    check_double_backward(lambda a: a, x, gy, normal(3, seed=2))
    W = Parameter(normal(3, seed=2))
    check_backward(lambda a: (a * 1, W), x, (gy, normal(3, seed=2)), W)


@pytest.mark.behaviour('check-linear-paths')
def test_a_copy_of_the_input_without_a_graph_still_fails():
    with pytest.raises(AssertionError, match=r'backward\(\) gives 0'):
        check_backward(lambda a: Variable(a.array * 2), normal(3), normal(3, seed=1))


def test_parameters_are_checked_and_left_alone():
    W, b = Parameter(normal(4, 2)), Parameter(normal(3, 2, seed=1))
    W.cleargrad()
    b.grad = held = normal(3, 2, seed=2)
    arrays = W.array, b.array
    x, gy = normal(3, 4, seed=3), normal(3, 2, seed=4)
    check_backward(lambda x: (x @ W + b) ** 2, x, gy, (W, b), **EXACT)
    ggs = normal(4, 2, seed=5), normal(3, 2, seed=6)
    check_double_backward(lambda x: (x @ W + b) ** 3, x, gy, normal(3, 4, seed=7), (W, b), ggs, **EXACT)
    assert (W.array is arrays[0]) and (b.array is arrays[1]) and W.grad is None and b.grad is held
    with pytest.raises(AssertionError):
        check_backward(lambda x: x @ square('sign')(W), x, gy, W, **EXACT)
    assert W.array is arrays[0] and W.grad is None


def test_data_are_not_changed():
    x, gy, ggx = normal(3), normal(3, seed=1), normal(3, seed=2)
    copies = x.copy(), gy.copy(), ggx.copy()
    for array in (x, gy, ggx):
        array.flags.writeable = False
    check_backward(square(), x, gy, **EXACT)
    check_double_backward(square(), x, gy, ggx, **EXACT)
    for array, copy in zip((x, gy, ggx), copies):
        np.testing.assert_array_equal(array, copy)


def test_integer_inputs_get_no_gradient():
    check_backward(lambda x, i: x[i.array], (normal(3), np.array([0, 2, 2])), normal(3), **EXACT)
    check_double_backward(
        lambda x, i: x[i.array] ** 3, (normal(3), np.array([0, 2, 2])), normal(3), (normal(3), None), **EXACT
    )


def test_numerical_side_in_double_precision():
    x, gy = normal(3, dtype=np.float32), normal(3, dtype=np.float32, seed=1)
    seen = set()

    def func(x):
        seen.add(x.dtype)
        return square()(x)

    check_backward(func, x, gy, dtype=np.float64, eps=1e-4, atol=1e-5, rtol=1e-5)
    assert seen == {np.dtype('float32'), np.dtype('float64')}
    x16, gy16 = x.astype(np.float16), gy.astype(np.float16)
    check_backward(square(), x16, gy16, dtype=np.float64, eps=1e-4, atol=1e-2, rtol=1e-2)
    with pytest.raises(ValueError, match='dtype must be floating, but int64'):
        check_backward(square(), x, gy, dtype=np.int64)


@pytest.mark.parametrize('y_grad', [np.ones(4), (np.ones(3), np.ones(3))])
def test_wrong_shapes_are_named(y_grad):
    with pytest.raises(ValueError, match=r'y_grad must have the shapes of the outputs, \[\(3,\)\]'):
        check_backward(square(), normal(3), y_grad)


def test_wrong_number_of_no_grads():
    with pytest.raises(ValueError, match='no_grads must have one entry for each of 1 inputs, but it has 2'):
        check_backward(square(), normal(3), normal(3), no_grads=[False, True])


def test_kinks_are_found():
    x = np.array([1.0, 0.0, -2.0])
    with pytest.raises(NondifferentiableError, match='output 0 has a kink or a jump'):
        check_backward(abs, x, normal(3), detect_nondifferentiable=True)
    with pytest.raises(NondifferentiableError):
        numerical_grad(lambda: (np.sign(x),), (x,), (np.ones(3),), detect_nondifferentiable=True)
    with np.errstate(all='ignore'), pytest.raises(NondifferentiableError, match='not finite'):
        numerical_grad(lambda: (np.sqrt(x[1:2]),), (x,), (np.ones(1),), detect_nondifferentiable=True)


@pytest.mark.parametrize('dtype', [np.float32, np.float64])
@pytest.mark.parametrize('f', [np.sin, np.exp, np.square, lambda x: 0 * x + 100, lambda x: x**3 + x])
def test_smooth_functions_have_no_kinks(f, dtype):
    x = np.array([-1.0, 0.0, 0.5], dtype)
    numerical_grad(lambda: (f(x),), (x,), (np.ones(3),), detect_nondifferentiable=True)


def test_numerical_grad():
    x, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array(2.0)
    gx, gy = numerical_grad(lambda: (x * y, None, x), (x, y), (np.ones((2, 2)), None, np.ones((2, 2))))
    np.testing.assert_allclose(gx, np.full((2, 2), 3.0))
    np.testing.assert_allclose(gy, 10.0)
    assert gx.shape == (2, 2) and gy.shape == () and x.tolist() == [[1, 2], [3, 4]]
    assert numerical_grad(lambda: (x,), (x.astype(np.float32),), (x,))[0].dtype == np.float32
    with pytest.raises(TypeError, match=r'input 1 is int64 \(3,\)'):
        numerical_grad(lambda: (x,), (x, np.arange(3)), (x,))


def test_numerical_grad_restores_inputs_after_an_error():
    x = np.array([1.0, 2.0])

    def fail():
        raise KeyError

    with pytest.raises(KeyError):
        numerical_grad(fail, (x,), (x,))
    assert x.tolist() == [1, 2]


def test_known_center_is_not_computed_again():
    x, calls = np.array([2.0]), []

    def f():
        calls.append(x.copy())
        return (x**2,)

    options = {'detect_nondifferentiable': True, 'center_outputs': (np.array([4.0]),)}
    np.testing.assert_allclose(numerical_grad(f, (x,), (np.ones(1),), **options)[0], 4)
    assert len(calls) == 4


def test_cost_does_not_grow_with_size():
    calls = []

    def func(x):
        calls.append(1)
        return x * x

    check_backward(func, normal(500), normal(500), **EXACT)
    assert len(calls) == 3, 'one for backward, two for the numerical side'


def test_assert_allclose():
    x = np.array([1.0, 2.0])
    assert_allclose(Variable(x), x + 1e-6)
    with pytest.raises(AssertionError, match='Not equal'):
        assert_allclose(x, Variable(x + 1e-3))
    assert_allclose(x, x + 1e-3, atol=1e-2)
    with pytest.raises(AssertionError):
        assert_allclose(x, np.array([1.0, np.nan]), verbose=False)


def test_inside_no_backprop_mode_the_missing_graph_is_an_error():
    with using_config('enable_backprop', False), pytest.raises(AssertionError, match='backward.. gives 0'):
        check_backward(square(), normal(3), normal(3))
