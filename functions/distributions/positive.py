"""Distributions of positive numbers: Exponential, Gamma, Chisquare, Pareto."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.variable import Variable
from chaingrad.functions.distributions.divergence import register_kl
from chaingrad.functions.distributions.parametric import Parametric, log_or_inf, parameter, times, within
from chaingrad.functions.elementwise import digamma, exp, expm1, lgamma, log, log1p, maximum, where


class Exponential(Parametric):
    """The exponential distribution.

    p(x) = lam exp(-lam x), for x >= 0. Samples are noise / lam, so that gradients reach lam.

    Args:
        lam: Variable or array, the rate, positive.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> D.Exponential(np.array([2.0])).cdf(np.array([0.5]))
        variable([0.63212056])
    """

    support = 'positive'
    lam = parameter('lam', 'The rate.')

    def __init__(self, lam: Any) -> None:
        self._take(lam=lam)

    def sample_n(self, n: int) -> Variable:
        return self._draw('standard_exponential', n) / self.lam

    def log_prob(self, x: Any) -> Variable:
        x = self._points(x)
        return within(x, x.array < 0, lambda x: log(self.lam) - self.lam * x)

    def cdf(self, x: Any) -> Variable:
        return -expm1(-self.lam * maximum(self._points(x), self.xp.zeros((), self._dtype)))

    def icdf(self, x: Any) -> Variable:
        return -log1p(-self._points(x)) / self.lam

    @property
    def mean(self) -> Variable:
        return 1.0 / self.lam

    @property
    def variance(self) -> Variable:
        return self.lam**-2

    @property
    def entropy(self) -> Variable:
        return 1.0 - log(self.lam)


class Gamma(Parametric):
    """The gamma distribution.

    p(x) = x ** (k - 1) exp(-x / theta) / (gamma(k) theta ** k), for x > 0. Samples are theta * noise: gradients reach
    theta, but not k.

    Args:
        k: Variable or array, the shape, positive.
        theta: Variable or array, the scale, positive.

    Raises:
        InvalidType: when the parameters do not broadcast together.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> D.Gamma(np.array([2.0]), np.array([3.0])).mean
        variable([6.])
    """

    support = 'positive'
    k = parameter('k', 'The shape.')
    theta = parameter('theta', 'The scale.')

    def __init__(self, k: Any, theta: Any) -> None:
        self._take(k=k, theta=theta)

    def sample_n(self, n: int) -> Variable:
        return self.theta * self._draw('standard_gamma', n, self.k)

    def log_prob(self, x: Any) -> Variable:
        def formula(x: Variable) -> Any:
            return times(self.k - 1.0, log_or_inf(x)) - x / self.theta - self.k * log(self.theta) - lgamma(self.k)

        x = self._points(x)
        return within(x, x.array < 0, formula)

    @property
    def mean(self) -> Variable:
        return self.k * self.theta

    @property
    def variance(self) -> Variable:
        return self.k * self.theta**2

    @property
    def entropy(self) -> Variable:
        k = self.k
        return k + log(self.theta) + lgamma(k) + (1.0 - k) * digamma(k)


class Chisquare(Parametric):
    """The chi-square distribution, that of the sum of k squared standard normal numbers.

    p(x) = x ** (k / 2 - 1) exp(-x / 2) / (gamma(k / 2) 2 ** (k / 2)), for x > 0. No gradient flows through samples.

    Args:
        k: Variable or array, the degrees of freedom, positive.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> D.Chisquare(np.array([2.0])).prob(np.array([0.0]))
        variable([0.5])
    """

    support = 'positive'
    k = parameter('k', 'The degrees of freedom.')

    def __init__(self, k: Any) -> None:
        self._take(k=k)

    @property
    def _gamma(self) -> Gamma:
        """The same distribution as a gamma distribution."""
        return Gamma(0.5 * self.k, self.xp.full((), 2.0, self._dtype))

    def sample_n(self, n: int) -> Variable:
        return self._draw('chisquare', n, self.k)

    def log_prob(self, x: Any) -> Variable:
        return self._gamma.log_prob(x)

    @property
    def mean(self) -> Variable:
        return self.k

    @property
    def variance(self) -> Variable:
        return 2.0 * self.k

    @property
    def entropy(self) -> Variable:
        return self._gamma.entropy


class Pareto(Parametric):
    """The Pareto distribution.

    p(x) = alpha scale ** alpha / x ** (alpha + 1), for x >= scale. Samples are scale * exp(noise / alpha), so that
    gradients reach both parameters. The mean is infinite where alpha <= 1, the variance where alpha <= 2.

    Args:
        scale: Variable or array, the least outcome, positive.
        alpha: Variable or array, the exponent, positive.

    Raises:
        InvalidType: when the parameters do not broadcast together.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> D.Pareto(np.array([1.0, 1.0]), np.array([1.0, 3.0])).mean
        variable([inf, 1.5])
    """

    support = '[scale, inf]'
    scale = parameter('scale', 'The least outcome.')
    alpha = parameter('alpha', 'The exponent.')

    def __init__(self, scale: Any, alpha: Any) -> None:
        self._take(scale=scale, alpha=alpha)

    def sample_n(self, n: int) -> Variable:
        return self.scale * exp(self._draw('standard_exponential', n) / self.alpha)

    def log_prob(self, x: Any) -> Variable:
        def formula(x: Variable) -> Any:
            return log(self.alpha) + self.alpha * log(self.scale) - (self.alpha + 1.0) * log(x)

        x = self._points(x)
        return within(x, x.array < self.scale.array, formula)

    def _moment(self, order: int, formula: Any) -> Any:
        """Return formula(alpha), times a power of the scale; infinite where alpha <= order."""
        return self.scale**order * -within(self.alpha, self.alpha.array <= order, lambda a: -formula(a), order + 1.0)

    @property
    def mean(self) -> Variable:
        return self._moment(1, lambda a: a / (a - 1.0))

    @property
    def variance(self) -> Variable:
        return self._moment(2, lambda a: a / ((a - 1.0) ** 2 * (a - 2.0)))

    @property
    def entropy(self) -> Variable:
        return log(self.scale / self.alpha) + 1.0 / self.alpha + 1.0


@register_kl(Exponential, Exponential)
def _kl_exponential_exponential(dist1: Exponential, dist2: Exponential) -> Variable:
    ratio = dist2.lam / dist1.lam
    return ratio - log(ratio) - 1.0


@register_kl(Gamma, Gamma)
def _kl_gamma_gamma(dist1: Gamma, dist2: Gamma) -> Variable:
    k1, k2, ratio = dist1.k, dist2.k, dist1.theta / dist2.theta
    return (k1 - k2) * digamma(k1) - lgamma(k1) + lgamma(k2) - k2 * log(ratio) + k1 * (ratio - 1.0)


@register_kl(Chisquare, Chisquare)
def _kl_chisquare_chisquare(dist1: Chisquare, dist2: Chisquare) -> Variable:
    return _kl_gamma_gamma(dist1._gamma, dist2._gamma)


@register_kl(Pareto, Pareto)
def _kl_pareto_pareto(dist1: Pareto, dist2: Pareto) -> Variable:
    """It is infinite where dist1 leaves the support of dist2."""
    ratio = dist2.alpha / dist1.alpha
    y = ratio - log(ratio) - 1.0 + dist2.alpha * log(dist1.scale / dist2.scale)
    leaves = dist1.scale.array < dist2.scale.array
    return where(leaves, y.xp.full((), np.inf, y.dtype), y)
