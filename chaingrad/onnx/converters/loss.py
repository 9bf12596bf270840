"""Losses: of differences, and cross entropies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chaingrad.functions.loss import squared
from chaingrad.functions.loss.cross_entropy import SigmoidCrossEntropy, SoftmaxCrossEntropy
from chaingrad.onnx.converters.elementwise import Converter
from chaingrad.onnx.graph import Call

__all__ = ['CONVERTERS']


def _mean_of(kind: str) -> Converter:
    """Return a converter to the mean of the squares or absolute values of the difference."""

    def convert(call: Call) -> None:
        difference = call.add('Sub', *call.input_names)
        values = _square(call, difference) if kind == 'Square' else call.add('Abs', difference)
        call.reduce('ReduceMean', values, range(call.x.ndim), False, call.output_names)

    return convert


def _square(call: Call, x: str) -> str:
    return call.add('Mul', x, x)


def _squared_error(call: Call) -> None:
    call.end('Identity', _square(call, call.add('Sub', *call.input_names)))


def _absolute_error(call: Call) -> None:
    call.end('Abs', call.add('Sub', *call.input_names))


def _huber(call: Call) -> None:
    delta = float(call.func.delta)
    d = call.add('Abs', call.add('Sub', *call.input_names))
    small = call.add('Mul', _square(call, d), call.number(0.5))
    large = call.add('Mul', call.add('Sub', d, call.number(0.5 * delta)), call.number(delta))
    call.end('Where', call.add('Less', d, call.number(delta)), small, large)


def _softmax_cross_entropy(call: Call) -> None:
    f = call.func
    t = call.hidden(f._t, call.twin._t)
    names = [call.input_names[0], t]
    if f._class_weight is not None:
        names.append(call.array(np.asarray(f._class_weight, call.x.dtype), 'class_weight'))
    options: Any = {'ignore_index': int(f._ignore_label)}
    if f._reduce != 'mean':
        call.end('SoftmaxCrossEntropyLoss', *names, reduction='none', **options)
    else:  # the mean of ONNX divides by the sum of the weights, and by zero where all labels are ignored
        total = call.add('SoftmaxCrossEntropyLoss', *names, reduction='sum', **options)
        if f._normalize:
            ignored = call.add('Equal', t, call.number(f._ignore_label, f._t.dtype))
            valid = call.add('Where', ignored, call.number(0), call.number(1))
            count = call.reduce('ReduceSum', valid, range(f._t.ndim), False)
        else:
            count = _rows(call)
        call.end('Div', total, call.add('Max', count, call.number(1)))


def _rows(call: Call) -> str:
    """Return the name of the number of rows of x, in its dtype."""
    rows = call.add('Gather', call.add('Shape', call.input_names[0]), call.number(0, np.int64), axis=0)
    return call.add('Cast', rows, to={'float16': 10, 'float32': 1, 'float64': 11}[call.x.dtype.name])


def _sigmoid_cross_entropy(call: Call) -> None:
    f = call.func
    x, t = call.input_names[0], call.hidden(f._t, call.twin._t)
    kind = {'float16': 10, 'float32': 1, 'float64': 11}[call.x.dtype.name]
    ignored = call.add('Equal', t, call.number(-1, f._t.dtype))
    positive = call.add('Softplus', x)  # log(1 + exp(x)) = log(1 + exp(-|x|)) + max(x, 0)
    loss = call.add('Sub', positive, call.add('Mul', x, call.add('Cast', t, to=kind)))
    if f._reduce != 'mean':
        call.end('Where', ignored, call.number(0), loss)
        return
    axes = range(call.x.ndim)
    total = call.reduce('ReduceSum', call.add('Where', ignored, call.number(0), loss), axes, False)
    valid = call.add('Where', ignored, call.number(0), call.number(1))
    if not f._normalize:  # the batch size: the rows counted once
        count = _rows(call)
    else:
        count = call.reduce('ReduceSum', valid, axes, False)
    call.end('Div', total, call.add('Max', count, call.number(1)))


CONVERTERS: Mapping[type, Converter] = {
    squared.MeanSquaredError: _mean_of('Square'),
    squared.MeanAbsoluteError: _mean_of('Abs'),
    squared.SquaredError: _squared_error,
    squared.AbsoluteError: _absolute_error,
    squared.HuberLoss: _huber,
    SoftmaxCrossEntropy: _softmax_cross_entropy,
    SigmoidCrossEntropy: _sigmoid_cross_entropy,
}
