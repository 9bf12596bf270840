"""Windows over the spatial axes of plain arrays: sizes, padding, views, im2col and its adjoint, in any number of axes.

Arrays are (n, c, *spatial); `k, s, p, d, out` are tuples of kernel sizes, strides, paddings, dilations and output
sizes, one entry per spatial axis. Nothing here knows of Variables.
"""

from __future__ import annotations

import itertools
import math
import operator
import sys
from collections.abc import Iterator, Sequence

import numpy as np

BLOCK_BYTES = 1_200_000  # columns are built in blocks that stay in the second-level cache


def get_conv_outsize(size: int, k: int, s: int, p: int, cover_all: bool = False, d: int = 1) -> int:
    """Return the output size of a convolution or pooling along one axis.

    `(size + 2 p - d (k - 1) - 1) // s + 1`; with `cover_all` the division rounds up, so that every input element is
    under some window.

    Args:
        size: Input size.
        k: Kernel size.
        s: Stride.
        p: Padding on each side.
        cover_all: Round up.
        d: Dilation: the distance of neighbouring kernel elements.

    Returns:
        The output size; below 1 when the kernel is larger than the padded input.

    Example:
        >>> get_conv_outsize(5, 2, 2, 0), get_conv_outsize(5, 2, 2, 0, cover_all=True)
        (2, 3)
    """
    room = size + 2 * p - d * (k - 1) - 1
    return (room + (s - 1 if cover_all else 0)) // s + 1


def get_deconv_outsize(size: int, k: int, s: int, p: int, cover_all: bool = False, d: int = 1) -> int:
    """Return the smallest input size from which a convolution along one axis makes `size` outputs.

    `s (size - 1) + d (k - 1) + 1 - 2 p`, and with `cover_all` `s - 1` less.

    Args:
        size: Input size of the deconvolution.
        k: Kernel size.
        s: Stride.
        p: Padding that the convolution adds and this takes away, on each side.
        cover_all: Answer for a convolution that covers all input elements.
        d: Dilation.

    Returns:
        The output size.

    Example:
        >>> get_deconv_outsize(2, 2, 2, 0), get_deconv_outsize(3, 2, 2, 0, cover_all=True)
        (4, 5)
    """
    return s * (size - 1) + d * (k - 1) + 1 - 2 * p - (s - 1 if cover_all else 0)


def as_tuple(value: int | Sequence[int], ndim: int, what: str = 'a size', least: int = -sys.maxsize) -> tuple[int, ...]:
    """Repeat an int `ndim` times; return a sequence of that length as a tuple of ints."""
    values = tuple(map(operator.index, value)) if hasattr(value, '__len__') else (operator.index(value),) * ndim
    if len(values) != ndim or min(values, default=least) < least:
        limit = f' of at least {least}' if least >= 0 else ''
        raise ValueError(f'{what} must be an int or {ndim} ints{limit}, one per spatial axis, but it is {value}.')
    return values


def sizes(who: str, ndim: int, **given: int | Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Return ksize, stride, dilate (at least 1) and pad (at least 0) as tuples; raise where one does not fit."""
    return tuple([as_tuple(v, ndim, f'{who}: {name}', int(name != 'pad')) for name, v in given.items()])


def conv_outsizes(size, k, s, p, cover_all=False, d=None) -> tuple[int, ...]:
    """Return `get_conv_outsize` of every axis."""
    d = d or (1,) * len(k)
    return tuple(map(get_conv_outsize, size, k, s, p, (cover_all,) * len(k), d))


def deconv_outsizes(size, k, s, p, cover_all=False, d=None) -> tuple[int, ...]:
    """Return `get_deconv_outsize` of every axis."""
    d = d or (1,) * len(k)
    return tuple(map(get_deconv_outsize, size, k, s, p, (cover_all,) * len(k), d))


def spans(k, s, d, out) -> tuple[int, ...]:
    """Return how many padded elements the windows reach over, along every axis."""
    return tuple((o - 1) * t + (m - 1) * e + 1 for m, t, e, o in zip(k, s, d, out))


def _overlap(size: int, p: int, span: int) -> tuple[slice, slice]:
    """Return where an axis of `size` lies in its padded axis, and which part of it, as two slices."""
    stop = min(size, span - p)
    start = max(0, -p)
    return slice(p + start, p + stop), slice(start, stop)


def padded(xp, x: np.ndarray, axis: int, p, span, value: float = 0) -> np.ndarray:
    """Return x with padding around the axes from `axis` on, cut to `span`, C-contiguous.

    An x that needs no padding and is contiguous is returned as it is, even if it is longer than `span`.
    """
    size = x.shape[axis : axis + len(p)]
    if not any(p) and all(a >= b for a, b in zip(size, span)) and x.flags.c_contiguous:
        return x
    shape = x.shape[:axis] + tuple(span) + x.shape[axis + len(p) :]
    filled = not any(p) and all(a >= b for a, b in zip(size, span))
    y = xp.empty(shape, x.dtype) if filled else xp.full(shape, value, x.dtype)
    to, of = zip(*map(_overlap, size, p, span))
    lead = (slice(None),) * axis
    y[lead + to] = x[lead + of]
    return y


def cropped(y: np.ndarray, axis: int, p, size) -> np.ndarray:
    """Undo `padded`: the part of `y` that belongs to an input of `size`; where `y` is too short, zeros follow."""
    lead = (slice(None),) * axis
    if all(q + m <= t and q >= 0 for q, m, t in zip(p, size, y.shape[axis:])):
        return y[lead + tuple(slice(q, q + m) for q, m in zip(p, size))]
    x = np.zeros_like(y, shape=y.shape[:axis] + tuple(size) + y.shape[axis + len(p) :])
    to, of = zip(*map(_overlap, size, p, y.shape[axis:]))
    x[lead + of] = y[lead + to]
    return x


def window_view(xp, x: np.ndarray, axis: int, k, s, d, out) -> np.ndarray:
    """Return the view (*lead, *k, *out, *rest) of a padded array whose spatial axes start at `axis`; only to read."""
    ndim = len(k)
    space = x.strides[axis : axis + ndim]
    shape = x.shape[:axis] + tuple(k) + tuple(out) + x.shape[axis + ndim :]
    strides = (
        x.strides[:axis]
        + tuple(a * e for a, e in zip(space, d))
        + tuple(a * t for a, t in zip(space, s))
        + x.strides[axis + ndim :]
    )
    return xp.lib.stride_tricks.as_strided(x, shape, strides)


def offsets(k, s, d, out) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...]]]:
    """Yield each position in the kernel, and the slices of a padded input that this position reads."""
    for at in itertools.product(*map(range, k)):
        yield at, tuple(slice(i * e, i * e + (o - 1) * t + 1, t) for i, e, o, t in zip(at, d, out, s))


def im2col(xp, x: np.ndarray, k, s, p, d, out, value: float = 0) -> np.ndarray:
    """Copy every window: (n, c, *spatial) to (n, c, *k, *out)."""
    return window_view(xp, padded(xp, x, 2, p, spans(k, s, d, out), value), 2, k, s, d, out).copy()


def col2im(xp, col: np.ndarray, size, s, p, d) -> np.ndarray:
    """Add every window to its place: (n, c, *k, *out) to (n, c, *size). The adjoint of `im2col`."""
    ndim = len(size)
    k, out = col.shape[2 : 2 + ndim], col.shape[2 + ndim :]
    y = xp.zeros(col.shape[:2] + spans(k, s, d, out), col.dtype)
    for at, where in offsets(k, s, d, out):
        y[(slice(None),) * 2 + where] += col[(slice(None),) * 2 + at]
    return cropped(y, 2, p, size)


def blocks(out, column_bytes: int) -> Iterator[tuple[tuple[slice, ...], int, int]]:
    """Cut the output positions into runs of at most BLOCK_BYTES of columns.

    Yields slices (one per spatial axis) and where the run starts and stops in the flattened positions.
    """
    most = max(1, BLOCK_BYTES // max(1, column_bytes))
    axis, inner = len(out) - 1, 1
    while axis and inner * out[axis] <= most:
        inner *= out[axis]
        axis -= 1
    step = max(1, min(out[axis], most // inner))
    step = -(-out[axis] // -(-out[axis] // step))  # runs of equal length
    whole = tuple(slice(0, o) for o in out[axis + 1 :])
    for count, lead in enumerate(itertools.product(*map(range, out[:axis]))):
        single = tuple(slice(i, i + 1) for i in lead)
        for start in range(0, out[axis], step):
            stop = min(start + step, out[axis])
            first = (count * out[axis] + start) * inner
            yield (*single, slice(start, stop), *whole), first, first + (stop - start) * inner


def prod(values) -> int:
    """Multiply ints."""
    return math.prod(values)
