"""What this rank waits for: every call that may wait says so here, and the watchdog reads it from its own thread."""

from __future__ import annotations

import time
from typing import NamedTuple

__all__ = ['Call', 'Waiting']


class Call(NamedTuple):
    """A call that may wait for other ranks."""

    name: str
    number: int
    since: float


class Waiting:
    """A context manager for one call: `with Waiting('bcast'): ...`."""

    present: Call | None = None
    count = 0

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        Waiting.count += 1
        Waiting.present = Call(self._name, Waiting.count, time.monotonic())

    def __exit__(self, *exc_info: object) -> None:
        Waiting.present = None
