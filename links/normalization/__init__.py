"""Layers that normalize."""

from chaingrad.links.normalization.batch_normalization import BatchNormalization
from chaingrad.links.normalization.batch_renormalization import BatchRenormalization
from chaingrad.links.normalization.decorrelated_batch_normalization import DecorrelatedBatchNormalization
from chaingrad.links.normalization.layer_normalization import GroupNormalization, LayerNormalization

__all__ = [
    'BatchNormalization',
    'BatchRenormalization',
    'DecorrelatedBatchNormalization',
    'GroupNormalization',
    'LayerNormalization',
]
