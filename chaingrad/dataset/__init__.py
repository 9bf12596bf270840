"""What datasets, iterators and converters are made of; the datasets themselves are in `chaingrad.datasets`."""

from chaingrad.dataset import convert
from chaingrad.training.dataset import *
from chaingrad.training.dataset import __all__

__all__ = [*__all__, 'convert']
