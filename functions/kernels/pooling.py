"""Pooling on plain arrays, in any number of axes: the maximum with its index, the sum, and their adjoints.

x is (n, c, *size), y (n, c, *out); the dilations of the geometry are 1. Every pass goes over whole slices of x, one per
position in the window, so there is never an array of all windows. An index counts the positions in a window row by row.
Inside, arrays are the rows of `layout.as_rows`; results have the memory order of the first array or of the indexes.
"""

from __future__ import annotations

import math
from types import ModuleType

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.functions.kernels import layout, windows
from chaingrad.functions.kernels.twins import with_twin
from chaingrad.functions.kernels.windows import Geometry, strided


def _padded_rows(xp: ModuleType, x: Array, last: bool, g: Geometry, out: Shape, value: float = 0) -> Array:
    """Return x as rows, with padding, cut to what the windows reach over."""
    return windows.padded(xp, layout.as_rows(xp, x, last), 1, g.p, windows.spans(g, out), value)


def _from_padded_rows(xp: ModuleType, x: Array, lead: Shape, last: bool, g: Geometry, size: Shape) -> Array:
    """Return padded rows as (n, c, *size), without the padding."""
    return layout.from_rows(xp.ascontiguousarray(windows.cropped(x, 1, g.p, size)), lead, last)


@with_twin
def max_pool(x: Array, g: Geometry, out: Shape, indexed: bool) -> tuple[Array, Array | None]:
    """Return the maximum of every window and, if `indexed`, the index of its first maximum, else None.

    Axis after axis from the last, which is k + k steps in place of k * k and finds the first maximum row by row.
    """
    xp = get_array_module(x)
    last = layout.is_batch_last(x)
    number = np.dtype(np.uint8 if math.prod(g.k) <= 256 else np.int32).type
    y = _padded_rows(xp, x, last, g, out, -np.inf)
    indexes = None
    unit = 1  # by how much the index grows from one position along the axis to the next
    for axis in reversed(range(len(out))):
        candidates = y
        candidate_indexes = indexes
        for i in range(g.k[axis]):
            part = (*(slice(None),) * (axis + 1), strided(i, g.s[axis], out[axis]))
            candidate = candidates[part]
            if i == 0:
                y = candidate.copy()
                if indexed and candidate_indexes is None:
                    indexes = xp.zeros(y.shape, number)
                elif indexed:
                    indexes = candidate_indexes[part].copy()
                continue
            if indexed:  # later positions have larger indexes: no masked copy, which takes three times as long
                index = number(i * unit)
                if candidate_indexes is not None:
                    index = candidate_indexes[part] + index
                xp.maximum(indexes, xp.greater(candidate, y) * index, out=indexes)
            xp.maximum(y, candidate, out=y)
        unit *= g.k[axis]
    y = layout.from_rows(y, x.shape[:2], last)
    return y, None if indexes is None else layout.from_rows(indexes, x.shape[:2], last)


@with_twin
def scatter(gy: Array, indexes: Array, g: Geometry, size: Shape) -> Array:
    """Add every gy to the element of its window that its index names: (n, c, *size); the adjoint of `gather`."""
    xp = get_array_module(gy)
    out = gy.shape[2:]
    last = layout.is_batch_last(indexes)
    gy_rows = layout.as_rows(xp, gy, last)
    index_rows = layout.as_rows(xp, indexes, last)
    x = xp.zeros((len(gy_rows), *windows.spans(g, out), gy_rows.shape[-1]), gy.dtype)
    selected = xp.empty(gy_rows.shape, bool)
    product = xp.empty_like(gy_rows)
    overlap = any(k > s for k, s in zip(g.k, g.s))
    for i, (_, slices) in enumerate(windows.offsets(g, out)):
        part = x[(slice(None), *slices)]
        xp.equal(index_rows, i, out=selected)
        if overlap:
            part += xp.multiply(gy_rows, selected, out=product)
        else:
            xp.multiply(gy_rows, selected, out=part)
    return _from_padded_rows(xp, x, gy.shape[:2], last, g, size)


def gather(x: Array, indexes: Array, g: Geometry) -> Array:
    """Return from every window the element that its index names: (n, c, *out)."""
    xp = get_array_module(x)
    out = indexes.shape[2:]
    last = layout.is_batch_last(indexes)
    x_rows = _padded_rows(xp, x, last, g, out)
    index_rows = layout.as_rows(xp, indexes, last)
    y = xp.zeros(index_rows.shape, x.dtype)
    for i, (_, slices) in enumerate(windows.offsets(g, out)):
        xp.copyto(y, x_rows[(slice(None), *slices)], where=index_rows == i)
    return layout.from_rows(y, x.shape[:2], last)


@with_twin
def sum_pool(x: Array, g: Geometry, out: Shape) -> Array:
    """Return the sum of every window; axis after axis, which is k + k additions in place of k * k."""
    xp = get_array_module(x)
    last = layout.is_batch_last(x)
    wide = x.astype(np.float32) if x.dtype == np.float16 else x
    y = _padded_rows(xp, wide, last, g, out)
    if set(out) == {1}:  # a single window, as in a pooling of everything: a product with ones
        elements = windows.cropped(y, 1, (0,) * len(out), g.k).reshape(len(y), math.prod(g.k), y.shape[-1])
        ones = xp.ones((1, elements.shape[1]), y.dtype)
        y = (ones @ elements).reshape(len(y), *out, y.shape[-1])
    else:
        for axis, (k, s, o) in enumerate(zip(g.k, g.s, out), 1):
            lead = (slice(None),) * axis
            terms = y
            y = terms[(*lead, strided(0, s, o))].copy()
            for i in range(1, k):
                y += terms[(*lead, strided(i, s, o))]
    return layout.from_rows(y.astype(x.dtype, copy=False), x.shape[:2], last)


@with_twin
def sum_pool_adjoint(gy: Array, g: Geometry, size: Shape) -> Array:
    """Add every gy to all elements of its window: (n, c, *size); the adjoint of `sum_pool`."""
    xp = get_array_module(gy)
    last = layout.is_batch_last(gy)
    x = layout.as_rows(xp, gy.astype(np.float32) if gy.dtype == np.float16 else gy, last)
    for axis in reversed(range(1, len(size) + 1)):
        k, s, o = g.k[axis - 1], g.s[axis - 1], gy.shape[axis + 1]
        lead = (slice(None),) * axis
        terms = x
        x = xp.zeros((*terms.shape[:axis], (o - 1) * s + k, *terms.shape[axis + 1 :]), terms.dtype)
        for i in range(min(k, o)):
            if k <= o:  # element i of all windows
                part = x[(*lead, strided(i, s, o))]
                term = terms
            else:  # all elements of window i
                part = x[(*lead, slice(i * s, i * s + k))]
                term = terms[(*lead, slice(i, i + 1))]
            if k <= s:  # no windows overlap
                part[...] = term
            else:
                part += term
    return _from_padded_rows(xp, x, gy.shape[:2], last, g, size).astype(gy.dtype, copy=False)


def counts(size: Shape, g: Geometry, out: Shape, dtype: np.dtype) -> Array:
    """Return how many elements of each window lie inside the input: (1, 1, *out)."""
    total = np.ones((), dtype)
    for m, k, s, p, o in zip(size, g.k, g.s, g.p, out):
        start = np.arange(o) * s - p
        inside = np.minimum(start + k, m) - np.maximum(start, 0)
        inside = np.maximum(inside, 1)  # a window of padding alone sums to zero
        total = total[..., None] * inside.astype(dtype)
    return total[None, None]
