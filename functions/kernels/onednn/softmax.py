"""Twins of `kernels/softmax.py`, for C-contiguous arrays of up to six axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.functions.kernels.onednn import arrays
from chaingrad.functions.kernels.onednn.arrays import address, contiguous, fits
from chaingrad.functions.kernels.onednn.descriptors import (
    FORWARD,
    GX,
    GY,
    LOG_SOFTMAX,
    SOFTMAX,
    Owned,
    X,
    Y,
    described,
    primitive_description,
)
from chaingrad.functions.kernels.onednn.plans import Plan, kept

# Elements from which a call pays: NumPy's exponential is fast, and gradients are a few multiplications.
LEAST_ELEMENTS = {SOFTMAX: 16_000, LOG_SOFTMAX: 32_000}
LEAST_ELEMENTS_OF_GRADIENT = 64_000
LEAST_ROW = 32  # oneDNN's logarithm is off by up to 4e-6, which is 1e-6 of the largest element of such rows


def _forward_description(kind: int, x: Owned, axis: int) -> Owned:
    return primitive_description('softmax_forward', FORWARD, kind, x, x, axis)


@kept
def _forward_plan(kind: int, shape: Shape, axis: int) -> Plan:
    x = described(shape)
    return Plan(_forward_description(kind, x, axis), [(X, x)], [(Y, x)])


@kept
def _backward_plan(kind: int, shape: Shape, axis: int) -> Plan:
    x = described(shape)
    forward = _forward_description(kind, x, axis)
    primitive = primitive_description('softmax_backward', kind, x, x, x, axis, forward)
    return Plan(primitive, [(Y, x), (GY, x)], [(GX, x)])


def _takes(axis: int, x: Array, least: int) -> bool:
    return fits(x) and arrays.pays(x.size, least) and x.ndim <= 6 and -x.ndim <= axis < x.ndim


def _forward(kind: int, x: Array, axis: int) -> Any:
    if not _takes(axis, x, LEAST_ELEMENTS[kind]):
        return NotImplemented
    plan = _forward_plan(kind, x.shape, axis % x.ndim)
    if plan is None:
        return NotImplemented
    x = contiguous(x)
    y = np.empty(x.shape, np.float32)
    plan(address(x), address(y))
    return y if arrays.is_finite(y) else NotImplemented


def _gradient(kind: int, y: Array, gy: Array, axis: int) -> Any:
    if not _takes(axis, y, LEAST_ELEMENTS_OF_GRADIENT) or not fits(gy) or gy.shape != y.shape:
        return NotImplemented
    plan = _backward_plan(kind, y.shape, axis % y.ndim)
    if plan is None:
        return NotImplemented
    y, gy = contiguous(y), contiguous(gy)
    gx = np.empty(y.shape, np.float32)
    plan(address(y), address(gy), address(gx))
    return gx if arrays.is_finite(gx) else NotImplemented


def softmax(x: Array, axis: int) -> Any:
    """Return the softmax of an array."""
    return _forward(SOFTMAX, x, axis)


def log_softmax(x: Array, axis: int) -> Any:
    """Return the logarithm of the softmax of an array."""
    if not -x.ndim <= axis < x.ndim or x.shape[axis] < LEAST_ROW:
        return NotImplemented
    return _forward(LOG_SOFTMAX, x, axis)


def softmax_gradient(y: Array, gy: Array, axis: int) -> Any:
    """Return the gradient of x from y = softmax(x) and its gradient."""
    return _gradient(SOFTMAX, y, gy, axis)


def log_softmax_gradient(y: Array, gy: Array, axis: int) -> Any:
    """Return the gradient of x from y = log_softmax(x) and its gradient."""
    return _gradient(LOG_SOFTMAX, y, gy, axis)
