"""A test case for distributions, which compares them with SciPy's."""

from __future__ import annotations

import unittest
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.backends import cuda
from chaingrad.autograd.gradient_checking.gradient_check import assert_allclose
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions.distributions.distribution import Distribution
from chaingrad.testing import attr

__all__ = ['distribution_unittest']

Check: TypeAlias = Callable[[Any, bool], None]

Send: TypeAlias = Callable[[Any], Array]
"""Takes an array to a device."""

# Targets that are functions of outcomes: our method, and SciPy's for continuous and for discrete distributions.
_FUNCTIONS = {
    'cdf': ('cdf', 'cdf', 'cdf'),
    'log_cdf': ('log_cdf', 'logcdf', 'logcdf'),
    'log_prob': ('log_prob', 'logpdf', 'logpmf'),
    'log_survival': ('log_survival_function', 'logsf', 'logsf'),
    'prob': ('prob', 'pdf', 'pmf'),
    'survival': ('survival_function', 'sf', 'sf'),
}
# Targets that are attributes of the distribution: SciPy's methods.
_ATTRIBUTES = {'entropy': 'entropy', 'mean': 'mean', 'stddev': 'std', 'variance': 'var'}


class distribution_unittest(unittest.TestCase):
    """Compare a distribution with the same distribution of SciPy.

    A subclass defines `setUp_configure(self)`, which sets `dist` (the class), `params` (dict of arrays), `scipy_dist`,
    `scipy_params`, `test_targets` (the set of targets to test: `'cdf'`, `'mean'`, ...) and, where they differ from the
    defaults, `event_shape`, `support`, `continuous` and `options`, keywords of `assert_allclose` for each target. It
    also defines `sample_for_test(self)`, which returns outcomes. The attributes `shape` (of the batch), `is_variable`
    and `sample_shape` often come from `parameterize`.

    Attributes:
        scipy_onebyone: whether SciPy takes the parameters of only one distribution, not of a batch.

    Example:
        >>> import numpy as np
        >>> from chaingrad import distributions, testing
        >>> class TestNormal(testing.distribution_unittest):
        ...     shape, sample_shape, is_variable = (2,), (3,), False
        ...     def setUp_configure(self):
        ...         import scipy.stats
        ...         self.dist, self.scipy_dist = distributions.Normal, scipy.stats.norm
        ...         self.params = self.scipy_params = {'loc': np.zeros(2), 'scale': np.array([1.0, 2.0])}
        ...         self.test_targets = {'mean', 'prob'}
        ...     def sample_for_test(self):
        ...         return np.random.standard_normal((3, 2))
        >>> TestNormal('test_prob_cpu').run().wasSuccessful()
        True
    """

    dist: type[Distribution]
    params: dict[str, Array]
    scipy_dist: Any
    scipy_params: dict[str, Any]
    scipy_onebyone = False
    shape: tuple[int, ...] = ()
    sample_shape: tuple[int, ...] = ()
    event_shape: tuple[int, ...] = ()
    is_variable = False
    continuous = True
    support = 'real'

    def setUp(self) -> None:
        """Let the subclass configure itself."""
        self.test_targets: set[str] = set()
        self.options: dict[str, Any] = {}
        self.setUp_configure()
        unknown = sorted(set(self.test_targets) - _CHECKS.keys())
        if unknown:
            raise ValueError(f'{type(self).__name__}: test_targets must be of {sorted(_CHECKS)}, but it has {unknown}.')

    def setUp_configure(self) -> None:
        """Set the distributions and targets; a test case must define it."""
        raise NotImplementedError(f'{type(self).__name__} must define setUp_configure(self).')

    def sample_for_test(self) -> Array:
        """Return outcomes of shape sample_shape + shape + event_shape; a test case must define it."""
        raise NotImplementedError(f'{type(self).__name__} must define sample_for_test(self).')

    @property
    def cpu_dist(self) -> Distribution:
        """The distribution with NumPy arrays."""
        return self._make_distribution(np.asarray)

    @property
    def gpu_dist(self) -> Distribution:
        """The distribution with CuPy arrays."""
        return self._make_distribution(cuda.to_gpu)

    def _make_distribution(self, send: Send) -> Distribution:
        params: dict[str, Any] = {}
        for name, value in self.params.items():
            array = send(value)
            params[name] = Variable(array) if self.is_variable else array
        return self.dist(**params)

    def scipy_onebyone_params_iter(self) -> Iterator[dict[str, Any]]:
        """Yield SciPy's parameters of each distribution of the batch."""
        for index in np.ndindex(self.shape):
            yield {name: value[index] for name, value in self.scipy_params.items()}

    def _compute_by_scipy(self, method: str, x: Array | None = None) -> Any:
        """Return the result of SciPy's method, called with outcomes or, where x is None, without arguments."""
        if not self.scipy_onebyone:
            function = getattr(self.scipy_dist(**self.scipy_params), method)
            return function() if x is None else function(x)
        axis = 0 if x is None else len(self.sample_shape)
        results = []
        for index, params in zip(np.ndindex(self.shape), self.scipy_onebyone_params_iter()):
            function = getattr(self.scipy_dist(**params), method)
            results.append(function() if x is None else function(x[(slice(None),) * axis + index]))
        y = np.stack(results, axis=axis)
        return y.reshape(y.shape[:axis] + self.shape + y.shape[axis + 1 :])

    def _distribution(self, is_gpu: bool) -> tuple[Any, Send]:
        """Return the distribution on a device, and the function that sends arrays there."""
        return (self.gpu_dist, cuda.to_gpu) if is_gpu else (self.cpu_dist, np.asarray)

    def _compare(self, target: str, y: VariableOrArray, expected: Any) -> None:
        assert_allclose(as_array(y), expected, **self.options.get(target, {}))

    def check_icdf(self, is_gpu: bool) -> None:
        """Compare the inverse of the cumulative distribution function."""
        dist, send = self._distribution(is_gpu)
        x = np.random.uniform(0.01, 0.99, self.sample_shape + self.shape).astype(np.float32)
        self._compare('icdf', dist.icdf(send(x)), self._compute_by_scipy('ppf', x))

    def check_sample(self, is_gpu: bool) -> None:
        """Compare the shape of samples."""
        y = self._distribution(is_gpu)[0].sample(self.sample_shape)
        self.assertEqual(y.shape, self.sample_shape + self.shape + self.event_shape)

    def check_batch_shape(self, is_gpu: bool) -> None:
        """Compare the shape of the batch."""
        self.assertEqual(self._distribution(is_gpu)[0].batch_shape, self.shape)

    def check_event_shape(self, is_gpu: bool) -> None:
        """Compare the shape of an outcome."""
        self.assertEqual(self._distribution(is_gpu)[0].event_shape, self.event_shape)

    def check_support(self, is_gpu: bool) -> None:
        """Compare the name of the set of possible outcomes."""
        self.assertEqual(self._distribution(is_gpu)[0].support, self.support)


def _function_check(target: str) -> Check:
    """Return the method that checks a function of outcomes."""
    method, continuous, discrete = _FUNCTIONS[target]

    def check(self: Any, is_gpu: bool) -> None:
        dist, send = self._distribution(is_gpu)
        x = self.sample_for_test()
        expected = self._compute_by_scipy(continuous if self.continuous else discrete, x)
        self._compare(target, getattr(dist, method)(send(x)), expected)

    check.__doc__ = f'Compare {method} of outcomes.'
    return check


def _attribute_check(target: str) -> Check:
    """Return the method that checks an attribute of the distribution."""

    def check(self: Any, is_gpu: bool) -> None:
        y = getattr(self._distribution(is_gpu)[0], target)
        self._compare(target, y, self._compute_by_scipy(_ATTRIBUTES[target]))

    check.__doc__ = f'Compare the {target}.'
    return check


def _test(target: str, is_gpu: bool) -> Callable[[Any], None]:
    """Return the test method of a target on one kind of device."""

    def test(self: Any) -> None:
        if target not in self.test_targets:
            self.skipTest(f'{target} is not among the test_targets')
        getattr(self, f'check_{target}')(is_gpu)

    return attr.gpu(test) if is_gpu else test


# The methods check_<target>: those that the class defines, and those that are made from the tables.
_CHECKS: dict[str, Check] = {
    'batch_shape': distribution_unittest.check_batch_shape,
    'event_shape': distribution_unittest.check_event_shape,
    'icdf': distribution_unittest.check_icdf,
    'sample': distribution_unittest.check_sample,
    'support': distribution_unittest.check_support,
}
_CHECKS.update({target: _function_check(target) for target in _FUNCTIONS})
_CHECKS.update({target: _attribute_check(target) for target in _ATTRIBUTES})
for _target, _check in _CHECKS.items():
    setattr(distribution_unittest, f'check_{_target}', _check)
    setattr(distribution_unittest, f'test_{_target}_cpu', _test(_target, False))
    setattr(distribution_unittest, f'test_{_target}_gpu', _test(_target, True))
