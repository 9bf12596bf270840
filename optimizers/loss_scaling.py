"""The loss scale of an optimizer, constant or dynamic, for training in float16."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from chaingrad.links.serializer import AbstractSerializer

LARGEST_LOSS_SCALE = 65504.0
"""The largest number that float16 holds."""


class LossScaling:
    """The part of an optimizer that chooses the loss scale, the factor on the loss.

    Source:
        P. Micikevicius et al., Mixed Precision Training, ICLR 2018, section 3.2.
    """

    target: Any
    _loss_scale: float | None = None
    _loss_scaling_is_dynamic = False
    _loss_scaling_multiplier = 1.0
    _grads_overflow = False
    _grads_overflowed_once = False

    def loss_scaling(self, interval: int = 1000, scale: float | None = None) -> None:
        """Multiply the loss before backward, so that small float16 gradients do not vanish.

        The gradients are divided by the scale again before hooks and rules see them.

        Args:
            interval (int): number of updates without overflow in which a dynamic scale doubles.
            scale (float): a constant scale; None for a dynamic one, which starts with 1, doubles at every update until
                gradients overflow for the first time, and halves whenever they do. Such an update is skipped.

        Raises:
            ValueError: when interval or scale is not positive.
        """
        who = f'{type(self).__name__}.loss_scaling'
        if scale is None and interval < 1:
            raise ValueError(f'{who}: interval must be at least 1, but it is {interval}.')
        if scale is not None and scale <= 0:
            raise ValueError(f'{who}: scale must be positive, but it is {scale}.')
        self._loss_scaling_is_dynamic = scale is None
        self._loss_scaling_multiplier = 2.0 ** (1 / interval)
        self._grads_overflow = False
        self._grads_overflowed_once = False
        self._loss_scale = 1.0 if scale is None else scale

    def set_loss_scale(self, loss_scale: float) -> None:
        """Set a constant loss scale.

        Args:
            loss_scale (float): factor on the loss.

        Raises:
            ValueError: when it is not positive.
        """
        self.loss_scaling(scale=loss_scale)

    def check_nan_in_grads(self) -> None:
        """With a dynamic loss scale, check whether a gradient is not finite, and warn."""
        if not self._loss_scaling_is_dynamic:
            return
        self._grads_overflow = False
        for name, param in self.target.namedparams(include_uninit=False):
            if param.grad is not None and not np.isfinite(param.grad).all():
                self._grads_overflow = True
                self._grads_overflowed_once = True
                warnings.warn(
                    f'{type(self).__name__}.update: the gradient of {name} overflows at loss scale '
                    f'{self._loss_scale:g}, so this update is left out and the scale is halved.',
                    RuntimeWarning,
                    stacklevel=4,
                )
                return

    def update_loss_scale(self) -> None:
        """Adapt a dynamic loss scale: halve it after an overflow, otherwise let it grow."""
        if not self._loss_scaling_is_dynamic or self._loss_scale is None:
            return
        if self._grads_overflow:
            factor = 0.5
        elif self._grads_overflowed_once:
            factor = self._loss_scaling_multiplier
        else:
            factor = 2.0
        self._loss_scale = min(max(self._loss_scale * factor, 1.0), LARGEST_LOSS_SCALE)

    def _serialize_loss_scale(self, serializer: AbstractSerializer) -> None:
        try:
            self._loss_scale = serializer('loss_scale', self._loss_scale)
            self._grads_overflowed_once = serializer('grads_overflowed_once', self._grads_overflowed_once)
        except KeyError:  # a file of Chainer: the scale starts again
            pass
