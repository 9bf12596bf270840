"""Probability distributions: samples, densities, moments, entropies and divergences, all differentiable."""

import typing as _typing

from chaingrad.autograd.advice import module_getattr as _module_getattr
from chaingrad.functions import distributions as _home
from chaingrad.functions.distributions import *

__all__ = []
__all__ += _home.__all__


if not _typing.TYPE_CHECKING:  # a type checker that saw it would accept every name
    __getattr__ = _module_getattr(__name__, __all__)
