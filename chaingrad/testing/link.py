"""LinkTestCase tests a link's outputs and gradients, LinkInitializersTestCase its initial parameters."""

from __future__ import annotations

import itertools
import operator
import unittest
from collections.abc import Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Arrays
from chaingrad.autograd.backends import Device
from chaingrad.autograd.gradient_checking.gradient_check import assert_allclose, check_backward
from chaingrad.autograd.gradient_checking.numerical import to_numpy
from chaingrad.autograd.initializer import get_initializer
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.links.link import Link
from chaingrad.testing.backend import BackendConfig
from chaingrad.testing.function import CaseBase, CaseError, repeat_at_kinks

__all__ = ['InitializerArgument', 'LinkInitializersTestCase', 'LinkTestCase', 'LinkTestError']


class LinkTestError(CaseError):
    """Raised when a LinkTestCase or LinkInitializersTestCase fails or is not written as it must be."""


class InitializerArgument:
    """An argument for a link's initializer, and the initializer that the link must make of it.

    Args:
        argument_value: the argument: an initializer, a number, an array or None.
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
    """The base of the two test cases of links."""

    param_names: Sequence[str] = ()
    error = LinkTestError

    def create_link(self, initializers: tuple[Any, ...]) -> Link:
        """Return a new link with these initializers for its parameters; a test case must define it."""
        raise NotImplementedError(f'{type(self).__name__} must define create_link(self, initializers).')

    def forward(self, link: Link, inputs: tuple[Variable, ...], device: Device) -> tuple[Variable, ...]:
        """Apply the link; return a tuple of Variables."""
        ys: Any = link(*inputs)
        return ys if isinstance(ys, tuple) else (ys,)

    def _create_link(self, initializers: tuple[Any, ...], inputs: Arrays) -> Link:
        """Return a new link on the device, whose parameters are initialized."""
        if len(initializers) != len(self.param_names):
            self.error.fail(
                f'there must be an initializer for each of the {len(self.param_names)} names in param_names, but there '
                f'are {len(initializers)}.'
            )
        link = self.create_link(initializers)
        link.to_device(self.backend_config.device)
        link.cleargrads()
        self._apply(link, self._send(inputs))  # a parameter may get its shape from the inputs
        return link

    def _apply(self, link: Link, inputs: Sequence[VariableOrArray]) -> tuple[Variable, ...]:
        variables = tuple([x if isinstance(x, Variable) else Variable(x) for x in inputs])
        return self._require_variables(self.forward(link, variables, self.backend_config.device))

    def _params(self, link: Link) -> tuple[Parameter, ...]:
        """Return the parameters that `param_names` names; a name may be a path such as `l1.W`."""
        return tuple([operator.attrgetter(name)(link) for name in self.param_names])


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

    def generate_params(self) -> tuple[Any, ...]:
        """Return an initializer or array for each name of `param_names`; a test case must define it."""
        raise NotImplementedError(f'{type(self).__name__} must define generate_params(self).')

    def forward_expected(self, link: Any, inputs: Arrays) -> Arrays:
        """Compute the outputs on NumPy arrays; a test case must define it.

        Args:
            link: the link, on the CPU.
            inputs: NumPy arrays.
        """
        raise NotImplementedError(f'{type(self).__name__} must define forward_expected(self, link, inputs).')

    def test_forward(self, backend_config: BackendConfig) -> None:
        """Compare the outputs with the expected ones."""
        if self.skip_forward_test:
            raise unittest.SkipTest('skip_forward_test is set')
        self.backend_config = backend_config
        self.before_test('test_forward')
        inputs = self._inputs()
        with backend_config:
            link = self._create_link(self.generate_params(), inputs)
            sent = self._send(inputs)
            outputs = tuple([to_numpy(y.array) for y in self._apply(link, sent)])
        self._require_unchanged(tuple(map(to_numpy, sent)), inputs)
        link.to_device('@numpy')
        expected = self.forward_expected(link, tuple([x.copy() for x in inputs]))
        self.check_forward_outputs(outputs, self._require_arrays(expected, 'forward_expected'))

    def test_backward(self, backend_config: BackendConfig) -> None:
        """Compare the gradients of inputs and parameters with numerical differentiation."""
        if self.skip_backward_test:
            raise unittest.SkipTest('skip_backward_test is set')
        self.backend_config = backend_config
        self.before_test('test_backward')

        def check() -> None:
            inputs = self._inputs()
            with backend_config:
                link = self._create_link(self.generate_params(), inputs)
                sent = self._send(inputs)
                outputs = tuple([to_numpy(y.array) for y in self._apply(link, sent)])
                gys = self.generate_grad_outputs(outputs)
                gys = self._require_gradients(gys, 'generate_grad_outputs', outputs)
                options = self._options(self.check_backward_options)
                params = self._params(link)
                unchecked = [p for p in link.params() if all(p is not checked for checked in params)]

                def call(*xs: Variable) -> tuple[Variable, ...]:
                    _cast(unchecked, [x.dtype for x in (*xs, *params) if x.dtype.kind == 'f'])
                    return self._apply(link, xs)

                check_backward(call, sent, self._send(gys), params, **options)

        repeat_at_kinks(check, self.dodge_nondifferentiable)


class LinkInitializersTestCase(_LinkTestBase, unittest.TestCase):
    """Test the initial parameters of a link that is given initializers.

    A subclass sets `param_names`, and defines `get_initializers(self)`, which returns for each name the arguments to
    try, each an `InitializerArgument`, or an initializer, number or array that stands for itself;
    `create_link(self, initializers)`; `generate_inputs(self)`; and, where needed,
    `forward(self, link, inputs, device)`. Every combination is tried, and random initializers must have a seed of their
    own. Decorate it with
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

    check_initializers_options: dict[str, Any] | None = None

    def get_initializers(self) -> Sequence[Sequence[Any]]:
        """Return the arguments to try for each name of `param_names`; a test case must define it."""
        raise NotImplementedError(f'{type(self).__name__} must define get_initializers(self).')

    def test_initializers(self, backend_config: BackendConfig) -> None:
        """Compare the initial parameters with the expected ones."""
        self.backend_config = backend_config
        self.before_test('test_initializers')
        choices = [[_argument(each) for each in arguments] for arguments in self.get_initializers()]
        for arguments in itertools.product(*choices):
            with backend_config:
                link = self._create_link(tuple([a.argument_value for a in arguments]), self._inputs())
            for name, param, argument in zip(self.param_names, self._params(link), arguments):
                self._compare(name, param, argument)

    def _compare(self, name: str, param: Parameter, argument: InitializerArgument) -> None:
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


def _cast(params: Sequence[Parameter], dtypes: Sequence[Any]) -> None:
    """Cast parameters that are not checked to the first of the dtypes, in which the check computes."""
    for p in params:
        if dtypes and p.dtype != dtypes[0]:
            p.cleargrad()
            p.array = p.array.astype(dtypes[0])


def _argument(given: Any) -> InitializerArgument:
    return given if isinstance(given, InitializerArgument) else InitializerArgument(given, given)
