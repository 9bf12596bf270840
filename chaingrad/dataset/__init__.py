"""The parts that datasets, iterators and converters are built from; the datasets are in `chaingrad.datasets`."""

from chaingrad.dataset import convert
from chaingrad.training.dataset import *
from chaingrad.training.dataset import __all__
from chaingrad.training.iterators.iterator import Iterator

__all__ = [*__all__, 'Iterator', 'convert']
