"""Operators of one array or of several, element by element, and activations."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import chaingrad.functions as F
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.onnx.operators.node import Make, Node, Run, Value, is_floating

__all__ = ['OPERATORS', 'same']

# The dtypes by their numbers in ONNX.
_DTYPES = {
    1: 'float32',
    2: 'uint8',
    3: 'int8',
    4: 'uint16',
    5: 'int16',
    6: 'int32',
    7: 'int64',
    9: 'bool',
    10: 'float16',
    11: 'float64',
    12: 'uint32',
    13: 'uint64',
}


def same(function: Callable[..., Any]) -> Make:
    """Return what makes an operator without attributes ready."""

    def make(node: Node) -> Run:
        return function

    return make


def _either(function: Callable[..., Any], on_integers: Callable[..., Any]) -> Make:
    """Return the same, for an operator that also takes integers, which get no gradient."""

    def run(*xs: Value) -> Any:
        return function(*xs) if is_floating(xs[0]) else on_integers(*xs)

    return same(run)


def _divide(a: Value, b: Value) -> Any:
    if is_floating(a):
        return a / b
    quotient = np.abs(a) // np.abs(b)  # ONNX rounds to zero
    return np.where((a < 0) == (b < 0), quotient, -quotient).astype(a.dtype)


def _folded(function: Callable[..., Any]) -> Make:
    """Return what makes an operator of any number of arrays ready."""
    return same(lambda *xs: functools.reduce(function, xs))


def _comparison(function: Callable[..., Any]) -> Make:
    return same(lambda a, b: function(as_array(a), as_array(b)))


def _where(condition: Value, a: Value, b: Value) -> Any:
    if is_floating(a):
        return F.where(as_array(condition), a, b)
    return np.where(condition, a, b)


def _mod(node: Node) -> Run:
    is_c = node.take('fmod', 0)

    def run(a: Value, b: Value) -> Any:
        if is_floating(a):
            return F.fmod(a, b)
        return np.fmod(a, b) if is_c else np.mod(a, b)

    return run


def _clip(x: Value, low: Value | None = None, high: Value | None = None) -> Any:
    ends = [None if end is None else as_array(end).item() for end in (low, high)]
    return F.clip(x, *ends) if is_floating(x) else np.clip(x, *ends)


def _cast(node: Node) -> Run:
    kind = node.take('to')
    node.require('saturate', 1)
    if kind not in _DTYPES:
        raise node.fail(f'casts to the dtype of number {kind}, which NumPy does not have')
    dtype = np.dtype(_DTYPES[kind])

    def run(x: Value) -> Any:
        if isinstance(x, Variable) and dtype.kind == 'f':
            return F.cast(x, dtype)
        return as_array(x).astype(dtype)

    return run


# Activations


def _leaky_relu(node: Node) -> Run:
    alpha = node.take('alpha', 0.01)
    return lambda x: F.leaky_relu(x, alpha)


def _elu(node: Node) -> Run:
    alpha = node.take('alpha', 1.0)
    return lambda x: F.elu(x, alpha)


def _hard_sigmoid(node: Node) -> Run:
    alpha, beta = node.take('alpha', 0.2), node.take('beta', 0.5)
    return lambda x: F.clip(x * alpha + beta, 0.0, 1.0)


def _prelu(x: Value, W: Value) -> Any:
    return F.relu(x) - F.relu(-x) * W


def _over_axis(function: Callable[..., Any]) -> Make:
    def make(node: Node) -> Run:
        axis = node.take('axis', -1)
        return lambda x: function(x, axis=axis)

    return make


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    'Acos': F.arccos,
    'Asin': F.arcsin,
    'Atan': F.arctan,
    'Atanh': F.arctanh,
    'Ceil': F.ceil,
    'Cos': F.cos,
    'Cosh': F.cosh,
    'Erf': F.erf,
    'Exp': F.exp,
    'Floor': F.floor,
    'Log': F.log,
    'Relu': F.relu,
    'Sigmoid': F.sigmoid,
    'Sin': F.sin,
    'Sinh': F.sinh,
    'Softplus': F.softplus,
    'Sqrt': F.sqrt,
    'Tan': F.tan,
    'Tanh': F.tanh,
}

OPERATORS: Mapping[str, Make] = {
    **{kind: same(function) for kind, function in _FUNCTIONS.items()},
    'Abs': _either(F.absolute, np.absolute),
    'Neg': _either(operator.neg, np.negative),
    'Sign': _either(F.sign, np.sign),
    'Identity': same(lambda x: x),
    'Reciprocal': same(lambda x: 1 / x),
    'Add': same(operator.add),
    'Sub': same(operator.sub),
    'Mul': same(operator.mul),
    'Div': same(_divide),
    'Pow': same(operator.pow),
    'Mod': _mod,
    'Sum': _folded(operator.add),
    'Max': _either(lambda *xs: functools.reduce(F.maximum, xs), lambda *xs: functools.reduce(np.maximum, xs)),
    'Min': _either(lambda *xs: functools.reduce(F.minimum, xs), lambda *xs: functools.reduce(np.minimum, xs)),
    'Equal': _comparison(operator.eq),
    'Less': _comparison(operator.lt),
    'Where': same(_where),
    'Clip': same(_clip),
    'Cast': _cast,
    'LeakyRelu': _leaky_relu,
    'Elu': _elu,
    'HardSigmoid': _hard_sigmoid,
    'PRelu': same(_prelu),
    'Softmax': _over_axis(F.softmax),
    'LogSoftmax': _over_axis(F.log_softmax),
}
