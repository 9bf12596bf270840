"""A test case of distributions, which compares them with those of SciPy."""

from __future__ import annotations

import unittest
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chaingrad.autograd.backends import cuda
from chaingrad.autograd.gradient_checking.gradient_check import assert_allclose
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.testing import attr

__all__ = ['distribution_unittest']

# What is compared: the method of ours, and SciPy's for continuous and for discrete distributions.
_OF_OUTCOMES = {
    'cdf': ('cdf', 'cdf', 'cdf'),
    'log_cdf': ('log_cdf', 'logcdf', 'logcdf'),
    'log_prob': ('log_prob', 'logpdf', 'logpmf'),
    'log_survival': ('log_survival_function', 'logsf', 'logsf'),
    'prob': ('prob', 'pdf', 'pmf'),
    'survival': ('survival_function', 'sf', 'sf'),
}
_OF_ITSELF = {'entropy': 'entropy', 'mean': 'mean', 'stddev': 'std', 'variance': 'var'}


class distribution_unittest(unittest.TestCase):
    """Compare a distribution with the same one of SciPy.

    A subclass defines `setUp_configure(self)`, which sets `dist` (the class), `params` (dict of arrays), `scipy_dist`,
    `scipy_params`, `test_targets` (the set of what is tested: `'cdf'`, `'mean'`, ...) and, where they differ,
    `event_shape`, `support`, `continuous` and `options`, keywords of `assert_allclose` for each target; and
    `sample_for_test(self)`, which returns outcomes. Its attributes `shape` (of the batch), `is_variable` and
    `sample_shape` often come from `parameterize`.

    Attributes:
        scipy_onebyone: whether SciPy takes the parameters of one distribution only, and not of a batch.

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
        if unknown := sorted(set(self.test_targets) - _CHECKS.keys()):
            raise ValueError(f'{type(self).__name__}: test_targets must be of {sorted(_CHECKS)}, but it has {unknown}.')

    def setUp_configure(self) -> None:
        """Set what is tested; a test case must define it."""
        raise NotImplementedError(f'{type(self).__name__} must define setUp_configure(self).')

    def sample_for_test(self) -> Any:
        """Return outcomes of shape sample_shape + shape + event_shape; a test case must define it."""
        raise NotImplementedError(f'{type(self).__name__} must define sample_for_test(self).')

    @property
    def cpu_dist(self) -> Any:
        """Return the distribution with NumPy arrays."""
        return self._made(np.asarray)

    @property
    def gpu_dist(self) -> Any:
        """Return the distribution with CuPy arrays."""
        return self._made(cuda.to_gpu)

    def _made(self, send: Any) -> Any:
        params = {name: send(value) for name, value in self.params.items()}
        return self.dist(**{name: Variable(a) if self.is_variable else a for name, a in params.items()})

    def scipy_onebyone_params_iter(self) -> Iterator[dict[str, Any]]:
        """Yield SciPy's parameters of each distribution of the batch."""
        for index in np.ndindex(self.shape):
            yield {name: value[index] for name, value in self.scipy_params.items()}

    def _by_scipy(self, method: str, x: Any = None) -> Any:
        """Return what SciPy computes, of outcomes or of the distribution itself."""
        if not self.scipy_onebyone:
            given = () if x is None else (x,)
            return getattr(self.scipy_dist(**self.scipy_params), method)(*given)
        found = []
        for index, params in zip(np.ndindex(self.shape), self.scipy_onebyone_params_iter()):
            given = () if x is None else (x[(slice(None),) * len(self.sample_shape) + index],)
            found.append(getattr(self.scipy_dist(**params), method)(*given))
        axis = 0 if x is None else len(self.sample_shape)
        y = np.stack(found, axis=axis)
        return y.reshape(y.shape[:axis] + self.shape + y.shape[axis + 1 :])

    def _distribution(self, is_gpu: bool) -> tuple[Any, Callable[[Any], Any]]:
        return (self.gpu_dist, cuda.to_gpu) if is_gpu else (self.cpu_dist, np.asarray)

    def _compare(self, target: str, y: Any, expected: Any) -> None:
        assert_allclose(as_array(y), expected, **self.options.get(target, {}))

    def check_icdf(self, is_gpu: bool) -> None:
        """Compare the inverse of the cumulative distribution function."""
        dist, send = self._distribution(is_gpu)
        x = np.random.uniform(0.01, 0.99, self.sample_shape + self.shape).astype(np.float32)
        self._compare('icdf', dist.icdf(send(x)), self._by_scipy('ppf', x))

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
        """Compare the name of what outcomes are possible."""
        self.assertEqual(self._distribution(is_gpu)[0].support, self.support)


def _of_outcomes(target: str) -> Any:
    method, continuous, discrete = _OF_OUTCOMES[target]

    def check(self: Any, is_gpu: bool) -> None:
        dist, send = self._distribution(is_gpu)
        x = self.sample_for_test()
        expected = self._by_scipy(continuous if self.continuous else discrete, x)
        self._compare(target, getattr(dist, method)(send(x)), expected)

    check.__doc__ = f'Compare {method} of outcomes.'
    return check


def _of_itself(target: str) -> Any:
    def check(self: Any, is_gpu: bool) -> None:
        y = getattr(self._distribution(is_gpu)[0], target)
        self._compare(target, y, self._by_scipy(_OF_ITSELF[target]))

    check.__doc__ = f'Compare the {target}.'
    return check


def _test(target: str, is_gpu: bool) -> Any:
    def test(self: Any) -> None:
        if target not in self.test_targets:
            self.skipTest(f'{target} is not among the test_targets')
        getattr(self, f'check_{target}')(is_gpu)

    return attr.gpu(test) if is_gpu else test


_CHECKS: dict[str, Any] = {
    **{target: _of_outcomes(target) for target in _OF_OUTCOMES},
    **{target: _of_itself(target) for target in _OF_ITSELF},
    **dict.fromkeys(('batch_shape', 'event_shape', 'icdf', 'sample', 'support')),
}
for _target, _check in _CHECKS.items():
    if _check is not None:
        setattr(distribution_unittest, f'check_{_target}', _check)
    setattr(distribution_unittest, f'test_{_target}_cpu', _test(_target, False))
    setattr(distribution_unittest, f'test_{_target}_gpu', _test(_target, True))
