"""The trigger that stops a training when its time is over."""

from __future__ import annotations

import time
from typing import Any

from chaingrad.training.triggers.interval import get_trigger


class TimeLimitTrigger:
    """Fire when so many seconds have passed; to be used as stop trigger.

    When the time is over the trainer saves through its snapshot extensions, as it does for SIGTERM, and `run` returns.
    The program started again with `snapshot(autoload=True)` goes on from there, with the same seconds anew: so a job
    may be as short as a queue wants it.

    Args:
        limit: Seconds, above zero. Leave time for one iteration and for saving.
        max_trigger: Training ends at the latest with this one; a trigger or a tuple. It gives the length that progress
            bars show.
        total: Whether the seconds before a resume count too.

    Raises:
        ValueError: The limit is not positive.

    Example:
        >>> from chaingrad.training.triggers import TimeLimitTrigger
        >>> TimeLimitTrigger(8 * 3600, (100, 'epoch'))
        TimeLimitTrigger(28800, IntervalTrigger(100, 'epoch'))
    """

    def __init__(self, limit: float, max_trigger: Any = None, *, total: bool = False) -> None:
        if isinstance(limit, (str, bytes)) or not limit > 0:
            raise ValueError(f'TimeLimitTrigger: limit must be a number of seconds above zero, but it is {limit!r}.')
        self.limit = limit
        self.total = total
        self.saves_run = False  # whether it has ended a run that is to be resumed
        self._max_trigger = get_trigger(max_trigger)
        self._begin: float | None = None

    def __call__(self, trainer: Any) -> bool:
        """Return whether the time is over or `max_trigger` fires."""
        now = time.monotonic()
        if self._begin is None:
            self._begin = now
        # Asked first: the other one must be as it was when the resumed run asks it about this iteration.
        if (trainer.elapsed_time if self.total else now - self._begin) >= self.limit:
            self.saves_run = True
            return True
        return self._max_trigger(trainer)

    def get_training_length(self) -> tuple[float, str] | None:
        """Return the length of a training that does not run out of time, or None where it has none."""
        length = getattr(self._max_trigger, 'get_training_length', None)
        return None if length is None else length()

    def serialize(self, serializer: Any) -> None:
        """Save or load the state of `max_trigger`."""
        if hasattr(self._max_trigger, 'serialize'):
            self._max_trigger.serialize(serializer['max_trigger'])

    def __repr__(self) -> str:
        last = '' if self._max_trigger is get_trigger(None) else f', {self._max_trigger!r}'
        return f'TimeLimitTrigger({self.limit!r}{last}{", total=True" * self.total})'
