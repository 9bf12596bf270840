"""Twins of `kernels/convolution.py`, for one to three spatial axes.

An array with the channels innermost stays so inside; any other order is changed, inside the call, to the one that
oneDNN likes best. A result has the channels innermost where the first array has, and where images become many channels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.functions.kernels.onednn import arrays
from chaingrad.functions.kernels.onednn.arrays import CHANNELS_LAST, PLAIN, address, contiguous, fits, ordered
from chaingrad.functions.kernels.onednn.descriptors import (
    DIRECT,
    FLOAT32,
    FORWARD,
    GB,
    GW,
    GX,
    GY,
    B,
    Owned,
    W,
    X,
    Y,
    any_order,
    described,
    factor_type,
    integers,
    primitive_description,
)
from chaingrad.functions.kernels.onednn.plans import Plan, kept
from chaingrad.functions.kernels.twins import has_numba
from chaingrad.functions.kernels.windows import Geometry

LEAST_PRODUCTS = 5_000  # multiplications and additions from which a call pays
IMAGE_CHANNELS = 3  # a layer of so few channels is the first of its model: its result decides on the order
# From so many channels on the layers after it gain, but batch normalization by NumPy loses more below the second.
MANY_CHANNELS, MANY_FOR_NUMPY = 16, 32
LEAST_ROUNDED = 16  # channels from which oneDNN's gradients of weights with rounded factors are not the slower ones


class _Key(NamedTuple):
    """What the primitives of a convolution depend on.

    Attributes:
        x, W, y: shapes.
        g: windows.
        orders: memory orders of the caller's x and y, or of their gradients.
        bias: whether there is one.
        factors: what the factors of its products are rounded to.
    """

    x: Shape
    W: Shape
    y: Shape
    g: Geometry
    orders: tuple[str, str]
    bias: bool
    factors: int


class _Convolution:
    """The descriptions that the three primitives of one convolution share.

    Args:
        key: the convolution.
        result: which of 'x', 'W' and 'y' is computed: that one is not rounded.
    """

    def __init__(self, key: _Key, result: str) -> None:
        x, W, y, g, orders, bias, factors = key
        dtypes = {name: FLOAT32 if name == result else factors for name in 'xWy'}
        self.x_given, self.y_given = arrays.image(x, orders[0]), arrays.image(y, orders[1])
        is_last = orders[0] == CHANNELS_LAST  # and so they are inside
        self.x = arrays.image(x, CHANNELS_LAST, dtypes['x']) if is_last else any_order(x, dtypes['x'])
        self.y = arrays.image(y, CHANNELS_LAST, dtypes['y']) if is_last else any_order(y, dtypes['y'])
        weights = W if g.groups == 1 else (g.groups, W[0] // g.groups, *W[1:])
        self.W, self.W_given = any_order(weights, dtypes['W']), described(weights)
        self.b = described((y[1],)) if bias else None
        after = [
            (o - 1) * s + (k - 1) * d + 1 - m - p for o, s, k, d, m, p in zip(y[2:], g.s, g.k, g.d, x[2:], g.p)
        ]  # the padding behind the last element; negative where no window reaches it
        self.windows = (integers(g.s), integers([d - 1 for d in g.d]), integers(g.p), integers(after))

    def forward(self) -> Owned:
        return primitive_description(
            'convolution_forward', FORWARD, DIRECT, self.x, self.W, self.b, self.y, *self.windows
        )


@kept
def _forward_plan(key: _Key) -> Plan:
    c = _Convolution(key, 'y')
    biases: list[Any] = [(B, c.b)] if key.bias else []
    return Plan(c.forward(), [(X, c.x_given), (W, c.W_given), *biases], [(Y, c.y_given)])


@kept
def _data_plan(key: _Key) -> Plan:
    c, forward = _Convolution(key, 'x'), _Convolution(key, 'y').forward()
    name = 'convolution_backward_data'
    primitive = primitive_description(name, DIRECT, c.x, c.W, c.y, *c.windows, forward)
    return Plan(primitive, [(GY, c.y_given), (W, c.W_given)], [(GX, c.x_given)])


@kept
def _weights_plan(key: _Key) -> Plan:
    c, forward = _Convolution(key, 'W'), _Convolution(key, 'y').forward()
    name = 'convolution_backward_weights'
    primitive = primitive_description(name, DIRECT, c.x, c.W, c.b, c.y, *c.windows, forward)
    biases: list[Any] = [(GB, c.b)] if key.bias else []
    return Plan(primitive, [(X, c.x_given), (GY, c.y_given)], [(GW, c.W_given), *biases])


def _plan(make: Callable[[_Key], Plan | None], *key: Any, may_round: bool = True) -> Plan | None:
    """Return a plan with the factors that are asked for, or with exact ones where oneDNN has no others."""
    factors = factor_type() if may_round else FLOAT32
    plan = make(_Key(*key, factors))
    return plan if plan is not None or factors == FLOAT32 else make(_Key(*key, FLOAT32))


def _pays(y: Shape, W: Shape) -> bool:
    return len(y) <= 5 and arrays.pays(math.prod(y) * math.prod(W[1:]), LEAST_PRODUCTS)


def convolve(x: Array, W: Array, b: Array | None, g: Geometry, out: Shape) -> Any:
    """Return the convolution (n, o, *out) of x (n, c, *size) with W, plus b (o,) unless None."""
    shape = (x.shape[0], W.shape[0], *out)
    if not fits(x, W, b) or not _pays(shape, W.shape) or b is not None and b.shape != shape[1:2]:
        return NotImplemented
    if not arrays.is_finite(W):  # padding times infinity, which oneDNN skips, is NaN
        return NotImplemented
    x, order = ordered(x)
    is_first = x.shape[1] <= IMAGE_CHANNELS and W.shape[0] >= (MANY_CHANNELS if has_numba() else MANY_FOR_NUMPY)
    order_out = CHANNELS_LAST if is_first or order == CHANNELS_LAST else PLAIN
    y = arrays.empty(shape, order_out)
    plan = _plan(_forward_plan, x.shape, W.shape, shape, g, (order, order_out), b is not None)
    if plan is None:
        return NotImplemented
    W = contiguous(W)
    if b is None:
        plan(address(x), address(W), address(y))
    else:
        b = contiguous(b)
        plan(address(x), address(W), address(b), address(y))
    return y


def convolve_adjoint(gy: Array, W: Array, b: Array | None, g: Geometry, size: Shape) -> Any:
    """Return x's gradient (n, c, *size) from y's: the deconvolution of gy (n, o, *out), plus b (c,) unless None."""
    if not fits(gy, W, b) or not _pays(gy.shape, W.shape) or not arrays.is_finite(W):
        return NotImplemented
    gy, order = ordered(gy)
    shape = (len(gy), W.shape[1] * g.groups, *size)
    gx = arrays.empty(shape, order)
    order_out = CHANNELS_LAST if order == CHANNELS_LAST else PLAIN
    plan = _plan(_data_plan, shape, W.shape, gy.shape, g, (order_out, order), False)
    if plan is None:
        return NotImplemented
    W = contiguous(W)
    plan(address(gy), address(W), address(gx))
    if b is not None:
        gx += b.reshape(1, -1, *(1,) * len(size))
    return gx


def convolve_weight(x: Array, gy: Array, g: Geometry) -> Any:
    """Return W's gradient (o, c / groups, *k) from x and y's gradient."""
    found = _parameter_gradients(x, gy, g, False)
    return NotImplemented if found is NotImplemented else found[0]


def _parameter_gradients(x: Array, gy: Array, g: Geometry, needs_b: bool) -> Any:
    """Return the gradients of W and, if needed, of b, both made in one call, or None."""
    shape = (gy.shape[1], x.shape[1] // g.groups, *g.k)
    if not fits(x, gy) or not _pays(gy.shape, shape):
        return NotImplemented
    x, x_order = ordered(x)
    gy, y_order = ordered(gy)
    may_round = shape[1] > IMAGE_CHANNELS and max(shape[:2]) >= LEAST_ROUNDED
    plan = _plan(_weights_plan, x.shape, shape, gy.shape, g, (x_order, y_order), needs_b, may_round=may_round)
    if plan is None:
        return NotImplemented
    gW = np.empty(shape, np.float32)
    gb = np.empty(shape[:1], np.float32) if needs_b else None
    outputs = (gW,) if gb is None else (gW, gb)
    plan(address(x), address(gy), *map(address, outputs))
    return (gW, gb) if all(map(arrays.is_finite, outputs)) else NotImplemented


def convolve_gradients(x: Array, W: Array, gy: Array, g: Geometry, needs_x: bool, needs_b: bool) -> Any:
    """Return the gradients of x, W and b, without those that are not needed."""
    found = _parameter_gradients(x, gy, g, needs_b)
    if found is NotImplemented or found[0].shape != W.shape:
        return NotImplemented
    gx = convolve_adjoint(gy, W, None, g, x.shape[2:]) if needs_x else None
    return NotImplemented if gx is NotImplemented else (gx, *found)


def deconvolve_gradients(x: Array, W: Array, gy: Array, g: Geometry) -> Any:
    """Return the gradients of x (n, o, *in) and W where y is `convolve_adjoint(x, W)`."""
    gx = convolve(gy, W, None, g, x.shape[2:])
    gW = NotImplemented if gx is NotImplemented else convolve_weight(gy, x, g)
    return NotImplemented if gW is NotImplemented else (gx, gW)
