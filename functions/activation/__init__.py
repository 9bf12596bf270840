"""Activation functions."""

from chaingrad.functions.activation.rectifier import leaky_relu, relu
from chaingrad.functions.activation.sigmoid import sigmoid, tanh
from chaingrad.functions.activation.softmax import log_softmax, softmax

__all__ = ['leaky_relu', 'log_softmax', 'relu', 'sigmoid', 'softmax', 'tanh']
