"""Activation functions."""

from chaingrad.functions.activation.piecewise import clipped_relu, crelu, hard_sigmoid, maxout, prelu, relu6, rrelu
from chaingrad.functions.activation.rectifier import leaky_relu, relu
from chaingrad.functions.activation.sigmoid import sigmoid, tanh
from chaingrad.functions.activation.smooth import elu, selu, softplus, swish
from chaingrad.functions.activation.softmax import log_softmax, softmax

# fmt: off
__all__ = [
    'clipped_relu', 'crelu', 'elu', 'hard_sigmoid', 'leaky_relu', 'log_softmax', 'maxout', 'prelu', 'relu', 'relu6',
    'rrelu', 'selu', 'sigmoid', 'softmax', 'softplus', 'swish', 'tanh',
]
# fmt: on
