"""Functions that move elements."""

from chaingrad.functions.array.joining import concat, split_axis, stack
from chaingrad.functions.array.shape import expand_dims, squeeze

__all__ = ['concat', 'expand_dims', 'split_axis', 'squeeze', 'stack']
