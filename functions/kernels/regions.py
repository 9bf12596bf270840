"""Regions of interest on plain arrays: bins and samples along one axis, as weights, and the map that they make.

Along each axis a region r and a bin p have weights over the elements of the image; `y[r] = A[r] x B[r].T`.
"""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.backends.array_module import get_array_module


def bins(start, end, count: int, size: int, closed: bool):
    """Cut rounded regions into `count` bins of whole elements: first and behind-last elements, (r, count) each."""
    first, last = np.rint(start), np.rint(end)
    step = np.maximum(last - first + closed, 1)[:, None] / count
    p = np.arange(count)
    begin = np.floor(p * step) + first[:, None]
    behind = np.ceil((p + 1) * step) + first[:, None]
    return (np.clip(a, 0, size).astype(np.intp) for a in (begin, behind))


def element_weights(begin, behind, size: int) -> np.ndarray:
    """Return (r, bins, elements, size): a one for every element of a bin, its last one repeated in shorter bins."""
    most = max(1, int((behind - begin).max(initial=1)))
    at = np.minimum(begin[..., None] + np.arange(most), behind[..., None] - 1)
    return (at[..., None] == np.arange(size)) & (behind > begin)[..., None, None]


def mean_weights(begin, behind, size: int) -> np.ndarray:
    """Return (r, bins, size): one over the size of the bin inside it."""
    at = np.arange(size)
    inside = (at >= begin[..., None]) & (at < behind[..., None])
    return inside / np.maximum(behind - begin, 1)[..., None]


def sample_places(start, end, count: int, ratio: int | None):
    """Return where the samples of every bin lie, (r, count, samples), and how many of them each region has, (r,)."""
    length = np.maximum(end - start, 1.0)
    each = np.ceil(length / count) if ratio is None else np.full(length.shape, ratio)
    step = (length / count)[:, None, None]
    i = np.minimum(np.arange(int(each.max(initial=1))), each[:, None] - 1)[:, None]  # the last one is repeated
    return start[:, None, None] + (np.arange(count)[:, None] + (i + 0.5) / each[:, None, None]) * step, each


def sample_weights(at, each, size: int, single: bool = False) -> np.ndarray:
    """Return (r, bins, samples, size): bilinear weights of the samples.

    Samples further than one element outside weigh nothing. With `single` every sample counts as one, and a sample
    outside is replaced by one of the bin's inside; else the samples of a bin count one together.
    """
    valid = (at >= -1) & (at <= size)
    if single:
        instead = np.take_along_axis(at, valid.argmax(axis=2)[..., None], axis=2)
        at, valid = np.where(valid, at, instead), valid | valid.any(axis=2, keepdims=True)
    at = np.clip(at, 0, size - 1)
    weights = np.maximum(1 - np.abs(at[..., None] - np.arange(size)), 0) * valid[..., None]
    if single:
        return weights
    counted = np.arange(at.shape[2]) < each[:, None]
    return weights * (counted / each[:, None])[:, None, :, None]


def _reach(weights: np.ndarray) -> list[slice]:
    """Return, for every region, the slice of elements that have weight."""
    used = (weights != 0).any(axis=1)
    first, behind = used.argmax(axis=1), used.shape[1] - used[:, ::-1].argmax(axis=1)
    return [slice(int(a), int(b)) if any_ else slice(0, 0) for a, b, any_ in zip(first, behind, used.any(axis=1))]


def resample(x, indexes, A, B) -> np.ndarray:
    """Return y (r, c, p, q): y[r, c] = A[r] x[indexes[r], c] B[r].T."""
    xp = get_array_module(x)
    wide = np.float32 if x.dtype == np.float16 else x.dtype
    y = xp.zeros((len(A), x.shape[1], A.shape[1], B.shape[1]), x.dtype)
    for r, (i, rows, columns) in enumerate(zip(indexes, _reach(A), _reach(B))):
        a, b = (xp.asarray(w, wide) for w in (A[r, :, rows], B[r, :, columns]))
        y[r] = a @ x[i, :, rows, columns].astype(wide, copy=False) @ b.T
    return y


def spread(y, indexes, A, B, shape) -> np.ndarray:
    """Return x of `shape`: x[indexes[r], c] += A[r].T y[r, c] B[r]; the adjoint of `resample`."""
    xp = get_array_module(y)
    wide = np.float32 if y.dtype == np.float16 else y.dtype
    x = xp.zeros(shape, wide)
    for r, (i, rows, columns) in enumerate(zip(indexes, _reach(A), _reach(B))):
        a, b = (xp.asarray(w, wide) for w in (A[r, :, rows], B[r, :, columns]))
        x[i, :, rows, columns] += a.T @ y[r].astype(wide, copy=False) @ b
    return x.astype(y.dtype, copy=False)
