"""The trigger that stops training after a time limit."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from chaingrad.links.serializer import AbstractSerializer
from chaingrad.training.triggers.interval import TriggerLike, get_trigger

if TYPE_CHECKING:
    from chaingrad.training.trainer import Trainer


class TimeLimitTrigger:
    """Fire when a number of seconds has passed; a stop trigger.

    When the time is over the trainer saves through its snapshot extensions, as it does for SIGTERM, and `run` returns.
    Started again with `snapshot(autoload=True)`, the program goes on from there and has the same number of seconds
    again, so that a long training can be split into jobs as short as a queue allows.

    Args:
        limit (float): number of seconds, above zero. Leave time for one iteration and for saving.
        max_trigger (trigger or tuple): ends training before the time limit; it gives the length that progress bars
            show.
        total (bool): whether the seconds before a resume count too.

    Raises:
        ValueError: when the limit is not positive.

    Example:
        >>> from chaingrad.training.triggers import TimeLimitTrigger
        >>> TimeLimitTrigger(8 * 3600, (100, 'epoch'))
        TimeLimitTrigger(28800, IntervalTrigger(100, 'epoch'))
    """

    def __init__(self, limit: float, max_trigger: TriggerLike = None, *, total: bool = False) -> None:
        if isinstance(limit, (str, bytes)) or not limit > 0:
            raise ValueError(f'TimeLimitTrigger: limit must be a number of seconds above zero, but it is {limit!r}.')
        self.limit = limit
        self.total = total
        self.saves_run = False  # whether it has ended a run that is to be resumed
        self._max_trigger = get_trigger(max_trigger)
        self._begin: float | None = None

    def __call__(self, trainer: Trainer) -> bool:
        """Return whether the time is over or `max_trigger` fires."""
        now = time.monotonic()
        if self._begin is None:
            self._begin = now
        seconds = trainer.elapsed_time if self.total else now - self._begin
        # Before `max_trigger` is called, which must not change: the resumed run calls it for this iteration again.
        if seconds >= self.limit:
            self.saves_run = True
            return True
        return self._max_trigger(trainer)

    def get_training_length(self) -> tuple[float, str] | None:
        """Return the length of a training that ends before the time limit, or None when `max_trigger` has none."""
        length = getattr(self._max_trigger, 'get_training_length', None)
        return None if length is None else length()

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the state of `max_trigger`."""
        if hasattr(self._max_trigger, 'serialize'):
            self._max_trigger.serialize(serializer['max_trigger'])

    def __repr__(self) -> str:
        last = '' if self._max_trigger is get_trigger(None) else f', {self._max_trigger!r}'
        return f'TimeLimitTrigger({self.limit!r}{last}{", total=True" * self.total})'
