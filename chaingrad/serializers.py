"""Saving and loading of models, optimizers and trainers. Loading never unpickles anything."""

from chaingrad.links import serializers as _home
from chaingrad.links.serializers import *

__all__ = []
__all__ += _home.__all__
