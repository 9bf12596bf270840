"""Triggers that fire at given points, once, or after periods of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chaingrad.links.serializer import AbstractSerializer
from chaingrad.training.triggers.interval import check_unit, or_guess, passed, serialize_last_call


class ManualScheduleTrigger:
    """Fire when training passes given points.

    Args:
        points (float or sequence): one or several epochs or iterations.
        unit (str): `'epoch'` or `'iteration'`.

    Raises:
        ValueError: when the unit is unknown.

    Example:
        >>> from chaingrad.training.triggers import ManualScheduleTrigger
        >>> ManualScheduleTrigger([5, 20], 'epoch')
        ManualScheduleTrigger([5, 20], 'epoch')
    """

    def __init__(self, points: float | Sequence[float], unit: str) -> None:
        check_unit('ManualScheduleTrigger', unit)
        self.points = list(points) if isinstance(points, Iterable) else [points]
        self.unit = unit
        self.finished = False
        self._previous_iteration = 0
        self._previous_epoch_detail = 0.0

    def __call__(self, trainer: Any) -> bool:
        """Return whether a point lies between the last call and now."""
        updater = trainer.updater
        before, now = passed(self, updater)
        fires = any(before < point <= now for point in self.points)
        self.finished = all(point <= now for point in self.points)
        self._previous_iteration = updater.iteration
        self._previous_epoch_detail = getattr(updater, 'epoch_detail', self._previous_epoch_detail)
        return fires

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load when the trigger was last called and whether its last point has passed."""
        serialize_last_call(self, serializer)
        guess = 'It counts as not finished.'
        self.finished = bool(or_guess(serializer, 'finished', self.finished, False, type(self).__name__, guess))

    def __repr__(self) -> str:
        return f'ManualScheduleTrigger({self.points!r}, {self.unit!r})'


class OnceTrigger:
    """Fire at the first call only.

    A run that is resumed from a snapshot without its state counts it as one that has fired.

    Args:
        call_on_resume (bool): whether to fire again in a run that was resumed from a snapshot.

    Example:
        >>> from chaingrad.training.triggers import OnceTrigger
        >>> once = OnceTrigger()
        >>> once(None), once(None)
        (True, False)
    """

    def __init__(self, call_on_resume: bool = False) -> None:
        self._call_on_resume = call_on_resume
        self._first = True  # False in a snapshot that was saved after the first call
        self._first_since_resume = call_on_resume

    @property
    def finished(self) -> bool:
        """Return whether it will not fire again."""
        return not (self._first or self._first_since_resume)

    def __call__(self, trainer: Any) -> bool:
        """Return True at the first call."""
        fires = not self.finished
        self._first = False
        self._first_since_resume = False
        return fires

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load whether it has fired."""
        guess = 'It counts as one that has fired before the run was resumed.'
        self._first = bool(or_guess(serializer, '_flag_first', self._first, False, type(self).__name__, guess))

    def __repr__(self) -> str:
        return f'OnceTrigger(call_on_resume={self._call_on_resume})'


class TimeTrigger:
    """Fire whenever a number of seconds of training has passed.

    Args:
        period (float): the number of seconds, above zero.

    Raises:
        ValueError: when the period is not positive.

    Example:
        >>> from chaingrad.training.triggers import TimeTrigger
        >>> TimeTrigger(3600)
        TimeTrigger(3600)
    """

    def __init__(self, period: float) -> None:
        if not period > 0:
            raise ValueError(f'TimeTrigger: period must be a number of seconds above zero, but it is {period!r}.')
        self._period = period
        self._next_time: float | None = period

    def __call__(self, trainer: Any) -> bool:
        """Return whether another period of the trainer's elapsed time has passed."""
        now = trainer.elapsed_time
        if self._next_time is None:  # resumed from a snapshot that did not have this trigger: count from here
            self._next_time = now + self._period
        if self._next_time >= now:
            return False
        self._next_time += self._period
        return True

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load when it fires next."""
        guess = 'It counts from the time at which the run is resumed.'
        self._next_time = or_guess(serializer, 'next_time', self._next_time, None, type(self).__name__, guess)

    def __repr__(self) -> str:
        return f'TimeTrigger({self._period!r})'
