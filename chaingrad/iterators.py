"""Iterators over the batches of a dataset."""

from chaingrad.training.iterators import *
from chaingrad.training.iterators import __all__

__all__ = [*__all__]
