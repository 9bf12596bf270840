"""Pooling on plain arrays, in any number of axes: the maximum with its index, the sum, and their adjoints.

x is (n, c, *size), y (n, c, *out). Every pass goes over whole slices of x, one per place in the window, so there is
never an array of all windows. An index counts the places of a window row by row.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from chaingrad.autograd.backends import device as devices
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
    """Arrays in the memory order of the first: (n, c, *size), or (c, *size, n) where the batch is innermost."""

    def __init__(self, x: np.ndarray) -> None:
        self.xp = devices.get_array_module(x)
        self.last = layout.is_batch_last(x)
        self.axis = 1 if self.last else 2

    def take(self, x: np.ndarray) -> np.ndarray:
        """Return x, contiguous, with its axes in the order of memory."""
        return layout.batch_last(self.xp, x) if self.last else self.xp.ascontiguousarray(x)

    def give(self, y: np.ndarray) -> np.ndarray:
        """Return y with its axes in the usual order."""
        return self.xp.moveaxis(y, -1, 0) if self.last else y

    def resized(self, shape: tuple[int, ...], size) -> tuple[int, ...]:
        """Return shape with other spatial axes."""
        return shape[: self.axis] + tuple(size) + shape[self.axis + len(size) :]

    def places(self, g: Geometry, out):
        """Yield the index of each place in the window, and the index tuple of the slice that it reads."""
        lead = (slice(None),) * self.axis
        for i, (_, where) in enumerate(windows.offsets(g.k, g.s, g.d, out)):
            yield i, lead + where

    def padded(self, x: np.ndarray, g: Geometry, out, value: float = 0) -> np.ndarray:
        return windows.padded(self.xp, self.take(x), self.axis, g.p, windows.spans(g.k, g.s, g.d, out), value)

    def finish(self, y: np.ndarray, g: Geometry, size) -> np.ndarray:
        """Cut the padding off and return the usual order of axes."""
        return self.give(self.xp.ascontiguousarray(windows.cropped(y, self.axis, g.p, size)))


def max_pool(x: np.ndarray, g: Geometry, out, indexed: bool) -> tuple[np.ndarray, Any]:
    """Return the maximum of every window and, if `indexed`, the index of its first maximum, else None."""
    frame = _Frame(x)
    xp, image, y, indexes = frame.xp, frame.padded(x, g, out, -np.inf), None, None
    for i, where in frame.places(g, out):
        part = image[where]
        if y is None:
            y = part.copy()
            if indexed:
                small = np.uint8 if windows.prod(g.k) <= 256 else np.int32
                indexes, greater = xp.zeros(y.shape, small), xp.empty(y.shape, bool)
        elif indexed:
            xp.greater(part, y, out=greater)
            xp.copyto(indexes, i, where=greater)
            xp.maximum(y, part, out=y)
        else:
            xp.maximum(y, part, out=y)
    return frame.give(y), None if indexes is None else frame.give(indexes)


def scatter(gy: np.ndarray, indexes: np.ndarray, g: Geometry, size) -> np.ndarray:
    """Add every gy to the place of its window that its index names; the adjoint of `gather`."""
    frame, out = _Frame(indexes), gy.shape[2:]
    gy, indexes, xp = frame.take(gy), frame.take(indexes), frame.xp
    x = xp.zeros(frame.resized(gy.shape, windows.spans(g.k, g.s, g.d, out)), gy.dtype)
    disjoint = g.disjoint()
    for i, where in frame.places(g, out):
        if disjoint:
            xp.multiply(gy, indexes == i, out=x[where])
        else:
            x[where] += gy * (indexes == i)
    return frame.finish(x, g, size)


def gather(x: np.ndarray, indexes: np.ndarray, g: Geometry) -> np.ndarray:
    """Return from every window the element that its index names."""
    frame, out = _Frame(indexes), indexes.shape[2:]
    image, indexes = frame.padded(x, g, out), frame.take(indexes)
    y = frame.xp.zeros(indexes.shape, x.dtype)
    for i, where in frame.places(g, out):
        frame.xp.copyto(y, image[where], where=indexes == i)
    return frame.give(y)


def sum_pool(x: np.ndarray, g: Geometry, out) -> np.ndarray:
    """Return the sum of every window; axis after axis, which is k + k additions in place of k * k."""
    frame, dtype = _Frame(x), x.dtype
    y = frame.padded(x.astype(np.float32) if dtype == np.float16 else x, g, out)
    for axis, (k, s, o) in enumerate(zip(g.k, g.s, out), frame.axis):
        lead, whole = (slice(None),) * axis, y
        y = whole[(*lead, slice(0, (o - 1) * s + 1, s))].copy()
        for i in range(1, k):
            y += whole[(*lead, slice(i, i + (o - 1) * s + 1, s))]
    return frame.give(y.astype(dtype, copy=False))


def spread(gy: np.ndarray, g: Geometry, size) -> np.ndarray:
    """Add every gy to all elements of its window; the adjoint of `sum_pool`."""
    frame, dtype = _Frame(gy), gy.dtype
    x = frame.take(gy.astype(np.float32) if dtype == np.float16 else gy)
    for axis, (k, s, o) in reversed(list(enumerate(zip(g.k, g.s, gy.shape[2:]), frame.axis))):
        lead, part = (slice(None),) * axis, x
        x = frame.xp.zeros((*part.shape[:axis], (o - 1) * s + k, *part.shape[axis + 1 :]), part.dtype)
        for i in range(k):
            target = x[(*lead, slice(i, i + (o - 1) * s + 1, s))]
            if k <= s:
                target[...] = part
            else:
                target += part
    return frame.finish(x, g, size).astype(dtype, copy=False)


def counts(size, g: Geometry, out, dtype) -> np.ndarray:
    """Return how many elements of each window lie inside the input: (1, 1, *out)."""
    total = np.ones((), dtype)
    for m, k, s, p, o in zip(size, *g, out):
        first = np.arange(o) * s - p
        inside = np.minimum(first + k, m) - np.maximum(first, 0)
        total = total[..., None] * np.maximum(inside, 1).astype(dtype)  # a window of padding alone sums to zero
    return total[None, None]
