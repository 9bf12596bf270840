"""Loss functions."""

from chaingrad.functions.loss.cross_entropy import sigmoid_cross_entropy, softmax_cross_entropy
from chaingrad.functions.loss.squared import mean_squared_error

__all__ = ['mean_squared_error', 'sigmoid_cross_entropy', 'softmax_cross_entropy']
