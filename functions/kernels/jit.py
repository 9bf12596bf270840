"""Twins of kernels that are loops over elements: `loops.py`, compiled by numba when they are first needed.

The compiled code is kept on the disk. Large arrays are shared between the threads of `thread_pool.py`; numba's own are
not used, as they end a process that was forked. Update rules give the bits of their NumPy code, sums over a batch may
differ by 1e-6 of the largest element. Only sums are split by size and never by the number of threads, so that their
bits do not depend on it.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.configuration import config
from chaingrad.functions.kernels import loops, thread_pool
from chaingrad.functions.kernels.layout import channels_to_last, first_to_last, flat, last_to_first
from chaingrad.functions.kernels.onednn import arrays
from chaingrad.functions.kernels.onednn.arrays import BATCH_LAST, CHANNELS_LAST, PLAIN

LEAST_ELEMENTS = 32_768  # from which a call pays
LEAST_ELEMENTS_OF_ROWS = 2_048  # the same where NumPy goes over memory many times
_EXACT: dict[str, Any] = {'nogil': True, 'error_model': 'numpy'}
_REORDERED: dict[str, Any] = {**_EXACT, 'fastmath': {'contract', 'nsz', 'reassoc'}}  # NaN and infinities stay


@functools.cache
def _numba() -> Any:
    """Return numba, or None where it cannot be imported: a NumPy that is too new for it is the usual reason."""
    try:
        import numba
    except Exception as error:
        warnings.warn(f'numba cannot be used: {error}. NumPy computes instead.', stacklevel=2)
        return None
    return numba


@functools.cache
def _compiled(name: str, exact: bool) -> Callable[..., None] | None:
    """Return a loop of `loops.py` as machine code, None where numba cannot be used."""
    numba = _numba()
    if numba is None:
        return None
    options = _EXACT if exact else _REORDERED
    loop = getattr(loops, name)
    try:
        return numba.njit(cache=True, **options)(loop)
    except RuntimeError:  # no folder can be written where the code could be kept
        return numba.njit(**options)(loop)


def _pays(x: Array, least: int = LEAST_ELEMENTS) -> bool:
    return x.size >= least or config.use_ideep == 'always'


# Elementwise


def update(rule: str, x: Array, g: Array, state: tuple[Array, ...], numbers: tuple[float, ...]) -> Any:
    """Change a parameter and the state of its rule in one pass over memory; return True."""
    if not _pays(x) or x.dtype.char not in 'fd' or any(a.dtype != x.dtype for a in (g, *state)):
        return NotImplemented
    if any(type(n) not in (float, int, bool) for n in numbers):  # NumPy's scalars have a precision of their own
        return NotImplemented
    vectors = flat(x, g, *state)
    loop = None if vectors is None else _compiled(rule, True)
    if vectors is None or loop is None:
        return NotImplemented
    scalars = [x.dtype.type(n) for n in numbers]

    def work(part: slice) -> None:
        loop(*[vector[part] for vector in vectors], *scalars)

    thread_pool.split(work, x.size, x.size)
    return True


def rectifier_gradient(y: Array, gy: Array) -> Any:
    """Return the gradient of x from y = max(x, 0) and its gradient."""
    if not _pays(y) or y.dtype.char not in 'fd' or gy.dtype != y.dtype:
        return NotImplemented
    gx = np.empty_like(y)
    vectors = flat(y, gy, gx)
    loop = None if vectors is None else _compiled('rectifier_gradient', True)
    if vectors is None or loop is None:
        return NotImplemented

    def work(part: slice) -> None:
        loop(*[vector[part] for vector in vectors])

    thread_pool.split(work, y.size, y.size)
    return gx


# Normalization over a batch


class _Channels:
    """An (n, c, ...) array as rows of channels (r, c) or as (n, c, s), whichever its memory is.

    Args:
        x: the array.
        order: its order in memory.
    """

    def __init__(self, x: Array, order: str) -> None:
        self.order = order
        self.is_rows = x.ndim == 2 or order == CHANNELS_LAST
        self.kind = 'row' if self.is_rows else 'channel'
        self.view = self.of(x)
        self.count = x.size // x.shape[1]

    def of(self, x: Array) -> Array:
        """Return the view of an array of this order."""
        c = x.shape[1]
        if self.is_rows:
            return channels_to_last(x).reshape(-1, c)
        if self.order == BATCH_LAST:
            return first_to_last(x).reshape(1, c, -1)
        return x.reshape(len(x), c, -1)

    def in_order(self, x: Array) -> Array:
        """Return the view of an array in any order, which is copied where it has another."""
        if arrays.order_of(x) != self.order:
            copied = self.empty(x.shape)
            copied[...] = x
            x = copied
        return self.of(x)

    def empty(self, shape: Shape) -> Array:
        """Return an uninitialised array of this order."""
        if self.order == BATCH_LAST:
            return last_to_first(np.empty((*shape[1:], shape[0]), np.float32))
        return arrays.empty(shape, self.order)

    def middle(self) -> Array:
        """Return the mean of some elements of each channel: sums of what is left are small."""
        view = self.view if self.is_rows else channels_to_last(self.view).reshape(-1, self.view.shape[1])
        return view[:: max(1, len(view) // 64)].mean(axis=0)

    def sums(self, name: str, *vectors: Array) -> tuple[Array, Array]:
        """Return two sums for each channel, in float64: those of a loop whose name ends on `name`."""
        rows, c = len(self.view), self.view.shape[1]
        blocks = -(-rows // loops.BLOCK) if self.is_rows else c
        dtype, shape = (np.float32, (blocks, c)) if self.is_rows else (np.float64, (c,))
        first, second = np.zeros(shape, dtype), np.zeros(shape, dtype)
        loop: Any = _compiled(f'{self.kind}_{name}', False)

        def work(part: slice) -> None:
            loop(self.view, *vectors, first, second, part.start, part.stop)

        thread_pool.split(work, blocks, self.view.size)
        return (first.sum(0, np.float64), second.sum(0, np.float64)) if self.is_rows else (first, second)

    def run(self, name: str, out: Array, *arguments: Array) -> None:
        """Call a loop that writes `out`, on parts of all arrays; vectors have an element for each channel."""
        loop: Any = _compiled(name, False)
        by_channel = not self.is_rows and len(self.view) == 1

        def cut(a: Array, part: slice) -> Array:
            if a.ndim == 1:
                return a[part] if by_channel else a
            return a[:, part] if by_channel else a[part]

        def work(part: slice) -> None:
            loop(*[cut(a, part) for a in (self.view, *arguments, out)])

        thread_pool.split(work, self.view.shape[by_channel], self.view.size)


def _channels(x: Array, axis: tuple[int, ...], *parameters: Array) -> _Channels | None:
    """Return the view of an array that is to be normalized over its batch; None where it does not fit."""
    if axis != (0, *range(2, x.ndim)) or not arrays.fits(x, *parameters) or not _pays(x) or _numba() is None:
        return None
    order = arrays.order_of(x)
    return None if order is None else _Channels(x, order if x.ndim > 2 else PLAIN)


def normalize_batch(x: Array, gamma: Array, beta: Array, axis: tuple[int, ...], eps: float) -> Any:
    """Return gamma * x_hat + beta, mean, variance and 1 / deviation."""
    channels = _channels(x, axis, gamma, beta)
    if channels is None:
        return NotImplemented
    middle = channels.middle()
    total, squares = channels.sums('sums', middle)
    offset = total / channels.count
    wide_mean, wide_variance = middle + offset, squares / channels.count - offset * offset
    if not np.isfinite(wide_mean + wide_variance).all():
        return NotImplemented
    inverse = (wide_variance + eps) ** -0.5
    found = [a.astype(np.float32) for a in (wide_mean, wide_variance, inverse, gamma * inverse)]
    y = channels.empty(x.shape)
    channels.run(f'scale_{channels.kind}s', channels.of(y), found[0], found[3], np.ascontiguousarray(beta))
    kept = (1, -1, *(1,) * (x.ndim - 2))
    return y, *[a.reshape(kept) for a in found[:3]]


def normalize_batch_gradients(
    x: Array, gamma: Array, gy: Array, mean: Array, inverse: Array, axis: tuple[int, ...]
) -> Any:
    """Return the gradients of x, gamma and beta of `normalize_batch`, which returned mean and inverse."""
    channels = _channels(x, axis, gamma, gy, mean, inverse)
    if channels is None or gy.shape != x.shape:
        return NotImplemented
    gradients, flat_mean, wide = channels.in_order(gy), mean.reshape(-1), inverse.reshape(-1).astype(np.float64)
    total, products = channels.sums('gradient_sums', gradients, flat_mean)
    if not np.isfinite(total + products).all():
        return NotImplemented
    factor = gamma * wide
    rate = products * wide * wide * factor / channels.count
    vectors = [a.astype(np.float32) for a in (factor, total * factor / channels.count, rate)]
    gx = channels.empty(x.shape)
    channels.run(f'{channels.kind}_gradient', channels.of(gx), gradients, flat_mean, *vectors)
    return gx, (products * wide).astype(np.float32), total.astype(np.float32)


def scale_batch(x: Array, mean: Array, factor: Array, shift: Array, axis: tuple[int, ...]) -> Any:
    """Return (x - mean) * factor + shift, each of them one number for a channel."""
    channels = _channels(x, axis, mean, factor, shift)
    if channels is None:
        return NotImplemented
    y = channels.empty(x.shape)
    vectors = [np.ascontiguousarray(a.reshape(-1)) for a in (mean, factor, shift)]
    channels.run(f'scale_{channels.kind}s', channels.of(y), *vectors)
    return y


# Normalization of rows


def _takes_rows(x: Array, *rows: Array) -> bool:
    if not arrays.fits(x, *rows) or x.ndim != 2 or not _pays(x, LEAST_ELEMENTS_OF_ROWS):
        return False
    return all(row.shape == x.shape[1:] for row in rows) and _numba() is not None


def normalize_rows(x: Array, gamma: Array, beta: Array, eps: float) -> Any:
    """Return gamma * x_hat + beta of (n, c), where each row of x_hat has mean 0 and deviation 1; mean and variance."""
    if not _takes_rows(x, gamma, beta):
        return NotImplemented
    x, gamma, beta = map(arrays.contiguous, (x, gamma, beta))
    y, mean, variance = np.empty_like(x), np.empty((len(x), 1), np.float32), np.empty((len(x), 1), np.float32)
    loop: Any = _compiled('normalize_rows', False)

    def work(part: slice) -> None:
        loop(x[part], gamma, beta, np.float32(eps), y[part], mean[part], variance[part])

    thread_pool.split(work, len(x), x.size, thread_pool.LEAST // 2)
    return y, mean, variance


def normalize_rows_gradients(x: Array, gamma: Array, gy: Array, mean: Array, variance: Array, eps: float) -> Any:
    """Return the gradients of x, gamma and beta of `normalize_rows`, which returned mean and variance."""
    if not _takes_rows(x, gamma) or not arrays.fits(gy, mean, variance) or gy.shape != x.shape:
        return NotImplemented
    x, gamma, gy, mean, variance = map(arrays.contiguous, (x, gamma, gy, mean, variance))
    gx = np.empty_like(x)
    blocks = -(-len(x) // loops.BLOCK)
    sums, products = np.zeros((2, blocks, x.shape[1]), np.float32)
    loop: Any = _compiled('normalize_rows_gradients', False)

    def work(part: slice) -> None:
        rows = slice(part.start * loops.BLOCK, part.stop * loops.BLOCK)
        given = (x[rows], gamma, gy[rows], mean[rows], variance[rows], np.float32(eps), gx[rows])
        loop(*given, sums, products, part.start)

    thread_pool.split(work, blocks, x.size, thread_pool.LEAST // 2)
    return gx, *[a.sum(axis=0, dtype=np.float64).astype(np.float32) for a in (products, sums)]


# Rows of a table


def add_rows(ids: Array, rows: Array, table: Array) -> Any:
    """Add rows to those of a table, in place."""
    if not _pays(rows) or rows.dtype.char not in 'fd' or type(rows) is not np.ndarray or ids.dtype.char not in 'ilq':
        return NotImplemented
    loop = _compiled('add_rows', True)
    if loop is None or not rows.size or not table.flags.c_contiguous or not 0 <= ids.min() <= ids.max() < len(table):
        return NotImplemented
    flat_rows = np.require(rows, requirements=('C', 'A')).reshape(ids.size, -1)
    loop(np.ascontiguousarray(ids).reshape(-1), flat_rows, table.reshape(len(table), -1))
    return None
