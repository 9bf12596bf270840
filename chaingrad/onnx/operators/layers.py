"""Products, normalizations and losses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import chaingrad.functions as F
from chaingrad.autograd.variable import as_array
from chaingrad.onnx.operators.elementwise import same
from chaingrad.onnx.operators.node import Make, Node, Run, Value

__all__ = ['OPERATORS']


def _gemm(node: Node) -> Run:
    alpha, beta = node.take('alpha', 1.0), node.take('beta', 1.0)
    transa, transb = bool(node.take('transA', 0)), bool(node.take('transB', 0))

    def run(a: Value, b: Value, c: Value | None = None) -> Any:
        if transb and not transa and alpha == beta == 1 and (c is None or c.ndim == 1):
            return F.linear(a, b, c)
        y = F.matmul(a, b, transa, transb)
        if alpha != 1:
            y = y * alpha
        return y if c is None else y + (c if beta == 1 else c * beta)

    return run


def _einsum(node: Node) -> Run:
    equation = node.take('equation')
    return lambda *xs: F.einsum(equation, *xs)


def _det(x: Value) -> Any:
    return F.det(x) if x.ndim == 2 else F.batch_det(x)


def _dft(node: Node) -> Run:
    transform = F.ifft if node.take('inverse', 0) else F.fft
    given = node.take('axis')
    node.require('onesided', 0)

    def run(x: Value, length: Value | None = None, axis: Value | None = None) -> Any:
        place = given if axis is None else as_array(axis).item()
        place = (x.ndim - 2 if place is None else place) % x.ndim
        if length is not None or x.shape[-1] != 2:
            raise ValueError('onnx: DFT is run for complex inputs of their own length only.')
        moved = F.moveaxis(x, place, -2)
        y = F.stack(transform((moved[..., 0], moved[..., 1])), axis=-1)
        return F.moveaxis(y, -2, place)

    return run


def _batch_normalization(node: Node) -> Run:
    eps = node.take('epsilon', 1e-5)
    node.take('momentum')
    node.require('training_mode', 0)
    if len(node.outputs) > 1:
        raise node.fail('normalizes by the batch, as in training')
    return lambda x, gamma, beta, mean, var: F.fixed_batch_normalization(x, gamma, beta, mean, var, eps)


def _local_response(node: Node) -> Run:
    n, k = node.take('size'), node.take('bias', 1.0)
    alpha, beta = node.take('alpha', 1e-4), node.take('beta', 0.75)
    return lambda x: F.local_response_normalization(x, n, k, alpha / n, beta)


def _softmax_cross_entropy(node: Node) -> Run:
    reduction = node.take('reduction', 'mean')
    ignore_label = node.take('ignore_index', -1)
    if len(node.outputs) > 1:
        raise node.fail('has log_prob as second output')

    def run(x: Value, t: Value, weights: Value | None = None) -> Any:
        labels = as_array(t)
        if reduction == 'mean' and weights is None:
            return F.softmax_cross_entropy(x, labels, ignore_label=ignore_label)
        each: Any = None if weights is None else as_array(weights)
        losses = F.softmax_cross_entropy(x, labels, class_weight=each, ignore_label=ignore_label, reduce='no')
        if reduction == 'none':
            return losses
        total = F.sum(losses)
        if reduction == 'sum':
            return total
        return total / each[labels[labels != ignore_label]].sum()

    return run


OPERATORS: Mapping[str, Make] = {
    'Gemm': _gemm,
    'MatMul': same(F.matmul),
    'Einsum': _einsum,
    'Det': same(_det),
    'DFT': _dft,
    'BatchNormalization': _batch_normalization,
    'LRN': _local_response,
    'SoftmaxCrossEntropyLoss': _softmax_cross_entropy,
}
