"""Tests of elementwise functions, made from a function and its counterpart in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.backends import cuda
from chaingrad.autograd.gradient_checking.gradient_check import assert_allclose, check_backward, check_double_backward
from chaingrad.autograd.variable import Variable
from chaingrad.testing import attr
from chaingrad.testing.parameterized import Bundle, parameterize, product

__all__ = ['unary_math_function_unittest']

Send: TypeAlias = Callable[[Any], Array]
"""Takes an array to a device."""

# Options for float16, whose items have 2 bytes: the tolerance of values, and the gradient checks.
_FORWARD = {2: {'atol': 5e-3, 'rtol': 5e-3}}
_BACKWARD: dict[int, dict[str, Any]] = {2: {'eps': 1e-3, 'atol': 1e-2, 'rtol': 1e-2, 'dtype': np.float64}}


def _draw(shape: Shape, dtype: Any) -> tuple[Array, Array, Array]:
    """Draw an input away from the kinks of most functions, an output gradient, and a weight of the input's gradient."""
    return (
        np.random.uniform(0.5, 1, shape).astype(dtype),
        np.random.uniform(-1, 1, shape).astype(dtype),
        np.random.uniform(-1, 1, shape).astype(dtype),
    )


def unary_math_function_unittest(
    func: Any,
    func_expected: Callable[..., Any] | None = None,
    label_expected: str | None = None,
    make_data: Callable[..., Any] | None = None,
    is_linear: bool | None = None,
    forward_options: dict[str, Any] | None = None,
    backward_options: dict[str, Any] | None = None,
    double_backward_options: dict[str, Any] | None = None,
) -> Callable[[type], Bundle]:
    """Give a test class the tests of an elementwise function: values, label, first and second derivatives.

    They run for the shapes (3, 2) and () and the three floating dtypes.

    Args:
        func: the function, of one argument, or its FunctionNode class.
        func_expected: takes an array and a dtype and returns the expected values; None for NumPy's function with the
            same name.
        label_expected: label of the node; None for the function's name.
        make_data: takes a shape and a dtype and returns an input, an output gradient and a weight of the input's
            gradient; None draws inputs from [0.5, 1).
        is_linear: not used, because linear functions are tested like all others.
        forward_options: keywords of `assert_allclose`.
        backward_options: keywords of `gradient_check.check_backward`.
        double_backward_options: keywords of `gradient_check.check_double_backward`.

    Returns:
        A decorator of a `unittest.TestCase`. The decorated name itself is no longer a test class.

    Raises:
        ValueError: when NumPy has no function with that name and `func_expected` is not given.

    Example:
        >>> import unittest, chaingrad.functions as F
        >>> from chaingrad import testing
        >>> @testing.unary_math_function_unittest(F.sin)
        ... class TestSin(unittest.TestCase):
        ...     pass
        >>> len(TestSin.classes)
        6
        >>> TestSin.classes[0]('test_backward_cpu').run().wasSuccessful()
        True
    """
    name = func.__name__.lower() if isinstance(func, type) else func.__name__
    if func_expected is None and not hasattr(np, name):
        raise ValueError(f'unary_math_function_unittest: NumPy has no function {name!r}. Give func_expected.')

    def call(x: Variable) -> Variable:
        return func().apply((x,))[0] if isinstance(func, type) else func(x)

    def compute_expected(x: Array, dtype: Any) -> Array:
        if func_expected is not None:
            return func_expected(x, dtype)
        return getattr(np, name)(x).astype(dtype)

    def make_inputs(self: Any, send: Send) -> list[Array]:
        make = make_data or _draw
        return [send(a) for a in make(self.shape, self.dtype)]

    def check_forward(self: Any, send: Send) -> None:
        x = make_inputs(self, send)[0]
        y = call(Variable(x))
        assert y.dtype == x.dtype and y.shape == x.shape, f'the output is {y.dtype} {y.shape}, the input {self.shape}'
        options = {**_FORWARD.get(x.itemsize, {}), **(forward_options or {})}
        assert_allclose(y.array, compute_expected(cuda.to_cpu(x), self.dtype), **options)

    def check_gradient(self: Any, send: Send) -> None:
        x, gy, _ = make_inputs(self, send)
        check_backward(call, x, gy, **_gradient_options(x.dtype, backward_options))

    def check_second_derivative(self: Any, send: Send) -> None:
        x, gy, ggx = make_inputs(self, send)
        check_double_backward(call, x, gy, ggx, **_gradient_options(self.dtype, double_backward_options))

    def check_label(self: Any) -> None:
        found = call(Variable(_draw((2,), np.float32)[0])).creator.label
        assert found == (label_expected or name), f'the label is {found!r}, not {label_expected or name!r}'

    def decorate(cls: type) -> Bundle:
        _add_tests(cls, 'forward', check_forward)
        _add_tests(cls, 'backward', check_gradient)
        _add_tests(cls, 'double_backward', check_second_derivative)
        setattr(cls, 'test_label', check_label)  # noqa: B010 (type checkers know no such attribute)
        shapes: list[Any] = [(3, 2), ()]
        dtypes: list[Any] = [np.float16, np.float32, np.float64]
        return parameterize(*product({'shape': shapes, 'dtype': dtypes}))(cls)

    return decorate


def _gradient_options(dtype: Any, options: dict[str, Any] | None) -> dict[str, Any]:
    """Return the keywords of a gradient check: those for the dtype, then those given."""
    return {**_BACKWARD.get(np.dtype(dtype).itemsize, {'dtype': np.float64}), **(options or {})}


def _add_tests(cls: type, name: str, check: Callable[[Any, Send], None]) -> None:
    """Give a class the tests of a check on the CPU and on a GPU."""

    def test_on_cpu(self: Any) -> None:
        check(self, np.asarray)

    def test_on_gpu(self: Any) -> None:
        check(self, cuda.to_gpu)

    setattr(cls, f'test_{name}_cpu', test_on_cpu)
    setattr(cls, f'test_{name}_gpu', attr.gpu(test_on_gpu))
