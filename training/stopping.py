"""Leaving a training loop on a signal without losing results.

SIGINT and SIGTERM only set a flag, which the loop checks after every iteration. Code that may take long and can be
started again (an Evaluator, waiting for a worker) runs inside `interruptible()`, where the signal ends it at once.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from chaingrad.training import random_state

EXIT_CODE_OF_SIGTERM = 128 + 15


class StopRequest(BaseException):
    """Raised when a signal has asked to stop: between two iterations, or inside `interruptible()`.

    A BaseException, so that `except Exception` in user code does not swallow it. `interrupted` says whether it left
    something undone.
    """

    def __init__(self, interrupted: bool) -> None:
        super().__init__('a signal has asked the training loop to stop')
        self.interrupted = interrupted


class StopSignals:
    """Collect SIGINT and SIGTERM while a training loop runs.

    It is a context manager, which restores the previous handlers at the end. Outside the main thread, where Python
    allows no handlers, and for a signal that the program ignores it changes nothing.

    Args:
        agreement (callable): where several processes run one loop: called after every iteration with the signal that
            this process has received, or 0; returns the one for which all stop now, or 0. Called with None at the end.
    """

    active: StopSignals | None = None  # the innermost loop of the main thread

    def __init__(self, agreement: Callable[[int | None], int] | None = None) -> None:
        self._agreement = agreement
        self.received: int | None = None
        self.may_interrupt = False
        self._previous_handlers: dict[int, Any] = {}
        self._outer: StopSignals | None = None
        self._has_acted = False  # whether the signal has ended the loop

    def __enter__(self) -> StopSignals:
        if threading.current_thread() is threading.main_thread():
            self._outer = StopSignals.active
            StopSignals.active = self
            for name in ('SIGINT', 'SIGTERM'):
                number = getattr(signal, name, None)
                if number is not None and signal.getsignal(number) not in (signal.SIG_IGN, None):
                    self._previous_handlers[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, kind: type[BaseException] | None, *exc_info: object) -> None:
        if self._agreement is not None and kind is None:
            self._agreement(None)
        if StopSignals.active is self:
            for number, handler in self._previous_handlers.items():
                signal.signal(number, handler)
            StopSignals.active = self._outer
            if self.received is not None and not self._has_acted:
                signal.raise_signal(self.received)  # too late for the loop: as if it were received after it

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.received == signal.SIGINT and number == signal.SIGINT:
            self._has_acted = True
            raise KeyboardInterrupt  # the second Ctrl-C leaves at once
        if self.received is None:
            self.received = number
        if self.may_interrupt and self._agreement is None:
            self.may_interrupt = False
            self.stop(interrupted=True)

    def stop(self, interrupted: bool) -> None:
        """Raise StopRequest if a signal was received; of several processes, by any, and in all at once."""
        if self._agreement is not None:
            agreed = 0 if interrupted else self._agreement(self.received or 0)
            if not agreed:
                return
            self.received = agreed
        if self.received is not None:
            self._has_acted = True
            raise StopRequest(interrupted)

    def leave(self) -> None:
        """Raise KeyboardInterrupt after SIGINT, SystemExit after SIGTERM."""
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

    Only for code that can be started again after a resume. The random states are restored to those at the start of the
    block. Outside a training loop, and in other threads, nothing changes.
    """
    signals = StopSignals.active
    if signals is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    random_states = random_state.capture()
    outer = signals.may_interrupt
    try:
        signals.may_interrupt = True
        signals.stop(interrupted=True)
        yield
    except StopRequest:
        random_state.restore(random_states)
        raise
    finally:
        signals.may_interrupt = outer
