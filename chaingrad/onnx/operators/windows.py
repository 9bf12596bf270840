"""Convolution, deconvolution and pooling, with other padding at the end of an axis than at its start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import chaingrad.functions as F
from chaingrad.onnx.operators.node import Make, Node, Run, Value

__all__ = ['OPERATORS']

Sizes = Sequence[int]


@dataclass
class _Geometry:
    """Stride, dilation and padding of an operator; None where the attribute is left out."""

    stride: Sizes | None
    dilate: Sizes | None
    pads: Sizes | None

    @classmethod
    def of(cls, node: Node) -> _Geometry:
        node.require('auto_pad', 'NOTSET')
        return cls(node.take('strides'), node.take('dilations'), node.take('pads'))

    def rows(self, ndim: int) -> tuple[list[int], list[int], list[int], list[int]]:
        """Return stride, dilation, and the padding at the start and the end of each axis."""
        pads = list(self.pads or [0] * (2 * ndim))
        return list(self.stride or [1] * ndim), list(self.dilate or [1] * ndim), pads[:ndim], pads[ndim:]


def _padded(x: Value, start: Sizes, end: Sizes, value: float) -> Any:
    return F.pad(x, [(0, 0), (0, 0), *zip(start, end)], 'constant', constant_values=value)


def _count(n: int, k: int, s: int, d: int, padding: int) -> int:
    """Return how many windows fit."""
    return (n + padding - (k - 1) * d - 1) // s + 1


def _evened(x: Value, k: Sizes, geometry: tuple[Sizes, Sizes, Sizes, Sizes], value: float) -> tuple[Any, Sizes]:
    """Return x and the padding at both ends that gives the same windows; x is padded where there is none."""
    stride, dilate, start, end = geometry
    rows = list(zip(x.shape[2:], k, stride, dilate, start, end))
    if all(_count(n, w, s, d, 2 * p) == _count(n, w, s, d, p + q) for n, w, s, d, p, q in rows):
        return x, start
    return _padded(x, start, end, value), [0] * len(k)


def _conv(node: Node) -> Run:
    geometry, groups = _Geometry.of(node), node.take('group', 1)
    node.take('kernel_shape')  # that of W

    def run(x: Value, W: Value, b: Value | None = None) -> Any:
        rows = geometry.rows(x.ndim - 2)
        x, pad = _evened(x, W.shape[2:], rows, 0)
        return F.convolution_nd(x, W, b, rows[0], pad, dilate=rows[1], groups=groups)

    return run


def _conv_transpose(node: Node) -> Run:
    geometry, groups = _Geometry.of(node), node.take('group', 1)
    node.take('kernel_shape')
    more = node.take('output_padding')
    if node.take('output_shape') is not None:
        raise node.fail('has output_shape, which can be loaded as pads only')

    def run(x: Value, W: Value, b: Value | None = None) -> Any:
        stride, dilate, start, end = geometry.rows(x.ndim - 2)
        k = W.shape[2:]
        extra = more or [0] * len(k)
        full = [s * (n - 1) + (w - 1) * d + 1 for n, w, s, d in zip(x.shape[2:], k, stride, dilate)]
        out = [n - p - q + m for n, p, q, m in zip(full, start, end, extra)]
        sizes = zip(out, k, stride, dilate, start, x.shape[2:])
        if all(_count(m, w, s, d, 2 * p) == n for m, w, s, d, p, n in sizes):
            return F.deconvolution_nd(x, W, b, stride, start, out, dilate, groups)
        y = F.deconvolution_nd(x, W, None, stride, 0, None, dilate, groups)
        y = y[(slice(None), slice(None), *[slice(p, p + m) for p, m in zip(start, out)])]
        y = _padded(y, [0] * len(k), [m - n for m, n in zip(out, y.shape[2:])], 0)
        return y if b is None else y + b.reshape((-1, *[1] * len(k)))

    return run


def _max_pool(node: Node) -> Run:
    geometry, k = _Geometry.of(node), node.take('kernel_shape')
    cover_all = bool(node.take('ceil_mode', 0))
    node.require('storage_order', 0)
    if len(node.outputs) > 1:
        raise node.fail('has indices as second output')
    if any(d != 1 for d in geometry.dilate or ()):
        raise node.fail(f'has dilations={geometry.dilate}, but only 1 can be loaded')

    def run(x: Value) -> Any:
        rows = geometry.rows(len(k))
        stride, _, start, end = rows
        pad: Sizes = start
        covered = [-(-(n + 2 * p - w) // s) + 1 for n, w, s, p in zip(x.shape[2:], k, stride, start)]
        counts = [_count(n, w, s, 1, p + q) for n, w, s, p, q in zip(x.shape[2:], k, stride, start, end)]
        if not cover_all and counts == covered:  # more padding at the end, for a last window that reaches over it
            return F.max_pooling_nd(x, k, stride, pad, cover_all=True)
        if not cover_all:
            x, pad = _evened(x, k, rows, -np.inf)
        elif start != end:
            x, pad = _padded(x, start, end, -np.inf), [0] * len(k)
        return F.max_pooling_nd(x, k, stride, pad, cover_all=cover_all)

    return run


def _average_pool(node: Node) -> Run:
    geometry, k = _Geometry.of(node), node.take('kernel_shape')
    pad_value = 0 if node.take('count_include_pad', 0) else None
    node.require('ceil_mode', 0)
    if any(d != 1 for d in geometry.dilate or ()):
        raise node.fail(f'has dilations={geometry.dilate}, but only 1 can be loaded')

    def run(x: Value) -> Any:
        rows = geometry.rows(len(k))
        padded, pad = _evened(x, k, rows, 0)
        if padded is not x and pad_value is None:
            raise ValueError(f'onnx: AveragePool without the padding is not run for pads={geometry.pads} of {x.shape}.')
        return F.average_pooling_nd(padded, k, rows[0], pad, pad_value)

    return run


OPERATORS: Mapping[str, Make] = {
    'Conv': _conv,
    'ConvTranspose': _conv_transpose,
    'MaxPool': _max_pool,
    'AveragePool': _average_pool,
}
