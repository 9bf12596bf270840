"""FunctionTestCase tests values and gradients of a function, and the base class of it and of LinkTestCase."""

from __future__ import annotations

import unittest
from collections.abc import Callable, Sequence
from typing import Any, Literal, NoReturn

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays
from chaingrad.autograd.backends import Device
from chaingrad.autograd.gradient_checking.gradient_check import (
    NondifferentiableError,
    assert_allclose,
    check_backward,
    check_double_backward,
)
from chaingrad.autograd.gradient_checking.numerical import to_numpy
from chaingrad.autograd.variable import Variable
from chaingrad.testing.backend import BackendConfig

__all__ = ['FunctionTestCase', 'FunctionTestError']


class CaseError(AssertionError):
    """Raised when a test case fails or is not written as it must be."""

    @classmethod
    def fail(cls, message: str, error: BaseException | None = None) -> NoReturn:
        """Raise this error, with a message and the text of the error that caused it."""
        raise cls(f'{message}\n{error}' if error is not None else message) from error


class FunctionTestError(CaseError):
    """Raised when a FunctionTestCase fails or is not written as it must be."""


class CaseBase:
    """The base of the test cases of functions and of links."""

    backend_config: Any = None
    check_forward_options: dict[str, Any] | None = None
    check_backward_options: dict[str, Any] | None = None
    skip_forward_test = False
    skip_backward_test = False
    dodge_nondifferentiable = False
    numerical_grad_dtype: Any = np.float64
    contiguous: Literal['C'] | None = None
    error: type[CaseError] = CaseError

    def before_test(self, test_name: str) -> None:
        """Prepare a test; a test case may override this method, which does nothing.

        Args:
            test_name: `'test_forward'` or the like.
        """

    def generate_inputs(self) -> Arrays:
        """Return the inputs, a tuple of NumPy arrays; a test case must define it."""
        raise NotImplementedError(f'{type(self).__name__} must define generate_inputs(self).')

    def generate_grad_outputs(self, outputs_template: Arrays) -> tuple[Array | None, ...]:
        """Return gradients of the outputs, with the shapes and dtypes of the arrays given."""
        return tuple(map(random_like, outputs_template))

    def check_forward_outputs(self, outputs: Arrays, expected_outputs: Arrays) -> None:
        """Compare the outputs with the expected ones.

        Args:
            outputs: arrays.
            expected_outputs: one array for each output.
        """
        if len(outputs) != len(expected_outputs):
            self.error.fail(f'{len(expected_outputs)} outputs were expected, but there are {len(outputs)}.')
        found = [(y.dtype, y.shape) for y in outputs]
        expected_types = [(y.dtype, y.shape) for y in expected_outputs]
        if found != expected_types:
            self.error.fail(f'the outputs must be {expected_types}, as forward_expected returns, but they are {found}.')
        for i, (y, expected) in enumerate(zip(outputs, expected_outputs)):
            try:
                assert_allclose(y, expected, **(self.check_forward_options or {}))
            except AssertionError as error:
                self.error.fail(f'output {i} is not what forward_expected returns.', error)

    def _inputs(self) -> Arrays:
        return self._require_arrays(self.generate_inputs(), 'generate_inputs')

    def _require_arrays(self, arrays: Any, method: str) -> Arrays:
        """Return what a user's method returned, which must be a tuple of arrays."""
        if not _is_tuple_of(np.ndarray, arrays):
            self.error.fail(f'{method} must return a tuple of NumPy arrays, but it returned {_name_types(arrays)}.')
        return arrays

    def _require_variables(self, ys: Any) -> tuple[Variable, ...]:
        """Return what a user's `forward` returned, which must be a tuple of Variables."""
        if not _is_tuple_of(Variable, ys):
            self.error.fail(f'forward must return a tuple of Variables, but it returned {_name_types(ys)}.')
        return ys

    def _require_gradients(self, gradients: Any, method: str, arrays: Arrays) -> tuple[Array | None, ...]:
        """Return what a user's method returned, which must have the shapes of the arrays; None is allowed."""
        shapes = [x.shape for x in arrays]
        if (
            not isinstance(gradients, tuple)
            or [getattr(g, 'shape', shape) for g, shape in zip(gradients, shapes)] != shapes
        ):
            self.error.fail(f'{method} must return a tuple of arrays of the shapes {shapes}.')
        return gradients

    def _send(self, arrays: Sequence[Array | None]) -> tuple[Any, ...]:
        """Return copies on the device, in the memory order that `contiguous` asks for."""
        copies = [x if x is None else np.array(x, order=self.contiguous or 'K') for x in arrays]
        return tuple([self.backend_config.get_array(x) for x in copies])

    def _require_unchanged(self, arrays: Arrays, originals: Arrays) -> None:
        for i, (x, original) in enumerate(zip(arrays, originals)):
            if not np.array_equal(x, original, equal_nan=x.dtype.kind == 'f'):
                self.error.fail(f'the function changed its input {i}.')

    def _options(self, options: dict[str, Any] | None) -> dict[str, Any]:
        """Return the keywords of a gradient check: the case's own, then those given."""
        return {
            'dtype': self.numerical_grad_dtype,
            'detect_nondifferentiable': self.dodge_nondifferentiable,
            **(options or {}),
        }


def _is_tuple_of(wanted: type, values: Any) -> bool:
    return isinstance(values, tuple) and all(isinstance(value, wanted) for value in values)


def _name_types(values: Any) -> list[str] | str:
    """Return the names of the types of a tuple's values, or of another object's type, for a message."""
    return [type(value).__name__ for value in values] if isinstance(values, tuple) else type(values).__name__


def random_like(x: Array) -> Array:
    """Return uniform random numbers in [-1, 1) with the shape and dtype of an array."""
    return np.asarray(np.random.uniform(-1, 1, x.shape), x.dtype)


def repeat_at_kinks(check: Callable[[], None], dodge: bool, attempts: int = 100) -> None:
    """Call a check, which draws its inputs; call it again while it finds a kink or a jump, if `dodge` is True."""
    for attempt in range(attempts):
        try:
            check()
            return
        except NondifferentiableError:
            if not dodge or attempt == attempts - 1:
                raise


class FunctionTestCase(CaseBase, unittest.TestCase):
    """Test the values, gradients and second derivatives of a function.

    A subclass defines `generate_inputs(self)`, a tuple of NumPy arrays; `forward(self, inputs, device)`, which takes a
    tuple of Variables and returns one; and `forward_expected(self, inputs)`, which computes the same on NumPy arrays.
    It may define `generate_grad_outputs(self, outputs_template)`, `generate_grad_grad_inputs(self, inputs_template)`
    and `before_test(self, test_name)`, and set the attributes below. Decorate it with
    `inject_backend_tests(None, [{}])`.

    Attributes:
        check_forward_options: keywords of `assert_allclose`.
        check_backward_options: keywords of `gradient_check.check_backward`.
        check_double_backward_options: keywords of `gradient_check.check_double_backward`.
        skip_forward_test: whether to skip `test_forward`; `skip_backward_test` and `skip_double_backward_test` skip the
            two others.
        dodge_nondifferentiable: whether to draw new inputs when a kink is found.
        numerical_grad_dtype: dtype of the numerical differentiation.
        contiguous: memory order of the inputs, `'C'` or None.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> from chaingrad import testing
        >>> @testing.inject_backend_tests(None, [{}])
        ... class TestSquare(testing.FunctionTestCase):
        ...     def generate_inputs(self):
        ...         return np.random.uniform(-1, 1, (2, 3)).astype('f'),
        ...     def forward(self, inputs, device):
        ...         return F.square(inputs[0]),
        ...     def forward_expected(self, inputs):
        ...         return inputs[0] ** 2,
        >>> case, = TestSquare.classes
        >>> [case(name).run().wasSuccessful() for name in ('test_forward', 'test_backward', 'test_double_backward')]
        [True, True, True]
    """

    check_double_backward_options: dict[str, Any] | None = None
    skip_double_backward_test = False
    error = FunctionTestError

    def forward(self, inputs: tuple[Variable, ...], device: Device) -> tuple[Variable, ...]:
        """Apply the function to a tuple of Variables; a test case must define it."""
        raise NotImplementedError(f'{type(self).__name__} must define forward(self, inputs, device).')

    def forward_expected(self, inputs: Arrays) -> Arrays:
        """Compute the same on NumPy arrays; a test case must define it."""
        raise NotImplementedError(f'{type(self).__name__} must define forward_expected(self, inputs).')

    def generate_grad_grad_inputs(self, inputs_template: Arrays) -> tuple[Array | None, ...]:
        """Return weights of the inputs' gradients, with the shapes and dtypes of the arrays given."""
        return tuple(map(random_like, inputs_template))

    def test_forward(self, backend_config: BackendConfig) -> None:
        """Compare the outputs with the expected ones."""
        if self.skip_forward_test:
            raise unittest.SkipTest('skip_forward_test is set')
        self._begin('test_forward', backend_config)
        inputs = self._inputs()
        expected = self.forward_expected(tuple([x.copy() for x in inputs]))
        expected = self._require_arrays(expected, 'forward_expected')
        sent = self._send(inputs)
        with backend_config:
            outputs = self._apply(tuple([Variable(x, requires_grad=x.dtype.kind == 'f') for x in sent]))
        self._require_unchanged(tuple(map(to_numpy, sent)), inputs)
        self.check_forward_outputs(tuple([to_numpy(y.array) for y in outputs]), expected)

    def test_backward(self, backend_config: BackendConfig) -> None:
        """Compare the gradients with numerical differentiation."""
        if self.skip_backward_test:
            raise unittest.SkipTest('skip_backward_test is set')
        self._begin('test_backward', backend_config)

        def check(xs: Arrays, gys: Arrays, ggxs: Arrays) -> None:
            check_backward(self._function, xs, gys, **self._options(self.check_backward_options))

        self._check_gradients(check)

    def test_double_backward(self, backend_config: BackendConfig) -> None:
        """Compare the second derivatives with numerical differentiation."""
        if self.skip_double_backward_test:
            raise unittest.SkipTest('skip_double_backward_test is set')
        self._begin('test_double_backward', backend_config)

        def check(xs: Arrays, gys: Arrays, ggxs: Arrays) -> None:
            options = self._options(self.check_double_backward_options)
            check_double_backward(self._function, xs, gys, ggxs, **options)

        self._check_gradients(check)

    def _begin(self, name: str, backend_config: BackendConfig) -> None:
        self.backend_config = backend_config
        self.before_test(name)

    def _apply(self, inputs: tuple[Variable, ...]) -> tuple[Variable, ...]:
        return self._require_variables(self.forward(inputs, self.backend_config.device))

    def _function(self, *inputs: Variable) -> tuple[Variable, ...]:
        return self._apply(inputs)

    def _check_gradients(self, check: Callable[[Any, Any, Any], None]) -> None:
        """Call a check with inputs, the outputs' gradients and the weights of the inputs' gradients."""

        def check_once() -> None:
            inputs = self._inputs()
            with self.backend_config:
                sent = self._send(inputs)
                outputs = tuple([to_numpy(y.array) for y in self._apply(tuple(map(Variable, sent)))])
                gys = self.generate_grad_outputs(outputs)
                gys = self._require_gradients(gys, 'generate_grad_outputs', outputs)
                ggxs = self.generate_grad_grad_inputs(inputs)
                ggxs = self._require_gradients(ggxs, 'generate_grad_grad_inputs', inputs)
                check(sent, self._send(gys), self._send(ggxs))

        repeat_at_kinks(check_once, self.dodge_nondifferentiable)
