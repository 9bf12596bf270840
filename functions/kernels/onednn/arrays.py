"""Which arrays oneDNN takes, and their memory orders: C-contiguous, or with the channels or the batch innermost.

Any other order (a part of an array, negative or zero strides, misaligned elements) is copied first: descriptions and
primitives would else be made for every combination of strides.
"""

from __future__ import annotations

import math

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.configuration import config
from chaingrad.functions.kernels.layout import channels_from_last, channels_to_last, first_to_last
from chaingrad.functions.kernels.onednn.descriptors import FLOAT32, Owned, contiguous_strides, described

PLAIN, CHANNELS_LAST, BATCH_LAST = 'plain', 'channels last', 'batch last'
_FLOAT32 = np.dtype(np.float32)


def fits(*arrays: Array | None) -> bool:
    """Return whether all arrays that are given are NumPy's, of float32, with elements."""
    for a in arrays:
        if a is None:
            continue
        if type(a) is not np.ndarray or a.dtype is not _FLOAT32 and a.dtype != _FLOAT32 or not a.size:
            return False
    return True


def pays(work: int, least: int) -> bool:
    """Return whether work is worth a call: at least `least`, or anything where oneDNN is to be used always."""
    return work >= least or config.use_ideep == 'always'


def is_finite(x: Array) -> bool:
    """Return whether an array has no NaN and no infinity (nor a sum beyond float32's range).

    oneDNN's comparisons drop NaN, and it skips the padding, where NumPy multiplies zeros with infinities.
    """
    # einsum adds in two fifths of the time of `sum`, and never warns.
    return math.isfinite(np.einsum('i->', x.ravel('K')))


def address(x: Array) -> int:
    """Return where an array begins in memory."""
    return x.__array_interface__['data'][0]


def order_of(x: Array) -> str | None:
    """Return the memory order of an (n, c, *size) array, None where it has gaps or is none of the three."""
    flags = x.flags
    if not flags.aligned:
        return None
    if flags.c_contiguous:
        return PLAIN
    ndim = x.ndim
    if ndim > 2 and channels_to_last(x).flags.c_contiguous:
        return CHANNELS_LAST
    if ndim > 2 and first_to_last(x).flags.c_contiguous:
        return BATCH_LAST
    return None


def ordered(x: Array) -> tuple[Array, str]:
    """Return an array in one of the three orders, x itself if it can be, and its order."""
    order = order_of(x)
    return (contiguous(x), PLAIN) if order is None else (x, order)


def contiguous(x: Array) -> Array:
    """Return x C-contiguous and aligned, itself if it can be."""
    flags = x.flags
    return x if flags.c_contiguous and flags.aligned else np.require(x, requirements=('C', 'A'))


def strides_of(shape: Shape, order: str) -> Shape:
    """Return the strides, in elements, of an (n, c, *size) array in an order."""
    if order == CHANNELS_LAST:
        n, *spatial, c = contiguous_strides((shape[0], *shape[2:], shape[1]))
        return (n, c, *spatial)
    if order == BATCH_LAST:
        *rest, n = contiguous_strides((*shape[1:], shape[0]))
        return (n, *rest)
    return contiguous_strides(shape)


def image(shape: Shape, order: str, dtype: int = FLOAT32) -> Owned:
    """Return the description of an (n, c, *size) array in an order."""
    return described(shape, strides_of(shape, order), dtype)


def empty(shape: Shape, order: str, dtype: type = np.float32) -> Array:
    """Return an uninitialised (n, c, *size) array in an order, C-contiguous unless the channels are to be last."""
    if order == CHANNELS_LAST:
        return channels_from_last(np.empty((shape[0], *shape[2:], shape[1]), dtype))
    return np.empty(shape, dtype)
