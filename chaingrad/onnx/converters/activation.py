"""Activations and softmax."""

from __future__ import annotations

from collections.abc import Mapping

from chaingrad.functions.activation import piecewise, rectifier, smooth
from chaingrad.functions.activation.sigmoid import Sigmoid, Tanh
from chaingrad.functions.activation.softmax import LogSoftmax, Softmax
from chaingrad.onnx.converters.elementwise import Converter, same
from chaingrad.onnx.graph import Call

__all__ = ['CONVERTERS']


def _clipped(call: Call) -> None:
    call.end('Clip', call.input_names[0], call.number(0), call.number(call.func.cap))


def _leaky(call: Call) -> None:
    call.end('LeakyRelu', call.input_names[0], alpha=float(call.func._slope))


def _rrelu(call: Call) -> None:
    if (call.func.r != (call.func.lower + call.func.upper) / 2).any():
        raise call.fail('is random: export the model with train=False')
    call.end('LeakyRelu', call.input_names[0], alpha=(call.func.lower + call.func.upper) / 2)


def _elu(call: Call) -> None:
    call.end('Elu', call.input_names[0], alpha=call.func.alpha)


def _softplus(call: Call) -> None:
    beta = call.func.beta
    scaled = call.add('Mul', call.input_names[0], call.number(beta))
    call.end('Div', call.add('Softplus', scaled), call.number(beta))


def _swish(call: Call) -> None:
    x, beta = call.input_names
    call.end('Mul', x, call.add('Sigmoid', call.add('Mul', x, beta)))


def _prelu(call: Call) -> None:
    x, W = call.input_names
    shape = call.step.arrays[1].shape
    if shape:  # W stands for the first axes of a sample
        W = call.add('Reshape', W, call.sizes([*shape, *([1] * (call.x.ndim - 1 - len(shape)))]))
    call.end('PRelu', x, W)


def _softmax(kind: str) -> Converter:
    def convert(call: Call) -> None:
        call.end(kind, call.input_names[0], axis=call.func.axis)

    return convert


CONVERTERS: Mapping[type, Converter] = {
    rectifier.ReLU: same('Relu'),
    rectifier.LeakyReLU: _leaky,
    Sigmoid: same('Sigmoid'),
    Tanh: same('Tanh'),
    piecewise.ClippedReLU: _clipped,
    piecewise.HardSigmoid: same('HardSigmoid', alpha=0.2, beta=0.5),
    piecewise.RReLU: _rrelu,
    piecewise.PReLUFunction: _prelu,
    smooth.ELU: _elu,
    smooth.Softplus: _softplus,
    smooth.Swish: _swish,
    Softmax: _softmax('Softmax'),
    LogSoftmax: _softmax('LogSoftmax'),
}
