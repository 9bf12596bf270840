"""Datasets of named columns."""

from chaingrad.training.dataset import tabular as _home
from chaingrad.training.dataset.tabular import *

__all__ = []
__all__ += _home.__all__
