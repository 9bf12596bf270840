"""The trigger that fires at regular intervals, and `get_trigger`, which makes a trigger from what users write."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any, TypeAlias

from chaingrad.autograd.advice import habits
from chaingrad.autograd.tracebacks import short_traceback
from chaingrad.links.serializer import AbstractSerializer

Trigger: TypeAlias = Callable[[Any], bool]  # of a Trainer

TriggerLike: TypeAlias = Trigger | tuple[float, str] | None
"""The argument of `get_trigger`: a trigger, a tuple such as `(1, 'epoch')`, or None for one that never fires."""

UNITS = ('epoch', 'iteration')
UNKNOWN = -1
"""When a trigger was last called, in a snapshot that did not have this trigger."""


class IntervalTrigger:
    """Fire whenever another period has passed.

    Args:
        period (float): length of the interval, above zero; a number of epochs may be a fraction.
        unit (str): `'epoch'` or `'iteration'`.

    Raises:
        ValueError: when the unit is unknown or the period is not positive.

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
        before, now = passed(self, updater)
        if self.unit == 'iteration':
            fires = now // self.period != before // self.period
        else:
            fires = count_periods(now, self.period) != count_periods(before, self.period)
        self._previous_iteration = updater.iteration
        self._previous_epoch_detail = getattr(updater, 'epoch_detail', self._previous_epoch_detail)
        return fires

    def get_training_length(self) -> tuple[float, str]:
        """Return period and unit: the length of a training that this trigger stops."""
        return self.period, self.unit

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load when the trigger was last called."""
        serialize_last_call(self, serializer)

    def __repr__(self) -> str:
        return f'IntervalTrigger({self.period!r}, {self.unit!r})'


def passed(trigger: Any, updater: Any) -> tuple[float, float]:
    """Return the iteration or epoch of the last call of a trigger and that of now, in the trigger's unit.

    A resumed run whose snapshot did not have this trigger counts from the resume: from one iteration ago.
    """
    if trigger.unit == 'iteration':
        iteration = updater.iteration
        if trigger._previous_iteration < 0:
            return iteration - 1, iteration
        return trigger._previous_iteration, iteration
    if trigger._previous_epoch_detail < 0:
        return updater.previous_epoch_detail, updater.epoch_detail
    return trigger._previous_epoch_detail, updater.epoch_detail


def count_periods(epoch_detail: float, period: float) -> int:
    """Return how many periods have passed.

    The small number makes 0.3 epochs three periods of 0.1, although 0.3 // 0.1 is 2.
    """
    return math.floor(epoch_detail / period + 1e-9)


def serialize_last_call(trigger: Any, serializer: AbstractSerializer) -> None:
    """Save or load when a trigger was last called."""
    who, guess = type(trigger).__name__, 'It counts from the iteration at which the run is resumed.'
    iteration, epoch = trigger._previous_iteration, trigger._previous_epoch_detail
    trigger._previous_iteration = or_guess(serializer, 'previous_iteration', iteration, UNKNOWN, who, guess)
    trigger._previous_epoch_detail = or_guess(serializer, 'previous_epoch_detail', epoch, float(UNKNOWN), who, guess)


def optional(serializer: AbstractSerializer, key: str, value: Any, absent: Any) -> Any:
    """Save a value, or load one; return `absent` when the file does not have it, as one written by Chainer."""
    try:
        return serializer(key, value)
    except KeyError:
        return absent


def or_guess(serializer: AbstractSerializer, key: str, value: Any, absent: Any, who: str, guess: str) -> Any:
    """Save a value of a trigger, or load one; return `absent` when the file does not have it, and warn what follows."""
    try:
        return serializer(key, value)
    except KeyError:
        warnings.warn(f'{who}: the file does not hold the state of this trigger (its {key}). {guess}', stacklevel=3)
        return absent


def check_unit(who: str, unit: str) -> None:
    """Raise ValueError unless `unit` is 'epoch' or 'iteration'."""
    if unit not in UNITS:
        close = habits().nearest(str(unit), UNITS)
        advice = f' Did you mean {close!r}?' if close else ''
        raise ValueError(f"{who}: unit must be 'epoch' or 'iteration', but it is {unit!r}.{advice}")


def never(trainer: Any) -> bool:
    """Never fire: the trigger that `get_trigger(None)` returns."""
    return False


def get_trigger(trigger: TriggerLike) -> Trigger:
    """Make a trigger from what users write.

    Args:
        trigger: a trigger (any callable that takes the trainer), a tuple such as `(1, 'epoch')`, or None for one that
            never fires.

    Returns:
        A callable that takes the trainer and returns whether it fires.

    Raises:
        ValueError: when the unit or the period of a tuple is wrong.
        TypeError: when it is neither a callable, nor a tuple of two, nor None.

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
        with short_traceback():
            return IntervalTrigger(*trigger)
    raise TypeError(
        f"get_trigger: a trigger must be a callable, None or a tuple, but it is {trigger!r}. Write (20, 'epoch') or "
        "(1000, 'iteration')."
    )
