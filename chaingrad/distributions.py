"""Probability distributions: samples, densities, moments, entropies and divergences, all differentiable."""

from chaingrad.functions.distributions import *
from chaingrad.functions.distributions import __all__

__all__ = [*__all__]
