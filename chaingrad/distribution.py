"""The base of distributions, and divergences between them."""

from chaingrad.functions.distributions.distribution import Distribution
from chaingrad.functions.distributions.divergence import cross_entropy, kl_divergence, register_kl

__all__ = ['Distribution', 'cross_entropy', 'kl_divergence', 'register_kl']
