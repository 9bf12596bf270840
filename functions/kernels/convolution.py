"""Convolution, its adjoint (deconvolution) and its weight's gradient on plain arrays, in any number of axes.

x is (n, c, *size), W (o, c / groups, *k), y (n, o, *out). All three sum the same products
`y[n, o, i] W[o, c, j] x[n, c, i * s + j * d - p]` over what the result does not have, so one block loop serves them:
copy a block of windows that fits the cache, then multiply matrices. float16 is computed in float32.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, TypeVar, cast

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.array_ops import sum_array
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.functions.kernels import layout, windows
from chaingrad.functions.kernels.twins import with_twin
from chaingrad.functions.kernels.windows import Geometry

ADJOINT_RATIO = 1.5  # up to so many outputs per input, copying the windows of gy beats adding columns

Kernel = TypeVar('Kernel', bound=Callable[..., Any])


def _computed_as_matmul(kernel: Kernel) -> Kernel:
    """Let a kernel compute as `autograd.matmul.matmul_array` does, and return each result in its argument's dtype.

    That is: in the widest dtype of its arrays, float16 in float32, and without a report of invalid values that are
    artefacts of BLAS. The first result has the dtype of the first argument, the second that of the second.
    """

    @np.errstate(invalid='ignore')
    @functools.wraps(kernel)
    def run(*args: Any) -> Any:
        dtypes = {a.dtype for a in args if hasattr(a, 'dtype')}
        if len(dtypes) == 1 and args[0].dtype != np.float16:
            return kernel(*args)
        dtype = np.result_type(np.float32, *dtypes)
        wide = [a.astype(dtype, copy=False) if hasattr(a, 'dtype') else a for a in args]
        result = kernel(*wide)
        if isinstance(result, tuple):
            return tuple([None if r is None else r.astype(a.dtype, copy=False) for r, a in zip(result, args)])
        return result.astype(args[0].dtype, copy=False)

    return cast(Kernel, run)


def _unit_stride(g: Geometry) -> bool:
    return set(g.s) == {1}


def _unit_windows(g: Geometry) -> bool:
    """Return whether every window is one element and every element of the padded input is a window."""
    return math.prod(g.k) == 1 and _unit_stride(g)


def _takes_whole_batch(x: Array, g: Geometry) -> bool:
    """Return whether to work on the whole batch, with the batch axis innermost, or image by image."""
    if x.shape[0] < layout.BATCH_LAST_FROM:
        return False
    return layout.is_batch_last(x) or not _unit_windows(g)


def _grouped(x: Array, groups: int) -> Array:
    """Return (c, ...) as a matrix for each group of channels: (groups, c / groups, -1)."""
    return x.reshape(groups, x.shape[0] // groups, -1)


def _column_blocks(xp: ModuleType, image: Array, g: Geometry, out: Shape) -> Iterator[tuple[Array, int, int]]:
    """Yield (columns, start, stop): windows of a (c, *size, m) image as (groups, c / groups * k, positions)."""
    m = image.shape[-1]
    x = windows.padded(xp, image, 1, g.p, windows.spans(g, out))
    if _unit_windows(g):
        yield _grouped(x, g.groups), 0, math.prod(out) * m
        return
    view = windows.window_view(xp, x, 1, g, out)
    rows = x.shape[0] * math.prod(g.k)
    memory = None
    for slices, start, stop in windows.blocks(out, rows * m * x.itemsize):
        part = view[(slice(None),) * (1 + len(g.k)) + slices]
        if memory is None:  # the first block is the largest
            memory = xp.empty(part.size, x.dtype)
        columns = memory[: part.size].reshape(part.shape)
        columns[...] = part
        yield columns.reshape(g.groups, rows // g.groups, -1), start * m, stop * m


def _blocks(xp: ModuleType, x: Array, g: Geometry, *ys: Array) -> Iterator[tuple[Array, ...]]:
    """Yield blocks of the columns of x, each with the part of every y (n, c', *out) at the same positions.

    The parts are (groups, c' / groups, positions): views, where y comes from `layout.empty`.
    """
    whole_batch = _takes_whole_batch(x, g)
    images = [layout.images(xp, a, whole_batch) for a in (x, *ys)]
    for image, *results in zip(*images):
        matrices = [_grouped(result, g.groups) for result in results]
        for columns, start, stop in _column_blocks(xp, image, g, ys[0].shape[2:]):
            yield columns, *[matrix[:, :, start:stop] for matrix in matrices]


def _correlate(xp: ModuleType, x: Array, W: Array, g: Geometry, out: Shape) -> Array:
    """Return the convolution of x with W, (n, o, *out)."""
    y = layout.empty(xp, (x.shape[0], W.shape[0], *out), x.dtype, _takes_whole_batch(x, g))
    matrix = _grouped(W, g.groups)
    for columns, y_part in _blocks(xp, x, g, y):
        xp.matmul(matrix, columns, out=y_part)
    return y


def _correlate_and_sum(xp: ModuleType, x: Array, W: Array, g: Geometry, other: Array) -> tuple[Array, Array]:
    """Return the convolution of x with W, and `_sum_products` of x and other, both from the same columns."""
    y = layout.empty(xp, (x.shape[0], W.shape[0], *other.shape[2:]), x.dtype, _takes_whole_batch(x, g))
    matrix = _grouped(W, g.groups)
    total = None
    for columns, y_part, other_part in _blocks(xp, x, g, y, other):
        xp.matmul(matrix, columns, out=y_part)
        product = xp.matmul(other_part, columns.swapaxes(1, 2))
        total = product if total is None else xp.add(total, product, out=total)
    return y, _zero_products(xp, x, g, other) if total is None else total


def _sum_products(xp: ModuleType, x: Array, g: Geometry, other: Array) -> Array:
    """Return the sum of `other` (n, c', *out) times the columns of x: (groups, c' / groups, c / groups * k)."""
    total = None
    for columns, other_part in _blocks(xp, x, g, other):
        product = xp.matmul(other_part, columns.swapaxes(1, 2))
        total = product if total is None else xp.add(total, product, out=total)
    return _zero_products(xp, x, g, other) if total is None else total


def _zero_products(xp: ModuleType, x: Array, g: Geometry, other: Array) -> Array:
    """Return `_sum_products` of an empty batch."""
    rows = x.shape[1] // g.groups * math.prod(g.k)
    return xp.zeros((g.groups, other.shape[1] // g.groups, rows), x.dtype)


def _adjoint_is_convolution(g: Geometry, inputs: int, outputs: int) -> bool:
    """Return whether the adjoint is best computed as a convolution of gy with the flipped weights."""
    return _unit_stride(g) and outputs <= ADJOINT_RATIO * inputs


def _adjoint_geometry(g: Geometry) -> Geometry:
    """Return the geometry in which the adjoint of a convolution of stride 1 is a convolution."""
    return g._replace(p=tuple([(k - 1) * d - p for k, d, p in zip(g.k, g.d, g.p)]))


def _flipped(W: Array, groups: int) -> Array:
    """Swap the channels within each group and reverse every kernel: (o, c / g, *k) to (c, o / g, *k)."""
    o, c, *k = W.shape
    reverse = (slice(None, None, -1),) * len(k)
    flipped = W[(slice(None), slice(None), *reverse)]
    flipped = flipped.reshape(groups, o // groups, c, *k).swapaxes(1, 2)
    return flipped.copy().reshape(groups * c, o // groups, *k)  # matmul is slow on negative strides


def _add_columns(xp: ModuleType, gy: Array, W: Array, g: Geometry, size: Shape) -> Array:
    """Return x's gradient by col2im, block by block: multiply W's transpose with gy and add up the columns."""
    out = gy.shape[2:]
    c = W.shape[1] * g.groups
    rows = c * math.prod(g.k)
    matrix = _grouped(W, g.groups).swapaxes(1, 2)
    whole_batch = _takes_whole_batch(gy, g)
    gxs = []
    for image in layout.images(xp, gy, whole_batch):
        m = image.shape[-1]
        gy_matrix = _grouped(image, g.groups)
        gx = xp.zeros((c, *windows.spans(g, out), m), gy.dtype)
        memory = None
        for slices, start, stop in windows.blocks(out, rows * m * gy.itemsize):
            length = rows * (stop - start) * m
            if memory is None:  # the first block is the largest
                memory = xp.empty(length, gy.dtype)
            columns = memory[:length].reshape(g.groups, rows // g.groups, -1)
            xp.matmul(matrix, gy_matrix[:, :, start * m : stop * m], out=columns)
            _add_block(gx, columns, slices, g)
        gxs.append(xp.ascontiguousarray(windows.cropped(gx, 1, g.p, size)))
    return layout.last_to_first(gxs[0]) if whole_batch else xp.stack([gx[..., 0] for gx in gxs])


def _add_block(x: Array, columns: Array, slices: tuple[slice, ...], g: Geometry) -> None:
    """Add the columns of the windows in `slices` to a padded (c, *size, m) image, in place."""
    counts = tuple([w.stop - w.start for w in slices])
    columns = columns.reshape(x.shape[0], *g.k, *counts, x.shape[-1])
    starts = [w.start * s for w, s in zip(slices, g.s)]
    lead = (slice(None),)
    for position, offset in windows.offsets(g, counts):
        target = tuple([slice(part.start + i, part.stop + i, part.step) for part, i in zip(offset, starts)])
        x[lead + target] += columns[lead + position]


def _add_bias(y: Array, b: Array | None) -> Array:
    """Add b (c,) to the channels of y, in place, unless it is None; return y."""
    if b is not None:
        y += b.reshape(1, -1, *(1,) * (y.ndim - 2))
    return y


@with_twin
@_computed_as_matmul
def convolve(x: Array, W: Array, b: Array | None, g: Geometry, out: Shape) -> Array:
    """Return the convolution (n, o, *out) of x (n, c, *size) with W, plus b (o,) unless None."""
    return _add_bias(_correlate(get_array_module(x), x, W, g, out), b)


@with_twin
@_computed_as_matmul
def convolve_adjoint(gy: Array, W: Array, b: Array | None, g: Geometry, size: Shape) -> Array:
    """Return x's gradient (n, c, *size) from y's: the deconvolution of gy (n, o, *out), plus b (c,) unless None."""
    xp = get_array_module(gy)
    if _adjoint_is_convolution(g, W.shape[1] * g.groups, W.shape[0]):
        gx = _correlate(xp, gy, _flipped(W, g.groups), _adjoint_geometry(g), size)
    else:
        gx = _add_columns(xp, gy, W, g, size)
    return _add_bias(gx, b)


@with_twin
@_computed_as_matmul
def convolve_weight(x: Array, gy: Array, g: Geometry) -> Array:
    """Return W's gradient (o, c / groups, *k) from x and y's gradient."""
    gW = _sum_products(get_array_module(x), x, g, gy)
    return gW.reshape(gy.shape[1], x.shape[1] // g.groups, *g.k)


@with_twin
@_computed_as_matmul
def convolve_gradients(
    x: Array, W: Array, gy: Array, g: Geometry, needs_x: bool, needs_b: bool
) -> tuple[Array | None, Array, Array | None]:
    """Return the gradients of x, W and b, without those that are not needed.

    One set of gy's columns gives those of x and W where the stride is 1.
    """
    size, c = x.shape[2:], x.shape[1]
    gb = sum_array(gy, (0, *range(2, gy.ndim)), False) if needs_b else None
    if not needs_x:
        return None, convolve_weight(x, gy, g), gb
    if not _adjoint_is_convolution(g, c, W.shape[0]):
        return convolve_adjoint(gy, W, None, g, size), convolve_weight(x, gy, g), gb
    gx, products = _correlate_and_sum(get_array_module(x), gy, _flipped(W, g.groups), _adjoint_geometry(g), x)
    return gx, _flipped(products.reshape(c, W.shape[0] // g.groups, *g.k), g.groups), gb


@with_twin
@_computed_as_matmul
def deconvolve_gradients(x: Array, W: Array, gy: Array, g: Geometry) -> tuple[Array, Array]:
    """Return the gradients of x (n, o, *in) and W where y is `convolve_adjoint(x, W)`, from one set of gy's columns."""
    gx, products = _correlate_and_sum(get_array_module(x), gy, W, g, x)
    return gx, products.reshape(W.shape)
