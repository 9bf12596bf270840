"""Loss functions."""

from chaingrad.functions.loss.clustering import discriminative_margin_based_clustering_loss
from chaingrad.functions.loss.covariance import cross_covariance, decov
from chaingrad.functions.loss.crf import argmax_crf1d, crf1d
from chaingrad.functions.loss.cross_entropy import sigmoid_cross_entropy, softmax_cross_entropy
from chaingrad.functions.loss.ctc import connectionist_temporal_classification
from chaingrad.functions.loss.likelihood import bernoulli_nll, gaussian_kl_divergence, gaussian_nll
from chaingrad.functions.loss.margin import contrastive, hinge, triplet
from chaingrad.functions.loss.sampling import black_out, negative_sampling
from chaingrad.functions.loss.squared import (
    absolute_error,
    huber_loss,
    mean_absolute_error,
    mean_squared_error,
    squared_error,
)

# fmt: off
__all__ = [
    'absolute_error', 'argmax_crf1d', 'bernoulli_nll', 'black_out', 'connectionist_temporal_classification',
    'contrastive', 'crf1d', 'cross_covariance', 'decov', 'discriminative_margin_based_clustering_loss',
    'gaussian_kl_divergence', 'gaussian_nll', 'hinge', 'huber_loss', 'mean_absolute_error', 'mean_squared_error',
    'negative_sampling', 'sigmoid_cross_entropy', 'softmax_cross_entropy', 'squared_error', 'triplet',
]
# fmt: on
