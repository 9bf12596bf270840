"""Tests of elementwise functions, made from the function and what NumPy has for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chaingrad.autograd.backends import cuda
from chaingrad.autograd.gradient_checking.gradient_check import assert_allclose, check_backward, check_double_backward
from chaingrad.autograd.variable import Variable
from chaingrad.testing import attr
from chaingrad.testing.parameterized import Bundle, parameterize, product

__all__ = ['unary_math_function_unittest']

# How far float16 and the two others may be off: forward, and the two orders of gradients.
_FORWARD = {2: {'atol': 5e-3, 'rtol': 5e-3}}
_BACKWARD = {2: {'eps': 1e-3, 'atol': 1e-2, 'rtol': 1e-2, 'dtype': np.float64}}


def _draw(shape: tuple[int, ...], dtype: Any) -> tuple[Any, Any, Any]:
    """Return an input, a gradient and the weight of one in second order, away from the kinks of most functions."""
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
        is_linear: not used: gradients of linear functions are tested like all others.
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
    is_node = isinstance(func, type)
    name = func.__name__.lower() if is_node else func.__name__
    if func_expected is None and not hasattr(np, name):
        raise ValueError(f'unary_math_function_unittest: NumPy has no function {name!r}. Give func_expected.')
    call = (lambda x: func().apply((x,))[0]) if is_node else func
    expected = func_expected or (lambda x, dtype: getattr(np, name)(x).astype(dtype))

    def in_both(check: Callable[[Any], None]) -> tuple[Callable[[Any], None], Callable[[Any], None]]:
        def on_cpu(self: Any) -> None:
            check(self, np.asarray)

        def on_gpu(self: Any) -> None:
            check(self, cuda.to_gpu)

        return on_cpu, attr.gpu(on_gpu)

    def data_of(self: Any, send: Any) -> Any:
        return [send(a) for a in (make_data or _draw)(self.shape, self.dtype)]

    def forward(self: Any, send: Any) -> None:
        x = data_of(self, send)[0]
        y = call(Variable(x))
        assert y.dtype == x.dtype and y.shape == x.shape, f'the output is {y.dtype} {y.shape}, the input {self.shape}'
        wanted = expected(cuda.to_cpu(x), self.dtype)
        assert_allclose(y.array, wanted, **{**_FORWARD.get(x.itemsize, {}), **(forward_options or {})})

    def backward(self: Any, send: Any) -> None:
        x, gy, _ = data_of(self, send)
        options = {**_BACKWARD.get(x.itemsize, {'dtype': np.float64}), **(backward_options or {})}
        check_backward(call, x, gy, **options)

    def double_backward(self: Any, send: Any) -> None:
        options = {
            **_BACKWARD.get(np.dtype(self.dtype).itemsize, {'dtype': np.float64}),
            **(double_backward_options or {}),
        }
        check_double_backward(call, *data_of(self, send), **options)

    def label(self: Any) -> None:
        found = call(Variable(_draw((2,), np.float32)[0])).creator.label
        assert found == (label_expected or name), f'the label is {found!r}, not {label_expected or name!r}'

    def decorate(cls: type) -> Bundle:
        for kind, check in (('forward', forward), ('backward', backward), ('double_backward', double_backward)):
            on_cpu, on_gpu = in_both(check)
            setattr(cls, f'test_{kind}_cpu', on_cpu)
            setattr(cls, f'test_{kind}_gpu', on_gpu)
        cls.test_label = label
        dtypes = [np.float16, np.float32, np.float64]
        return parameterize(*product({'shape': [(3, 2), ()], 'dtype': dtypes}))(cls)

    return decorate
