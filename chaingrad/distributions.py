"""Probability distributions: samples, densities, moments, entropies and divergences, all differentiable."""

from chaingrad.functions import distributions as _home
from chaingrad.functions.distributions import *

__all__ = []
__all__ += _home.__all__
