"""Datasets: made of arrays and other datasets, read from files, and published ones."""

from chaingrad.training import datasets as _home
from chaingrad.training.datasets import *

__all__ = []
__all__ += _home.__all__
