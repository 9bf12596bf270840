"""Independent, which turns axes of a batch into axes of an event."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import broadcast_to
from chaingrad.autograd.reduction import sum
from chaingrad.autograd.variable import Variable
from chaingrad.functions.distributions.distribution import Distribution
from chaingrad.functions.distributions.divergence import kl_divergence, register_kl
from chaingrad.functions.reduction.cumulative import prod


def _of_the_inner(name: str) -> Any:
    """Return a property with the value and the docstring that the inner distribution has for it."""
    return property(lambda self: getattr(self.distribution, name), doc=getattr(Distribution, name).__doc__)


class Independent(Distribution):
    """A distribution of vectors whose elements are independent: axes of the batch become axes of the event.

    With `n` axes taken, p(x) is the product of the probabilities over the last n axes of the batch.

    Args:
        distribution: the distribution to take the axes from.
        reinterpreted_batch_ndims (int): how many of its last batch axes; all but the first when None.

    Raises:
        ValueError: when the batch has not so many axes.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> d = D.Independent(D.Normal(np.zeros((4, 3)), np.ones((4, 3))))
        >>> d.batch_shape, d.event_shape
        ((4,), (3,))
        >>> d.log_prob(np.zeros((4, 3)))
        variable([-2.7568156, -2.7568156, -2.7568156, -2.7568156])
    """

    params = _of_the_inner('params')
    support = _of_the_inner('support')
    xp = _of_the_inner('xp')
    mean = _of_the_inner('mean')
    mode = _of_the_inner('mode')
    variance = _of_the_inner('variance')
    stddev = _of_the_inner('stddev')

    def __init__(self, distribution: Distribution, reinterpreted_batch_ndims: int | None = None) -> None:
        ndim = len(distribution.batch_shape)
        n = max(ndim - 1, 0) if reinterpreted_batch_ndims is None else reinterpreted_batch_ndims
        if not 0 <= n <= ndim:
            raise ValueError(
                f'Independent: reinterpreted_batch_ndims must be in [0, {ndim}], because batch_shape is '
                f'{distribution.batch_shape}, but it is {n}.'
            )
        self._distribution = distribution
        self._n = n

    @property
    def distribution(self) -> Distribution:
        """The distribution from which the axes were taken."""
        return self._distribution

    @property
    def reinterpreted_batch_ndims(self) -> int:
        """How many axes were taken."""
        return self._n

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return self._split[0]

    @property
    def event_shape(self) -> tuple[int, ...]:
        return self._split[1] + self.distribution.event_shape

    @property
    def _split(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The batch axes that stay, and those that were taken."""
        shape = self.distribution.batch_shape
        return shape[: len(shape) - self._n], shape[len(shape) - self._n :]

    def _reduce(self, function: Any, y: Variable) -> Variable:
        """Reduce the last axes, those that were taken; where y does not have them it counts as often."""
        if not self._n:
            return y
        y = broadcast_to(y, np.broadcast_shapes(y.shape, self.distribution.batch_shape))
        return function(y, axis=tuple(range(-self._n, 0)))

    def sample_n(self, n: int) -> Variable:
        return self.distribution.sample_n(n)

    def log_prob(self, x: Any) -> Variable:
        return self._reduce(sum, self.distribution.log_prob(x))

    def cdf(self, x: Any) -> Variable:
        """Return the probability that every element is at most that of x."""
        return self._reduce(prod, self.distribution.cdf(x))

    def icdf(self, x: Any) -> Variable:
        """Refuse: the cumulative distribution of vectors has no inverse."""
        raise RuntimeError('Independent.icdf: the cumulative distribution of vectors has no inverse.')

    def log_cdf(self, x: Any) -> Variable:
        return self._reduce(sum, self.distribution.log_cdf(x))

    def survival_function(self, x: Any) -> Variable:
        """Return the probability that every element is larger than that of x."""
        return self._reduce(prod, self.distribution.survival_function(x))

    def log_survival_function(self, x: Any) -> Variable:
        return self._reduce(sum, self.distribution.log_survival_function(x))

    def perplexity(self, x: Any) -> Variable:
        return self._reduce(prod, self.distribution.perplexity(x))

    @property
    def entropy(self) -> Variable:
        return self._reduce(sum, self.distribution.entropy)

    @property
    def covariance(self) -> Variable:
        """The covariance matrix of the flattened event, `(*batch_shape, d, d)`: zero off the blocks."""
        inner, (batch, taken) = self.distribution, self._split
        n, m = math.prod(taken), math.prod(inner.event_shape)
        blocks = inner.covariance if inner.event_shape else inner.variance
        blocks = blocks.reshape((*batch, n, m, 1, m))
        apart = self.xp.eye(n, dtype=blocks.dtype).reshape(n, 1, n, 1)
        return (blocks * apart).reshape((*batch, n * m, n * m))


@register_kl(Independent, Independent)
def _kl_independent_independent(dist1: Independent, dist2: Independent) -> Variable:
    if dist1.event_shape != dist2.event_shape or dist1._n != dist2._n:
        raise ValueError(
            'kl_divergence: two Independent distributions must have one event_shape and reinterpreted_batch_ndims, but '
            f'they are {dist1.event_shape}, {dist1._n} and {dist2.event_shape}, {dist2._n}.'
        )
    return dist1._reduce(sum, kl_divergence(dist1.distribution, dist2.distribution))
