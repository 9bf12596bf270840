"""Initializers, which fill new parameters."""

from chaingrad.links import initializers as _home
from chaingrad.links.initializers import *

__all__ = []
__all__ += _home.__all__
