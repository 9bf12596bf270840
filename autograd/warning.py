"""Warnings that name the line of the user's program, and come once for it."""

from __future__ import annotations

import sys
import warnings

_PACKAGE = __name__.partition('.')[0] + '.'
_warned: set[tuple[str, str, int]] = set()  # topic, and file and line of the call


def warn_once(topic: str, text: str) -> None:
    """Warn of something that the innermost call outside this package did, once per topic and line.

    Args:
        topic: what the warning is about, the same for texts that differ in details.
        text: the warning.
    """
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get('__name__', '').startswith(_PACKAGE):
        frame = frame.f_back
    file, line = frame.f_code.co_filename, frame.f_lineno
    if (topic, file, line) not in _warned:
        _warned.add((topic, file, line))
        warnings.warn_explicit(text, RuntimeWarning, file, line, frame.f_globals.get('__name__', ''))
