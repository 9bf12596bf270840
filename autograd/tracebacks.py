"""Tracebacks without the frames of this package that say nothing to a user."""

from __future__ import annotations

import sys
from types import TracebackType

from chaingrad.autograd.configuration import config

_LIBRARIES = frozenset((*sys.stdlib_module_names, 'numpy', 'scipy', __name__.partition('.')[0]))


def entries_of(trace: TracebackType | None) -> list[TracebackType]:
    """Return the entries of a traceback, the innermost last."""
    entries = []
    while trace is not None:
        entries.append(trace)
        trace = trace.tb_next
    return entries


def shorten(error: BaseException, most: int) -> None:
    """Take frames of libraries out of the traceback of an error that is being handled; debug mode keeps them.

    Of each row of them below the frame that handles the error the last three stay, fewer below that frame itself.

    Args:
        error: the error.
        most: number of frames to keep directly below the frame that handles the error.
    """
    if config.debug:
        return
    previous, *entries = entries_of(error.__traceback__)
    row: list[TracebackType] = []
    for entry in [*entries, None]:
        if entry is not None and _is_of_library(entry):
            row.append(entry)
            continue
        if len(row) > most:
            previous.tb_next = row[-most] if most else entry
        if entry is not None:
            previous, row, most = entry, [], 3


def of_user(trace: TracebackType | None) -> TracebackType | None:
    """Return a traceback with the frames of the user's program alone; it is changed."""
    entries = [entry for entry in entries_of(trace) if not _is_of_library(entry)]
    for entry, following in zip(entries, [*entries[1:], None]):
        entry.tb_next = following
    return entries[0] if entries else None


def _is_of_library(entry: TracebackType) -> bool:
    return entry.tb_frame.f_globals.get('__name__', '').partition('.')[0] in _LIBRARIES
