"""Distributions of positive numbers: Exponential, Gamma, Chisquare, Pareto."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from chaingrad.autograd.variable import Variable
from chaingrad.functions.distributions.distribution import Numbers
from chaingrad.functions.distributions.divergence import register_kl
from chaingrad.functions.distributions.parametric import Parametric, constant_where, neg_inf_where, parameter, xlogy
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

    def __init__(self, lam: Numbers) -> None:
        self._set_parameters(lam=lam)

    def sample_n(self, n: int) -> Variable:
        return self._draw('standard_exponential', n) / self.lam

    def log_prob(self, x: Numbers) -> Variable:
        x = self._cast(x)
        return neg_inf_where(x.array < 0, self._log_density, x)

    def _log_density(self, x: Variable) -> Variable:
        return log(self.lam) - self.lam * x

    def cdf(self, x: Numbers) -> Variable:
        return -expm1(-self.lam * maximum(self._cast(x), self.xp.zeros((), self._dtype)))

    def icdf(self, x: Numbers) -> Variable:
        return -log1p(-self._cast(x)) / self.lam

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

    def __init__(self, k: Numbers, theta: Numbers) -> None:
        self._set_parameters(k=k, theta=theta)

    def sample_n(self, n: int) -> Variable:
        return self.theta * self._draw('standard_gamma', n, self.k)

    def log_prob(self, x: Numbers) -> Variable:
        x = self._cast(x)
        return neg_inf_where(x.array < 0, self._log_density, x)

    def _log_density(self, x: Variable) -> Variable:
        return xlogy(self.k - 1.0, x) - x / self.theta - self.k * log(self.theta) - lgamma(self.k)

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

    def __init__(self, k: Numbers) -> None:
        self._set_parameters(k=k)

    @property
    def _gamma(self) -> Gamma:
        """The same distribution as a gamma distribution."""
        return Gamma(0.5 * self.k, self.xp.full((), 2.0, self._dtype))

    def sample_n(self, n: int) -> Variable:
        return self._draw('chisquare', n, self.k)

    def log_prob(self, x: Numbers) -> Variable:
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
        scale: Variable or array, the smallest outcome, positive.
        alpha: Variable or array, the exponent, positive.

    Raises:
        InvalidType: when the parameters do not broadcast together.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> D.Pareto(np.array([1.0, 1.0]), np.array([1.0, 3.0])).mean
        variable([inf, 1.5])
    """

    support = '[scale, inf]'
    scale = parameter('scale', 'The smallest outcome.')
    alpha = parameter('alpha', 'The exponent.')

    def __init__(self, scale: Numbers, alpha: Numbers) -> None:
        self._set_parameters(scale=scale, alpha=alpha)

    def sample_n(self, n: int) -> Variable:
        return self.scale * exp(self._draw('standard_exponential', n) / self.alpha)

    def log_prob(self, x: Numbers) -> Variable:
        x = self._cast(x)
        return neg_inf_where(x.array < self.scale.array, self._log_density, x)

    def _log_density(self, x: Variable) -> Variable:
        return log(self.alpha) + self.alpha * log(self.scale) - (self.alpha + 1.0) * log(x)

    def _moment(self, order: int, formula: Callable[[Variable], Variable]) -> Variable:
        """Return scale ** order times formula(alpha), the moment for scale 1; infinite where alpha <= order."""
        is_infinite = self.alpha.array <= order
        moment = constant_where(is_infinite, np.inf, formula, self.alpha, inside=order + 1.0)
        return self.scale**order * moment

    @property
    def mean(self) -> Variable:
        return self._moment(1, _pareto_mean)

    @property
    def variance(self) -> Variable:
        return self._moment(2, _pareto_variance)

    @property
    def entropy(self) -> Variable:
        return log(self.scale / self.alpha) + 1.0 / self.alpha + 1.0


def _pareto_mean(alpha: Variable) -> Variable:
    return alpha / (alpha - 1.0)


def _pareto_variance(alpha: Variable) -> Variable:
    return alpha / ((alpha - 1.0) ** 2 * (alpha - 2.0))


@register_kl(Exponential, Exponential)
def _kl_exponential_exponential(dist1: Exponential, dist2: Exponential) -> Variable:
    ratio = dist2.lam / dist1.lam
    return ratio - log(ratio) - 1.0


@register_kl(Gamma, Gamma)
def _kl_gamma_gamma(dist1: Gamma, dist2: Gamma) -> Variable:
    k1, k2 = dist1.k, dist2.k
    ratio = dist1.theta / dist2.theta
    return (k1 - k2) * digamma(k1) - lgamma(k1) + lgamma(k2) - k2 * log(ratio) + k1 * (ratio - 1.0)


@register_kl(Chisquare, Chisquare)
def _kl_chisquare_chisquare(dist1: Chisquare, dist2: Chisquare) -> Variable:
    return _kl_gamma_gamma(dist1._gamma, dist2._gamma)


@register_kl(Pareto, Pareto)
def _kl_pareto_pareto(dist1: Pareto, dist2: Pareto) -> Variable:
    """Infinite where the support of dist1 is not within that of dist2."""
    ratio = dist2.alpha / dist1.alpha
    y = ratio - log(ratio) - 1.0 + dist2.alpha * log(dist1.scale / dist2.scale)
    is_outside = dist1.scale.array < dist2.scale.array
    return where(is_outside, y.xp.full((), np.inf, y.dtype), y)
