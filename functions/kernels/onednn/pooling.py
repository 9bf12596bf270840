"""Twins of `kernels/pooling.py`, for one to three spatial axes. The order of the first array or of the indexes stays.

oneDNN's workspace of a maximum is our index: the position in the window, row by row, of its first maximum.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.functions.kernels.layout import channels_from_last, channels_to_last
from chaingrad.functions.kernels.onednn import arrays
from chaingrad.functions.kernels.onednn.arrays import BATCH_LAST, CHANNELS_LAST, PLAIN, address, fits
from chaingrad.functions.kernels.onednn.descriptors import (
    AVERAGE,
    FORWARD,
    GX,
    GY,
    MAXIMUM,
    UINT8,
    WORKSPACE,
    Unsupported,
    X,
    Y,
    argument_description,
    integers,
    primitive_description,
    same_description,
)
from chaingrad.functions.kernels.onednn.plans import Plan, kept
from chaingrad.functions.kernels.windows import Geometry

LEAST_ELEMENTS = {MAXIMUM: 1_000, AVERAGE: 8_000}  # of x, from which a call pays
LARGEST_SUM = 64  # elements of a window that are added one after the other, without losing more than 1e-6


class _Pooling:
    """The descriptions that both directions of a pooling share."""

    def __init__(self, kind: int, x: Shape, y: Shape, g: Geometry, order: str) -> None:
        self.x, self.y = arrays.image(x, order), arrays.image(y, order)
        after = [(o - 1) * s + k - m - p for o, s, k, m, p in zip(y[2:], g.s, g.k, x[2:], g.p)]
        no_dilation = integers((0,) * len(g.k))
        self.windows = (integers(g.s), integers(g.k), no_dilation, integers(g.p), integers(after))
        self.forward = primitive_description('pooling_forward', FORWARD, kind, self.x, self.y, *self.windows, None)
        self.workspace: list[Any] = []
        if kind == MAXIMUM:
            if any((o - 1) * s - p >= m for o, s, m, p in zip(y[2:], g.s, x[2:], g.p)):
                raise Unsupported('pooling: the maximum of a window of padding alone is -inf')
            self.workspace = [(WORKSPACE, None)]
            wanted = arrays.image(y, order, UINT8)
            if not same_description(argument_description(self.forward, WORKSPACE), wanted):
                raise Unsupported('pooling: indexes that are not ours')


@kept
def _forward_plan(kind: int, x: Shape, y: Shape, g: Geometry, order: str) -> Plan:
    p = _Pooling(kind, x, y, g, order)
    return Plan(p.forward, [(X, p.x)], [(Y, p.y), *p.workspace])


@kept
def _backward_plan(kind: int, x: Shape, y: Shape, g: Geometry, order: str) -> Plan:
    p = _Pooling(kind, x, y, g, order)
    primitive = primitive_description('pooling_backward', kind, p.x, p.y, *p.windows, p.forward)
    return Plan(primitive, [(GY, p.y), *p.workspace], [(GX, p.x)])


def _order(x: Array) -> str:
    """Return the order to work in: the array's, if it is C-contiguous or has the channels last."""
    order = arrays.order_of(x)
    return CHANNELS_LAST if order == CHANNELS_LAST else PLAIN


def _in_order(x: Array, order: str) -> Array:
    """Return x in one of these two orders."""
    if order == PLAIN:
        return arrays.contiguous(x)
    return channels_from_last(arrays.contiguous(channels_to_last(x)))


def _takes(kind: int, x: Array, size: int) -> bool:
    """Return whether an array fits: float32, one to three axes, not the batch innermost, and enough of `size`."""
    return fits(x) and x.ndim <= 5 and arrays.pays(size, LEAST_ELEMENTS[kind]) and arrays.order_of(x) != BATCH_LAST


def _are_indexes(indexes: Array, shape: Shape, g: Geometry) -> bool:
    """Return whether these are ours. oneDNN would read and write wherever others led it."""
    fits = type(indexes) is np.ndarray and indexes.dtype == np.uint8 and indexes.shape == shape
    return fits and indexes.max() < math.prod(g.k)


def _pooled(kind: int, x: Array, g: Geometry, out: Shape) -> Any:
    """Return y, and of a maximum the indexes as well."""
    order = _order(x)
    shape = (*x.shape[:2], *out)
    plan = _forward_plan(kind, x.shape, shape, g, order)
    if plan is None:
        return NotImplemented
    x = _in_order(x, order)
    outputs = [arrays.empty(shape, order)]
    if kind == MAXIMUM:
        outputs.append(arrays.empty(shape, order, np.uint8))
    plan(address(x), *map(address, outputs))
    return outputs


def _gradient(kind: int, order: str, gy: Array, g: Geometry, size: Shape, *indexes: Array) -> Any:
    """Return the gradient of x, of which only the size is known, in an order."""
    shape = (*gy.shape[:2], *size)
    plan = _backward_plan(kind, shape, gy.shape, g, order) if arrays.is_finite(gy) else None
    if plan is None:
        return NotImplemented
    inputs = [_in_order(a, order) for a in (gy, *indexes)]
    gx = arrays.empty(shape, order)
    plan(*map(address, inputs), address(gx))
    return gx


def max_pool(x: Array, g: Geometry, out: Shape, indexed: bool) -> Any:
    """Return the maximum of every window and, if `indexed`, the index of its first maximum, else None."""
    if not _takes(MAXIMUM, x, x.size) or not arrays.is_finite(x):
        return NotImplemented
    found = _pooled(MAXIMUM, x, g, out)
    if found is NotImplemented:
        return found
    y, indexes = found
    return y, indexes if indexed else None


def scatter(gy: Array, indexes: Array, g: Geometry, size: Shape) -> Any:
    """Add every gy to the element of its window that its index names: (n, c, *size); the adjoint of `gather`."""
    if not _takes(MAXIMUM, gy, math.prod((*gy.shape[:2], *size))) or not _are_indexes(indexes, gy.shape, g):
        return NotImplemented
    return _gradient(MAXIMUM, _order(indexes), gy, g, size, indexes)


def sum_pool(x: Array, g: Geometry, out: Shape) -> Any:
    """Return the sum of every window."""
    if math.prod(g.k) > LARGEST_SUM or not _takes(AVERAGE, x, x.size):
        return NotImplemented
    found = _pooled(AVERAGE, x, g, out)
    if found is NotImplemented:
        return found
    (y,) = found
    y *= math.prod(g.k)
    return y if arrays.is_finite(y) else NotImplemented


def sum_pool_adjoint(gy: Array, g: Geometry, size: Shape) -> Any:
    """Add every gy to all elements of its window: (n, c, *size); the adjoint of `sum_pool`."""
    if not _takes(AVERAGE, gy, math.prod((*gy.shape[:2], *size))):
        return NotImplemented
    gx = _gradient(AVERAGE, _order(gy), gy, g, size)
    if gx is not NotImplemented:
        gx *= math.prod(g.k)
    return gx
