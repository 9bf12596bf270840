"""Convolution, deconvolution and pooling."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chaingrad.functions.convolution.nodes import ConvolutionND, DeconvolutionND
from chaingrad.functions.convolution.windows import Im2Col, Shift
from chaingrad.functions.pooling.nodes import AveragePoolingND, MaxPoolingND, UnpoolingND
from chaingrad.onnx.converters.elementwise import Converter
from chaingrad.onnx.graph import Call

__all__ = ['CONVERTERS']

Sizes = Sequence[int]


def _ends(size: Sizes, out: Sizes, k: Sizes, s: Sizes, p: Sizes, d: Sizes) -> list[int]:
    """Return the padding at the end of each axis with which windows fill `out`: more than `p` with cover_all."""
    rows = zip(size, out, k, s, p, d)
    return [max(0, (m - 1) * step + (width - 1) * dilate + 1 - n - pad) for n, m, width, step, pad, dilate in rows]


def _convolution(call: Call) -> None:
    f = call.func
    k = call.step.arrays[1].shape[2:]
    pads = _ends(call.x.shape[2:], call.shape[2:], k, f.stride, f.pad, f.dilate)
    call.end(
        'Conv',
        *call.input_names,
        kernel_shape=list(k),
        strides=list(f.stride),
        pads=[*f.pad, *pads],
        dilations=list(f.dilate),
        group=f.groups,
    )


def _deconvolution(call: Call) -> None:
    f = call.func
    k = call.step.arrays[1].shape[2:]
    rows = zip(call.x.shape[2:], call.shape[2:], k, f.stride, f.pad, f.dilate)
    # What is left over of the output goes into the padding at the end, or beyond it.
    ends = [s * (n - 1) + (width - 1) * d + 1 - p - m for n, m, width, s, p, d in rows]
    call.end(
        'ConvTranspose',
        *call.input_names,
        kernel_shape=list(k),
        strides=list(f.stride),
        pads=[*f.pad, *(max(0, n) for n in ends)],
        output_padding=[max(0, -n) for n in ends],
        dilations=list(f.dilate),
        group=f.groups,
    )


def _pooling(call: Call, kind: str, **attributes: int) -> None:
    """Write a pooling whose padding at the end reaches as far as its windows."""
    g = call.func.geometry
    pads = [*g.p, *_ends(call.x.shape[2:], call.shape[2:], g.k, g.s, g.p, (1,) * len(g.k))]
    if any(n >= k for n, k in zip(pads, (*g.k, *g.k))):
        raise call.fail('has windows that lie in the padding alone, which runtimes refuse')
    padding: dict[str, Any] = {'pads': pads, **attributes} if any(pads) else {}
    call.end(kind, call.input_names[0], kernel_shape=list(g.k), strides=list(g.s), **padding)


def _max_pooling(call: Call) -> None:
    if call.func.return_indices:
        raise call.fail('returns the indexes of the maxima')
    _pooling(call, 'MaxPool')


def _average_pooling(call: Call) -> None:
    _pooling(call, 'AveragePool', count_include_pad=int(call.func.pad_value == 0))


def _im2col(call: Call) -> None:
    """Write a convolution whose kernels each pick one position of a window of one channel."""
    g = call.func.geometry
    channels, positions = call.x.shape[1], math.prod(g.k)
    W = np.tile(np.eye(positions, dtype=call.x.dtype).reshape(positions, 1, *g.k), (channels, 1, 1, 1))
    ends = _ends(call.x.shape[2:], call.shape[2:], g.k, g.s, g.p, g.d)
    call.end(
        'Conv',
        call.input_names[0],
        call.array(W, 'picks'),
        kernel_shape=list(g.k),
        strides=list(g.s),
        pads=[*g.p, *ends],
        dilations=list(g.d),
        group=channels,
    )


def _shift(call: Call) -> None:
    """Write a convolution whose kernels each pick one element, where that of their channel comes from."""
    (kh, kw), d = call.func.k, call.func.d
    channels, positions = call.x.shape[1], kh * kw
    group = channels // positions
    order = list(range(positions))
    middle = positions // 2  # not moved; it comes last, with the channels that are left over
    order[middle], order[-1] = order[-1], order[middle]
    W = np.zeros((channels, 1, kh, kw), call.x.dtype)
    for channel in range(channels):
        position = order[min(channel // group, positions - 1)]
        W[channel, 0, kh - 1 - position // kw, kw - 1 - position % kw] = 1
    pads = [kh // 2 * d[0], kw // 2 * d[1]] * 2
    call.end('Conv', call.input_names[0], call.array(W, 'picks'), pads=pads, dilations=list(d), group=channels)


def _unpooling(call: Call) -> None:
    """Write a deconvolution of each channel with ones."""
    g = call.func.geometry
    channels = call.x.shape[1]
    rows = zip(call.x.shape[2:], call.shape[2:], g.k, g.s, g.p)
    ends = [s * (n - 1) + width - p - m for n, m, width, s, p in rows]
    call.end(
        'ConvTranspose',
        call.input_names[0],
        call.array(np.ones((channels, 1, *g.k), call.x.dtype), 'ones'),
        kernel_shape=list(g.k),
        strides=list(g.s),
        pads=[*g.p, *(max(0, n) for n in ends)],
        output_padding=[max(0, -n) for n in ends],
        group=channels,
    )


CONVERTERS: Mapping[type, Converter] = {
    ConvolutionND: _convolution,
    DeconvolutionND: _deconvolution,
    Im2Col: _im2col,
    Shift: _shift,
    UnpoolingND: _unpooling,
    MaxPoolingND: _max_pooling,
    AveragePoolingND: _average_pooling,
}
