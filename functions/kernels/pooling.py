"""Pooling on plain arrays, in any number of axes: the maximum with its index, the sum, and their adjoints.

x is (n, c, *size), y (n, c, *out). Every pass goes over whole slices of x, one per place in the window, so there is
never an array of all windows. An index counts the places of a window row by row.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.functions.kernels import layout, windows


class Geometry(NamedTuple):
    """Window sizes, strides and paddings, one entry per spatial axis."""

    k: tuple[int, ...]
    s: tuple[int, ...]
    p: tuple[int, ...]

    @property
    def d(self) -> tuple[int, ...]:
        """Distances of neighbouring elements of a window."""
        return (1,) * len(self.k)

    def disjoint(self) -> bool:
        """Return whether no two windows share an element."""
        return all(a <= b for a, b in zip(self.k, self.s))


class _Frame:
    """Arrays in the memory order of the first, as (rows, *size, m): rows are n c and m is absent, or
    rows are c and m is n where the batch is innermost."""

    def __init__(self, x: np.ndarray) -> None:
        self.xp = get_array_module(x)
        self.last = layout.is_batch_last(x)
        self.lead = x.shape[:2]

    def take(self, x: np.ndarray) -> np.ndarray:
        """Return x, contiguous, with its axes in the order of memory."""
        if self.last:
            return layout.batch_last(self.xp, x)
        return self.xp.ascontiguousarray(x).reshape(-1, *x.shape[2:])

    def give(self, y: np.ndarray) -> np.ndarray:
        """Return y with its axes in the usual order."""
        return self.xp.moveaxis(y, -1, 0) if self.last else y.reshape(*self.lead, *y.shape[1:])

    def padded(self, x: np.ndarray, g: Geometry, out, value: float = 0) -> np.ndarray:
        """Return x in this frame, with padding, cut to what the windows reach over."""
        return windows.padded(self.xp, self.take(x), 1, g.p, windows.spans(g.k, g.s, g.d, out), value)

    def finish(self, y: np.ndarray, g: Geometry, size) -> np.ndarray:
        """Cut the padding off and return the usual order of axes."""
        return self.give(self.xp.ascontiguousarray(windows.cropped(y, 1, g.p, size)))


def _places(g: Geometry, out):
    """Yield the index of each place in the window, and the index tuple of the slice that it reads."""
    for i, (_, where) in enumerate(windows.offsets(g.k, g.s, g.d, out)):
        yield i, (slice(None), *where)


def max_pool(x: np.ndarray, g: Geometry, out, indexed: bool) -> tuple[np.ndarray, Any]:
    """Return the maximum of every window and, if `indexed`, the index of its first maximum, else None.

    Axis after axis from the last, which is k + k steps in place of k * k and finds the first maximum row by row.
    """
    frame = _Frame(x)
    xp, y, indexes, unit = frame.xp, frame.padded(x, g, out, -np.inf), None, 1
    number = np.dtype(np.uint8 if windows.prod(g.k) <= 256 else np.int32).type
    for axis, k, s, o in reversed(list(zip(range(1, len(out) + 1), g.k, g.s, out))):
        whole, inner = y, indexes
        for i in range(k):
            where = (*(slice(None),) * axis, slice(i, i + (o - 1) * s + 1, s))
            part = whole[where]
            if i == 0:
                y = part.copy()
                indexes = xp.zeros(y.shape, number) if inner is None else inner[where].copy()
                continue
            if indexed:  # later places are larger: no masked copy, which takes three times as long
                place = number(i * unit) if inner is None else inner[where] + number(i * unit)
                xp.maximum(indexes, xp.greater(part, y) * place, out=indexes)
            xp.maximum(y, part, out=y)
        unit *= k
    return frame.give(y), frame.give(indexes) if indexed else None


def scatter(gy: np.ndarray, indexes: np.ndarray, g: Geometry, size) -> np.ndarray:
    """Add every gy to the place of its window that its index names; the adjoint of `gather`."""
    frame, out = _Frame(indexes), gy.shape[2:]
    gy, indexes, xp = frame.take(gy), frame.take(indexes), frame.xp
    x = xp.zeros((len(gy), *windows.spans(g.k, g.s, g.d, out), *gy.shape[len(out) + 1 :]), gy.dtype)
    disjoint = g.disjoint()
    here, chosen = xp.empty(gy.shape, bool), xp.empty_like(gy)
    for i, where in _places(g, out):
        xp.equal(indexes, i, out=here)
        if disjoint:
            xp.multiply(gy, here, out=x[where])
        else:
            x[where] += xp.multiply(gy, here, out=chosen)
    return frame.finish(x, g, size)


def gather(x: np.ndarray, indexes: np.ndarray, g: Geometry) -> np.ndarray:
    """Return from every window the element that its index names."""
    frame, out = _Frame(indexes), indexes.shape[2:]
    image, indexes = frame.padded(x, g, out), frame.take(indexes)
    y = frame.xp.zeros(indexes.shape, x.dtype)
    for i, where in _places(g, out):
        frame.xp.copyto(y, image[where], where=indexes == i)
    return frame.give(y)


def sum_pool(x: np.ndarray, g: Geometry, out) -> np.ndarray:
    """Return the sum of every window; axis after axis, which is k + k additions in place of k * k."""
    frame, dtype = _Frame(x), x.dtype
    y = frame.padded(x.astype(np.float32) if dtype == np.float16 else x, g, out)
    if set(out) == {1}:  # one window, as in a pooling of everything: a product with ones
        ones = frame.xp.ones((1, windows.prod(g.k)), y.dtype)
        rest = y.shape[len(out) + 1 :]
        y = windows.cropped(y, 1, (0,) * len(out), g.k).reshape(len(y), ones.size, windows.prod(rest))
        return frame.give((ones @ y).reshape(len(y), *out, *rest).astype(dtype, copy=False))
    for axis, (k, s, o) in enumerate(zip(g.k, g.s, out), 1):
        lead, whole = (slice(None),) * axis, y
        y = whole[(*lead, slice(0, (o - 1) * s + 1, s))].copy()
        for i in range(1, k):
            y += whole[(*lead, slice(i, i + (o - 1) * s + 1, s))]
    return frame.give(y.astype(dtype, copy=False))


def spread(gy: np.ndarray, g: Geometry, size) -> np.ndarray:
    """Add every gy to all elements of its window; the adjoint of `sum_pool`."""
    frame, dtype = _Frame(gy), gy.dtype
    x = frame.take(gy.astype(np.float32) if dtype == np.float16 else gy)
    for axis, (k, s, o) in reversed(list(enumerate(zip(g.k, g.s, gy.shape[2:]), 1))):
        lead, part = (slice(None),) * axis, x
        x = frame.xp.zeros((*part.shape[:axis], (o - 1) * s + k, *part.shape[axis + 1 :]), part.dtype)
        for i in range(min(k, o)):  # one place of all windows, or one window
            of = slice(i * s, i * s + k) if o < k else slice(i, i + (o - 1) * s + 1, s)
            target, given = x[(*lead, of)], part[(*lead, slice(i, i + 1))] if o < k else part
            if k <= s:
                target[...] = given
            else:
                target += given
    return frame.finish(x, g, size).astype(dtype, copy=False)


def counts(size, g: Geometry, out, dtype) -> np.ndarray:
    """Return how many elements of each window lie inside the input: (1, 1, *out)."""
    total = np.ones((), dtype)
    for m, k, s, p, o in zip(size, *g, out):
        first = np.arange(o) * s - p
        inside = np.minimum(first + k, m) - np.maximum(first, 0)
        total = total[..., None] * np.maximum(inside, 1).astype(dtype)  # a window of padding alone sums to zero
    return total[None, None]
