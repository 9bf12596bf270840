"""Leaving a training loop when a signal asks for it, without losing what was computed.

SIGINT and SIGTERM only set a flag; the loop looks at it after every iteration. Code that may take long and can be
begun anew (an Evaluator, waiting for a worker) runs inside `interruptible()`, where the signal ends it at once.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any

from chaingrad.training import random_state

EXIT_CODE_OF_SIGTERM = 128 + 15


class StopRequest(BaseException):
    """Raised when a signal has asked to stop: between two iterations, or inside `interruptible()`.

    A BaseException, so that `except Exception` in user code does not swallow it. `interrupted` tells whether something
    was left undone.
    """

    def __init__(self, interrupted: bool) -> None:
        super().__init__('a signal has asked the training loop to stop')
        self.interrupted = interrupted


class StopSignals:
    """Collect SIGINT and SIGTERM while a training loop runs.

    To be used as a context manager. Outside the main thread, where Python allows no handlers, and for a signal that
    the program ignores it changes nothing. The previous handlers come back at the end.
    """

    active: StopSignals | None = None  # the innermost loop of the main thread

    def __init__(self) -> None:
        self.received: int | None = None
        self.may_interrupt = False
        self._before: dict[int, Any] = {}
        self._outer: StopSignals | None = None
        self._acted = False

    def __enter__(self) -> StopSignals:
        if threading.current_thread() is threading.main_thread():
            self._outer, StopSignals.active = StopSignals.active, self
            for name in ('SIGINT', 'SIGTERM'):
                number = getattr(signal, name, None)
                if number is not None and signal.getsignal(number) not in (signal.SIG_IGN, None):
                    self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *exc_info: object) -> None:
        if StopSignals.active is self:
            for number, handler in self._before.items():
                signal.signal(number, handler)
            StopSignals.active = self._outer
            if self.received is not None and not self._acted:
                signal.raise_signal(self.received)  # came too late for the loop: as if it had come after it

    def _handle(self, number: int, frame: Any) -> None:
        if self.received == signal.SIGINT == number:
            self._acted = True
            raise KeyboardInterrupt  # the second Ctrl-C: at once
        if self.received is None:
            self.received = number
        if self.may_interrupt:
            self.may_interrupt = False
            self.stop(interrupted=True)

    def stop(self, interrupted: bool) -> None:
        """Leave the loop if a signal has come."""
        if self.received is not None:
            self._acted = True
            raise StopRequest(interrupted)

    def leave(self) -> None:
        """Raise what the signal that was received means for the program."""
        if self.received == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(EXIT_CODE_OF_SIGTERM)


def stop_requested() -> bool:
    """Return whether a signal has asked the training loop of this process to stop.

    For code that polls, such as an iterator that waits for its workers.
    """
    return StopSignals.active is not None and StopSignals.active.received is not None


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGINT and SIGTERM end the block at once, with a `StopRequest`.

    Only for what can be begun anew after a resume. The random states are put back to where the block found them.
    Outside a training loop, and in other threads, nothing changes.
    """
    signals = StopSignals.active
    if signals is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    before, nested = random_state.capture(), signals.may_interrupt
    try:
        signals.may_interrupt = True
        signals.stop(interrupted=True)
        yield
    except StopRequest:
        random_state.restore(before)
        raise
    finally:
        signals.may_interrupt = nested
