"""Layers that normalize."""

from chaingrad.links.normalization.batch_normalization import BatchNormalization

__all__ = ['BatchNormalization']
