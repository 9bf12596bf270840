"""Loops over elements, which numba compiles for `jit.py`; Python itself would take hours for them.

They do what the NumPy code does that they stand for. In update rules also in its order: each operation rounds as it
does there, so that the results are the same bits. Only sums over many elements are taken in another order, in float32
over at most BLOCK elements and in float64 over those.
"""

from __future__ import annotations

from typing import Any

import numpy as np

BLOCK = 512

# Update rules. Every number has the dtype of the arrays.


def adam(
    x: Any, g: Any, m: Any, v: Any, blend_m: Any, blend_v: Any, eps: Any, alpha_t: Any, decay: Any, eta: Any
) -> None:
    for i in range(x.size):
        m[i] += (g[i] - m[i]) * blend_m
        v[i] += (g[i] * g[i] - v[i]) * blend_v
        step = alpha_t / (np.sqrt(v[i]) + eps) * m[i]
        if decay != 0:
            step += decay * x[i]
        x[i] -= step * eta


def sgd(x: Any, g: Any, lr: Any) -> None:
    for i in range(x.size):
        x[i] -= lr * g[i]


def momentum_sgd(x: Any, g: Any, v: Any, lr: Any, momentum: Any) -> None:
    for i in range(x.size):
        v[i] = v[i] * momentum - lr * g[i]
        x[i] += v[i]


def corrected_momentum_sgd(x: Any, g: Any, v: Any, lr: Any, momentum: Any) -> None:
    for i in range(x.size):
        v[i] = v[i] * momentum - g[i]
        x[i] += lr * v[i]


def nesterov_ag(x: Any, g: Any, v: Any, lr: Any, momentum: Any) -> None:
    for i in range(x.size):
        step = lr * g[i]
        v[i] = v[i] * momentum - step
        x[i] = x[i] + momentum * v[i] - step


def rmsprop(x: Any, g: Any, ms: Any, blend_ms: Any, lr: Any, eps: Any, inside: Any) -> None:
    for i in range(x.size):
        ms[i] += (g[i] * g[i] - ms[i]) * blend_ms
        d = np.sqrt(ms[i] + eps) if inside != 0 else np.sqrt(ms[i]) + eps
        x[i] -= g[i] / d * lr


def ada_grad(x: Any, g: Any, h: Any, lr: Any, eps: Any) -> None:
    for i in range(x.size):
        h[i] += g[i] * g[i]
        x[i] -= g[i] / (np.sqrt(h[i]) + eps) * lr


def ada_delta(x: Any, g: Any, msg: Any, msdx: Any, blend_both: Any, eps: Any) -> None:
    for i in range(x.size):
        msg[i] += (g[i] * g[i] - msg[i]) * blend_both
        dx = np.sqrt((msdx[i] + eps) / (msg[i] + eps)) * g[i]
        msdx[i] += (dx * dx - msdx[i]) * blend_both
        x[i] -= dx


# Rectified linear units


def rectifier_gradient(y: Any, gy: Any, gx: Any) -> None:
    zero, one = y.dtype.type(0), y.dtype.type(1)
    for i in range(y.size):
        gx[i] = gy[i] * (one if y[i] > zero else zero)  # a product, so that NaN stays


# Batch normalization of rows (n, c): the channels are the last in memory. Sums of blocks of rows.


def row_sums(x: Any, shift: Any, sums: Any, squares: Any, start: int, stop: int) -> None:
    n, c = x.shape
    for block in range(start, stop):
        for i in range(block * BLOCK, min(n, (block + 1) * BLOCK)):
            for j in range(c):
                d = x[i, j] - shift[j]
                sums[block, j] += d
                squares[block, j] += d * d


def row_gradient_sums(x: Any, gy: Any, mean: Any, sums: Any, products: Any, start: int, stop: int) -> None:
    n, c = x.shape
    for block in range(start, stop):
        for i in range(block * BLOCK, min(n, (block + 1) * BLOCK)):
            for j in range(c):
                sums[block, j] += gy[i, j]
                products[block, j] += gy[i, j] * (x[i, j] - mean[j])


def scale_rows(x: Any, mean: Any, factor: Any, shift: Any, y: Any) -> None:
    n, c = x.shape
    for i in range(n):
        for j in range(c):
            y[i, j] = (x[i, j] - mean[j]) * factor[j] + shift[j]


def row_gradient(x: Any, gy: Any, mean: Any, factor: Any, shift: Any, rate: Any, gx: Any) -> None:
    n, c = x.shape
    for i in range(n):
        for j in range(c):
            gx[i, j] = gy[i, j] * factor[j] - shift[j] - (x[i, j] - mean[j]) * rate[j]


# The same of (n, c, s): the channels are in the middle. Sums of whole channels.


def channel_sums(x: Any, shift: Any, sums: Any, squares: Any, start: int, stop: int) -> None:
    n, _, s = x.shape
    for j in range(start, stop):
        middle = shift[j]
        for i in range(n):
            for block in range(0, s, BLOCK):
                run = x[i, j, block : block + BLOCK]  # a name of its own: only so can the sums be vectorized
                total = square = x.dtype.type(0)
                for k in range(run.size):
                    d = run[k] - middle
                    total += d
                    square += d * d
                sums[j] += total
                squares[j] += square


def channel_gradient_sums(x: Any, gy: Any, mean: Any, sums: Any, products: Any, start: int, stop: int) -> None:
    n, _, s = x.shape
    for j in range(start, stop):
        middle = mean[j]
        for i in range(n):
            for block in range(0, s, BLOCK):
                run, grun = x[i, j, block : block + BLOCK], gy[i, j, block : block + BLOCK]
                total = product = x.dtype.type(0)
                for k in range(run.size):
                    total += grun[k]
                    product += grun[k] * (run[k] - middle)
                sums[j] += total
                products[j] += product


def scale_channels(x: Any, mean: Any, factor: Any, shift: Any, y: Any) -> None:
    n, c, s = x.shape
    for i in range(n):
        for j in range(c):
            for k in range(s):
                y[i, j, k] = (x[i, j, k] - mean[j]) * factor[j] + shift[j]


def channel_gradient(x: Any, gy: Any, mean: Any, factor: Any, shift: Any, rate: Any, gx: Any) -> None:
    n, c, s = x.shape
    for i in range(n):
        for j in range(c):
            for k in range(s):
                gx[i, j, k] = gy[i, j, k] * factor[j] - shift[j] - (x[i, j, k] - mean[j]) * rate[j]


# Rows that are added to a table


def add_rows(ids: Any, rows: Any, table: Any) -> None:
    for i in range(ids.size):
        row = ids[i]
        for j in range(rows.shape[1]):
            table[row, j] += rows[i, j]
