"""FunctionTestCase: forward and gradients of a function, tested from its inputs and expected values."""

from __future__ import annotations

import unittest
from typing import Any, NoReturn

import numpy as np

from chaingrad.autograd.gradient_checking.gradient_check import (
    NondifferentiableError,
    assert_allclose,
    check_backward,
    check_double_backward,
)
from chaingrad.autograd.gradient_checking.numerical import to_numpy
from chaingrad.autograd.variable import Variable

__all__ = ['FunctionTestCase', 'FunctionTestError']


class CaseError(AssertionError):
    """A test case failed, or was written wrongly."""

    @classmethod
    def fail(cls, message: str, error: BaseException | None = None) -> NoReturn:
        """Raise this error, with the message and text of another."""
        raise cls(f'{message}\n{error}' if error is not None else message) from error


class FunctionTestError(CaseError):
    """A FunctionTestCase failed, or was written wrongly."""


class CaseBase:
    """What the test cases of functions and of links share."""

    backend_config: Any = None
    check_forward_options: Any = None
    check_backward_options: Any = None
    skip_forward_test = False
    skip_backward_test = False
    dodge_nondifferentiable = False
    numerical_grad_dtype: Any = np.float64
    contiguous: Any = None
    error: type[CaseError] = CaseError

    def before_test(self, test_name: str) -> None:
        """Do nothing; a test case may override this to do something before each test.

        Args:
            test_name: `'test_forward'` or the like.
        """

    def generate_inputs(self) -> tuple[Any, ...]:
        """Return the inputs, a tuple of NumPy arrays; a test case must define it."""
        raise NotImplementedError(f'{type(self).__name__} must define generate_inputs(self).')

    def generate_grad_outputs(self, outputs_template: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return gradients of the outputs: arrays like those of the tuple given."""
        return tuple(map(random_like, outputs_template))

    def check_forward_outputs(self, outputs: tuple[Any, ...], expected_outputs: tuple[Any, ...]) -> None:
        """Compare what was computed with what was expected.

        Args:
            outputs: arrays.
            expected_outputs: as many arrays.
        """
        if len(outputs) != len(expected_outputs):
            self.error.fail(f'{len(expected_outputs)} outputs were expected, but there are {len(outputs)}.')
        shapes = [[(y.dtype, y.shape) for y in ys] for ys in (outputs, expected_outputs)]
        if shapes[0] != shapes[1]:
            self.error.fail(f'the outputs must be {shapes[1]}, as forward_expected returns, but they are {shapes[0]}.')
        for i, (y, expected) in enumerate(zip(outputs, expected_outputs)):
            try:
                assert_allclose(y, expected, **(self.check_forward_options or {}))
            except AssertionError as error:
                self.error.fail(f'output {i} is not what forward_expected returns.', error)

    def _inputs(self) -> tuple[Any, ...]:
        return self._arrays(self.generate_inputs(), 'generate_inputs')

    def _arrays(self, arrays: Any, method: str) -> tuple[Any, ...]:
        if not isinstance(arrays, tuple) or not all(isinstance(x, np.ndarray) for x in arrays):
            kinds = [type(x).__name__ for x in arrays] if isinstance(arrays, tuple) else type(arrays).__name__
            self.error.fail(f'{method} must return a tuple of NumPy arrays, but it returned {kinds}.')
        return arrays

    def _variables(self, ys: Any) -> tuple[Any, ...]:
        if not isinstance(ys, tuple) or not all(isinstance(y, Variable) for y in ys):
            kinds = [type(y).__name__ for y in ys] if isinstance(ys, tuple) else type(ys).__name__
            self.error.fail(f'forward must return a tuple of Variables, but it returned {kinds}.')
        return ys

    def _gradients(self, given: Any, method: str, like: tuple[Any, ...]) -> tuple[Any, ...]:
        if not isinstance(given, tuple) or [getattr(g, 'shape', x.shape) for g, x in zip(given, like)] != [
            x.shape for x in like
        ]:
            self.error.fail(f'{method} must return a tuple of arrays of the shapes {[x.shape for x in like]}.')
        return given

    def _sent(self, arrays: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return copies on the device, in the memory order that is asked for."""
        copies = [x if x is None else np.array(x, order=self.contiguous or 'K') for x in arrays]
        return tuple(self.backend_config.get_array(x) for x in copies)

    def _unchanged(self, arrays: tuple[Any, ...], before: tuple[Any, ...]) -> None:
        for i, (x, old) in enumerate(zip(arrays, before)):
            if not np.array_equal(x, old, equal_nan=x.dtype.kind == 'f'):
                self.error.fail(f'the function changed its input {i}.')

    def _options(self, options: Any) -> dict[str, Any]:
        """Return the keywords of a gradient check."""
        return {
            'dtype': self.numerical_grad_dtype,
            'detect_nondifferentiable': self.dodge_nondifferentiable,
            **(options or {}),
        }


def random_like(x: Any) -> Any:
    """Return uniform random numbers in [-1, 1) of the shape and dtype of an array."""
    return np.random.uniform(-1, 1, x.shape).astype(x.dtype)


def dodging(check: Any, dodge: bool, attempts: int = 100) -> None:
    """Call a check; where it meets a kink or jump and `dodge` is set, call it again, which draws other inputs."""
    for attempt in range(attempts):
        try:
            check()
            return
        except NondifferentiableError:
            if not dodge or attempt == attempts - 1:
                raise


class FunctionTestCase(CaseBase, unittest.TestCase):
    """Test forward, gradients and second derivatives of a function.

    A subclass defines `generate_inputs(self)`, a tuple of NumPy arrays; `forward(self, inputs, device)`, which takes a
    tuple of Variables and returns one; and `forward_expected(self, inputs)`, which computes the same on NumPy arrays.
    It may define `generate_grad_outputs(self, outputs_template)`, `generate_grad_grad_inputs(self, inputs_template)`
    and `before_test(self, test_name)`, and set the attributes below. Decorate it with
    `inject_backend_tests(None, [{}])`.

    Attributes:
        check_forward_options: keywords of `assert_allclose`.
        check_backward_options: keywords of `gradient_check.check_backward`.
        check_double_backward_options: keywords of `gradient_check.check_double_backward`.
        skip_forward_test: whether to leave out the test of that name; so for the other two.
        dodge_nondifferentiable: whether to draw other inputs where a kink is found.
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

    check_double_backward_options: Any = None
    skip_double_backward_test = False
    error = FunctionTestError

    def forward(self, inputs: tuple[Any, ...], device: Any) -> tuple[Any, ...]:
        """Apply the function to a tuple of Variables; a test case must define it."""
        raise NotImplementedError(f'{type(self).__name__} must define forward(self, inputs, device).')

    def forward_expected(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Compute the same on NumPy arrays; a test case must define it."""
        raise NotImplementedError(f'{type(self).__name__} must define forward_expected(self, inputs).')

    def generate_grad_grad_inputs(self, inputs_template: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return weights of the inputs' gradients: arrays like those of the tuple given."""
        return tuple(map(random_like, inputs_template))

    def test_forward(self, backend_config: Any) -> None:
        """Compare the outputs with the expected ones."""
        if self.skip_forward_test:
            raise unittest.SkipTest('skip_forward_test is set')
        self._begin('test_forward', backend_config)
        inputs = self._inputs()
        expected = self._arrays(self.forward_expected(tuple(x.copy() for x in inputs)), 'forward_expected')
        sent = self._sent(inputs)
        with backend_config:
            outputs = self._apply(tuple(Variable(x, requires_grad=x.dtype.kind == 'f') for x in sent))
        self._unchanged(tuple(map(to_numpy, sent)), inputs)
        self.check_forward_outputs(tuple(to_numpy(y.array) for y in outputs), expected)

    def test_backward(self, backend_config: Any) -> None:
        """Compare the gradients with numerical differentiation."""
        if self.skip_backward_test:
            raise unittest.SkipTest('skip_backward_test is set')
        self._begin('test_backward', backend_config)

        def check(xs: Any, gys: Any, ggxs: Any) -> None:
            check_backward(self._function, xs, gys, **self._options(self.check_backward_options))

        self._check_gradients(check)

    def test_double_backward(self, backend_config: Any) -> None:
        """Compare the second derivatives with numerical differentiation."""
        if self.skip_double_backward_test:
            raise unittest.SkipTest('skip_double_backward_test is set')
        self._begin('test_double_backward', backend_config)

        def check(xs: Any, gys: Any, ggxs: Any) -> None:
            options = self._options(self.check_double_backward_options)
            check_double_backward(self._function, xs, gys, ggxs, **options)

        self._check_gradients(check)

    def _begin(self, name: str, backend_config: Any) -> None:
        self.backend_config = backend_config
        self.before_test(name)

    def _apply(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        return self._variables(self.forward(inputs, self.backend_config.device))

    def _function(self, *inputs: Any) -> tuple[Any, ...]:
        return self._apply(inputs)

    def _check_gradients(self, check: Any) -> None:
        def once() -> None:
            inputs = self._inputs()
            with self.backend_config:
                sent = self._sent(inputs)
                ys = self._apply(tuple(map(Variable, sent)))
                like = tuple(to_numpy(y.array) for y in ys)
                gys = self._gradients(self.generate_grad_outputs(like), 'generate_grad_outputs', like)
                ggxs = self._gradients(self.generate_grad_grad_inputs(inputs), 'generate_grad_grad_inputs', inputs)
                check(sent, self._sent(gys), self._sent(ggxs))

        dodging(once, self.dodge_nondifferentiable)
