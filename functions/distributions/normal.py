"""Normal and LogNormal."""

from __future__ import annotations

import math
from typing import Any

from chaingrad.autograd.variable import Variable
from chaingrad.functions.distributions.divergence import register_kl
from chaingrad.functions.distributions.location_scale import LocationScale
from chaingrad.functions.distributions.parametric import Parametric, parameter, within
from chaingrad.functions.elementwise import exp, expm1, log, log_ndtr, ndtr, ndtri

_LOG_ROOT_2PI = 0.5 * math.log(2 * math.pi)


class Normal(LocationScale):
    """The normal distribution.

    p(x) = exp(-((x - loc) / scale) ** 2 / 2) / (sqrt(2 pi) scale). Samples are loc + scale * noise, so that gradients
    reach the parameters.

    Args:
        loc: Variable or array, the mean.
        scale: Variable or array, the standard deviation, positive.
        log_scale: Variable or array, its logarithm, in place of scale.

    Raises:
        ValueError: unless exactly one of scale and log_scale is given.
        InvalidType: when the parameters do not broadcast together.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> d = D.Normal(np.array([0.0, 1.0]), np.array([1.0, 2.0]))
        >>> d.log_prob(np.array([0.0, 3.0]))
        variable([-0.91893853, -2.11208571])
        >>> d.sample((3, 4)).shape
        (3, 4, 2)
    """

    loc = parameter('loc', 'The mean.')
    scale = parameter('scale', 'The standard deviation.', lambda self: exp(self.log_scale))
    log_scale = parameter('log_scale', 'The logarithm of the standard deviation.', lambda self: log(self.scale))
    _noise = 'standard_normal'

    def __init__(self, loc: Any, scale: Any = None, *, log_scale: Any = None) -> None:
        self._take_one({'scale': scale}, {'log_scale': log_scale}, loc=loc)

    @property
    def params(self) -> dict[str, Variable]:
        """The parameters by name."""
        return {'loc': self.loc, 'scale': self.scale}

    def log_prob(self, x: Any) -> Variable:
        z = self._standardized(x)
        return -0.5 * (z * z) - self.log_scale - _LOG_ROOT_2PI

    def cdf(self, x: Any) -> Variable:
        return ndtr(self._standardized(x))

    def icdf(self, x: Any) -> Variable:
        return self.loc + self.scale * ndtri(self._points(x))

    def log_cdf(self, x: Any) -> Variable:
        return log_ndtr(self._standardized(x))

    def survival_function(self, x: Any) -> Variable:
        return ndtr(-self._standardized(x))

    def log_survival_function(self, x: Any) -> Variable:
        return log_ndtr(-self._standardized(x))

    @property
    def mean(self) -> Variable:
        return self._spread(self.loc)

    mode = mean

    @property
    def variance(self) -> Variable:
        return self._spread(self.scale**2)

    @property
    def stddev(self) -> Variable:
        return self._spread(self.scale)

    @property
    def entropy(self) -> Variable:
        return self._spread(self.log_scale + (0.5 + _LOG_ROOT_2PI))


class LogNormal(Parametric):
    """The distribution of exp(z), where z is normal.

    p(x) = exp(-((log x - mu) / sigma) ** 2 / 2) / (sqrt(2 pi) sigma x), for x > 0. Samples are exp(mu + sigma * noise),
    so that gradients reach the parameters.

    Args:
        mu: Variable or array, the mean of log x.
        sigma: Variable or array, the standard deviation of log x, positive.

    Raises:
        InvalidType: when the parameters do not broadcast together.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> D.LogNormal(np.zeros(1), np.ones(1)).mean
        variable([1.64872127])
    """

    support = 'positive'
    mu = parameter('mu', 'The mean of the logarithm.')
    sigma = parameter('sigma', 'The standard deviation of the logarithm.')

    def __init__(self, mu: Any, sigma: Any) -> None:
        self._take(mu=mu, sigma=sigma)

    def sample_n(self, n: int) -> Variable:
        return exp(self.mu + self.sigma * self._draw('standard_normal', n))

    def log_prob(self, x: Any) -> Variable:
        def formula(x: Variable) -> Any:
            log_x = log(x)
            z = (log_x - self.mu) / self.sigma
            return -0.5 * (z * z) - log(self.sigma) - log_x - _LOG_ROOT_2PI

        x = self._points(x)
        return within(x, x.array <= 0, formula)

    @property
    def mean(self) -> Variable:
        return exp(self.mu + 0.5 * self.sigma**2)

    @property
    def variance(self) -> Variable:
        squared = self.sigma**2
        return exp(2.0 * self.mu + squared) * expm1(squared)

    @property
    def entropy(self) -> Variable:
        return self.mu + log(self.sigma) + (0.5 + _LOG_ROOT_2PI)


def _kl_normal(loc1: Any, log_scale1: Any, loc2: Any, log_scale2: Any) -> Any:
    d = (loc1 - loc2) * exp(-log_scale2)
    ratio = log_scale1 - log_scale2
    return 0.5 * (expm1(2.0 * ratio) + d * d) - ratio


@register_kl(Normal, Normal)
def _kl_normal_normal(dist1: Normal, dist2: Normal) -> Variable:
    return _kl_normal(dist1.loc, dist1.log_scale, dist2.loc, dist2.log_scale)


@register_kl(LogNormal, LogNormal)
def _kl_log_normal_log_normal(dist1: LogNormal, dist2: LogNormal) -> Variable:
    return _kl_normal(dist1.mu, log(dist1.sigma), dist2.mu, log(dist2.sigma))
