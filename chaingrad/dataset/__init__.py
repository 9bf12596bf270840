"""The parts that datasets, iterators and converters are built from; the datasets are in `chaingrad.datasets`."""

from chaingrad.dataset import convert
from chaingrad.training import dataset as _home
from chaingrad.training.dataset import *
from chaingrad.training.iterators.iterator import Iterator

__all__ = ['Iterator', 'convert']
__all__ += _home.__all__
