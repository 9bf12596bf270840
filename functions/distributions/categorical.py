"""Categorical, whose outcomes are numbers of classes, and OneHotCategorical, whose outcomes are one-hot vectors."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.reduction import sum
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.functions.activation.softmax import log_softmax
from chaingrad.functions.checks import check_ids
from chaingrad.functions.distributions.distribution import Numbers
from chaingrad.functions.distributions.divergence import register_kl
from chaingrad.functions.distributions.parametric import Parametric, log_or_neg_inf, parameter, weighted_log
from chaingrad.functions.elementwise import exp


class _Classes(Parametric):
    """Base of the two: the probabilities of k classes, and samples of classes."""

    p = parameter('p', 'The probabilities, `(..., k)`.', lambda self: exp(self.log_p))
    log_p = parameter('log_p', 'The logarithms of the probabilities, `(..., k)`.', lambda self: log_or_neg_inf(self.p))
    _non_batch_axes = {'p': 1, 'logit': 1}

    def _sample_classes(self, n: int) -> Array:
        """Return class numbers, `(n, *batch_shape)`: those that numpy.random.choice gives for one row after another."""
        xp = self.xp
        p = self.p.array
        cumulative = p.reshape(-1, p.shape[-1]).astype(np.float64).cumsum(axis=1)
        cumulative /= cumulative[:, -1:]
        u = xp.random.random_sample((len(cumulative), n))
        rows = [xp.searchsorted(row, v, side='right') for row, v in zip(cumulative, u)]
        classes = xp.stack(rows, axis=1) if rows else xp.zeros((n, 0), int)
        return classes.reshape((n, *self.batch_shape))

    def _sum_over_classes(self, weight: Variable) -> Variable:
        """Return the sum of weight * log(p), where 0 * -inf is 0."""
        return sum(weighted_log(weight, self.log_p), -1)

    @property
    def entropy(self) -> Variable:
        return -self._sum_over_classes(self.p)


class Categorical(_Classes):
    """The categorical distribution, of the numbers of classes 0 to k - 1.

    p(x) = p[x]. No gradient flows through samples, which are integers.

    Args:
        p: Variable or array, (..., k), the probabilities, which sum to 1.
        logit: Variable or array, (..., k), in place of p: p = softmax(logit), over the last axis. An element may be
            -inf: the class is then impossible, adds nothing to the entropy and gets gradient 0.

    Raises:
        ValueError: unless exactly one of p and logit is given.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> d = D.Categorical(np.array([[0.25, 0.75], [0.5, 0.5]]))
        >>> d.prob(np.array([1, 0]))
        variable([0.75, 0.5 ])
        >>> d.entropy
        variable([0.56233514, 0.69314718])
    """

    support = 'non negative integer'

    def __init__(self, p: Numbers | None = None, *, logit: Numbers | None = None) -> None:
        self._set_one_of({'p': p}, {'logit': logit})
        if p is None:
            self._params = {'log_p': log_softmax(self._params['logit'], axis=-1)}

    @property
    def params(self) -> dict[str, Variable]:
        """The parameters by name."""
        return {'p': self.p}

    def sample_n(self, n: int) -> Variable:
        return Variable(self._sample_classes(n), requires_grad=False)

    def log_prob(self, x: Numbers) -> Variable:
        classes = self.xp.asarray(as_array(x))
        if classes.dtype.kind == 'f':
            classes = classes.astype(np.int64)
        log_p = self.log_p
        check_ids('Categorical.log_prob: x', classes, log_p.shape[-1], None)
        batch_index = np.ogrid[tuple([slice(n) for n in self.batch_shape])]
        return log_p[(*batch_index, classes)]


class OneHotCategorical(_Classes):
    """The categorical distribution, of one-hot vectors.

    p(x) = the product of p ** x. No gradient flows through samples.

    Args:
        p: Variable or array, (..., k), the probabilities, which sum to 1.

    Example:
        >>> import numpy as np, chaingrad.distributions as D
        >>> d = D.OneHotCategorical(np.array([0.25, 0.75]))
        >>> d.prob(np.array([[1.0, 0.0], [0.0, 1.0]]))
        variable([0.25, 0.75])
    """

    support = 'one-hot'

    def __init__(self, p: Numbers) -> None:
        self._set_parameters(p=p)

    @property
    def event_shape(self) -> Shape:
        return self.p.shape[-1:]

    def sample_n(self, n: int) -> Variable:
        one_hot = self.xp.eye(self.p.shape[-1], dtype=self._dtype)
        return Variable(one_hot[self._sample_classes(n)], requires_grad=False)

    def log_prob(self, x: Numbers) -> Variable:
        return self._sum_over_classes(self._cast(x))

    @property
    def mean(self) -> Variable:
        return self.p

    @property
    def variance(self) -> Variable:
        return self.p * (1.0 - self.p)


def _kl_of_classes(dist1: _Classes, dist2: _Classes) -> Variable:
    return dist1._sum_over_classes(dist1.p) - dist2._sum_over_classes(dist1.p)


register_kl(Categorical, Categorical)(_kl_of_classes)
register_kl(OneHotCategorical, OneHotCategorical)(_kl_of_classes)
