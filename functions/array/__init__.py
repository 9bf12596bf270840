"""Functions that move elements."""

from chaingrad.functions.array.image import (
    depth2space,
    resize_images,
    space2depth,
    spatial_transformer_grid,
    spatial_transformer_sampler,
)
from chaingrad.functions.array.joining import concat, dstack, hstack, separate, split_axis, stack, vstack
from chaingrad.functions.array.order import flip, fliplr, flipud, moveaxis, permutate, rollaxis, swapaxes
from chaingrad.functions.array.padding import pad, pad_sequence, transpose_sequence
from chaingrad.functions.array.repetition import broadcast, repeat, tile
from chaingrad.functions.array.selection import as_strided, copy, diagonal, scatter_add, select_item
from chaingrad.functions.array.shape import expand_dims, flatten, squeeze

# fmt: off
__all__ = [
    'as_strided', 'broadcast', 'concat', 'copy', 'depth2space', 'diagonal', 'dstack', 'expand_dims', 'flatten', 'flip',
    'fliplr', 'flipud', 'hstack', 'moveaxis', 'pad', 'pad_sequence', 'permutate', 'repeat', 'resize_images', 'rollaxis',
    'scatter_add', 'select_item', 'separate', 'space2depth', 'spatial_transformer_grid', 'spatial_transformer_sampler',
    'split_axis', 'squeeze', 'stack', 'swapaxes', 'tile', 'transpose_sequence', 'vstack',
]
# fmt: on
