"""The bases of datasets, iterators and converters; ready-made datasets are in `chaingrad.datasets`."""

from chaingrad.dataset import convert
from chaingrad.training import dataset as _home
from chaingrad.training.dataset import *

__all__ = ['convert']
__all__ += _home.__all__
