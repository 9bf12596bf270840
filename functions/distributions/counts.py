"""Distributions of integers: Bernoulli, Geometric, Poisson."""

from __future__ import annotations

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.variable import Variable
from chaingrad.functions.activation.sigmoid import sigmoid
from chaingrad.functions.activation.smooth import softplus
from chaingrad.functions.distributions.distribution import Numbers
from chaingrad.functions.distributions.divergence import register_kl
from chaingrad.functions.distributions.parametric import (
    Parametric,
    log1m_or_neg_inf,
    log_or_neg_inf,
    neg_inf_where,
    parameter,
    weighted_log,
    xlog1my,
    xlogy,
)
from chaingrad.functions.elementwise import lgamma, log, where


class Bernoulli(Parametric):
    """The Bernoulli distribution, of outcomes 0 and 1.

    p(1) = p = sigmoid(logit). log p(x) = x log(p) + (1 - x) log(1 - p) is also computed for x between 0 and 1, unless
    binary_check; there it is log(x) where p is 1, and log(1 - x) where p is 0, instead of -inf. No gradient flows
    through samples, which are integers.

    Args:
        p: Variable or array, the probability of 1.
        logit: Variable or array, log(p / (1 - p)), in place of p.
        binary_check (bool): whether log p(x) is -inf where x is neither 0 nor 1.

    Raises:
        ValueError: unless exactly one of p and logit is given.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> D.Bernoulli(np.array([0.75])).prob(np.array([[1], [0]]))
        variable([[0.75],
                  [0.25]])
        >>> D.Bernoulli(logit=np.array([1000.0])).log_prob(np.array([0]))
        variable([-1000.])
    """

    support = '{0, 1}'
    p = parameter('p', 'The probability of 1.', lambda self: sigmoid(self.logit))
    logit = parameter('logit', 'log(p / (1 - p)).', lambda self: log_or_neg_inf(self.p) - log1m_or_neg_inf(self.p))

    def __init__(self, p: Numbers | None = None, logit: Numbers | None = None, binary_check: bool = False) -> None:
        self._set_one_of({'p': p}, {'logit': logit})
        self._binary_check = binary_check

    @property
    def params(self) -> dict[str, Variable]:
        """The parameters by name."""
        return {'logit': self.logit}

    @property
    def _log_probabilities(self) -> tuple[Variable, Variable]:
        """The logarithms of p and of 1 - p."""
        if 'p' in self._params:
            return log_or_neg_inf(self.p), log1m_or_neg_inf(self.p)
        return -softplus(-self.logit), -softplus(self.logit)

    def _log_likelihood(self, x: Variable) -> Variable:
        """Return x log(p) + (1 - x) log(1 - p)."""
        log_p, log_1m_p = self._log_probabilities
        return weighted_log(x, log_p) + weighted_log(1.0 - x, log_1m_p)

    def sample_n(self, n: int) -> Variable:
        return self._draw('binomial', n, self.xp.ones((), int), self.p, discrete=True)

    def log_prob(self, x: Numbers) -> Variable:
        x = self._cast(x)
        if self._binary_check:
            is_impossible = (x.array != 0) & (x.array != 1)
            return neg_inf_where(is_impossible, self._log_likelihood, x)
        is_between = (x.array > 0) & (x.array < 1)
        if not is_between.any():
            return self._log_likelihood(x)
        log_p, log_1m_p = [y.array for y in self._log_probabilities]
        at_edge = is_between & self.xp.isinf(log_p + log_1m_p)
        certain = (log_p == 0).astype(x.dtype)  # the only possible outcome there; the likelihood of it is finite
        limit = self.xp.log(self.xp.where(at_edge, 1 - abs(x.array - certain), 1))
        return where(at_edge, limit, self._log_likelihood(where(at_edge, certain, x)))

    @property
    def mean(self) -> Variable:
        return self.p

    @property
    def variance(self) -> Variable:
        return self.p * (1.0 - self.p)

    @property
    def entropy(self) -> Variable:
        return -self._log_likelihood(self.p)


class Geometric(Parametric):
    """The geometric distribution, of the number of trials up to the first success.

    p(x) = p (1 - p) ** (x - 1), for x = 1, 2, ... No gradient flows through samples, which are integers.

    Args:
        p: Variable or array, the probability of success, in (0, 1].

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> D.Geometric(np.array([0.5])).prob(np.array([[1], [2], [0]]))
        variable([[0.5 ],
                  [0.25],
                  [0.  ]])
    """

    support = 'positive integer'
    p = parameter('p', 'The probability of success.')

    def __init__(self, p: Numbers) -> None:
        self._set_parameters(p=p)

    def sample_n(self, n: int) -> Variable:
        return self._draw('geometric', n, self.p, discrete=True)

    def log_prob(self, x: Numbers) -> Variable:
        x = self._cast(x)
        return neg_inf_where(_is_no_count(x, 1), self._log_likelihood, x)

    def _log_likelihood(self, x: Variable) -> Variable:
        return xlog1my(x - 1.0, self.p) + log(self.p)

    @property
    def mean(self) -> Variable:
        return 1.0 / self.p

    @property
    def variance(self) -> Variable:
        return (1.0 - self.p) / self.p**2

    @property
    def entropy(self) -> Variable:
        return -xlog1my(1.0 - self.p, self.p) / self.p - log(self.p)


class Poisson(Parametric):
    """The Poisson distribution, of the number of independent events.

    p(x) = lam ** x exp(-lam) / x!, for x = 0, 1, ... No gradient flows through samples, which are integers.

    Args:
        lam: Variable or array, the mean number, not negative.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> D.Poisson(np.array([2.0])).prob(np.array([[0], [1]]))
        variable([[0.13533528],
                  [0.27067057]])
    """

    support = 'non negative integer'
    lam = parameter('lam', 'The mean number of events.')

    def __init__(self, lam: Numbers) -> None:
        self._set_parameters(lam=lam)

    def sample_n(self, n: int) -> Variable:
        return self._draw('poisson', n, self.lam, discrete=True)

    def log_prob(self, x: Numbers) -> Variable:
        x = self._cast(x)
        return neg_inf_where(_is_no_count(x, 0), self._log_likelihood, x)

    def _log_likelihood(self, x: Variable) -> Variable:
        return xlogy(x, self.lam) - lgamma(x + 1.0) - self.lam

    @property
    def mean(self) -> Variable:
        return self.lam

    variance = mean


def _is_no_count(x: Variable, least: int) -> Array:
    """Return a mask of the elements that are no integers or smaller than `least`."""
    return (x.array < least) | (x.array // 1 < x.array)


@register_kl(Bernoulli, Bernoulli)
def _kl_bernoulli_bernoulli(dist1: Bernoulli, dist2: Bernoulli) -> Variable:
    return dist1._log_likelihood(dist1.p) - dist2._log_likelihood(dist1.p)


@register_kl(Geometric, Geometric)
def _kl_geometric_geometric(dist1: Geometric, dist2: Geometric) -> Variable:
    p1, p2 = dist1.p, dist2.p
    q = 1.0 - p1
    return log(p1 / p2) + (xlog1my(q, p1) - xlog1my(q, p2)) / p1


@register_kl(Poisson, Poisson)
def _kl_poisson_poisson(dist1: Poisson, dist2: Poisson) -> Variable:
    lam1, lam2 = dist1.lam, dist2.lam
    return xlogy(lam1, lam1) - xlogy(lam1, lam2) - lam1 + lam2
