"""Distributions of proportions: Beta and Dirichlet."""

from __future__ import annotations

from chaingrad.autograd.annotations import Shape
from chaingrad.autograd.reduction import sum
from chaingrad.autograd.variable import Variable
from chaingrad.functions.distributions.distribution import Numbers
from chaingrad.functions.distributions.divergence import register_kl
from chaingrad.functions.distributions.parametric import Parametric, neg_inf_where, parameter, xlog1my, xlogy
from chaingrad.functions.elementwise import digamma, lgamma


class Beta(Parametric):
    """The beta distribution.

    p(x) = x ** (a - 1) (1 - x) ** (b - 1) / B(a, b), for x in [0, 1]. No gradient flows through samples.

    Args:
        a: Variable or array, the exponent of x plus 1, positive.
        b: Variable or array, the exponent of 1 - x plus 1, positive.

    Raises:
        InvalidType: when the parameters do not broadcast together.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> D.Beta(np.array([2.0]), np.array([1.0])).prob(np.array([0.25]))
        variable([0.5])
    """

    support = '[0, 1]'
    a = parameter('a', 'The exponent of x, plus 1.')
    b = parameter('b', 'The exponent of 1 - x, plus 1.')

    def __init__(self, a: Numbers, b: Numbers) -> None:
        self._set_parameters(a=a, b=b)

    @property
    def _log_beta(self) -> Variable:
        """The logarithm of the beta function."""
        return lgamma(self.a) + lgamma(self.b) - lgamma(self.a + self.b)

    def sample_n(self, n: int) -> Variable:
        return self._draw('beta', n, self.a, self.b)

    def log_prob(self, x: Numbers) -> Variable:
        x = self._cast(x)
        return neg_inf_where((x.array < 0) | (x.array > 1), self._log_density, x, inside=0.5)

    def _log_density(self, x: Variable) -> Variable:
        return xlogy(self.a - 1.0, x) + xlog1my(self.b - 1.0, x) - self._log_beta

    @property
    def mean(self) -> Variable:
        return self.a / (self.a + self.b)

    @property
    def variance(self) -> Variable:
        total = self.a + self.b
        return self.a * self.b / (total**2 * (total + 1.0))

    @property
    def entropy(self) -> Variable:
        a, b = self.a, self.b
        expected = (a - 1.0) * digamma(a) + (b - 1.0) * digamma(b) - (a + b - 2.0) * digamma(a + b)
        return self._log_beta - expected


class Dirichlet(Parametric):
    """The Dirichlet distribution, of vectors of proportions.

    p(x) = gamma(sum(alpha)) * product(x ** (alpha - 1) / gamma(alpha)), for x that is not negative and sums to 1 (the
    sum is not checked). No gradient flows through samples.

    Args:
        alpha: Variable or array, (..., k), the exponents plus 1, positive.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> D.Dirichlet(np.array([1.0, 2.0, 1.0])).mean
        variable([0.25, 0.5 , 0.25])
    """

    support = '[0, 1]'
    alpha = parameter('alpha', 'The exponents, plus 1, `(..., k)`.')
    _non_batch_axes = {'alpha': 1}

    def __init__(self, alpha: Numbers) -> None:
        self._set_parameters(alpha=alpha)

    @property
    def alpha0(self) -> Variable:
        """The sum of alpha over its last axis."""
        return sum(self.alpha, -1)

    @property
    def event_shape(self) -> Shape:
        return self.alpha.shape[-1:]

    @property
    def _log_beta(self) -> Variable:
        """The logarithm of the multivariate beta function."""
        return sum(lgamma(self.alpha), -1) - lgamma(self.alpha0)

    def sample_n(self, n: int) -> Variable:
        # A sample is a row of gamma variates, divided by their sum. For a small alpha all of a row may underflow to 0,
        # but their logarithms do not: gamma(alpha) is distributed as gamma(alpha + 1) * exp(-exponential / alpha).
        xp = self.xp
        alpha = self.alpha.array
        y = xp.log(self._draw('standard_gamma', n, alpha + 1).array)
        y -= self._draw('standard_exponential', n).array / alpha
        y = xp.exp(y - y.max(axis=-1, keepdims=True))
        return Variable(y / y.sum(axis=-1, keepdims=True), requires_grad=False)

    def log_prob(self, x: Numbers) -> Variable:
        x = self._cast(x)
        return sum(neg_inf_where(x.array < 0, self._log_power, x), -1) - self._log_beta

    def _log_power(self, x: Variable) -> Variable:
        """Return the logarithm of x ** (alpha - 1)."""
        return xlogy(self.alpha - 1.0, x)

    @property
    def mean(self) -> Variable:
        return self.alpha / sum(self.alpha, -1, keepdims=True)

    @property
    def variance(self) -> Variable:
        mean = self.mean
        return mean * (1.0 - mean) / (sum(self.alpha, -1, keepdims=True) + 1.0)

    @property
    def entropy(self) -> Variable:
        alpha, alpha0 = self.alpha, self.alpha0
        k = alpha.shape[-1]
        return self._log_beta + (alpha0 - k) * digamma(alpha0) - sum((alpha - 1.0) * digamma(alpha), -1)


@register_kl(Beta, Beta)
def _kl_beta_beta(dist1: Beta, dist2: Beta) -> Variable:
    a1, b1 = dist1.a, dist1.b
    da = a1 - dist2.a
    db = b1 - dist2.b
    return dist2._log_beta - dist1._log_beta + da * digamma(a1) + db * digamma(b1) - (da + db) * digamma(a1 + b1)


@register_kl(Dirichlet, Dirichlet)
def _kl_dirichlet_dirichlet(dist1: Dirichlet, dist2: Dirichlet) -> Variable:
    difference = dist1.alpha - dist2.alpha
    expected = sum(difference * digamma(dist1.alpha), -1) - sum(difference, -1) * digamma(dist1.alpha0)
    return dist2._log_beta - dist1._log_beta + expected
