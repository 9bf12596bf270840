"""Which calls are this package's, and which are the user's."""

from __future__ import annotations

import sys
from types import FrameType

_PACKAGE = __name__.partition('.')[0] + '.'


def is_of_package(module: str) -> bool:
    """Return whether a module of this name belongs to this package."""
    return module.startswith(_PACKAGE)


def is_of_user(frame: FrameType) -> bool:
    """Return whether a frame belongs to a module outside this package."""
    return not is_of_package(str(frame.f_globals.get('__name__', '')))


def frame_of_user() -> FrameType:
    """Return the frame of the innermost call outside this package."""
    frame = sys._getframe(1)
    while frame.f_back is not None and not is_of_user(frame):
        frame = frame.f_back
    return frame
