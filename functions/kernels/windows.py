"""Windows over the spatial axes of plain arrays: sizes, padding, views, im2col and its adjoint, in any number of axes.

Arrays are (n, c, *spatial) unless a function says otherwise. Nothing here knows of Variables.
"""

from __future__ import annotations

import itertools
import operator
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import NamedTuple, TypeAlias

import numpy as np

from chaingrad.autograd.annotations import Array, Shape

BLOCK_BYTES = 1_200_000  # columns are built in blocks that stay in the second-level cache

Size: TypeAlias = int | Sequence[int]
"""An argument with one value per spatial axis; an int stands for that value along every axis."""


class Geometry(NamedTuple):
    """The windows of a convolution or a pooling, one entry per spatial axis.

    Element j of window i is element `i * s + j * d - p` of the input.
    """

    k: Shape  # sizes
    s: Shape  # strides
    p: Shape  # paddings
    d: Shape  # dilations
    groups: int = 1  # groups of channels, of a convolution


def get_conv_outsize(size: int, k: int, s: int, p: int, cover_all: bool = False, d: int = 1) -> int:
    """Return the output size of a convolution or pooling along one axis.

    `(size + 2 p - d (k - 1) - 1) // s + 1`; with `cover_all` the division rounds up, so that every input element is
    under some window.

    Args:
        size (int): input size.
        k (int): kernel size.
        s (int): stride.
        p (int): padding on each side.
        cover_all (bool): whether to round up.
        d (int): dilation, the distance between neighbouring kernel elements.

    Returns:
        int: the output size; below 1 when the kernel is larger than the padded input.

    Example:
        >>> get_conv_outsize(5, 2, 2, 0), get_conv_outsize(5, 2, 2, 0, cover_all=True)
        (2, 3)
    """
    last_start = size + 2 * p - d * (k - 1) - 1
    if cover_all:
        last_start += s - 1
    return last_start // s + 1


def get_deconv_outsize(size: int, k: int, s: int, p: int, cover_all: bool = False, d: int = 1) -> int:
    """Return the smallest input size from which a convolution along one axis makes `size` outputs.

    `s (size - 1) + d (k - 1) + 1 - 2 p`; with `cover_all` it is smaller by `s - 1`.

    Args:
        size (int): input size of the deconvolution.
        k (int): kernel size.
        s (int): stride.
        p (int): padding that the convolution adds and the deconvolution removes, on each side.
        cover_all (bool): whether the convolution covers all input elements.
        d (int): dilation, the distance between neighbouring kernel elements.

    Returns:
        int: the output size of the deconvolution.

    Example:
        >>> get_deconv_outsize(2, 2, 2, 0), get_deconv_outsize(3, 2, 2, 0, cover_all=True)
        (4, 5)
    """
    outsize = s * (size - 1) + d * (k - 1) + 1 - 2 * p
    return outsize - (s - 1) if cover_all else outsize


def as_tuple(value: Size, ndim: int, name: str = 'a size', least: int = -sys.maxsize) -> tuple[int, ...]:
    """Repeat an int `ndim` times; return a sequence of that length as a tuple of ints."""
    if type(value) is int and value >= least:  # a hundredth of the time of a small network
        return (value,) * ndim
    if isinstance(value, int) or not isinstance(value, Sequence | np.ndarray):
        values = (operator.index(value),) * ndim
    else:
        values = tuple([operator.index(v) for v in value])
    if len(values) != ndim or min(values, default=least) < least:
        limit = f' of at least {least}' if least >= 0 else ''
        raise ValueError(f'{name} must be an int or {ndim} ints{limit}, one per spatial axis, but it is {value}.')
    return values


def make_geometry(who: str, ndim: int, ksize: Size, stride: Size = 1, pad: Size = 0, dilate: Size = 1) -> Geometry:
    """Return the geometry that the arguments of a function describe; raise ValueError where one does not fit."""
    return Geometry(
        k=as_tuple(ksize, ndim, f'{who}: ksize', 1),
        s=as_tuple(stride, ndim, f'{who}: stride', 1),
        p=as_tuple(pad, ndim, f'{who}: pad', 0),
        d=as_tuple(dilate, ndim, f'{who}: dilate', 1),
    )


def conv_outsizes(
    size: Sequence[int],
    k: Sequence[int],
    s: Sequence[int],
    p: Sequence[int],
    cover_all: bool = False,
    d: Sequence[int] | None = None,
) -> Shape:
    """Return `get_conv_outsize` of every axis."""
    if d is None:
        d = (1,) * len(k)
    return tuple([get_conv_outsize(size[i], k[i], s[i], p[i], cover_all, d[i]) for i in range(len(k))])


def deconv_outsizes(
    size: Sequence[int],
    k: Sequence[int],
    s: Sequence[int],
    p: Sequence[int],
    cover_all: bool = False,
    d: Sequence[int] | None = None,
) -> Shape:
    """Return `get_deconv_outsize` of every axis."""
    if d is None:
        d = (1,) * len(k)
    return tuple([get_deconv_outsize(size[i], k[i], s[i], p[i], cover_all, d[i]) for i in range(len(k))])


def strided(start: int, step: int, count: int) -> slice:
    """Return the slice of `count` elements from `start` on, `step` apart."""
    return slice(start, start + (count - 1) * step + 1, step)


def spans(g: Geometry, out: Shape) -> Shape:
    """Return how many elements of the padded input the windows reach over, along every axis."""
    return tuple([(o - 1) * s + (k - 1) * d + 1 for k, s, d, o in zip(g.k, g.s, g.d, out)])


def _overlap(size: int, p: int, span: int) -> tuple[slice, slice]:
    """Return which part of a padded axis holds elements of the axis of `size`, and which elements, as two slices."""
    start = max(0, -p)
    stop = min(size, span - p)
    return slice(p + start, p + stop), slice(start, stop)


def _overlaps(size: Shape, p: Shape, span: Shape) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return `_overlap` of every axis: the slices of the padded array, and those of the array."""
    pairs = [_overlap(m, q, t) for m, q, t in zip(size, p, span)]
    return tuple([padded_slice for padded_slice, _ in pairs]), tuple([slice_ for _, slice_ in pairs])


def padded(xp: ModuleType, x: Array, axis: int, p: Shape, span: Shape, value: float = 0) -> Array:
    """Return x with padding around the axes from `axis` on, cut to `span`, C-contiguous.

    An x that needs no padding and is contiguous is returned as it is, even if it is longer than `span`.
    """
    size = x.shape[axis : axis + len(p)]
    fills = not any(p) and all(m >= t for m, t in zip(size, span))
    if fills and x.flags.c_contiguous:
        return x
    shape = (*x.shape[:axis], *span, *x.shape[axis + len(p) :])
    y = xp.empty(shape, x.dtype) if fills else xp.full(shape, value, x.dtype)
    lead = (slice(None),) * axis
    y_slices, x_slices = _overlaps(size, p, span)
    y[lead + y_slices] = x[lead + x_slices]
    return y


def cropped(y: Array, axis: int, p: Shape, size: Shape) -> Array:
    """Return the part of a padded `y` that belongs to an input of `size`; where `y` is too short, zeros follow."""
    lead = (slice(None),) * axis
    span = y.shape[axis : axis + len(p)]
    if all(q >= 0 and q + m <= t for q, m, t in zip(p, size, span)):
        return y[lead + tuple([slice(q, q + m) for q, m in zip(p, size)])]
    x = np.zeros_like(y, shape=(*y.shape[:axis], *size, *y.shape[axis + len(p) :]))
    y_slices, x_slices = _overlaps(size, p, span)
    x[lead + x_slices] = y[lead + y_slices]
    return x


def window_view(xp: ModuleType, x: Array, axis: int, g: Geometry, out: Shape) -> Array:
    """Return a read-only view (*lead, *k, *out, *rest) of a padded (*lead, *spatial, *rest); lead has `axis` axes."""
    end = axis + len(out)
    spatial = x.strides[axis:end]
    within_window = [stride * d for stride, d in zip(spatial, g.d)]
    between_windows = [stride * s for stride, s in zip(spatial, g.s)]
    shape = (*x.shape[:axis], *g.k, *out, *x.shape[end:])
    strides = (*x.strides[:axis], *within_window, *between_windows, *x.strides[end:])
    return xp.lib.stride_tricks.as_strided(x, shape, strides)


def offsets(g: Geometry, out: Shape) -> Iterator[tuple[Shape, tuple[slice, ...]]]:
    """Yield each position in the window, and the slices of a padded input that hold this element of all windows."""
    for position in itertools.product(*[range(k) for k in g.k]):
        yield position, tuple([strided(j * d, s, o) for j, d, s, o in zip(position, g.d, g.s, out)])


def im2col(xp: ModuleType, x: Array, g: Geometry, out: Shape, value: float = 0) -> Array:
    """Copy every window: (n, c, *spatial) to (n, c, *k, *out); `value` is that of the padding."""
    return window_view(xp, padded(xp, x, 2, g.p, spans(g, out), value), 2, g, out).copy()


def col2im(xp: ModuleType, col: Array, g: Geometry, size: Shape) -> Array:
    """Add every window to the elements that it was copied from: (n, c, *k, *out) to (n, c, *size).

    The adjoint of `im2col`.
    """
    out = col.shape[2 + len(size) :]
    y = xp.zeros((*col.shape[:2], *spans(g, out)), col.dtype)
    lead = (slice(None), slice(None))
    for position, slices in offsets(g, out):
        y[lead + slices] += col[lead + position]
    return cropped(y, 2, g.p, size)


def blocks(out: Shape, column_bytes: int) -> Iterator[tuple[tuple[slice, ...], int, int]]:
    """Cut the output positions into runs of at most BLOCK_BYTES of columns.

    A run has one position of the first axes, some of one axis, and all of the axes after it. Yields its slices, one per
    spatial axis, and its start and stop in the flattened positions.
    """
    if 0 in out:
        return
    most = max(1, BLOCK_BYTES // max(1, column_bytes))  # positions in a run
    axis = len(out) - 1  # the axis that is cut
    inner = 1  # positions of the axes after it
    while axis > 0 and inner * out[axis] <= most:
        inner *= out[axis]
        axis -= 1
    length = out[axis]
    step = max(1, min(length, most // inner))
    runs = -(-length // step)
    step = -(-length // runs)  # runs of equal length
    inner_slices = tuple([slice(0, o) for o in out[axis + 1 :]])
    for row, outer in enumerate(itertools.product(*[range(o) for o in out[:axis]])):
        outer_slices = tuple([slice(i, i + 1) for i in outer])
        for first in range(0, length, step):
            last = min(first + step, length)
            slices = (*outer_slices, slice(first, last), *inner_slices)
            yield slices, (row * length + first) * inner, (row * length + last) * inner
