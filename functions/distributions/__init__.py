"""Probability distributions: samples, densities, moments, entropies and divergences, all differentiable.

Users import them as `chaingrad.distributions`; `Distribution`, `kl_divergence`, `register_kl` and `cross_entropy` are
at the top of `chaingrad`. lgamma, digamma and the quantiles of Normal need SciPy, imported when first used.
"""

from chaingrad.functions.distributions.categorical import Categorical, OneHotCategorical
from chaingrad.functions.distributions.counts import Bernoulli, Geometric, Poisson
from chaingrad.functions.distributions.distribution import Distribution
from chaingrad.functions.distributions.divergence import cross_entropy, kl_divergence, register_kl
from chaingrad.functions.distributions.independent import Independent
from chaingrad.functions.distributions.location_scale import Cauchy, Gumbel, Laplace, Uniform
from chaingrad.functions.distributions.multivariate_normal import MultivariateNormal
from chaingrad.functions.distributions.normal import LogNormal, Normal
from chaingrad.functions.distributions.positive import Chisquare, Exponential, Gamma, Pareto
from chaingrad.functions.distributions.simplex import Beta, Dirichlet

# fmt: off
__all__ = [
    'Bernoulli', 'Beta', 'Categorical', 'Cauchy', 'Chisquare', 'Dirichlet', 'Distribution', 'Exponential', 'Gamma',
    'Geometric', 'Gumbel', 'Independent', 'Laplace', 'LogNormal', 'MultivariateNormal', 'Normal', 'OneHotCategorical',
    'Pareto', 'Poisson', 'Uniform', 'cross_entropy', 'kl_divergence', 'register_kl',
]
# fmt: on
