"""Normal and LogNormal."""

from __future__ import annotations

import math

from chaingrad.autograd.variable import Variable
from chaingrad.functions.distributions.distribution import Numbers
from chaingrad.functions.distributions.divergence import register_kl
from chaingrad.functions.distributions.location_scale import LocationScale
from chaingrad.functions.distributions.parametric import Parametric, neg_inf_where, parameter
from chaingrad.functions.elementwise import exp, expm1, log, log_ndtr, ndtr, ndtri

_LOG_ROOT_2PI = 0.5 * math.log(2 * math.pi)


class Normal(LocationScale):
    """The normal distribution.

    p(x) = exp(-((x - loc) / scale) ** 2 / 2) / (sqrt(2 pi) scale). Samples are loc + scale * noise, so that gradients
    reach the parameters.

    Args:
        loc: Variable or array, the mean.
        scale: Variable or array, the standard deviation, positive.
        log_scale: Variable or array, the logarithm of scale, in place of it.

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

    def __init__(self, loc: Numbers, scale: Numbers | None = None, *, log_scale: Numbers | None = None) -> None:
        self._set_one_of({'scale': scale}, {'log_scale': log_scale}, loc=loc)

    @property
    def params(self) -> dict[str, Variable]:
        """The parameters by name."""
        return {'loc': self.loc, 'scale': self.scale}

    def log_prob(self, x: Numbers) -> Variable:
        z = self._standardize(x)
        return -0.5 * (z * z) - self.log_scale - _LOG_ROOT_2PI

    def cdf(self, x: Numbers) -> Variable:
        return ndtr(self._standardize(x))

    def icdf(self, x: Numbers) -> Variable:
        return self.loc + self.scale * ndtri(self._cast(x))

    def log_cdf(self, x: Numbers) -> Variable:
        return log_ndtr(self._standardize(x))

    def survival_function(self, x: Numbers) -> Variable:
        return ndtr(-self._standardize(x))

    def log_survival_function(self, x: Numbers) -> Variable:
        return log_ndtr(-self._standardize(x))

    @property
    def mean(self) -> Variable:
        return self._broadcast(self.loc)

    mode = mean

    @property
    def variance(self) -> Variable:
        return self._broadcast(self.scale**2)

    @property
    def stddev(self) -> Variable:
        return self._broadcast(self.scale)

    @property
    def entropy(self) -> Variable:
        return self._broadcast(self.log_scale + (0.5 + _LOG_ROOT_2PI))


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

    def __init__(self, mu: Numbers, sigma: Numbers) -> None:
        self._set_parameters(mu=mu, sigma=sigma)

    def sample_n(self, n: int) -> Variable:
        return exp(self.mu + self.sigma * self._draw('standard_normal', n))

    def log_prob(self, x: Numbers) -> Variable:
        x = self._cast(x)
        return neg_inf_where(x.array <= 0, self._log_density, x)

    def _log_density(self, x: Variable) -> Variable:
        log_x = log(x)
        z = (log_x - self.mu) / self.sigma
        return -0.5 * (z * z) - log(self.sigma) - log_x - _LOG_ROOT_2PI

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


def _kl_normal(loc1: Variable, log_scale1: Variable, loc2: Variable, log_scale2: Variable) -> Variable:
    d = (loc1 - loc2) * exp(-log_scale2)
    ratio = log_scale1 - log_scale2
    return 0.5 * (expm1(2.0 * ratio) + d * d) - ratio


@register_kl(Normal, Normal)
def _kl_normal_normal(dist1: Normal, dist2: Normal) -> Variable:
    return _kl_normal(dist1.loc, dist1.log_scale, dist2.loc, dist2.log_scale)


@register_kl(LogNormal, LogNormal)
def _kl_log_normal_log_normal(dist1: LogNormal, dist2: LogNormal) -> Variable:
    return _kl_normal(dist1.mu, log(dist1.sigma), dist2.mu, log(dist2.sigma))
