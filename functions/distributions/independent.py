"""Independent, which makes axes of a batch into axes of an event."""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import attrgetter

import numpy as np

from chaingrad.autograd.annotations import Shape
from chaingrad.autograd.array_ops import broadcast_to
from chaingrad.autograd.reduction import sum
from chaingrad.autograd.variable import Variable
from chaingrad.functions.distributions.distribution import Distribution, Numbers
from chaingrad.functions.distributions.divergence import kl_divergence, register_kl
from chaingrad.functions.reduction.cumulative import prod


def _delegated(name: str) -> property:
    """Return a property with the value of the inner distribution and the docstring of Distribution."""
    return property(attrgetter(f'distribution.{name}'), doc=getattr(Distribution, name).__doc__)


class Independent(Distribution):
    """A distribution of vectors whose elements are independent: axes of the batch become axes of the event.

    p(x) is the product of the probabilities over these axes, the last ones of the batch.

    Args:
        distribution (Distribution): the distribution of the elements.
        reinterpreted_batch_ndims (int): number of its last batch axes that become event axes; all but the first when
            None.

    Raises:
        ValueError: when the batch does not have that many axes.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> d = D.Independent(D.Normal(np.zeros((4, 3)), np.ones((4, 3))))
        >>> d.batch_shape, d.event_shape
        ((4,), (3,))
        >>> d.log_prob(np.zeros((4, 3)))
        variable([-2.7568156, -2.7568156, -2.7568156, -2.7568156])
    """

    params = _delegated('params')
    support = _delegated('support')
    xp = _delegated('xp')
    mean = _delegated('mean')
    mode = _delegated('mode')
    variance = _delegated('variance')
    stddev = _delegated('stddev')

    def __init__(self, distribution: Distribution, reinterpreted_batch_ndims: int | None = None) -> None:
        ndim = len(distribution.batch_shape)
        n = reinterpreted_batch_ndims
        if n is None:
            n = max(ndim - 1, 0)
        if not 0 <= n <= ndim:
            raise ValueError(
                f'Independent: reinterpreted_batch_ndims must be in [0, {ndim}], because batch_shape is '
                f'{distribution.batch_shape}, but it is {n}.'
            )
        self._distribution = distribution
        self._n = n

    @property
    def distribution(self) -> Distribution:
        """The distribution of the elements."""
        return self._distribution

    @property
    def reinterpreted_batch_ndims(self) -> int:
        """The number of batch axes that became event axes."""
        return self._n

    @property
    def batch_shape(self) -> Shape:
        shape = self.distribution.batch_shape
        return shape[: len(shape) - self._n]

    @property
    def event_shape(self) -> Shape:
        return self._reinterpreted_shape + self.distribution.event_shape

    @property
    def _reinterpreted_shape(self) -> Shape:
        """The lengths of the batch axes that became event axes."""
        shape = self.distribution.batch_shape
        return shape[len(shape) - self._n :]

    def _reduce(self, function: Callable[..., Variable], y: Variable) -> Variable:
        """Reduce the axes that became event axes, the last ones; y is broadcast where it does not have them."""
        if self._n == 0:
            return y
        y = broadcast_to(y, np.broadcast_shapes(y.shape, self.distribution.batch_shape))
        return function(y, axis=tuple(range(-self._n, 0)))

    def sample_n(self, n: int) -> Variable:
        return self.distribution.sample_n(n)

    def log_prob(self, x: Numbers) -> Variable:
        return self._reduce(sum, self.distribution.log_prob(x))

    def cdf(self, x: Numbers) -> Variable:
        """Return the probability that every element is at most that of x."""
        return self._reduce(prod, self.distribution.cdf(x))

    def icdf(self, x: Numbers) -> Variable:
        """Refuse: the cumulative distribution of vectors has no inverse."""
        raise RuntimeError('Independent.icdf: the cumulative distribution of vectors has no inverse.')

    def log_cdf(self, x: Numbers) -> Variable:
        return self._reduce(sum, self.distribution.log_cdf(x))

    def survival_function(self, x: Numbers) -> Variable:
        """Return the probability that every element is larger than that of x."""
        return self._reduce(prod, self.distribution.survival_function(x))

    def log_survival_function(self, x: Numbers) -> Variable:
        return self._reduce(sum, self.distribution.log_survival_function(x))

    def perplexity(self, x: Numbers) -> Variable:
        return self._reduce(prod, self.distribution.perplexity(x))

    @property
    def entropy(self) -> Variable:
        return self._reduce(sum, self.distribution.entropy)

    @property
    def covariance(self) -> Variable:
        """The covariance matrix of the flattened event, `(*batch_shape, d, d)`: blocks on the diagonal."""
        inner = self.distribution
        n = math.prod(self._reinterpreted_shape)
        m = math.prod(inner.event_shape)
        blocks = inner.covariance if inner.event_shape else inner.variance
        blocks = blocks.reshape((*self.batch_shape, n, m, 1, m))
        is_same_block = self.xp.eye(n, dtype=blocks.dtype).reshape(n, 1, n, 1)
        return (blocks * is_same_block).reshape((*self.batch_shape, n * m, n * m))


@register_kl(Independent, Independent)
def _kl_independent_independent(dist1: Independent, dist2: Independent) -> Variable:
    if dist1.event_shape != dist2.event_shape or dist1._n != dist2._n:
        raise ValueError(
            'kl_divergence: two Independent distributions must have one event_shape and reinterpreted_batch_ndims, but '
            f'they are {dist1.event_shape}, {dist1._n} and {dist2.event_shape}, {dist2._n}.'
        )
    return dist1._reduce(sum, kl_divergence(dist1.distribution, dist2.distribution))
