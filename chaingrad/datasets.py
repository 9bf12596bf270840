"""Datasets: wrappers around arrays and other datasets, and data to learn from."""

from chaingrad.training.datasets import *
from chaingrad.training.datasets import __all__

__all__ = [*__all__]
