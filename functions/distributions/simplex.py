"""Distributions of proportions: Beta and Dirichlet."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.reduction import sum
from chaingrad.autograd.variable import Variable
from chaingrad.functions.distributions.divergence import register_kl
from chaingrad.functions.distributions.parametric import Parametric, log1m_or_inf, log_or_inf, parameter, times, within
from chaingrad.functions.elementwise import digamma, lgamma


class Beta(Parametric):
    """The beta distribution.

    p(x) = x ** (a - 1) (1 - x) ** (b - 1) / B(a, b), for x in [0, 1]. No gradient flows through samples.

    Args:
        a: Variable or array, positive.
        b: Variable or array, positive.

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

    def __init__(self, a: Any, b: Any) -> None:
        self._take(a=a, b=b)

    @property
    def _log_b(self) -> Any:
        """The logarithm of the beta function."""
        return lgamma(self.a) + lgamma(self.b) - lgamma(self.a + self.b)

    def sample_n(self, n: int) -> Variable:
        return self._draw('beta', n, self.a, self.b)

    def log_prob(self, x: Any) -> Variable:
        def formula(x: Variable) -> Any:
            return times(self.a - 1.0, log_or_inf(x)) + times(self.b - 1.0, log1m_or_inf(x)) - self._log_b

        x = self._points(x)
        return within(x, (x.array < 0) | (x.array > 1), formula, 0.5)

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
        inner = (a - 1.0) * digamma(a) + (b - 1.0) * digamma(b) - (a + b - 2.0) * digamma(a + b)
        return self._log_b - inner


class Dirichlet(Parametric):
    """The Dirichlet distribution, of vectors of proportions.

    p(x) = gamma(sum(alpha)) * product(x ** (alpha - 1) / gamma(alpha)), for x that is not negative and sums to 1 (the
    sum is not checked). No gradient flows through samples.

    Args:
        alpha: Variable or array, (..., k), positive.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> D.Dirichlet(np.array([1.0, 2.0, 1.0])).mean
        variable([0.25, 0.5 , 0.25])
    """

    support = '[0, 1]'
    alpha = parameter('alpha', 'The exponents, plus 1, `(..., k)`.')
    _matrix_axes = {'alpha': 1}

    def __init__(self, alpha: Any) -> None:
        self._take(alpha=alpha)

    @property
    def alpha0(self) -> Variable:
        """The sum of alpha over its last axis."""
        return sum(self.alpha, -1)

    @property
    def event_shape(self) -> tuple[int, ...]:
        return self.alpha.shape[-1:]

    @property
    def _log_b(self) -> Any:
        return sum(lgamma(self.alpha), -1) - lgamma(self.alpha0)

    def sample_n(self, n: int) -> Variable:
        # A gamma variate of a small alpha is often 0, and a row of them has no sum. Its logarithm never underflows:
        # gamma(alpha) is distributed as gamma(alpha + 1) * u ** (1 / alpha).
        xp, alpha = self.xp, self.alpha.array
        y = xp.log(self._draw('standard_gamma', n, alpha + 1).array)
        y -= self._draw('standard_exponential', n).array / alpha
        y = xp.exp(y - y.max(axis=-1, keepdims=True))
        return Variable(y / y.sum(axis=-1, keepdims=True), requires_grad=False)

    def log_prob(self, x: Any) -> Variable:
        def formula(x: Variable) -> Any:
            return times(self.alpha - 1.0, log_or_inf(x))

        x = self._points(x)
        return sum(within(x, x.array < 0, formula), -1) - self._log_b

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
        return self._log_b + (alpha0 - k) * digamma(alpha0) - sum((alpha - 1.0) * digamma(alpha), -1)


@register_kl(Beta, Beta)
def _kl_beta_beta(dist1: Beta, dist2: Beta) -> Variable:
    a1, b1 = dist1.a, dist1.b
    a, b = a1 - dist2.a, b1 - dist2.b
    return dist2._log_b - dist1._log_b + a * digamma(a1) + b * digamma(b1) - (a + b) * digamma(a1 + b1)


@register_kl(Dirichlet, Dirichlet)
def _kl_dirichlet_dirichlet(dist1: Dirichlet, dist2: Dirichlet) -> Variable:
    alpha = dist1.alpha - dist2.alpha
    return dist2._log_b - dist1._log_b + sum(alpha * digamma(dist1.alpha), -1) - sum(alpha, -1) * digamma(dist1.alpha0)
