"""Tracebacks without the frames of this package that say nothing to a user."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

from chaingrad.autograd.configuration import config

_LIBRARIES = frozenset((*sys.stdlib_module_names, 'numpy', 'scipy', __name__.partition('.')[0]))


def entries_of(trace: TracebackType | None) -> list[TracebackType]:
    """Return the entries of a traceback, the innermost last."""
    entries = []
    while trace is not None:
        entries.append(trace)
        trace = trace.tb_next
    return entries


def shorten(error: BaseException, most: int, trace: TracebackType | None = None) -> None:
    """Take frames of libraries out of the traceback of an error that is being handled; debug mode keeps them.

    Of each row of them below the frame that handles the error the last three stay, fewer below that frame itself.

    Args:
        error: the error.
        most: number of frames to keep directly below the frame that handles the error.
        trace: its traceback from another frame on, which then counts as the one that handles it.
    """
    if config.debug:
        return
    previous, *entries = entries_of(trace or error.__traceback__)
    row: list[TracebackType] = []
    for entry in [*entries, None]:
        if entry is not None and _is_of_library(entry):
            row.append(entry)
            continue
        if len(row) > most:
            previous.tb_next = row[-most] if most else entry
        if entry is not None:
            previous, row, most = entry, [], 3


def _is_of_library(entry: TracebackType) -> bool:
    return entry.tb_frame.f_globals.get('__name__', '').partition('.')[0] in _LIBRARIES


class short_traceback:
    """A `with` block: of the frames below it, the traceback of an error shows the innermost alone."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is not None and error.__traceback__ is not None:
            shorten(error, 1)
