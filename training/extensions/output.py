"""How extensions write: files that are never half written, and text for a terminal or for a log."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable
from typing import Any

from chaingrad.links.serializers.files import TEMPORARY_PREFIX

STDOUT = sys.stdout
"""The default of `out` arguments. It stands for what `sys.stdout` is when something is written."""


def write_text(path: str, text: str) -> None:
    """Write a text file as a whole."""
    write_file(path, lambda temporary: _write_utf8(temporary, text))


def write_file(path: str, write: Callable[[str], Any]) -> None:
    """Let `write` make a temporary file beside `path`, then put it in its place.

    A reader sees the old file or the new one. Other than snapshots it is not forced to the disk: logs and pictures are
    made anew after a crash.
    """
    folder, name = os.path.split(path)
    os.makedirs(folder or '.', exist_ok=True)
    # The end of the name tells matplotlib the format.
    temporary = os.path.join(folder, f'{TEMPORARY_PREFIX}{os.getpid()}-{secrets.token_hex(4)}-{name}')
    try:
        write(temporary)
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


def _write_utf8(path: str, text: str) -> None:
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)


class Output:
    """Where an extension prints: a file, or whatever `sys.stdout` is at the time."""

    def __init__(self, file: Any) -> None:
        self._file = None if file is STDOUT else file

    @property
    def file(self) -> Any:
        """Return the file to print to."""
        return sys.stdout if self._file is None else self._file

    @property
    def is_terminal(self) -> bool:
        """Return whether control characters have their meaning there."""
        isatty = getattr(self.file, 'isatty', None)
        return isatty is not None and isatty()

    def write(self, text: str) -> None:
        """Print the text at once."""
        file = self.file
        file.write(text)
        if hasattr(file, 'flush'):
            file.flush()

    def __repr__(self) -> str:
        return 'stdout' if self._file is None else repr(self._file)
