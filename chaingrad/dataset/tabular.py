"""Datasets of named columns."""

from chaingrad.training.dataset.tabular import *
from chaingrad.training.dataset.tabular import __all__

__all__ = [*__all__]
