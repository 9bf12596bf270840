"""Distribution, the base of all distributions, including those that users write."""

from __future__ import annotations

import math
import operator
from types import ModuleType
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from chaingrad.autograd.advice import KnownKeywords
from chaingrad.autograd.annotations import Shape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.functions.elementwise import exp, log, sqrt

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Numbers: TypeAlias = 'Variable | ArrayLike'
"""Parameters and outcomes: Variables, arrays, numbers, lists of numbers."""


class Distribution(KnownKeywords):
    """A probability distribution, or a batch of independent ones of one kind.

    Three shapes matter. `event_shape` is that of one outcome: `()` for numbers, `(d,)` for vectors. `batch_shape` is
    that of the parameters: one distribution for each of its elements. A sample has the shape
    `sample_shape + batch_shape + event_shape`, and `log_prob` of it `sample_shape + batch_shape`.

    Subclass it to write your own: define `params`, `batch_shape`, `event_shape`, `sample_n` and `log_prob`, and others
    where you need them; those that you leave out raise NotImplementedError.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> from chaingrad import Distribution
        >>> class Triangular(Distribution):  # on [0, 1], with density 2 x
        ...     def log_prob(self, x):
        ...         return F.log(2 * x)
        >>> Triangular().prob(np.array([0.25, 0.5]))
        variable([0.5, 1. ])
    """

    def __init__(self) -> None:
        super().__init__()

    def _missing(self, what: str) -> NoReturn:
        """Raise NotImplementedError for a method or property that this distribution does not define."""
        raise NotImplementedError(f'{type(self).__name__}: {what} is not implemented.')

    # Parameters and shapes

    @property
    def params(self) -> dict[str, Variable]:
        """The parameters by name."""
        self._missing('params')

    @property
    def batch_shape(self) -> Shape:
        """The shape of the batch: that of the parameters, broadcast together."""
        self._missing('batch_shape')

    @property
    def event_shape(self) -> Shape:
        """The shape of one outcome."""
        self._missing('event_shape')

    @property
    def support(self) -> str:
        """The set of possible outcomes, in words."""
        self._missing('support')

    @property
    def xp(self) -> ModuleType:
        """The array module of the parameters: numpy or cupy."""
        return get_array_module(*[as_array(value) for value in self.params.values()])

    # Samples

    def sample(self, sample_shape: int | tuple[int, ...] | list[int] = ()) -> Variable:
        """Draw outcomes, from the global generator `numpy.random`.

        Args:
            sample_shape (int or tuple of ints): the shape of the outcomes drawn from each distribution of the batch.

        Returns:
            Variable of shape `sample_shape + batch_shape + event_shape`.

        Raises:
            ValueError: when a length is negative.
        """
        if isinstance(sample_shape, tuple | list):
            shape = tuple(sample_shape)
        else:
            shape = (operator.index(sample_shape),)
        if any(n < 0 for n in shape):
            raise ValueError(f'sample: sample_shape must have no negative length, but it is {sample_shape}.')
        samples = self.sample_n(math.prod(shape))
        return samples.reshape(shape + samples.shape[1:])

    def sample_n(self, n: int) -> Variable:
        """Draw n outcomes from each distribution of the batch.

        Args:
            n (int): number of outcomes to draw from each.

        Returns:
            Variable of shape `(n,) + batch_shape + event_shape`.
        """
        self._missing('sample_n')

    # Functions of an outcome

    def prob(self, x: Numbers) -> Variable:
        """Return the density or probability of outcomes.

        Args:
            x: Variable or array of outcomes, `(..., *batch_shape, *event_shape)`.

        Returns:
            Variable, `(..., *batch_shape)`.
        """
        return exp(self.log_prob(x))

    def log_prob(self, x: Numbers) -> Variable:
        """Return the logarithm of the density or probability of outcomes; -inf where they are impossible.

        Args:
            x: Variable or array of outcomes, `(..., *batch_shape, *event_shape)`.

        Returns:
            Variable, `(..., *batch_shape)`.
        """
        self._missing('log_prob')

    def cdf(self, x: Numbers) -> Variable:
        """Return the cumulative distribution: the probability that an outcome is at most x.

        Args:
            x: Variable or array of points, `(..., *batch_shape)`.

        Returns:
            Variable, `(..., *batch_shape)`.
        """
        self._missing('cdf')

    def icdf(self, x: Numbers) -> Variable:
        """Return the quantiles: the points where the cumulative distribution is x.

        Args:
            x: Variable or array of probabilities, `(..., *batch_shape)`.

        Returns:
            Variable, `(..., *batch_shape)`.
        """
        self._missing('icdf')

    def log_cdf(self, x: Numbers) -> Variable:
        """Return the logarithm of the cumulative distribution.

        Args:
            x: Variable or array of points, `(..., *batch_shape)`.

        Returns:
            Variable, `(..., *batch_shape)`.
        """
        return log(self.cdf(x))

    def survival_function(self, x: Numbers) -> Variable:
        """Return the probability that an outcome is larger than x.

        Args:
            x: Variable or array of points, `(..., *batch_shape)`.

        Returns:
            Variable, `(..., *batch_shape)`.
        """
        return 1.0 - self.cdf(x)

    def log_survival_function(self, x: Numbers) -> Variable:
        """Return the logarithm of the probability that an outcome is larger than x.

        Args:
            x: Variable or array of points, `(..., *batch_shape)`.

        Returns:
            Variable, `(..., *batch_shape)`.
        """
        return log(self.survival_function(x))

    def perplexity(self, x: Numbers) -> Variable:
        """Return exp(entropy), the number of equally likely outcomes with the same entropy.

        Args:
            x: not used; the reference has this argument.

        Returns:
            Variable of batch_shape.
        """
        return exp(self.entropy)

    # Moments, each of shape batch_shape + event_shape

    @property
    def mean(self) -> Variable:
        """The mean."""
        self._missing('mean')

    @property
    def mode(self) -> Variable:
        """The most likely outcome."""
        self._missing('mode')

    @property
    def variance(self) -> Variable:
        """The variance of each element."""
        self._missing('variance')

    @property
    def stddev(self) -> Variable:
        """The square root of the variance."""
        return sqrt(self.variance)

    @property
    def covariance(self) -> Variable:
        """The covariance matrix of vectors, `(*batch_shape, d, d)`."""
        self._missing('covariance')

    @property
    def entropy(self) -> Variable:
        """The entropy in nats, of shape batch_shape."""
        self._missing('entropy')
