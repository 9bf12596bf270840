"""Regions of interest on plain arrays: bins and samples along one axis, as weights, and the map that they make.

Along each axis a region r and a bin p have weights over the elements of the image; `y[r] = A[r] x B[r].T`.
"""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.backends.array_module import get_array_module


def bins(start: Array, end: Array, count: int, size: int, closed: bool) -> tuple[Array, Array]:
    """Cut rounded regions into `count` bins of whole elements.

    `closed`: whether the element at `end` belongs to the region. Returns the first element of every bin and the one
    after its last, (r, count) each.
    """
    first = np.rint(start)[:, None]
    last = np.rint(end)[:, None]
    step = np.maximum(last - first + closed, 1) / count
    p = np.arange(count)
    bin_start = np.floor(p * step) + first
    bin_stop = np.ceil((p + 1) * step) + first
    return np.clip(bin_start, 0, size).astype(np.intp), np.clip(bin_stop, 0, size).astype(np.intp)


def element_weights(start: Array, stop: Array, size: int) -> Array:
    """Return (r, bins, elements, size): a one for every element of a bin, its last one repeated in shorter bins."""
    most = max(1, int((stop - start).max(initial=1)))
    element = np.minimum(start[..., None] + np.arange(most), stop[..., None] - 1)
    not_empty = (stop > start)[..., None, None]
    return (element[..., None] == np.arange(size)) & not_empty


def mean_weights(start: Array, stop: Array, size: int) -> Array:
    """Return (r, bins, size): one over the size of the bin inside it, zero outside."""
    element = np.arange(size)
    inside = (element >= start[..., None]) & (element < stop[..., None])
    return inside / np.maximum(stop - start, 1)[..., None]


def sample_positions(start: Array, end: Array, count: int, ratio: int | None) -> tuple[Array, Array]:
    """Return the positions of the samples of every bin, (r, count, samples), and how many each region has, (r,).

    `ratio` is the number of samples in a bin; None: the size of the bin, rounded up. Where a region has fewer than
    others, its last sample is repeated.
    """
    length = np.maximum(end - start, 1.0)
    n_samples = np.ceil(length / count) if ratio is None else np.full(length.shape, ratio)
    step = (length / count)[:, None, None]
    bin_ = np.arange(count)[:, None]
    sample = np.minimum(np.arange(int(n_samples.max(initial=1))), n_samples[:, None] - 1)[:, None]
    positions = start[:, None, None] + (bin_ + (sample + 0.5) / n_samples[:, None, None]) * step
    return positions, n_samples


def sample_weights(positions: Array, n_samples: Array, size: int) -> Array:
    """Return (r, bins, samples, size): bilinear weights of the samples, which sum to one over a bin.

    Samples further than one element outside weigh nothing.
    """
    valid = (positions >= -1) & (positions <= size)
    counted = np.arange(positions.shape[2]) < n_samples[:, None]
    share = (counted / n_samples[:, None])[:, None, :, None]
    return _bilinear_weights(positions, valid, size) * share


def single_sample_weights(positions: Array, size: int) -> Array:
    """Return (r, bins, samples, size): bilinear weights of the samples, which sum to one over each sample.

    A sample further than one element outside is replaced by one of the bin's inside, if there is one.
    """
    valid = (positions >= -1) & (positions <= size)
    first_valid = valid.argmax(axis=2)[..., None]
    replacement = np.take_along_axis(positions, first_valid, axis=2)
    positions = np.where(valid, positions, replacement)
    return _bilinear_weights(positions, valid | valid.any(axis=2, keepdims=True), size)


def _bilinear_weights(positions: Array, valid: Array, size: int) -> Array:
    """Return the weights (..., size) of the elements around positions, zero where they are not valid."""
    positions = np.clip(positions, 0, size - 1)
    distance = np.abs(positions[..., None] - np.arange(size))
    return np.maximum(1 - distance, 0) * valid[..., None]


def _weighted_slices(weights: Array) -> list[slice]:
    """Return, for every region, the slice of elements that have weight."""
    slices = []
    for used in (weights != 0).any(axis=1):
        elements = np.flatnonzero(used)
        if elements.size:
            slices.append(slice(int(elements[0]), int(elements[-1]) + 1))
        else:
            slices.append(slice(0, 0))
    return slices


def resample(x: Array, indexes: Array, A: Array, B: Array) -> Array:
    """Return y (r, c, p, q): y[r, c] = A[r] x[indexes[r], c] B[r].T."""
    xp = get_array_module(x)
    dtype = np.float32 if x.dtype == np.float16 else x.dtype
    y = xp.zeros((len(A), x.shape[1], A.shape[1], B.shape[1]), x.dtype)
    for r, (i, rows, columns) in enumerate(zip(indexes, _weighted_slices(A), _weighted_slices(B))):
        a = xp.asarray(A[r, :, rows], dtype)
        b = xp.asarray(B[r, :, columns], dtype)
        y[r] = a @ x[i, :, rows, columns].astype(dtype, copy=False) @ b.T
    return y


def resample_adjoint(y: Array, indexes: Array, A: Array, B: Array, shape: Shape) -> Array:
    """Return x of `shape`: x[indexes[r], c] += A[r].T y[r, c] B[r]; the adjoint of `resample`."""
    xp = get_array_module(y)
    dtype = np.float32 if y.dtype == np.float16 else y.dtype
    x = xp.zeros(shape, dtype)
    for r, (i, rows, columns) in enumerate(zip(indexes, _weighted_slices(A), _weighted_slices(B))):
        a = xp.asarray(A[r, :, rows], dtype)
        b = xp.asarray(B[r, :, columns], dtype)
        x[i, :, rows, columns] += a.T @ y[r].astype(dtype, copy=False) @ b
    return x.astype(y.dtype, copy=False)
