"""Products of matrices, linear layers, tables of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.matmul import MatMul
from chaingrad.functions.connection import EmbedIDFunction, LinearFunction
from chaingrad.functions.linalg.einsum import EinSum
from chaingrad.functions.linalg.fourier import FFT
from chaingrad.functions.linalg.inverse import BatchDet
from chaingrad.functions.noise import Dropout
from chaingrad.onnx.converters.elementwise import Converter
from chaingrad.onnx.graph import Call

__all__ = ['CONVERTERS']


def _linear(call: Call) -> None:
    call.end('Gemm', *call.input_names, transB=1)


def _matmul(call: Call) -> None:
    names = []
    for name, array, flipped in zip(call.input_names, call.step.arrays, (call.func.transa, call.func.transb)):
        if flipped and array.ndim > 1:
            axes = list(range(array.ndim))
            name = call.add('Transpose', name, perm=[*axes[:-2], axes[-1], axes[-2]])
        names.append(name)
    call.end('MatMul', *names)


def _einsum(call: Call) -> None:
    f = call.func
    names = []
    common, twin = (_common_shape(step.function, step.arrays) for step in (call.step, call.twin_step))
    for name, sub, x, y in zip(call.input_names, f.in_subs, call.step.arrays, call.twin_step.arrays):
        start, n = sub.find('...'), x.ndim - len(sub.replace('...', ''))
        shapes = [(*a.shape[:start], *rest, *a.shape[start + n :]) for a, rest in ((x, common), (y, twin))]
        if start >= 0 and shapes[0] != x.shape:
            name = call.add('Expand', name, call.sizes(*shapes))
        names.append(name)
    call.end('Einsum', *names, equation=f'{",".join(f.in_subs)}->{f.out_sub}')


def _common_shape(function: Any, arrays: Sequence[Array]) -> Shape:
    """Return the shape that `...` stands for in all inputs together: ONNX's own broadcasting is not that of einsum."""
    shapes = []
    for sub, x in zip(function.in_subs, arrays):
        start, n = sub.find('...'), x.ndim - len(sub.replace('...', ''))
        shapes.append(x.shape[start : start + n] if start >= 0 else ())
    return np.broadcast_shapes(*shapes)


def _embed_id(call: Call) -> None:
    (W,) = call.input_names
    label = call.func.ignore_label
    ids = call.hidden(call.func.given_ids, call.twin.given_ids)
    dtype = call.func.given_ids.dtype
    if dtype.name not in ('int32', 'int64'):
        ids, dtype = call.add('Cast', ids, to=7), 'int64'
    if label is None:
        call.end('Gather', W, ids)
        return
    is_ignored = call.add('Equal', ids, call.number(label, dtype))
    rows = call.add('Gather', W, call.add('Where', is_ignored, call.number(0, dtype), ids))
    mask = call.add('Unsqueeze', is_ignored, call.sizes([call.func.given_ids.ndim]))
    call.end('Where', mask, call.number(0), rows)


def _dropout(call: Call) -> None:
    raise call.fail('is random: export the model with train=False')


def _fft(call: Call) -> None:
    if call.opset_version < 17:
        raise call.fail('is an operator of ONNX from opset 17 on', 'Give opset_version=17 or more.')
    rows, twin_rows = (step.arrays[0][..., 0].size for step in (call.step, call.twin_step))
    n, twin = call.x.shape[-1], call.twin_step.arrays[0].shape[-1]
    parts = [call.reshape(x, (rows, n, 1), (twin_rows, twin, 1)) for x in call.input_names]
    pair = call.add('Concat', *parts, axis=2)
    inverse = int(call.func.method == 'ifft')
    if call.opset_version < 20:
        y = call.add('DFT', pair, axis=1, inverse=inverse)
    else:  # the axis is an input
        y = call.add('DFT', pair, '', call.number(1, np.int64), inverse=inverse)
    for i, name in enumerate(call.output_names):
        part = call.add('Gather', y, call.number(i, np.int64), axis=2)
        call.reshape(part, call.x.shape, call.twin_step.arrays[0].shape, [name])


def _det(call: Call) -> None:
    call.end('Det', call.input_names[0])


CONVERTERS: Mapping[type, Converter] = {
    LinearFunction: _linear,
    MatMul: _matmul,
    EinSum: _einsum,
    BatchDet: _det,
    FFT: _fft,
    EmbedIDFunction: _embed_id,
    Dropout: _dropout,
}
