"""Iterators over the batches of a dataset."""

from chaingrad.training import iterators as _home
from chaingrad.training.iterators import *

__all__ = []
__all__ += _home.__all__
