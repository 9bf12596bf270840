"""The memory order of (n, c, *spatial) arrays: the batch axis outermost, as usual, or innermost.

Windows of small images are short runs of memory; with the batch axis innermost every run is n times as long. A kernel
that makes such an array returns it as an ordinary (n, c, *spatial) view, and the next kernel uses it without a copy.
Inside, kernels work on C-contiguous arrays whose last axis is the batch, or has length 1: (c, *spatial, n) or
(c, *spatial, 1). So one piece of code serves both orders.
"""

from __future__ import annotations

from types import ModuleType

import numpy as np

from chaingrad.autograd.annotations import Array, Shape

BATCH_LAST_FROM = 8  # smaller batches gain nothing
LINE_ROWS = 16  # rows that a transposition copies at a time: they share cache lines (2.5 times faster)


# Views in another order of axes. `moveaxis` does the same in ten times the time.


def first_to_last(x: Array) -> Array:
    """Return (n, c, *spatial) as (c, *spatial, n)."""
    return x.transpose((*range(1, x.ndim), 0))


def last_to_first(x: Array) -> Array:
    """Return (c, *spatial, n) as (n, c, *spatial)."""
    return x.transpose((x.ndim - 1, *range(x.ndim - 1)))


def channels_to_last(x: Array) -> Array:
    """Return (n, c, *spatial) as (n, *spatial, c)."""
    return x.transpose((0, *range(2, x.ndim), 1))


def channels_from_last(x: Array) -> Array:
    """Return (n, *spatial, c) as (n, c, *spatial)."""
    return x.transpose((0, x.ndim - 1, *range(1, x.ndim - 1)))


def is_batch_last(x: Array) -> bool:
    """Return whether the batch axis is the innermost in memory, without gaps."""
    return x.ndim > 2 and x.shape[0] > 1 and first_to_last(x).flags.c_contiguous


def batch_last(xp: ModuleType, x: Array) -> Array:
    """Return (c, *spatial, n), C-contiguous; without a copy where the memory has that order."""
    view = first_to_last(x)
    if view.flags.c_contiguous:
        return view
    y = xp.empty(view.shape, x.dtype)
    source = x.reshape(x.shape[0], -1)
    target = y.reshape(-1, x.shape[0])
    for start in range(0, x.shape[0], LINE_ROWS):
        rows = slice(start, start + LINE_ROWS)
        target[:, rows] = source[rows].T
    return y


def empty(xp: ModuleType, shape: Shape, dtype: np.dtype, last: bool) -> Array:
    """Return an uninitialised (n, c, *spatial) array, the batch axis innermost in memory if `last`."""
    if last:
        return last_to_first(xp.empty(shape[1:] + shape[:1], dtype))
    return xp.empty(shape, dtype)


def images(xp: ModuleType, x: Array, last: bool) -> list[Array]:
    """Return the whole batch as one (c, *spatial, n) if `last`, else a (c, *spatial, 1) per image, C-contiguous."""
    if last:
        return [batch_last(xp, x)]
    return [xp.ascontiguousarray(image)[..., None] for image in x]


def as_rows(xp: ModuleType, x: Array, last: bool) -> Array:
    """Return the whole batch as one (c, *spatial, n) if `last`, else one (n c, *spatial, 1), C-contiguous."""
    if last:
        return batch_last(xp, x)
    return xp.ascontiguousarray(x).reshape(x.shape[0] * x.shape[1], *x.shape[2:], 1)


def from_rows(y: Array, lead: Shape, last: bool) -> Array:
    """Undo `as_rows` without a copy: return (n, c, *spatial), where `lead` is (n, c)."""
    if last:
        return last_to_first(y)
    return y.reshape(*lead, *y.shape[1:-1])


def flat(*xs: Array) -> list[Array] | None:
    """Return arrays of one shape as vectors in the order of their memory, None where their orders differ."""
    shape = xs[0].shape
    if any(type(x) is not np.ndarray or x.shape != shape or not x.flags.aligned for x in xs):
        return None
    if all(x.flags.c_contiguous for x in xs):
        return [x.reshape(-1) for x in xs]
    axes = sorted(range(xs[0].ndim), key=lambda i: -xs[0].strides[i])
    turned = [x.transpose(axes) for x in xs]
    return [x.reshape(-1) for x in turned] if all(x.flags.c_contiguous for x in turned) else None
