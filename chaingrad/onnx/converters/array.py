"""Functions that move elements; those that join and split are in `joining.py`, those that select in `indexing.py`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chaingrad.autograd import array_ops
from chaingrad.functions.array import padding, selection
from chaingrad.onnx.converters.elementwise import Converter
from chaingrad.onnx.graph import Call

__all__ = ['CONVERTERS']


def _reshape(call: Call) -> None:
    call.reshape(call.input_names[0], call.shape, call.twin_shape, call.output_names)


def _transpose(call: Call) -> None:
    axes = call.func.axes
    ndim = call.x.ndim
    if not ndim:
        call.end('Identity', call.input_names[0])
        return
    call.end(
        'Transpose', call.input_names[0], perm=list(range(ndim))[::-1] if axes is None else [i % ndim for i in axes]
    )


def _broadcast_to(call: Call) -> None:
    if 0 in call.shape and 0 not in call.x.shape:
        raise call.fail('makes an array without elements')
    call.end('Expand', call.input_names[0], call.sizes(call.shape, call.twin_shape))


def _sum_to(call: Call) -> None:
    lead = call.x.ndim - len(call.shape)
    axes = [i for i, n in enumerate(call.x.shape) if i < lead or call.shape[i - lead] != n]
    if not axes:
        call.end('Identity', call.input_names[0])
        return
    total = call.reduce('ReduceSum', call.input_names[0], axes, True)
    call.reshape(total, call.shape, call.twin_shape, call.output_names)


def _cast(call: Call) -> None:
    kinds = {'float32': 1, 'uint8': 2, 'int8': 3, 'int16': 5, 'int32': 6, 'int64': 7, 'bool': 9, 'float16': 10}
    kind = {**kinds, 'float64': 11, 'uint16': 4, 'uint32': 12, 'uint64': 13}.get(np.dtype(call.func.type).name)
    if kind is None:
        raise call.fail(f'has the dtype {call.func.type}, which ONNX does not know')
    call.end('Cast', call.input_names[0], to=kind)


def _pad(call: Call) -> None:
    widths = np.broadcast_to(call.func.pad_width, (call.x.ndim, 2))
    values = np.broadcast_to(call.func.constant_values, (call.x.ndim, 2))
    if (values == values[0, 0]).all():
        call.end('Pad', call.input_names[0], call.sizes(widths.T.reshape(-1).tolist()), call.number(values[0, 0]))
        return
    x = call.input_names[0]
    for axis, side in np.ndindex(*widths.shape):  # one after the other, as NumPy: corners have the value of the last
        one = np.zeros_like(widths)
        one[axis, side] = widths[axis, side]
        x = call.add('Pad', x, call.sizes(one.T.reshape(-1).tolist()), call.number(values[axis, side]))
    call.end('Identity', x)


def _copy(call: Call) -> None:
    call.end('Identity', call.input_names[0])


CONVERTERS: Mapping[type, Converter] = {
    array_ops.Reshape: _reshape,
    array_ops.Transpose: _transpose,
    array_ops.BroadcastTo: _broadcast_to,
    array_ops.SumTo: _sum_to,
    array_ops.Cast: _cast,
    padding.Pad: _pad,
    selection.Copy: _copy,
}
