"""Tests of elementwise functions, made from the function and its counterpart in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.backends import cuda
from chaingrad.autograd.gradient_checking.gradient_check import assert_allclose, check_backward, check_double_backward
from chaingrad.autograd.variable import Variable
from chaingrad.testing import attr
from chaingrad.testing.parameterized import Bundle, parameterize, product

__all__ = ['unary_math_function_unittest']

# Tolerances of values and of gradients in float16.
_FLOAT16_FORWARD = {'atol': 5e-3, 'rtol': 5e-3}
_FLOAT16_BACKWARD = {'eps': 1e-3, 'atol': 1e-2, 'rtol': 1e-2}


def unary_math_function_unittest(
    func: Any,
    func_expected: Callable[..., Any] | None = None,
    label_expected: str | None = None,
    make_data: Callable[..., Any] | None = None,
    is_linear: Any = None,
    forward_options: dict[str, Any] | None = None,
    backward_options: dict[str, Any] | None = None,
    double_backward_options: dict[str, Any] | None = None,
) -> Callable[[type], Bundle]:
    """Give a test class the tests of an elementwise function: values, label, gradients of both orders.

    They run for the shapes (3, 2) and () and the three floating dtypes.

    Args:
        func: the function, of one argument, or its FunctionNode class.
        func_expected: takes an array and a dtype and returns the expected values; None for NumPy's function of the same
            name.
        label_expected: label of the node; None for the function's name.
        make_data: takes shape and dtype and returns input, gradient and second-order weight; None draws inputs from
            [0.5, 1).
        is_linear: not used: the gradients of linear functions are tested like all others.
        forward_options: keywords of `assert_allclose`.
        backward_options: keywords of `gradient_check.check_backward`.
        double_backward_options: keywords of `gradient_check.check_double_backward`.

    Returns:
        A decorator of a `unittest.TestCase`. The decorated name is no test class any more.

    Raises:
        ValueError: when NumPy has no function of that name and `func_expected` is not given.

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
    checks = _Checks(func, func_expected, label_expected, make_data)
    forward = forward_options or {}
    backward = backward_options or {}
    double_backward = double_backward_options or {}

    def decorate(cls: type) -> Bundle:
        _add_tests(cls, 'forward', lambda *given: checks.forward(*given, forward))
        _add_tests(cls, 'backward', lambda *given: checks.backward(*given, backward))
        _add_tests(cls, 'double_backward', lambda *given: checks.double_backward(*given, double_backward))
        cls.test_label = lambda self: checks.label()
        values: dict[str, list[Any]] = {'shape': [(3, 2), ()], 'dtype': [np.float16, np.float32, np.float64]}
        return parameterize(*product(values))(cls)

    return decorate


class _Checks:
    """The checks of one elementwise function: for a shape, a dtype and a function that moves arrays to a device."""

    def __init__(
        self,
        func: Any,
        func_expected: Callable[..., Any] | None,
        label_expected: str | None,
        make_data: Callable[..., Any] | None,
    ) -> None:
        is_node = isinstance(func, type)
        name = func.__name__.lower() if is_node else func.__name__
        if func_expected is None and not hasattr(np, name):
            raise ValueError(f'unary_math_function_unittest: NumPy has no function {name!r}. Give func_expected.')
        self.call = (lambda x: func().apply((x,))[0]) if is_node else func
        self.expected = func_expected or (lambda x, dtype: getattr(np, name)(x).astype(dtype))
        self.expected_label = label_expected or name
        self.make_data = make_data or _draw

    def data(self, shape: Shape, dtype: Any, send: Callable[[Any], Any]) -> list[Any]:
        return [send(a) for a in self.make_data(shape, dtype)]

    def forward(self, shape: Shape, dtype: Any, send: Callable[[Any], Any], options: dict[str, Any]) -> None:
        x = self.data(shape, dtype, send)[0]
        y = self.call(Variable(x))
        assert y.dtype == x.dtype and y.shape == x.shape, f'the output is {y.dtype} {y.shape}, the input {shape}'
        tolerance = _FLOAT16_FORWARD if x.itemsize == 2 else {}
        assert_allclose(y.array, self.expected(cuda.to_cpu(x), dtype), **{**tolerance, **options})

    def backward(self, shape: Shape, dtype: Any, send: Callable[[Any], Any], options: dict[str, Any]) -> None:
        x, gy, _ = self.data(shape, dtype, send)
        check_backward(self.call, x, gy, **_gradient_options(x.dtype, options))

    def double_backward(self, shape: Shape, dtype: Any, send: Callable[[Any], Any], options: dict[str, Any]) -> None:
        x, gy, ggx = self.data(shape, dtype, send)
        check_double_backward(self.call, x, gy, ggx, **_gradient_options(np.dtype(dtype), options))

    def label(self) -> None:
        found = self.call(Variable(_draw((2,), np.float32)[0])).creator.label
        assert found == self.expected_label, f'the label is {found!r}, not {self.expected_label!r}'


def _draw(shape: Shape, dtype: Any) -> tuple[Array, Array, Array]:
    """Return an input, a gradient and a second-order weight. Inputs avoid the kinks of most functions."""
    return (
        np.random.uniform(0.5, 1, shape).astype(dtype),
        np.random.uniform(-1, 1, shape).astype(dtype),
        np.random.uniform(-1, 1, shape).astype(dtype),
    )


def _gradient_options(dtype: np.dtype[Any], options: dict[str, Any]) -> dict[str, Any]:
    tolerance = _FLOAT16_BACKWARD if dtype.itemsize == 2 else {}
    return {'dtype': np.float64, **tolerance, **options}


def _add_tests(cls: Any, name: str, check: Callable[[Shape, Any, Callable[[Any], Any]], None]) -> None:
    """Give a test class `test_<name>_cpu` and `test_<name>_gpu`."""

    def on_cpu(self: Any) -> None:
        check(self.shape, self.dtype, np.asarray)

    def on_gpu(self: Any) -> None:
        check(self.shape, self.dtype, cuda.to_gpu)

    setattr(cls, f'test_{name}_cpu', on_cpu)
    setattr(cls, f'test_{name}_gpu', attr.gpu(on_gpu))
