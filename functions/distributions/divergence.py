"""kl_divergence, cross_entropy, and the registry of the pairs of distributions for which they are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chaingrad.autograd.variable import Variable
from chaingrad.functions.distributions.distribution import Distribution

_Divergence = Callable[[Any, Any], Variable]
_REGISTERED: dict[tuple[type, type], _Divergence] = {}


def register_kl(Dist1: type[Distribution], Dist2: type[Distribution]) -> Callable[[_Divergence], _Divergence]:
    """Return a decorator that registers the Kullback-Leibler divergence of a pair of classes.

    It is used for subclasses too, unless a pair of their own is registered.

    Args:
        Dist1 (type): class of the first distribution.
        Dist2 (type): class of the second distribution.

    Returns:
        Decorator of a function of two distributions.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.distributions as D
        >>> class Coin(D.Bernoulli):
        ...     pass
        >>> @chaingrad.register_kl(Coin, D.Normal)
        ... def divergence(dist1, dist2):
        ...     return chaingrad.Variable(np.array(np.inf))
        >>> chaingrad.kl_divergence(Coin(np.array(0.5)), D.Normal(0.0, 1.0))
        variable(inf)
    """

    def register(function: _Divergence) -> _Divergence:
        _REGISTERED[Dist1, Dist2] = function
        return function

    return register


def kl_divergence(dist1: Distribution, dist2: Distribution) -> Variable:
    """Return the Kullback-Leibler divergence of two distributions.

    KL(p1 || p2) = the mean of log p1(x) - log p2(x) over x drawn from p1.

    Args:
        dist1 (Distribution): the distribution p1.
        dist2 (Distribution): the distribution p2; the batch shapes broadcast.

    Returns:
        Variable of the batch shape.

    Raises:
        NotImplementedError: when the pair is not registered.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.distributions as D
        >>> p1 = D.Normal(np.array([0.0, 1.0]), np.ones(2))
        >>> chaingrad.kl_divergence(p1, D.Normal(np.zeros(2), np.ones(2)))
        variable([0. , 0.5])

    Source:
        S. Kullback and R. A. Leibler, On Information and Sufficiency, Ann. Math. Statist. 22, 1951.
    """
    for Dist1 in type(dist1).__mro__:
        for Dist2 in type(dist2).__mro__:
            if (Dist1, Dist2) in _REGISTERED:
                return _REGISTERED[Dist1, Dist2](dist1, dist2)
    raise NotImplementedError(
        f'kl_divergence: no formula is registered for {type(dist1).__name__} and {type(dist2).__name__}. '
        f'Register one with @register_kl({type(dist1).__name__}, {type(dist2).__name__}).'
    )


def cross_entropy(dist1: Distribution, dist2: Distribution) -> Variable:
    """Return the cross entropy of two distributions.

    H(p1, p2) = the mean of -log p2(x) over x drawn from p1 = H(p1) + KL(p1 || p2).

    Args:
        dist1 (Distribution): the distribution p1.
        dist2 (Distribution): the distribution p2; the batch shapes broadcast.

    Returns:
        Variable of the batch shape.

    Raises:
        NotImplementedError: when the divergence of the pair is not registered or p1 has no entropy.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.distributions as D
        >>> p = D.Categorical(np.array([0.5, 0.5]))
        >>> chaingrad.cross_entropy(p, D.Categorical(np.array([0.25, 0.75])))
        variable(0.83698822)
    """
    return dist1.entropy + kl_divergence(dist1, dist2)
