"""Activation functions."""

import numpy as np

import chaingrad.functions as F
from tests.cases.case import Case
from tests.strategies import axis_of, same_shapes


def _softmax(x, axis=1):
    y = np.exp(x)
    return y / y.sum(axis, keepdims=True)


def _along_axis(shapes):
    return {'axis': axis_of(shapes[0])}


_vectors = same_shapes(1, min_dims=1)
_matrices = same_shapes(1, min_dims=2)

CASES = [
    Case('leaky_relu', F.leaky_relu, lambda x: np.where(x > 0, x, 0.2 * x), kinks=(0,)),
    Case(
        'leaky_relu',
        F.leaky_relu,
        lambda x, slope: np.where(x > 0, x, slope * x),
        options={'slope': -0.5},
        kinks=(0,),
        variant='slope',
    ),
    Case('log_softmax', F.log_softmax, lambda x: np.log(_softmax(x)), shapes=_matrices),
    Case(
        'log_softmax',
        F.log_softmax,
        lambda x, axis: np.log(_softmax(x, axis)),
        options=_along_axis,
        shapes=_vectors,
        variant='axis',
    ),
    Case('relu', F.relu, lambda x: np.maximum(x, 0), kinks=(0,)),
    Case('sigmoid', F.sigmoid, lambda x: 1 / (1 + np.exp(-x))),
    Case('softmax', F.softmax, _softmax, shapes=_matrices),
    Case('softmax', F.softmax, _softmax, options=_along_axis, shapes=_vectors, variant='axis'),
    Case('tanh', F.tanh, lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))),
]
