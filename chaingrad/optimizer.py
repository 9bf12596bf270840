"""The bases of optimizers; and the hooks of `chaingrad.optimizer_hooks` under their old, deprecated names."""

import warnings
from typing import Any

from chaingrad.optimizers import hooks
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


class _OldName:
    """Base of the hooks under their old names, which warn when they are made."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        name = type(self).__name__
        warnings.warn(
            f'optimizer.{name} is deprecated. Use optimizer_hooks.{name} instead.', DeprecationWarning, stacklevel=2
        )
        super().__init__(*args, **kwargs)


class GradientClipping(_OldName, hooks.GradientClipping):
    """Deprecated name of `optimizer_hooks.GradientClipping`."""


class GradientHardClipping(_OldName, hooks.GradientHardClipping):
    """Deprecated name of `optimizer_hooks.GradientHardClipping`."""


class GradientLARS(_OldName, hooks.GradientLARS):
    """Deprecated name of `optimizer_hooks.GradientLARS`."""


class GradientNoise(_OldName, hooks.GradientNoise):
    """Deprecated name of `optimizer_hooks.GradientNoise`."""


class Lasso(_OldName, hooks.Lasso):
    """Deprecated name of `optimizer_hooks.Lasso`."""


class WeightDecay(_OldName, hooks.WeightDecay):
    """Deprecated name of `optimizer_hooks.WeightDecay`."""
