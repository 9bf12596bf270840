"""How extensions write: files that are never half written, and text for a terminal or for a log."""

from __future__ import annotations

import contextlib
import html
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
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


def html_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table for notebooks; all texts are escaped."""

    def line(cells: Sequence[str], tag: str) -> str:
        return '<tr>' + ''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in cells) + '</tr>'

    return '\n'.join(['<table>', line(columns, 'th'), *(line(row, 'td') for row in rows), '</table>'])


def shown(value: Any) -> str:
    """Return a value of the log as text for a table."""
    return f'{value:g}' if isinstance(value, (int, float)) else str(value)


def _write_utf8(path: str, text: str) -> None:
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)


_bars: list[Any] = []


@contextlib.contextmanager
def bars_out_of_the_way() -> Iterator[None]:
    """Wipe out the progress bars of the block's output, and draw them again below it."""
    for bar in _bars:
        bar.clear()
    try:
        yield
    finally:
        for bar in _bars:
            bar.refresh()


def open_bar(bar: Any) -> None:
    """Take note of a bar, anything with `clear` and `refresh`, that stands at the end of the terminal."""
    _bars.append(bar)


def close_bar(bar: Any) -> None:
    """Forget a bar."""
    if bar in _bars:
        _bars.remove(bar)


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
        with bars_out_of_the_way():
            file.write(text)
            if hasattr(file, 'flush'):
                file.flush()

    @property
    def notebook(self) -> Any:
        """Return IPython's module for display where this is the standard output of a notebook, else None."""
        if self._file is not None or 'IPython' not in sys.modules:
            return None
        shell = sys.modules['IPython'].get_ipython()
        if shell is None or not getattr(shell, 'kernel', None):
            return None
        import IPython.display

        return IPython.display

    def __repr__(self) -> str:
        return 'stdout' if self._file is None else repr(self._file)
