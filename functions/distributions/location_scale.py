"""Distributions with a place and a width: Cauchy, Gumbel, Laplace, Uniform."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from chaingrad.autograd.arithmetic import absolute
from chaingrad.autograd.variable import Variable
from chaingrad.functions.distributions.divergence import register_kl
from chaingrad.functions.distributions.parametric import Parametric, parameter, within
from chaingrad.functions.elementwise import arctan, clip, exp, expm1, lgamma, log, log1p, sign, tan, where

_EULER = 0.5772156649015329  # Euler's constant


class LocationScale(Parametric):
    """Base of the distributions of loc + scale * z, where z is drawn from a fixed distribution."""

    support = 'real'
    loc = parameter('loc', 'The place.')
    scale = parameter('scale', 'The width.')
    _noise: str  # the function of numpy.random that draws z

    def __init__(self, loc: Any, scale: Any) -> None:
        self._take(loc=loc, scale=scale)

    def _standardized(self, x: Any) -> Any:
        return (self._points(x) - self.loc) / self.scale

    def sample_n(self, n: int) -> Variable:
        return self.loc + self.scale * self._draw(self._noise, n)


class Cauchy(LocationScale):
    """The Cauchy distribution.

    p(x) = 1 / (pi scale (1 + ((x - loc) / scale) ** 2)). It has no mean and no variance: both are NaN, with a
    RuntimeWarning. Samples are loc + scale * noise, so that gradients reach the parameters.

    Args:
        loc: Variable or array, the median.
        scale: Variable or array, half of the width at half of the height, positive.

    Raises:
        InvalidType: when the parameters do not broadcast together.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> D.Cauchy(np.zeros(1), np.ones(1)).cdf(np.array([1.0]))
        variable([0.75])
    """

    _noise = 'standard_cauchy'

    def log_prob(self, x: Any) -> Variable:
        z = self._standardized(x)
        return -log1p(z * z) - log(self.scale) - math.log(math.pi)

    def cdf(self, x: Any) -> Variable:
        return arctan(self._standardized(x)) / math.pi + 0.5

    def icdf(self, x: Any) -> Variable:
        return self.loc + self.scale * tan(math.pi * (self._points(x) - 0.5))

    def _undefined(self, what: str) -> Variable:
        warnings.warn(f'Cauchy: the {what} of this distribution is undefined.', RuntimeWarning, stacklevel=3)
        return Variable(self.xp.full(self.batch_shape, np.nan, self._dtype))

    @property
    def mean(self) -> Variable:
        return self._undefined('mean')

    @property
    def mode(self) -> Variable:
        return self._spread(self.loc)

    @property
    def variance(self) -> Variable:
        return self._undefined('variance')

    @property
    def entropy(self) -> Variable:
        return self._spread(log(self.scale) + math.log(4 * math.pi))


class Gumbel(LocationScale):
    """The Gumbel distribution, that of the largest of many numbers.

    p(x) = exp(-z - exp(-z)) / scale, where z = (x - loc) / scale. Samples are loc + scale * noise, so that gradients
    reach the parameters.

    Args:
        loc: Variable or array, the mode.
        scale: Variable or array, positive.

    Raises:
        InvalidType: when the parameters do not broadcast together.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> D.Gumbel(np.zeros(1), np.ones(1)).mean
        variable([0.57721566])
    """

    _noise = 'gumbel'

    def log_prob(self, x: Any) -> Variable:
        z = self._standardized(x)
        return -z - exp(-z) - log(self.scale)

    @property
    def mean(self) -> Variable:
        return self.loc + _EULER * self.scale

    @property
    def mode(self) -> Variable:
        return self._spread(self.loc)

    @property
    def variance(self) -> Variable:
        return self._spread(math.pi**2 / 6 * self.scale**2)

    @property
    def entropy(self) -> Variable:
        return self._spread(log(self.scale) + (1 + _EULER))


class Laplace(LocationScale):
    """The Laplace distribution, also called double exponential.

    p(x) = exp(-|x - loc| / scale) / (2 scale). Samples are loc + scale * noise, so that gradients reach the parameters.

    Args:
        loc: Variable or array, the mean.
        scale: Variable or array, positive.

    Raises:
        InvalidType: when the parameters do not broadcast together.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> D.Laplace(np.zeros(1), np.ones(1)).prob(np.array([0.0]))
        variable([0.5])
    """

    _noise = 'laplace'

    def log_prob(self, x: Any) -> Variable:
        return -absolute(self._standardized(x)) - log(2.0 * self.scale)

    def cdf(self, x: Any) -> Variable:
        z = self._standardized(x)
        return 0.5 - 0.5 * sign(z) * expm1(-absolute(z))

    def icdf(self, x: Any) -> Variable:
        x = self._points(x) - 0.5
        return self.loc - self.scale * sign(x) * log1p(-2.0 * absolute(x))

    @property
    def mean(self) -> Variable:
        return self._spread(self.loc)

    mode = mean

    @property
    def variance(self) -> Variable:
        return self._spread(2.0 * self.scale**2)

    @property
    def stddev(self) -> Variable:
        return self._spread(2**0.5 * self.scale)

    @property
    def entropy(self) -> Variable:
        return self._spread(1.0 + log(2.0 * self.scale))


class Uniform(Parametric):
    """The uniform distribution on [low, high].

    p(x) = 1 / (high - low). Samples are low + (high - low) * noise, so that gradients reach the parameters.

    Args:
        low: Variable or array, the lower end.
        high: Variable or array, the upper end.
        loc: Variable or array, the lower end, in place of low.
        scale: Variable or array, the width, in place of high.

    Raises:
        ValueError: unless both of low and high, or both of loc and scale, are given.
        InvalidType: when the parameters do not broadcast together.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> D.Uniform(low=np.zeros(1), high=np.array([4.0])).prob(np.array([[1.0], [5.0]]))
        variable([[0.25],
                  [0.  ]])
    """

    support = '[low, high]'
    low = parameter('low', 'The lower end.', lambda self: self.loc)
    high = parameter('high', 'The upper end.', lambda self: self.loc + self.scale)
    loc = parameter('loc', 'The lower end.', lambda self: self.low)
    scale = parameter('scale', 'The width.', lambda self: self.high - self.low)

    def __init__(self, *, low: Any = None, high: Any = None, loc: Any = None, scale: Any = None) -> None:
        self._take_one({'low': low, 'high': high}, {'loc': loc, 'scale': scale})

    def sample_n(self, n: int) -> Variable:
        return self.low + self.scale * self._draw('random_sample', n)

    def log_prob(self, x: Any) -> Variable:
        x = self._points(x)
        outside = (x.array < self.low.array) | (x.array > self.high.array)
        return within(x, outside, lambda x: 0.0 * x - log(self.scale))

    def cdf(self, x: Any) -> Variable:
        return clip((self._points(x) - self.low) / self.scale, 0.0, 1.0)

    def icdf(self, x: Any) -> Variable:
        return self.low + self.scale * self._points(x)

    @property
    def mean(self) -> Variable:
        return 0.5 * (self.low + self.high)

    @property
    def variance(self) -> Variable:
        return self._spread(self.scale**2 / 12.0)

    @property
    def stddev(self) -> Variable:
        return self._spread(self.scale / 12**0.5)

    @property
    def entropy(self) -> Variable:
        return self._spread(log(self.scale))


@register_kl(Cauchy, Cauchy)
def _kl_cauchy_cauchy(dist1: Cauchy, dist2: Cauchy) -> Variable:
    d, s1, s2 = dist1.loc - dist2.loc, dist1.scale, dist2.scale
    return log(((s1 + s2) ** 2 + d * d) / (4.0 * s1 * s2))


@register_kl(Gumbel, Gumbel)
def _kl_gumbel_gumbel(dist1: Gumbel, dist2: Gumbel) -> Variable:
    d, ratio = (dist1.loc - dist2.loc) / dist2.scale, dist1.scale / dist2.scale
    return d + exp(lgamma(ratio + 1.0) - d) - log(ratio) + _EULER * (ratio - 1.0) - 1.0


@register_kl(Laplace, Laplace)
def _kl_laplace_laplace(dist1: Laplace, dist2: Laplace) -> Variable:
    d = absolute(dist1.loc - dist2.loc)
    ratio = dist1.scale / dist2.scale
    return d / dist2.scale + ratio * exp(-d / dist1.scale) - log(ratio) - 1.0


@register_kl(Uniform, Uniform)
def _kl_uniform_uniform(dist1: Uniform, dist2: Uniform) -> Variable:
    """It is infinite where dist1 leaves the support of dist2."""
    y = log(dist2.scale / dist1.scale)
    leaves = (dist1.low.array < dist2.low.array) | (dist1.high.array > dist2.high.array)
    return where(leaves, y.xp.full((), np.inf, y.dtype), y)
