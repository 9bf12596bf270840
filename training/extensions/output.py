"""Output of extensions: files that are never half written, and text for a terminal or a log."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any

from chaingrad.links.serializers.files import TEMPORARY_PREFIX
from chaingrad.links.summary import html_table

STDOUT = sys.stdout
"""The default of `out` arguments: the standard output at the time of writing, even if `sys.stdout` has changed."""


def write_text(path: str, text: str) -> None:
    """Write a text file, so that a reader never sees half of it."""

    def write(temporary: str) -> None:
        with open(temporary, 'w', encoding='utf-8') as f:
            f.write(text)

    write_file(path, write)


def write_file(path: str, write: Callable[[str], Any]) -> None:
    """Let `write` write a temporary file beside `path`, then rename it to `path`.

    A reader sees the old file or the new one. Unlike a snapshot, it is not synced to the disk: logs and pictures are
    written again after a crash.
    """
    folder, name = os.path.split(path)
    os.makedirs(folder or '.', exist_ok=True)
    # matplotlib takes the format from the end of the name.
    temporary = os.path.join(folder, f'{TEMPORARY_PREFIX}{os.getpid()}-{secrets.token_hex(4)}-{name}')
    try:
        write(temporary)
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


def html_log(columns: Sequence[str], log: Sequence[Mapping[str, Any]]) -> str:
    """Return an HTML table of a log for notebooks, with a row for each entry."""
    return html_table(
        columns, [[format_value(entry[name]) if name in entry else '' for name in columns] for entry in log]
    )


def format_value(value: Any) -> str:
    """Return a value of the log as text for a table."""
    return f'{value:g}' if isinstance(value, (int, float)) else str(value)


_bars: list[Any] = []


@contextlib.contextmanager
def bars_hidden() -> Iterator[None]:
    """Clear the open progress bars before the block prints, and draw them again below its output."""
    for bar in _bars:
        bar.clear()
    try:
        yield
    finally:
        for bar in _bars:
            bar.refresh()


def open_bar(bar: Any) -> None:
    """Register a progress bar, anything with `clear` and `refresh`, that is drawn at the end of the terminal."""
    _bars.append(bar)


def close_bar(bar: Any) -> None:
    """Unregister a progress bar."""
    if bar in _bars:
        _bars.remove(bar)


class Displayed:
    """What an extension shows in a notebook; a newer version takes the place of the older."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, notebook: Any, what: Any) -> None:
        """Show an object of `IPython.display`, or replace the one shown before."""
        if self._handle is None:
            self._handle = notebook.display(what, display_id=True)
        else:
            self._handle.update(what)


class Output:
    """The output of an extension: a file, or the value of `sys.stdout` at the time of writing."""

    def __init__(self, file: IO[str]) -> None:
        self._file = None if file is STDOUT else file

    @property
    def file(self) -> IO[str]:
        """Return the file to print to."""
        return sys.stdout if self._file is None else self._file

    @property
    def is_terminal(self) -> bool:
        """Return whether the file is a terminal, which obeys control characters."""
        isatty = getattr(self.file, 'isatty', None)
        return isatty is not None and isatty()

    def write(self, text: str) -> None:
        """Print the text and flush."""
        file = self.file
        with bars_hidden():
            file.write(text)
            if hasattr(file, 'flush'):
                file.flush()

    @property
    def notebook(self) -> Any:
        """Return the module `IPython.display` if this is the standard output of a notebook, else None."""
        if self._file is not None or 'IPython' not in sys.modules:
            return None
        shell = sys.modules['IPython'].get_ipython()
        if shell is None or not getattr(shell, 'kernel', None):
            return None
        import IPython.display

        return IPython.display

    def __repr__(self) -> str:
        return 'stdout' if self._file is None else repr(self._file)
