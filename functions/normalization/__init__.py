"""Normalizations."""

from chaingrad.functions.normalization.batch import (
    batch_normalization,
    batch_renormalization,
    fixed_batch_normalization,
    fixed_batch_renormalization,
)
from chaingrad.functions.normalization.decorrelated import (
    decorrelated_batch_normalization,
    fixed_decorrelated_batch_normalization,
)
from chaingrad.functions.normalization.group import group_normalization, layer_normalization
from chaingrad.functions.normalization.local import local_response_normalization, normalize

# fmt: off
__all__ = [
    'batch_normalization', 'batch_renormalization', 'decorrelated_batch_normalization', 'fixed_batch_normalization',
    'fixed_batch_renormalization', 'fixed_decorrelated_batch_normalization', 'group_normalization',
    'layer_normalization', 'local_response_normalization', 'normalize',
]
# fmt: on
