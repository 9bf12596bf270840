"""The trigger that fires every so many iterations or epochs, and how a trigger is made from what users write."""

from __future__ import annotations

import math
from typing import Any

UNITS = ('epoch', 'iteration')
_UNKNOWN = -1


class IntervalTrigger:
    """Fire whenever another period has passed.

    Args:
        period: Length of the interval, above zero; of epochs also a fraction.
        unit: `'epoch'` or `'iteration'`.

    Raises:
        ValueError: The unit is unknown or the period not positive.

    Example:
        >>> from chaingrad.training.triggers import IntervalTrigger
        >>> IntervalTrigger(5, 'epoch').get_training_length()
        (5, 'epoch')
    """

    def __init__(self, period: float, unit: str) -> None:
        check_unit('IntervalTrigger', unit)
        if isinstance(period, (str, bytes)) or not period > 0:
            raise ValueError(f'IntervalTrigger: period must be a number above zero, but it is {period!r}.')
        self.period = period
        self.unit = unit
        self._previous_iteration = 0
        self._previous_epoch_detail = 0.0

    def __call__(self, trainer: Any) -> bool:
        """Return whether a multiple of the period lies between the last call and now."""
        updater = trainer.updater
        if self.unit == 'iteration':
            now, before = updater.iteration, self._previous_iteration
            if before < 0:  # a snapshot that did not know this trigger: count from here
                before = now - 1
            fires = now // self.period != before // self.period
        else:
            now, before = updater.epoch_detail, self._previous_epoch_detail
            if before < 0:
                before = updater.previous_epoch_detail
            fires = periods(now, self.period) != periods(before, self.period)
        self._previous_iteration = updater.iteration
        self._previous_epoch_detail = getattr(updater, 'epoch_detail', self._previous_epoch_detail)
        return fires

    def get_training_length(self) -> tuple[float, str]:
        """Return period and unit: the length of a training that this trigger stops."""
        return self.period, self.unit

    def serialize(self, serializer: Any) -> None:
        """Save or load when the trigger was last called."""
        self._previous_iteration = optional(serializer, 'previous_iteration', self._previous_iteration, _UNKNOWN)
        self._previous_epoch_detail = optional(
            serializer, 'previous_epoch_detail', self._previous_epoch_detail, float(_UNKNOWN)
        )

    def __repr__(self) -> str:
        return f'IntervalTrigger({self.period!r}, {self.unit!r})'


def periods(epoch_detail: float, period: float) -> int:
    """Return how many whole periods have passed.

    The small number keeps 0.3 epochs from counting as two periods of 0.1, since 0.3 // 0.1 is 2.
    """
    return math.floor(epoch_detail / period + 1e-9)


def optional(serializer: Any, key: str, value: Any, absent: Any) -> Any:
    """Save a value, or load one that files of other programs may lack; `absent` stands for it then."""
    try:
        return serializer(key, value)
    except KeyError:
        return absent


def check_unit(who: str, unit: Any) -> None:
    """Raise ValueError unless `unit` is one that an updater counts in."""
    if unit not in UNITS:
        raise ValueError(f"{who}: unit must be 'epoch' or 'iteration', but it is {unit!r}.")


def never(trainer: Any) -> bool:
    """Never fire; the trigger made from None."""
    return False


def get_trigger(trigger: Any) -> Any:
    """Make a trigger of what users write.

    Args:
        trigger: A trigger (any callable that takes the trainer), a tuple such as `(1, 'epoch')`, or None for one that
            never fires.

    Returns:
        A callable that takes the trainer and returns whether it fires.

    Raises:
        ValueError: The unit or the period of a tuple is wrong.
        TypeError: It is neither callable, nor a tuple of two, nor None.

    Example:
        >>> from chaingrad.training import get_trigger
        >>> get_trigger((1, 'epoch'))
        IntervalTrigger(1, 'epoch')
    """
    if trigger is None:
        return never
    if callable(trigger):
        return trigger
    if isinstance(trigger, (tuple, list)) and len(trigger) == 2:
        return IntervalTrigger(*trigger)
    raise TypeError(
        f"get_trigger: a trigger must be a callable, None or a tuple such as (1, 'epoch'), but it is {trigger!r}."
    )
