"""Reductions over axes, positions of extrema, and sums from the start of an axis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import chaingrad.functions as F
from chaingrad.autograd.variable import as_array
from chaingrad.onnx.operators.node import Make, Node, Run, Value, is_floating, numbers

__all__ = ['OPERATORS']


def _reduction(function: Callable[..., Any], on_integers: Callable[..., Any] | None = None) -> Make:
    """Return what makes a reduction ready: up to opset 17 most axes are an attribute, later an input."""

    def make(node: Node) -> Run:
        given, keepdims = node.take('axes'), node.take('keepdims', 1)
        is_noop = node.take('noop_with_empty_axes', 0)

        def run(x: Value, axes: Value | None = None) -> Any:
            chosen = given if axes is None else numbers(axes)
            if not chosen:
                if is_noop:
                    return x
                chosen = range(x.ndim)
            places = tuple([i % x.ndim for i in chosen])
            reduce = function if on_integers is None or is_floating(x) else on_integers
            y = reduce(x, axis=places)
            if not keepdims:
                return y
            shape = tuple([1 if i in places else n for i, n in enumerate(x.shape)])
            return y.reshape(shape)

        return run

    return make


def _sum_of_squares(x: Value, axis: Any) -> Any:
    return F.sum(F.square(x), axis=axis)


def _norm(x: Value, axis: Any) -> Any:
    return F.sqrt(_sum_of_squares(x, axis))


def _index_of(function: Callable[..., Any]) -> Make:
    def make(node: Node) -> Run:
        axis, keepdims = node.take('axis', 0), node.take('keepdims', 1)
        node.require('select_last_index', 0)
        return lambda x: function(as_array(x), axis=axis, keepdims=bool(keepdims)).astype(np.int64)

    return make


def _cumsum(node: Node) -> Run:
    node.require('exclusive', 0)
    node.require('reverse', 0)

    def run(x: Value, axis: Value) -> Any:
        (place,) = numbers(axis)
        return F.cumsum(x, axis=place) if is_floating(x) else np.cumsum(x, axis=place)

    return run


OPERATORS: Mapping[str, Make] = {
    'ReduceSum': _reduction(F.sum, np.sum),
    'ReduceMean': _reduction(F.mean),
    'ReduceMax': _reduction(F.max, np.max),
    'ReduceMin': _reduction(F.min, np.min),
    'ReduceProd': _reduction(F.prod, np.prod),
    'ReduceLogSumExp': _reduction(F.logsumexp),
    'ReduceSumSquare': _reduction(_sum_of_squares),
    'ReduceL2': _reduction(_norm),
    'ArgMax': _index_of(np.argmax),
    'ArgMin': _index_of(np.argmin),
    'CumSum': _cumsum,
}
