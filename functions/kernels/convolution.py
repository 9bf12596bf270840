"""Convolution, its adjoint (deconvolution) and its weight's gradient on plain arrays, in any number of axes.

x is (n, c, *size), W (o, c / groups, *k), y (n, o, *out). All three sum the same products
`y[n, o, i] W[o, c, j] x[n, c, i * s + j * d - p]` over what the result does not have, so one block loop serves them:
copy a block of windows that fits the cache, then multiply matrices. float16 is computed in float32.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.functions.kernels import layout, windows

ADJOINT_RATIO = 1.5  # up to so many outputs per input, copying gy's windows beats adding columns


class Geometry(NamedTuple):
    """Strides, paddings and dilations (one entry per spatial axis), and the number of groups."""

    s: tuple[int, ...]
    p: tuple[int, ...]
    d: tuple[int, ...]
    groups: int


def _as_product_does(kernel: Callable) -> Callable:
    """Let a kernel whose results have the dtype of its first array do what `autograd.matmul.matmul_array` does.

    That is: compute float16 in float32, and report no invalid value that BLAS has made up.
    """

    @np.errstate(invalid='ignore')
    @functools.wraps(kernel)
    def run(*args):
        dtype = args[0].dtype
        if dtype != np.float16:
            return kernel(*args)
        wide = [a.astype(np.float32) if getattr(a, 'dtype', None) == np.float16 else a for a in args]
        result = kernel(*wide)
        return tuple(r.astype(dtype) for r in result) if isinstance(result, tuple) else result.astype(dtype)

    return run


def _together(x: np.ndarray, k: tuple[int, ...], g: Geometry) -> bool:
    """Return whether to work on the whole batch with the batch axis innermost, or image by image."""
    if x.shape[0] < layout.BATCH_LAST_FROM:
        return False
    return layout.is_batch_last(x) or windows.prod(k) > 1 or set(g.s) != {1}


def _column_blocks(xp, image, k, g: Geometry, out):
    """Yield (columns, start, stop): windows of a (c, *size, m) image as (groups, c / groups * k, positions)."""
    m, ndim = image.shape[-1], len(k)
    x = windows.padded(xp, image, 1, g.p, windows.spans(k, g.s, g.d, out))
    if windows.prod(k) == 1 and set(g.s) == {1}:
        yield x.reshape(g.groups, x.shape[0] // g.groups, -1), 0, windows.prod(out) * m
        return
    view = windows.window_view(xp, x, 1, k, g.s, g.d, out)
    rows = x.shape[0] * windows.prod(k)
    memory = None
    for where, start, stop in windows.blocks(out, rows * m * x.itemsize):
        part = view[(slice(None),) * (1 + ndim) + where]
        memory = xp.empty(part.size, x.dtype) if memory is None else memory
        columns = memory[: part.size].reshape(part.shape)
        columns[...] = part
        yield columns.reshape(g.groups, rows // g.groups, -1), start * m, stop * m


def _grouped(W: np.ndarray, groups: int) -> np.ndarray:
    return W.reshape(groups, W.shape[0] // groups, -1)


def _flipped(W: np.ndarray, groups: int) -> np.ndarray:
    """Swap the channels within each group and turn every kernel around: (o, c / g, *k) to (c, o / g, *k)."""
    o, c, *k = W.shape
    turned = W[(slice(None),) * 2 + (slice(None, None, -1),) * len(k)]
    turned = turned.reshape(groups, o // groups, c, *k).swapaxes(1, 2)
    return turned.copy().reshape(groups * c, o // groups, *k)  # matmul is slow on negative strides


def _turned(g: Geometry, k) -> Geometry:
    """Return the geometry in which the adjoint of a convolution of stride 1 is a convolution."""
    return g._replace(p=tuple((a - 1) * e - b for a, e, b in zip(k, g.d, g.p)))


def _correlate(xp, x, W, g: Geometry, out, other=None):
    """Convolve x with W; with `other` (n, c', *out) also sum other times the columns: (groups, c' / groups, rows)."""
    together = _together(x, W.shape[2:], g)
    y = layout.empty(xp, (x.shape[0], W.shape[0], *out), x.dtype, together)
    matrix, total = _grouped(W, g.groups), None
    results = layout.images(xp, y, together)
    others = layout.images(xp, other, together) if other is not None else results
    for image, result, factor in zip(layout.images(xp, x, together), results, others):
        flat, factor = _grouped(result, g.groups), _grouped(factor, g.groups)
        for columns, start, stop in _column_blocks(xp, image, W.shape[2:], g, out):
            xp.matmul(matrix, columns, out=flat[:, :, start:stop])
            if other is not None:
                part = xp.matmul(factor[:, :, start:stop], columns.swapaxes(1, 2))
                total = part if total is None else xp.add(total, part, out=total)
    return y if other is None else (y, total)


def _spread(xp, gy, W, g: Geometry, size) -> np.ndarray:
    """Multiply W's transpose with gy and add the columns to their places."""
    k, out, c = W.shape[2:], gy.shape[2:], W.shape[1] * g.groups
    together = _together(gy, k, g)
    matrix, rows = _grouped(W, g.groups).swapaxes(1, 2), c * windows.prod(k)
    found = []
    for image in layout.images(xp, gy, together):
        m, flat = image.shape[-1], _grouped(image, g.groups)
        x = xp.zeros((c, *windows.spans(k, g.s, g.d, out), m), gy.dtype)
        memory = None
        for where, start, stop in windows.blocks(out, rows * m * gy.itemsize):
            length = rows * (stop - start) * m
            memory = xp.empty(length, gy.dtype) if memory is None else memory
            columns = memory[:length].reshape(g.groups, rows // g.groups, -1)
            xp.matmul(matrix, flat[:, :, start * m : stop * m], out=columns)
            sizes = tuple(w.stop - w.start for w in where)
            columns = columns.reshape(c, *k, *sizes, m)
            first = tuple(w.start * t for w, t in zip(where, g.s))
            for at, places in windows.offsets(k, g.s, g.d, sizes):
                target = tuple(slice(a.start + f, a.stop + f, a.step) for a, f in zip(places, first))
                x[(slice(None), *target)] += columns[(slice(None), *at)]
        found.append(xp.ascontiguousarray(windows.cropped(x, 1, g.p, size)))
    return xp.moveaxis(found[0], -1, 0) if together else xp.stack([x[..., 0] for x in found])


@_as_product_does
def convolve(x, W, b, g: Geometry, out) -> np.ndarray:
    """Return the convolution (n, o, *out) of x (n, c, *size) with W, plus b (o,) unless None."""
    y = _correlate(get_array_module(x), x, W, g, out)
    if b is not None:
        y += b.reshape(1, -1, *(1,) * len(out))
    return y


@_as_product_does
def convolve_adjoint(gy, W, b, g: Geometry, size) -> np.ndarray:
    """Return x's gradient (n, c, *size) from y's: the deconvolution of gy (n, o, *out), plus b (c,) unless None."""
    xp = get_array_module(gy)
    if set(g.s) == {1} and W.shape[0] <= ADJOINT_RATIO * W.shape[1] * g.groups:
        x = _correlate(xp, gy, _flipped(W, g.groups), _turned(g, W.shape[2:]), size)
    else:
        x = _spread(xp, gy, W, g, size)
    if b is not None:
        x += b.reshape(1, -1, *(1,) * len(size))
    return x


@_as_product_does
def convolve_weight(x, gy, g: Geometry, k) -> np.ndarray:
    """Return W's gradient (o, c / groups, *k) from x and y's gradient."""
    xp = get_array_module(x)
    together, total = _together(x, k, g), None
    for image, result in zip(layout.images(xp, x, together), layout.images(xp, gy, together)):
        flat = _grouped(result, g.groups)
        for columns, start, stop in _column_blocks(xp, image, k, g, gy.shape[2:]):
            part = xp.matmul(flat[:, :, start:stop], columns.swapaxes(1, 2))
            total = part if total is None else xp.add(total, part, out=total)
    if total is None:
        return xp.zeros((gy.shape[1], x.shape[1] // g.groups, *k), x.dtype)
    return total.reshape(gy.shape[1], x.shape[1] // g.groups, *k)


@_as_product_does
def convolve_gradients(x, W, gy, g: Geometry) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients of x and W. One set of gy's columns gives both where the stride is 1."""
    k, size, c = W.shape[2:], x.shape[2:], x.shape[1]
    if set(g.s) != {1} or W.shape[0] > ADJOINT_RATIO * c or x.shape[0] == 0:
        return convolve_adjoint(gy, W, None, g, size), convolve_weight(x, gy, g, k)
    xp = get_array_module(x)
    gx, total = _correlate(xp, gy, _flipped(W, g.groups), _turned(g, k), size, x)
    return gx, _flipped(total.reshape(c, W.shape[0] // g.groups, *k), g.groups)


@_as_product_does
def deconvolve_gradients(x, W, gy, g: Geometry) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients of x (n, o, *in) and W where y is `convolve_adjoint(x, W)`, from one set of gy's columns."""
    if x.shape[0] == 0:
        return x.copy(), np.zeros_like(W)
    gx, total = _correlate(get_array_module(x), gy, W, g, x.shape[2:], x)
    return gx, total.reshape(W.shape)
