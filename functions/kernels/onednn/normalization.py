"""Twins of two kernels of `kernels/normalization.py`: layer normalization of rows, and its gradients."""

from __future__ import annotations

from ctypes import c_float, c_uint
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.functions.kernels.onednn import arrays
from chaingrad.functions.kernels.onednn.arrays import address, contiguous, fits
from chaingrad.functions.kernels.onednn.descriptors import (
    BACKWARD,
    FORWARD,
    GSCALE,
    GSHIFT,
    GX,
    GY,
    MEAN,
    SCALE,
    SCALE_AND_SHIFT,
    SHIFT,
    VARIANCE,
    Owned,
    X,
    Y,
    described,
    primitive_description,
)
from chaingrad.functions.kernels.onednn.plans import Plan, kept

LEAST_ELEMENTS = 10_000  # from which a call pays
_FLAGS = c_uint(SCALE_AND_SHIFT)


class _Rows:
    """The descriptions that both directions share."""

    def __init__(self, shape: Shape, eps: float) -> None:
        self.x, self.row, self.statistic = described(shape), described(shape[1:]), described(shape[:1])
        self.eps = c_float(eps)

    def forward(self) -> Owned:
        x = self.x
        name = 'layer_normalization_forward'
        return primitive_description(name, FORWARD, x, x, self.statistic, self.eps, _FLAGS)


@kept
def _forward_plan(shape: Shape, eps: float) -> Plan:
    r = _Rows(shape, eps)
    inputs = [(X, r.x), (SCALE, r.row), (SHIFT, r.row)]
    return Plan(r.forward(), inputs, [(Y, r.x), (MEAN, r.statistic), (VARIANCE, r.statistic)])


@kept
def _backward_plan(shape: Shape, eps: float) -> Plan:
    r = _Rows(shape, eps)
    x = r.x
    name = 'layer_normalization_backward'
    primitive = primitive_description(name, BACKWARD, x, x, x, r.statistic, r.eps, _FLAGS, r.forward())
    statistics = [(MEAN, r.statistic), (VARIANCE, r.statistic)]
    scales = [(SCALE, r.row), (SHIFT, r.row)]  # version 3.2 asks for the shift, though it has no part in a gradient
    return Plan(primitive, [(X, x), *statistics, (GY, x), *scales], [(GX, x), (GSCALE, r.row), (GSHIFT, r.row)])


def _takes(x: Array, *rows: Array) -> bool:
    if not fits(x, *rows) or x.ndim != 2 or not arrays.pays(x.size, LEAST_ELEMENTS):
        return False
    return all(row.shape == x.shape[1:] for row in rows)


def normalize_rows(x: Array, gamma: Array, beta: Array, eps: float) -> Any:
    """Return gamma * x_hat + beta of (n, c), where each row of x_hat has mean 0 and deviation 1; mean and variance."""
    plan = _forward_plan(x.shape, float(eps)) if _takes(x, gamma, beta) else None
    if plan is None:
        return NotImplemented
    x, gamma, beta = contiguous(x), contiguous(gamma), contiguous(beta)
    y = np.empty(x.shape, np.float32)
    mean = np.empty((len(x), 1), np.float32)
    variance = np.empty((len(x), 1), np.float32)
    plan(address(x), address(gamma), address(beta), address(y), address(mean), address(variance))
    return (y, mean, variance) if arrays.is_finite(y) else NotImplemented


def normalize_rows_gradients(x: Array, gamma: Array, gy: Array, mean: Array, variance: Array, eps: float) -> Any:
    """Return the gradients of x, gamma and beta of `normalize_rows`, which returned mean and variance."""
    plan = _backward_plan(x.shape, float(eps)) if fits(gy, mean, variance) and _takes(x, gamma) else None
    if plan is None:
        return NotImplemented
    x, gamma, gy, mean, variance = map(contiguous, (x, gamma, gy, mean, variance))
    gx = np.empty(x.shape, np.float32)
    ggamma = np.empty(gamma.shape, np.float32)
    gbeta = np.empty(gamma.shape, np.float32)
    inputs = (x, mean, variance, gy, gamma, gamma)
    plan(*[address(a) for a in (*inputs, gx, ggamma, gbeta)])
    return (gx, ggamma, gbeta) if arrays.is_finite(gx) else NotImplemented
