"""Distributions with a location and a scale: Cauchy, Gumbel, Laplace, Uniform."""

from __future__ import annotations

import math
import warnings

import numpy as np

from chaingrad.autograd.arithmetic import absolute
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable
from chaingrad.functions.distributions.distribution import Numbers
from chaingrad.functions.distributions.divergence import register_kl
from chaingrad.functions.distributions.parametric import Parametric, neg_inf_where, parameter
from chaingrad.functions.elementwise import arctan, clip, exp, expm1, lgamma, log, log1p, sign, tan, where

_EULER = 0.5772156649015329  # Euler's constant


class LocationScale(Parametric):
    """Base of the distributions of loc + scale * z, where z has a fixed distribution."""

    support = 'real'
    loc = parameter('loc', 'The location.')
    scale = parameter('scale', 'The scale.')
    _noise: str  # name of the function of numpy.random that samples z

    def __init__(self, loc: Numbers, scale: Numbers) -> None:
        self._set_parameters(loc=loc, scale=scale)

    def _standardize(self, x: Numbers) -> Variable:
        """Return z = (x - loc) / scale."""
        x = self._cast(x)
        shape = self.batch_shape
        for n, m in zip(x.shape[::-1], shape[::-1]):
            if n != m and 1 not in (n, m):
                raise InvalidType(
                    f'{type(self).__name__}: x must broadcast with the parameters, but x is {x.dtype} {x.shape} and '
                    f'they are {shape}. The last axes of x must be those of the parameters.'
                )
        return (x - self.loc) / self.scale

    def sample_n(self, n: int) -> Variable:
        return self.loc + self.scale * self._draw(self._noise, n)


class Cauchy(LocationScale):
    """The Cauchy distribution.

    p(x) = 1 / (pi scale (1 + ((x - loc) / scale) ** 2)). It has no mean and no variance: both are NaN, with a
    RuntimeWarning. Samples are loc + scale * noise, so that gradients reach the parameters.

    Args:
        loc: Variable or array, the median.
        scale: Variable or array, half of the width of the density at half of its height, positive.

    Raises:
        InvalidType: when the parameters do not broadcast together.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> D.Cauchy(np.zeros(1), np.ones(1)).cdf(np.array([1.0]))
        variable([0.75])
    """

    _noise = 'standard_cauchy'

    def log_prob(self, x: Numbers) -> Variable:
        z = self._standardize(x)
        return -log1p(z * z) - log(self.scale) - math.log(math.pi)

    def cdf(self, x: Numbers) -> Variable:
        return arctan(self._standardize(x)) / math.pi + 0.5

    def icdf(self, x: Numbers) -> Variable:
        return self.loc + self.scale * tan(math.pi * (self._cast(x) - 0.5))

    def _undefined(self, what: str) -> Variable:
        """Return NaN for a moment that does not exist, with a warning."""
        warnings.warn(f'Cauchy: the {what} of this distribution is undefined.', RuntimeWarning, stacklevel=3)
        return Variable(self.xp.full(self.batch_shape, np.nan, self._dtype))

    @property
    def mean(self) -> Variable:
        return self._undefined('mean')

    @property
    def mode(self) -> Variable:
        return self._broadcast(self.loc)

    @property
    def variance(self) -> Variable:
        return self._undefined('variance')

    @property
    def entropy(self) -> Variable:
        return self._broadcast(log(self.scale) + math.log(4 * math.pi))


class Gumbel(LocationScale):
    """The Gumbel distribution, the limit distribution of the largest of many numbers.

    p(x) = exp(-z - exp(-z)) / scale, where z = (x - loc) / scale. Samples are loc + scale * noise, so that gradients
    reach the parameters.

    Args:
        loc: Variable or array, the mode.
        scale: Variable or array, the scale, positive.

    Raises:
        InvalidType: when the parameters do not broadcast together.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> D.Gumbel(np.zeros(1), np.ones(1)).mean
        variable([0.57721566])
    """

    _noise = 'gumbel'

    def log_prob(self, x: Numbers) -> Variable:
        z = self._standardize(x)
        return -z - exp(-z) - log(self.scale)

    @property
    def mean(self) -> Variable:
        return self.loc + _EULER * self.scale

    @property
    def mode(self) -> Variable:
        return self._broadcast(self.loc)

    @property
    def variance(self) -> Variable:
        return self._broadcast(math.pi**2 / 6 * self.scale**2)

    @property
    def entropy(self) -> Variable:
        return self._broadcast(log(self.scale) + (1 + _EULER))


class Laplace(LocationScale):
    """The Laplace distribution, also called double exponential.

    p(x) = exp(-|x - loc| / scale) / (2 scale). Samples are loc + scale * noise, so that gradients reach the parameters.

    Args:
        loc: Variable or array, the mean.
        scale: Variable or array, the scale, positive.

    Raises:
        InvalidType: when the parameters do not broadcast together.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> D.Laplace(np.zeros(1), np.ones(1)).prob(np.array([0.0]))
        variable([0.5])
    """

    _noise = 'laplace'

    def log_prob(self, x: Numbers) -> Variable:
        return -absolute(self._standardize(x)) - log(2.0 * self.scale)

    def cdf(self, x: Numbers) -> Variable:
        z = self._standardize(x)
        return 0.5 - 0.5 * sign(z) * expm1(-absolute(z))

    def icdf(self, x: Numbers) -> Variable:
        u = self._cast(x) - 0.5
        return self.loc - self.scale * sign(u) * log1p(-2.0 * absolute(u))

    @property
    def mean(self) -> Variable:
        return self._broadcast(self.loc)

    mode = mean

    @property
    def variance(self) -> Variable:
        return self._broadcast(2.0 * self.scale**2)

    @property
    def stddev(self) -> Variable:
        return self._broadcast(2**0.5 * self.scale)

    @property
    def entropy(self) -> Variable:
        return self._broadcast(1.0 + log(2.0 * self.scale))


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

    def __init__(
        self,
        *,
        low: Numbers | None = None,
        high: Numbers | None = None,
        loc: Numbers | None = None,
        scale: Numbers | None = None,
    ) -> None:
        self._set_one_of({'low': low, 'high': high}, {'loc': loc, 'scale': scale})

    def sample_n(self, n: int) -> Variable:
        return self.low + self.scale * self._draw('random_sample', n)

    def log_prob(self, x: Numbers) -> Variable:
        x = self._cast(x)
        is_outside = (x.array < self.low.array) | (x.array > self.high.array)
        return neg_inf_where(is_outside, self._log_density, x)

    def _log_density(self, x: Variable) -> Variable:
        return 0.0 * x - log(self.scale)  # 0 * x for x's shape, and so that x gets a gradient

    def cdf(self, x: Numbers) -> Variable:
        return clip((self._cast(x) - self.low) / self.scale, 0.0, 1.0)

    def icdf(self, x: Numbers) -> Variable:
        return self.low + self.scale * self._cast(x)

    @property
    def mean(self) -> Variable:
        return 0.5 * (self.low + self.high)

    @property
    def variance(self) -> Variable:
        return self._broadcast(self.scale**2 / 12.0)

    @property
    def stddev(self) -> Variable:
        return self._broadcast(self.scale / 12**0.5)

    @property
    def entropy(self) -> Variable:
        return self._broadcast(log(self.scale))


@register_kl(Cauchy, Cauchy)
def _kl_cauchy_cauchy(dist1: Cauchy, dist2: Cauchy) -> Variable:
    d = dist1.loc - dist2.loc
    s1, s2 = dist1.scale, dist2.scale
    return log(((s1 + s2) ** 2 + d * d) / (4.0 * s1 * s2))


@register_kl(Gumbel, Gumbel)
def _kl_gumbel_gumbel(dist1: Gumbel, dist2: Gumbel) -> Variable:
    d = (dist1.loc - dist2.loc) / dist2.scale
    ratio = dist1.scale / dist2.scale
    return d + exp(lgamma(ratio + 1.0) - d) - log(ratio) + _EULER * (ratio - 1.0) - 1.0


@register_kl(Laplace, Laplace)
def _kl_laplace_laplace(dist1: Laplace, dist2: Laplace) -> Variable:
    d = absolute(dist1.loc - dist2.loc)
    ratio = dist1.scale / dist2.scale
    return d / dist2.scale + ratio * exp(-d / dist1.scale) - log(ratio) - 1.0


@register_kl(Uniform, Uniform)
def _kl_uniform_uniform(dist1: Uniform, dist2: Uniform) -> Variable:
    """Infinite where the support of dist1 is not within that of dist2."""
    y = log(dist2.scale / dist1.scale)
    is_outside = (dist1.low.array < dist2.low.array) | (dist1.high.array > dist2.high.array)
    return where(is_outside, y.xp.full((), np.inf, y.dtype), y)
