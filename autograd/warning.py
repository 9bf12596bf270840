"""Warnings that name the line of the user's program, and come once for it."""

from __future__ import annotations

import warnings

from chaingrad.autograd.frames import frame_of_user

_warned: set[tuple[str, str, int]] = set()  # topic, and file and line of the call


def warn(text: str) -> None:
    """Warn of something that the innermost call outside this package has led to.

    Args:
        text: the warning.
    """
    frame = frame_of_user()
    names = frame.f_globals
    registry = names.setdefault('__warningregistry__', {})
    warnings.warn_explicit(
        text, UserWarning, frame.f_code.co_filename, frame.f_lineno, names.get('__name__', ''), registry
    )


def warn_once(topic: str, text: str) -> None:
    """Warn of something that the innermost call outside this package did, once per topic and line.

    Args:
        topic: what the warning is about, the same for texts that differ in details.
        text: the warning.
    """
    frame = frame_of_user()
    file, line = frame.f_code.co_filename, frame.f_lineno
    if (topic, file, line) not in _warned:
        _warned.add((topic, file, line))
        warnings.warn_explicit(text, RuntimeWarning, file, line, frame.f_globals.get('__name__', ''))
