"""Normalizations. That over the batch is exported with the averages that it has learned: in test mode."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chaingrad.functions.normalization import batch, group, local
from chaingrad.onnx.converters.elementwise import Converter
from chaingrad.onnx.graph import Call

__all__ = ['CONVERTERS']


def _fixed(call: Call) -> None:
    x, *statistics = call.input_names
    axis = call.func.axis
    if axis == tuple(i for i in range(call.x.ndim) if i != 1) and call.x.ndim > 1:
        call.end('BatchNormalization', x, *statistics, epsilon=float(call.func.eps))
        return
    aligned = [1 if i in axis else n for i, n in enumerate(call.x.shape)]
    gamma, beta, mean, var = (call.add('Reshape', name, call.sizes(aligned)) for name in statistics)
    deviation = call.add('Sqrt', call.add('Add', var, call.number(call.func.eps)))
    x_hat = call.add('Div', call.add('Sub', x, mean), deviation)
    call.end('Add', call.add('Mul', x_hat, gamma), beta)


def _batch(call: Call) -> None:
    raise call.fail('normalizes by the batch: export the model with train=False')


def _group(call: Call) -> None:
    x, gamma, beta = call.input_names
    f = call.func
    n, m = len(call.x), len(call.twin_step.arrays[0])
    rows = call.reshape(x, (n, f.groups, call.x[0].size // f.groups), (m, f.groups, call.x[0].size // f.groups))
    mean = call.reduce('ReduceMean', rows, [2], True)
    centred = call.add('Sub', rows, mean)
    var = call.reduce('ReduceMean', call.add('Mul', centred, centred), [2], True)
    x_hat = call.add('Div', centred, call.add('Sqrt', call.add('Add', var, call.number(f.eps))))
    x_hat = call.reshape(x_hat, call.shape, call.twin_shape)
    shape = call.sizes([call.x.shape[1], *([1] * (call.x.ndim - 2))])
    scaled = call.add('Mul', x_hat, call.add('Reshape', gamma, shape))
    call.end('Add', scaled, call.add('Reshape', beta, shape))


def _local_response(call: Call) -> None:
    f = call.func
    size = 2 * f.half + 1
    options = {'size': size, 'alpha': float(f.alpha * size), 'beta': float(f.beta), 'bias': float(f.k)}
    if call.x.ndim == 4:
        call.end('LRN', call.input_names[0], **options)
        return
    shapes = [(*step.arrays[0].shape[:2], step.arrays[0][0, 0].size, 1) for step in (call.step, call.twin_step)]
    y = call.add('LRN', call.reshape(call.input_names[0], *shapes), **options)
    call.reshape(y, call.shape, call.twin_shape, call.output_names)


def _normalize(call: Call) -> None:
    axis = call.func.axis
    axes = [int(i) for i in np.atleast_1d(axis)]
    norm = call.reduce('ReduceL2', call.input_names[0], axes, True)
    call.end('Div', call.input_names[0], call.add('Add', norm, call.number(call.func.eps)))


CONVERTERS: Mapping[type, Converter] = {
    batch.FixedBatchNormalization: _fixed,
    batch.BatchNormalization: _batch,
    group.GroupNormalization: _group,
    local.LocalResponseNormalization: _local_response,
    local.NormalizeL2: _normalize,
}
