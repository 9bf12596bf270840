"""The table of distributions of numbers: parameters, points, and the same distribution in scipy.stats."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chaingrad import distributions as D


@dataclasses.dataclass(frozen=True)
class Row:
    """One distribution and what is known about it.

    Args:
        cls: the class.
        params: its parameters, by keyword: three distributions.
        others: the parameters of the second distribution of a divergence.
        points: possible outcomes, one for each of the three.
        scipy: takes the module scipy.stats and the parameters; returns the same distribution.
        impossible: outcomes of probability 0.
        reparametrized: the parameters that gradients reach through samples.
        undefined: the names of methods and moments that the distribution does not have.
        variant: distinguishes rows of one class.
    """

    cls: type
    params: Mapping[str, Any]
    others: Mapping[str, Any]
    points: Any
    scipy: Callable[..., Any]
    impossible: tuple[float, ...] = ()
    reparametrized: tuple[str, ...] = ()
    undefined: tuple[str, ...] = ('cdf', 'icdf')
    variant: str = ''

    def __str__(self) -> str:
        return self.cls.__name__ + (f'-{self.variant}' if self.variant else '')

    @property
    def is_discrete(self) -> bool:
        return self.points.dtype.kind == 'i'


def array(*values: float) -> Any:
    return np.array(values)


LOC_AND_SCALE = {
    'params': {'loc': array(-1.0, 0.5, 2.0), 'scale': array(0.7, 1.0, 2.5)},
    'points': array(-1.5, 0.6, 4.0),
}
OTHERS = {'loc': array(-0.5, 0.3, 1.0), 'scale': array(1.2, 0.8, 2.0)}
P = array(0.2, 0.5, 0.9)

ROWS = [
    Row(
        D.Bernoulli, {'p': P}, {'p': array(0.4, 0.4, 0.6)}, np.array([0, 1, 1]),
        lambda stats, p: stats.bernoulli(p),
    ),
    Row(
        D.Bernoulli, {'logit': array(-2.0, 0.0, 3.0)}, {'logit': array(0.5, 1.0, -1.0)}, np.array([0, 1, 1]),
        lambda stats, logit: stats.bernoulli(1 / (1 + np.exp(-logit))), variant='logit',
    ),
    Row(
        D.Beta, {'a': array(0.7, 2.0, 3.5), 'b': array(1.5, 2.0, 0.8)}, {'a': P + 1, 'b': P + 0.5},
        array(0.1, 0.5, 0.95), lambda stats, a, b: stats.beta(a, b), impossible=(-0.1, 1.5),
    ),
    Row(
        D.Cauchy, others=OTHERS, scipy=lambda stats, loc, scale: stats.cauchy(loc, scale),
        reparametrized=('loc', 'scale'), undefined=('mean', 'variance', 'stddev'), **LOC_AND_SCALE,
    ),
    Row(
        D.Chisquare, {'k': array(1.5, 3.0, 6.0)}, {'k': array(2.0, 4.0, 5.0)}, array(0.3, 2.0, 9.0),
        lambda stats, k: stats.chi2(k), impossible=(-1.0,),
    ),
    Row(
        D.Exponential, {'lam': array(0.5, 1.0, 3.0)}, {'lam': array(1.0, 0.7, 2.0)}, array(0.1, 2.0, 0.5),
        lambda stats, lam: stats.expon(scale=1 / lam), impossible=(-0.5,), reparametrized=('lam',), undefined=(),
    ),
    Row(
        D.Gamma, {'k': array(0.8, 2.0, 4.5), 'theta': array(2.0, 1.0, 0.4)}, {'k': P + 1, 'theta': P + 0.5},
        array(0.3, 2.0, 1.7), lambda stats, k, theta: stats.gamma(k, scale=theta), impossible=(-1.0,),
        reparametrized=('theta',),
    ),
    Row(
        D.Geometric, {'p': P}, {'p': array(0.4, 0.3, 0.6)}, np.array([3, 1, 2]),
        lambda stats, p: stats.geom(p), impossible=(0.0, -1.0, 1.5),
    ),
    Row(
        D.Gumbel, others=OTHERS, scipy=lambda stats, loc, scale: stats.gumbel_r(loc, scale),
        reparametrized=('loc', 'scale'), **LOC_AND_SCALE,
    ),
    Row(
        D.Laplace, others=OTHERS, scipy=lambda stats, loc, scale: stats.laplace(loc, scale),
        reparametrized=('loc', 'scale'), undefined=(), **LOC_AND_SCALE,
    ),
    Row(
        D.LogNormal, {'mu': array(-0.5, 0.0, 1.0), 'sigma': array(0.4, 0.7, 1.0)}, {'mu': P, 'sigma': P + 0.5},
        array(0.3, 2.0, 1.7), lambda stats, mu, sigma: stats.lognorm(sigma, scale=np.exp(mu)), impossible=(-1.0, 0.0),
        reparametrized=('mu', 'sigma'),
    ),
    Row(
        D.Normal, others=OTHERS, scipy=lambda stats, loc, scale: stats.norm(loc, scale),
        reparametrized=('loc', 'scale'), undefined=(), **LOC_AND_SCALE,
    ),
    Row(
        D.Normal, {'loc': P, 'log_scale': array(-1.0, 0.0, 1.0)}, {'loc': P + 0.4, 'log_scale': P},
        array(0.3, 2.0, -1.7),
        lambda stats, loc, log_scale: stats.norm(loc, np.exp(log_scale)), reparametrized=('loc', 'log_scale'),
        undefined=(), variant='log_scale',
    ),
    Row(
        D.Pareto, {'scale': array(0.5, 1.0, 2.0), 'alpha': array(4.5, 5.0, 6.0)},
        {'scale': array(0.4, 1.0, 1.5), 'alpha': array(2.0, 3.0, 4.0)}, array(0.6, 3.0, 2.5),
        lambda stats, scale, alpha: stats.pareto(alpha, scale=scale), impossible=(0.3, -1.0),
        reparametrized=('scale', 'alpha'),
    ),
    Row(
        D.Poisson, {'lam': array(0.5, 2.0, 7.0)}, {'lam': array(1.0, 1.5, 5.0)}, np.array([0, 3, 5]),
        lambda stats, lam: stats.poisson(lam), impossible=(-1.0, 0.5), undefined=('cdf', 'icdf', 'entropy'),
    ),
    Row(
        D.Uniform, {'low': array(-1.0, 0.0, 2.0), 'high': array(1.0, 3.0, 2.5)},
        {'low': array(-2.0, 0.0, 1.0), 'high': array(1.5, 4.0, 2.5)}, array(0.0, 2.0, 2.1),
        lambda stats, low, high: stats.uniform(low, high - low), impossible=(-3.0, 5.0), reparametrized=('low', 'high'),
        undefined=(),
    ),
    Row(
        D.Uniform, {'loc': array(-1.0, 0.0, 2.0), 'scale': array(2.0, 3.0, 0.5)},
        {'loc': array(-2.0, 0.0, 1.0), 'scale': array(4.0, 4.0, 2.0)}, array(0.0, 2.0, 2.1),
        lambda stats, loc, scale: stats.uniform(loc, scale), impossible=(-3.0, 5.0),
        reparametrized=('loc', 'scale'), undefined=(), variant='loc',
    ),
]  # fmt: skip
