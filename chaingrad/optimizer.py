"""The bases of optimizers, and hooks that change gradients before an update."""

from chaingrad.optimizers.hooks import (
    GradientClipping,
    GradientHardClipping,
    GradientLARS,
    GradientNoise,
    Lasso,
    WeightDecay,
)
from chaingrad.optimizers.hyperparameter import Hyperparameter, HyperparameterProxy
from chaingrad.optimizers.optimizer import GradientMethod, Optimizer
from chaingrad.optimizers.update_rule import UpdateRule

__all__ = [
    'GradientClipping',
    'GradientHardClipping',
    'GradientLARS',
    'GradientMethod',
    'GradientNoise',
    'Hyperparameter',
    'HyperparameterProxy',
    'Lasso',
    'Optimizer',
    'UpdateRule',
    'WeightDecay',
]
