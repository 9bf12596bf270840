"""Hooks that change gradients before an update: weight decay, clipping, noise."""

from chaingrad.optimizers.hooks import (
    GradientClipping,
    GradientHardClipping,
    GradientLARS,
    GradientNoise,
    Lasso,
    WeightDecay,
)

__all__ = ['GradientClipping', 'GradientHardClipping', 'GradientLARS', 'GradientNoise', 'Lasso', 'WeightDecay']
