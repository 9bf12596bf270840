"""Short tracebacks: an error that a check of ours raises on purpose shows the user's line, and few of our frames below.

What nobody raised on purpose (an error in NumPy, a mistake of ours) keeps its whole traceback, and so does everything
in debug mode.
"""

from __future__ import annotations

import functools
import importlib
import types
from typing import Any

from chaingrad.autograd.configuration import config
from chaingrad.autograd.frames import is_of_user

_BETWEEN = ('collections.abc', 'contextlib', 'functools')  # modules through which our classes call themselves


def shorten(error: BaseException, trace: types.TracebackType | None = None) -> None:
    """Cut our frames below that of the caller off an error that a check of ours has raised.

    To be called where the error was caught. The traceback begins with the frame that catches; when a frame of the
    user's program is below it, nothing is cut.

    Args:
        error: the exception.
        trace: its traceback from the frame on that is to be the last; that which it has when None.
    """
    here = error.__traceback__ if trace is None else trace
    if here is None or here.tb_next is None or config.debug:
        return
    frame: types.TracebackType | None = here.tb_next
    while frame is not None:
        if not is_ours(frame.tb_frame):
            return
        last, frame = frame, frame.tb_next
    # Where frames were cut off, the last does not show that the error was raised on purpose: the error remembers.
    if getattr(error, '_on_purpose', False) or last.tb_frame.f_code.co_code[last.tb_lasti] == _raise():
        error._on_purpose = True  # type: ignore[attr-defined]
        here.tb_next = None


def is_ours(frame: types.FrameType) -> bool:
    """Return whether a frame is one of this package, or of a module through which it calls itself."""
    return not is_of_user(frame) or frame.f_globals.get('__name__') in _BETWEEN


@functools.cache
def _raise() -> int:
    """Return the number of the instruction of the statement `raise`."""
    return int(importlib.import_module('opcode').opmap['RAISE_VARARGS'])


class short_traceback:
    """A `with` block that shortens the tracebacks of errors that checks raise inside it."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is not None:
            shorten(error)


def entries_of(trace: types.TracebackType | None) -> list[types.TracebackType]:
    """Return the entries of a traceback, the innermost last."""
    entries = []
    while trace is not None:
        entries.append(trace)
        trace = trace.tb_next
    return entries


def of_user(trace: types.TracebackType | None) -> types.TracebackType | None:
    """Return a traceback without our frames; it is changed."""
    entries = [entry for entry in entries_of(trace) if not is_ours(entry.tb_frame)]
    for entry, following in zip(entries, [*entries[1:], None]):
        entry.tb_next = following
    return entries[0] if entries else None
