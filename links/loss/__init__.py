"""Losses with parameters, most of them output layers for many classes."""

from chaingrad.links.loss.crf1d import CRF1d
from chaingrad.links.loss.hierarchical_softmax import BinaryHierarchicalSoftmax
from chaingrad.links.loss.sampled import BlackOut, NegativeSampling

__all__ = ['BinaryHierarchicalSoftmax', 'BlackOut', 'CRF1d', 'NegativeSampling']
