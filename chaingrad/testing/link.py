"""LinkTestCase and LinkInitializersTestCase: a link's outputs, gradients and initial parameters."""

from __future__ import annotations

import itertools
import operator
import unittest
from collections.abc import Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.gradient_checking.gradient_check import assert_allclose, check_backward
from chaingrad.autograd.gradient_checking.numerical import to_numpy
from chaingrad.autograd.initializer import get_initializer
from chaingrad.autograd.variable import Variable
from chaingrad.testing.function import CaseBase, CaseError, dodging

__all__ = ['InitializerArgument', 'LinkInitializersTestCase', 'LinkTestCase', 'LinkTestError']


class LinkTestError(CaseError):
    """A LinkTestCase or LinkInitializersTestCase failed, or was written wrongly."""


class InitializerArgument:
    """What a link gets for an initializer, and the initializer that it must make of it.

    Args:
        argument_value: what the link gets: an initializer, a number, an array or None.
        expected_initializer: initializer, number or array of the values that the parameter must have.

    Raises:
        ValueError: when `expected_initializer` is None.

    Example:
        >>> from chaingrad.testing import InitializerArgument
        >>> InitializerArgument(None, 0).argument_value is None  # None must give zeros
        True
    """

    def __init__(self, argument_value: Any, expected_initializer: Any) -> None:
        if expected_initializer is None:
            raise ValueError('InitializerArgument: expected_initializer must not be None. Give what None stands for.')
        self.argument_value = argument_value
        self.expected_initializer = expected_initializer


class _LinkTestBase(CaseBase):
    """What the two test cases of links share."""

    param_names: Sequence[str] = ()
    error = LinkTestError

    def create_link(self, initializers: tuple[Any, ...]) -> Any:
        """Return a new link whose parameters have these initializers; a test case must define it."""
        raise NotImplementedError(f'{type(self).__name__} must define create_link(self, initializers).')

    def forward(self, link: Any, inputs: tuple[Any, ...], device: Any) -> tuple[Any, ...]:
        """Apply the link; return a tuple of Variables."""
        ys = link(*inputs)
        return ys if isinstance(ys, tuple) else (ys,)

    def _new_link(self, initializers: tuple[Any, ...], inputs: tuple[Any, ...]) -> Any:
        """Return a link on the device whose parameters have their arrays."""
        if len(initializers) != len(self.param_names):
            self.error.fail(
                f'there must be an initializer for each of the {len(self.param_names)} names in param_names, but there '
                f'are {len(initializers)}.'
            )
        link = self.create_link(initializers)
        link.to_device(self.backend_config.device)
        link.cleargrads()
        self._apply(link, self._sent(inputs))
        return link

    def _apply(self, link: Any, arrays: Any) -> tuple[Any, ...]:
        inputs = tuple(x if isinstance(x, Variable) else Variable(x) for x in arrays)
        return self._variables(self.forward(link, inputs, self.backend_config.device))

    def _params(self, link: Any) -> tuple[Any, ...]:
        return tuple(operator.attrgetter(name)(link) for name in self.param_names)


class LinkTestCase(_LinkTestBase, unittest.TestCase):
    """Test outputs and gradients of a link.

    A subclass sets `param_names`, and defines `generate_params(self)`, which returns an initializer or array for each
    of them; `create_link(self, initializers)`; `generate_inputs(self)`, a tuple of NumPy arrays; and
    `forward_expected(self, link, inputs)`, which computes the outputs on NumPy arrays. It may define
    `forward(self, link, inputs, device)`, and set the attributes of a FunctionTestCase. Decorate it with
    `inject_backend_tests(None, [{}])`.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> from chaingrad import testing
        >>> @testing.inject_backend_tests(None, [{}])
        ... class TestLinear(testing.LinkTestCase):
        ...     param_names = 'W', 'b'
        ...     def generate_params(self):
        ...         return np.random.rand(2, 3).astype('f'), np.random.rand(2).astype('f')
        ...     def create_link(self, initializers):
        ...         W, b = initializers
        ...         return L.Linear(3, 2, initialW=W, initial_bias=b)
        ...     def generate_inputs(self):
        ...         return np.random.rand(4, 3).astype('f'),
        ...     def forward_expected(self, link, inputs):
        ...         return inputs[0] @ link.W.array.T + link.b.array,
        >>> case, = TestLinear.classes
        >>> [case(name).run().wasSuccessful() for name in ('test_forward', 'test_backward')]
        [True, True]
    """

    check_forward_options: Any = None
    check_backward_options: Any = None
    dodge_nondifferentiable = False
    numerical_grad_dtype = np.float64
    skip_forward_test = False
    skip_backward_test = False

    def generate_params(self) -> tuple[Any, ...]:
        """Return an initializer or array for each name of `param_names`; a test case must define it."""
        raise NotImplementedError(f'{type(self).__name__} must define generate_params(self).')

    def forward_expected(self, link: Any, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Compute the outputs on NumPy arrays; a test case must define it.

        Args:
            link: the link, on the CPU.
            inputs: NumPy arrays.
        """
        raise NotImplementedError(f'{type(self).__name__} must define forward_expected(self, link, inputs).')

    def generate_grad_outputs(self, outputs_template: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return gradients of the outputs: arrays like those of the tuple given."""
        return super().generate_grad_outputs(outputs_template)

    def test_forward(self, backend_config: Any) -> None:
        """Compare the outputs with the expected ones."""
        if self.skip_forward_test:
            raise unittest.SkipTest('skip_forward_test is set')
        self.backend_config = backend_config
        self.before_test('test_forward')
        inputs = self._inputs()
        with backend_config:
            link = self._new_link(self.generate_params(), inputs)
            sent = self._sent(inputs)
            ys = tuple(to_numpy(y.array) for y in self._apply(link, sent))
        self._unchanged(tuple(map(to_numpy, sent)), inputs)
        link.to_device('@numpy')
        expected = self.forward_expected(link, tuple(x.copy() for x in inputs))
        self.check_forward_outputs(ys, self._arrays(expected, 'forward_expected'))

    def test_backward(self, backend_config: Any) -> None:
        """Compare the gradients of inputs and parameters with numerical differentiation."""
        if self.skip_backward_test:
            raise unittest.SkipTest('skip_backward_test is set')
        self.backend_config = backend_config
        self.before_test('test_backward')

        def check() -> None:
            inputs = self._inputs()
            with backend_config:
                link = self._new_link(self.generate_params(), inputs)
                sent = self._sent(inputs)
                like = tuple(to_numpy(y.array) for y in self._apply(link, sent))
                gys = self._gradients(self.generate_grad_outputs(like), 'generate_grad_outputs', like)
                options = self._options(self.check_backward_options)
                params = self._params(link)
                rest = [p for p in link.params() if all(p is not checked for checked in params)]

                def call(*xs: Any) -> Any:
                    _cast(rest, [x.dtype for x in (*xs, *params) if x.dtype.kind == 'f'])
                    return self._apply(link, xs)

                check_backward(call, sent, self._sent(gys), params, **options)

        dodging(check, self.dodge_nondifferentiable)


class LinkInitializersTestCase(_LinkTestBase, unittest.TestCase):
    """Test what a link makes of the initializers that it is given.

    A subclass sets `param_names`, and defines `get_initializers(self)`, which returns for each of them the arguments to
    try, each an `InitializerArgument`, or an initializer, number or array that stands for itself;
    `create_link(self, initializers)`; `generate_inputs(self)`; and, if need be, `forward(self, link, inputs, device)`.
    Every combination is tried; what is random must have a seed of its own. Decorate it with
    `inject_backend_tests(None, [{}])`.

    Attributes:
        check_initializers_options: keywords of `assert_allclose`.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> from chaingrad import testing
        >>> @testing.inject_backend_tests(None, [{}])
        ... class TestLinear(testing.LinkInitializersTestCase):
        ...     param_names = 'b',
        ...     def get_initializers(self):
        ...         return [1, testing.InitializerArgument(None, 0)],
        ...     def create_link(self, initializers):
        ...         return L.Linear(3, 2, initial_bias=initializers[0])
        ...     def generate_inputs(self):
        ...         return np.zeros((1, 3), 'f'),
        >>> case, = TestLinear.classes
        >>> case('test_initializers').run().wasSuccessful()
        True
    """

    check_initializers_options: Any = None

    def get_initializers(self) -> Sequence[Sequence[Any]]:
        """Return the arguments to try for each name of `param_names`; a test case must define it."""
        raise NotImplementedError(f'{type(self).__name__} must define get_initializers(self).')

    def test_initializers(self, backend_config: Any) -> None:
        """Compare the initial parameters with the expected ones."""
        self.backend_config = backend_config
        self.before_test('test_initializers')
        tried = [[_argument(each) for each in arguments] for arguments in self.get_initializers()]
        for arguments in itertools.product(*tried):
            with backend_config:
                link = self._new_link(tuple(a.argument_value for a in arguments), self._inputs())
            for name, param, argument in zip(self.param_names, self._params(link), arguments):
                self._compare(name, param, argument)

    def _compare(self, name: str, param: Any, argument: InitializerArgument) -> None:
        expected = np.empty(param.shape, param.dtype)
        get_initializer(argument.expected_initializer, 0)(expected)
        try:
            assert_allclose(param.array, expected, **(self.check_initializers_options or {}))
        except AssertionError as error:
            self.error.fail(
                f'{name} does not begin as {argument.expected_initializer!r} says, though its initializer is '
                f'{argument.argument_value!r}.',
                error,
            )


def _cast(params: Sequence[Any], dtypes: Sequence[Any]) -> None:
    """Give parameters that are not checked the dtype of those that are: a check computes in a dtype of its own."""
    for p in params:
        if dtypes and p.dtype != dtypes[0]:
            p.cleargrad()
            p.array = p.array.astype(dtypes[0])


def _argument(given: Any) -> InitializerArgument:
    return given if isinstance(given, InitializerArgument) else InitializerArgument(given, given)
