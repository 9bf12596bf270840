"""Functions that join and split arrays, also lists of sequences that are as many as the batch has rows.

A list of the rows of a batch (`list(x)`, `F.separate(x, axis=0)`) stands for the batch: what takes the whole list is
written with operators of the batch, which can then be of any size. All sequences must be equally long.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chaingrad.functions.array import joining, order, padding
from chaingrad.onnx.converters.elementwise import Converter
from chaingrad.onnx.graph import Call
from chaingrad.onnx.recording import output_shapes

__all__ = ['CONVERTERS']


def _concat(call: Call) -> None:
    axis = call.func.axis % call.x.ndim
    base = call.batch_of_rows() if axis == 0 else None
    if base is not None:
        call.reshape(base, call.shape, call.twin_shape, call.output_names)
    else:
        call.end('Concat', *call.input_names, axis=axis)


def _stack(call: Call) -> None:
    axis = call.func.axis % (call.x.ndim + 1)
    base = call.batch_of_rows() if axis == 0 else None
    if base is not None:
        call.end('Identity', base)
    else:
        call.end('Concat', *_unsqueezed(call, axis), axis=axis)


def _unsqueezed(call: Call, axis: int) -> list[str]:
    return [call.add('Unsqueeze', x, call.sizes([axis])) for x in call.input_names]


def _split_axis(call: Call) -> None:
    axis = call.func.axis % call.x.ndim
    sizes = [shape[axis] for shape in call.func._shapes]
    twins = [shape[axis] for shape in call.twin._shapes]
    if axis == 0 and len(sizes) != len(twins):
        n, m = call.graph.batch
        if (len(sizes), len(twins)) != (n, m) or len({*sizes, *twins}) > 1:
            raise call.fail('splits into as many outputs as there are rows, of different length')
        shape = (sizes[0], *call.x.shape[1:])
        call.end_with_rows(call.reshape(call.input_names[0], (n, *shape), (m, *shape)))
    else:
        call.end('Split', call.input_names[0], call.sizes(sizes, twins), axis=axis)


def _separate(call: Call) -> None:
    axis = call.func.axis % call.x.ndim
    sizes = [step.arrays[0].shape[axis] for step in (call.step, call.twin_step)]
    if sizes[0] == sizes[1]:
        _gathered(call, call.input_names[0], axis)
    elif axis == 0 and sizes == list(call.graph.batch):
        call.end_with_rows(call.input_names[0])
    else:
        raise call.fail('separates the batch axis into as many outputs as there are rows')


def _gathered(call: Call, x: str, axis: int) -> None:
    """Let the outputs be the parts of x along an axis."""
    for i, (name, shape) in enumerate(zip(call.output_names, output_shapes(call.func))):
        if shape is not None:
            call.add('Gather', x, call.number(i, np.int64), outputs=[name], axis=axis)


def _transpose_sequence(call: Call) -> None:
    lengths, twins = ({len(x) for x in step.arrays} for step in (call.step, call.twin_step))
    if lengths == twins and len(lengths) == 1:
        base = call.batch_of_rows()
        if base is None:
            base = call.add('Concat', *_unsqueezed(call, 0), axis=0)
        _gathered(call, base, 1)
    elif (lengths, twins) == tuple({size} for size in call.graph.batch):
        call.end_with_rows(call.add('Concat', *_unsqueezed(call, 1), axis=1))  # from steps back to sequences
    else:
        raise call.fail('reads sequences of unequal length')


def _pad_sequence(call: Call) -> None:
    base = call.batch_of_rows()
    if base is not None:
        if len({len(x) for x in call.step.arrays}) > 1:
            raise call.fail('reads sequences of unequal length')
        widths = [0] * (2 * (call.x.ndim + 1))
        widths[call.x.ndim + 2] = call.func.length - len(call.x)
        call.end('Pad', base, call.sizes(widths), call.number(call.func.padding))
        return
    parts = []
    for x, array in zip(call.input_names, call.step.arrays):
        widths = [0] * (2 * array.ndim)
        widths[array.ndim] = call.func.length - len(array)
        padded = call.add('Pad', x, call.sizes(widths), call.number(call.func.padding))
        parts.append(call.add('Unsqueeze', padded, call.sizes([0])))
    call.end('Concat', *parts, axis=0)


def _permutate(call: Call) -> None:
    indices, twin = call.func.indices, call.twin.indices
    if len(indices) != len(twin) and all((x == np.arange(len(x))).all() for x in (indices, twin)):
        call.end('Identity', call.input_names[0])  # the order of sequences of the same length
    else:
        call.end('Gather', call.input_names[0], call.hidden(indices, twin), axis=call.func.axis)


CONVERTERS: Mapping[type, Converter] = {
    joining.Concat: _concat,
    joining.Stack: _stack,
    joining.SplitAxis: _split_axis,
    joining.Separate: _separate,
    order.Permutate: _permutate,
    padding.PadSequence: _pad_sequence,
    padding.TransposeSequence: _transpose_sequence,
}
