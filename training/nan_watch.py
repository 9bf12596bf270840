"""The one warning of a run whose loss has become NaN."""

from __future__ import annotations

import warnings
from typing import Any

PATIENCE = 3
"""Number of iterations in a row: a single one may be an overflow that a dynamic loss scale is skipping."""


class NaNWatch:
    """Look at the losses that are reported, and warn once when one stays NaN; `FailOnNonNumber` stops the run."""

    def __init__(self) -> None:
        self._since: dict[str, int] = {}  # first iteration of a row of NaN, by key
        self._has_warned = False

    def look(self, observation: dict[str, Any], iteration: int) -> None:
        """Look at what an iteration has reported.

        Args:
            observation: values by name; those whose name ends in `loss` are losses.
            iteration: the number of the iteration.
        """
        if self._has_warned:
            return
        for key, value in observation.items():
            if not key.endswith('loss'):
                continue
            value = getattr(value, 'array', value)
            if getattr(value, 'ndim', 0) or not bool(value != value):
                self._since.pop(key, None)
            elif iteration - self._since.setdefault(key, iteration) >= PATIENCE - 1:
                self._warn(key)
                return

    def end(self) -> None:
        """Warn of a run that ended before the row was long enough."""
        for key in self._since:
            if not self._has_warned:
                self._warn(key)

    def _warn(self, key: str) -> None:
        self._has_warned = True
        warnings.warn(
            f'Trainer: {key} is NaN since iteration {self._since[key]}. Lower the learning rate or clip the gradients '
            '(optimizer_hooks.GradientClipping); chaingrad.detect_anomaly() names the function that makes the NaN, and '
            'extensions.FailOnNonNumber() stops such a run.',
            RuntimeWarning,
            stacklevel=3,
        )
