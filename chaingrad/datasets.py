"""Datasets: wrappers around arrays and other datasets, and data to learn from."""

from chaingrad.training import datasets as _home
from chaingrad.training.datasets import *

__all__ = []
__all__ += _home.__all__
