"""Sums, means, extrema and norms over axes."""

from __future__ import annotations

from collections.abc import Mapping

from chaingrad.autograd import reduction as base
from chaingrad.autograd.reduction import resolve_axes
from chaingrad.functions.reduction import cumulative, extremum, norms
from chaingrad.onnx.converters.elementwise import Converter
from chaingrad.onnx.graph import Call

__all__ = ['CONVERTERS', 'over_axes']


def over_axes(kind: str) -> Converter:
    """Return a converter to a reduction over the axes of the function."""

    def convert(call: Call) -> None:
        axes = resolve_axes(call.func.axis, call.x.ndim)
        if not axes:
            call.end('Identity', call.input_names[0])
            return
        keepdims = getattr(call.func, 'keepdims', False)
        call.reduce(kind, call.input_names[0], axes, keepdims, call.output_names)

    return convert


def _index_of(kind: str) -> Converter:
    def convert(call: Call) -> None:
        axis, x = call.func.axis, call.input_names[0]
        if axis is None:
            x, axis = call.add('Reshape', x, call.sizes([-1])), 0
        found = call.add(kind, x, axis=axis, keepdims=0)
        dtype = call.func._node_dtype.name
        call.end('Cast', found, to={'int32': 6, 'int64': 7}[dtype])

    return convert


def _batch_l2(call: Call) -> None:
    flat = call.add('Flatten', call.input_names[0], axis=1)
    call.reduce('ReduceSumSquare', flat, [1], False, call.output_names)


def _cumsum(call: Call) -> None:
    call.end('CumSum', call.input_names[0], call.number(call.x.ndim - 1, 'int64'))  # the node works on the last axis


CONVERTERS: Mapping[type, Converter] = {
    base.Sum: over_axes('ReduceSum'),
    base.Mean: over_axes('ReduceMean'),
    cumulative.Prod: over_axes('ReduceProd'),
    cumulative.Cumsum: _cumsum,
    extremum.Max: over_axes('ReduceMax'),
    extremum.Min: over_axes('ReduceMin'),
    extremum.ArgMax: _index_of('ArgMax'),
    extremum.ArgMin: _index_of('ArgMin'),
    norms.LogSumExp: over_axes('ReduceLogSumExp'),
    norms.BatchL2NormSquared: _batch_l2,
}
