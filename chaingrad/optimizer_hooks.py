"""Hooks that change gradients before an update: weight decay, clipping, noise."""

import typing as _typing

from chaingrad.autograd.advice import module_getattr as _module_getattr
from chaingrad.optimizers.hooks import (
    GradientClipping,
    GradientHardClipping,
    GradientLARS,
    GradientNoise,
    Lasso,
    WeightDecay,
)

__all__ = ['GradientClipping', 'GradientHardClipping', 'GradientLARS', 'GradientNoise', 'Lasso', 'WeightDecay']


if not _typing.TYPE_CHECKING:  # a type checker that saw it would accept every name
    __getattr__ = _module_getattr(__name__, __all__)
