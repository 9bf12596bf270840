"""Operators that move, join, split and select elements. They take integers and floating values alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

import chaingrad.functions as F
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.onnx.operators.elementwise import same
from chaingrad.onnx.operators.node import Make, Node, Run, Value, numbers

__all__ = ['OPERATORS']


def _applied(x: Value, on_variables: Callable[..., Any], on_arrays: Callable[..., Any], *options: Any) -> Any:
    """Call the function for Variables, or NumPy's for arrays."""
    return on_variables(x, *options) if isinstance(x, Variable) else on_arrays(x, *options)


def _reshaped(x: Value, shape: Sequence[int]) -> Any:
    return _applied(x, F.reshape, np.reshape, tuple(shape))


def _reshape(node: Node) -> Run:
    keeps_zero = node.take('allowzero', 0)

    def run(x: Value, shape: Value) -> Any:
        sizes = numbers(shape)
        return _reshaped(x, [x.shape[i] if n == 0 and not keeps_zero else n for i, n in enumerate(sizes)])

    return run


def _flatten(node: Node) -> Run:
    axis = node.take('axis', 1)

    def run(x: Value) -> Any:
        rows = math.prod(x.shape[:axis])
        return _reshaped(x, (rows, math.prod(x.shape[axis:])))

    return run


def _transpose(node: Node) -> Run:
    axes = node.take('perm')
    return lambda x: _applied(x, F.transpose, np.transpose, axes)


def _expand(x: Value, shape: Value) -> Any:
    wanted = np.broadcast_shapes(x.shape, tuple(numbers(shape)))
    return _applied(x, F.broadcast_to, np.broadcast_to, wanted)


def _squeeze(x: Value, axes: Value | None = None) -> Any:
    if axes is None:
        chosen = {i for i, n in enumerate(x.shape) if n == 1}
    else:
        chosen = {i % x.ndim for i in numbers(axes)}
    if any(x.shape[i] != 1 for i in chosen):
        raise ValueError(f'onnx: Squeeze needs axes of length 1, but it has {sorted(chosen)} of {x.shape}.')
    return _reshaped(x, [n for i, n in enumerate(x.shape) if i not in chosen])


def _unsqueeze(x: Value, axes: Value) -> Any:
    chosen = numbers(axes)
    ndim = x.ndim + len(chosen)
    places = {i % ndim for i in chosen}
    rest = iter(x.shape)
    return _reshaped(x, [1 if i in places else next(rest) for i in range(ndim)])


def _concat(node: Node) -> Run:
    axis = node.take('axis')

    def run(*xs: Value) -> Any:
        if any(isinstance(x, Variable) for x in xs):
            return F.concat(xs, axis=axis)
        return np.concatenate(xs, axis)

    return run


def _split(node: Node) -> Run:
    axis = node.take('axis', 0)
    count = node.take('num_outputs', len(node.outputs))

    def run(x: Value, sizes: Value | None = None) -> Any:
        if sizes is None:
            step = -(-x.shape[axis] // count)
            ends = [step * (i + 1) for i in range(count - 1)]
        else:
            ends = np.cumsum(numbers(sizes))[:-1].tolist()
        if isinstance(x, Variable):
            return F.split_axis(x, ends, axis)
        return tuple(np.split(x, ends, axis))

    return run


def _gather(node: Node) -> Run:
    axis = node.take('axis', 0)

    def run(x: Value, indexes: Value) -> Any:
        chosen = as_array(indexes)
        item: Any = int(chosen) if chosen.ndim == 0 else chosen
        return x[(slice(None),) * (axis % x.ndim) + (item,)]

    return run


def _gather_elements(node: Node) -> Run:
    axis = node.take('axis', 0)

    def run(x: Value, indexes: Value) -> Any:
        chosen = as_array(indexes)
        places = list(np.ogrid[tuple(slice(n) for n in chosen.shape)])
        places[axis] = chosen
        return x[tuple(places)]

    return run


def _gather_nd(node: Node) -> Run:
    node.require('batch_dims', 0)

    def run(x: Value, indexes: Value) -> Any:
        chosen = as_array(indexes)
        return x[tuple(chosen[..., i] for i in range(chosen.shape[-1]))]

    return run


def _scatter_nd(node: Node) -> Run:
    if node.take('reduction', 'none') != 'add':
        raise node.fail("has another reduction than 'add', the only one that can be loaded")

    def run(x: Value, indexes: Value, updates: Value) -> Any:
        chosen = as_array(indexes)
        return F.scatter_add(x, tuple(chosen[..., i] for i in range(chosen.shape[-1])), updates)

    return run


def _range(start: Value, stop: Value, step: Value) -> Any:
    return np.arange(as_array(start).item(), as_array(stop).item(), as_array(step).item(), dtype=start.dtype)


def _slice(x: Value, starts: Value, ends: Value, axes: Value | None = None, steps: Value | None = None) -> Any:
    first, last = numbers(starts), numbers(ends)
    chosen = range(len(first)) if axes is None else numbers(axes)
    strides = [1] * len(first) if steps is None else numbers(steps)
    items = [slice(None)] * x.ndim
    for axis, start, end, step in zip(chosen, first, last, strides):
        items[axis] = slice(start, end, step)
    return x[tuple(items)]


def _pad(node: Node) -> Run:
    node.require('mode', 'constant')

    def run(x: Value, pads: Value, value: Value | None = None, axes: Value | None = None) -> Any:
        given = np.array(numbers(pads)).reshape(2, -1).T
        widths = np.zeros((x.ndim, 2), np.int64)
        widths[range(x.ndim) if axes is None else numbers(axes)] = given
        if (widths < 0).any():
            raise ValueError(f'onnx: Pad must not cut, but its pads are {numbers(pads)}.')
        number = 0 if value is None else as_array(value).item()
        keywords: Any = {'constant_values': number}
        pairs = [tuple(row) for row in widths.tolist()]
        return F.pad(x, pairs, 'constant', **keywords) if isinstance(x, Variable) else np.pad(x, pairs, **keywords)

    return run


def _shape(node: Node) -> Run:
    start, end = node.take('start', 0), node.take('end')
    return lambda x: np.array(x.shape[start:end], np.int64)


OPERATORS: Mapping[str, Make] = {
    'Concat': _concat,
    'Expand': same(_expand),
    'Flatten': _flatten,
    'Gather': _gather,
    'GatherElements': _gather_elements,
    'GatherND': _gather_nd,
    'Pad': _pad,
    'Range': same(_range),
    'Reshape': _reshape,
    'ScatterND': _scatter_nd,
    'Shape': _shape,
    'Slice': same(_slice),
    'Split': _split,
    'Squeeze': same(_squeeze),
    'Transpose': _transpose,
    'Unsqueeze': same(_unsqueeze),
}
