"""Lines of text files as a dataset."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from typing import Any

from chaingrad.training.dataset.mixin import DatasetMixin


class TextDataset(DatasetMixin):
    """The lines of a text file, or the tuples of the lines of several files, such as sentences and their translations.

    The files are read once to find where the lines begin; a line is read when it is asked for, and keeps its end. Every
    process opens the files for itself.

    Args:
        paths: a file, or a list of files with the same number of lines.
        encoding: None is UTF-8.
        errors: what to do with bytes that are not of the encoding, as for `open`.
        newline: which ends of lines count, as for `open`.
        filter_func: function of as many lines as there are files, which tells whether to keep them; None keeps all.

    Raises:
        ValueError: the files differ in their number of lines.
        OSError: a file cannot be opened.

    Example:
        >>> import os, tempfile
        >>> from chaingrad.datasets import TextDataset
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, 'a.txt')
        ...     with open(path, 'w') as file:
        ...         _ = file.write('one\\n\\ntwo\\n')
        ...     dataset = TextDataset(path, filter_func=str.strip)
        ...     dataset[:]
        ...     dataset.close()
        ['one\\n', 'two\\n']
    """

    def __init__(
        self,
        paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        filter_func: Callable[..., Any] | None = None,
    ) -> None:
        self._single = isinstance(paths, (str, os.PathLike))
        self._paths = [os.fspath(path) for path in ([paths] if self._single else paths)]  # type: ignore[list-item, union-attr]
        if not self._paths:
            raise ValueError('TextDataset: at least one file must be given, but paths is empty.')
        self._options = (encoding or 'utf-8', errors, newline)
        self._files: list[Any] = []
        self._owner = -1
        self._lock = threading.Lock()
        self._starts = self._find_lines(filter_func)

    def _open(self) -> list[Any]:
        """Return the open files. A forked process shares the position in them with its parent: it opens its own."""
        if self._owner != os.getpid():
            encoding, errors, newline = self._options
            self._files = [open(path, encoding=encoding, errors=errors, newline=newline) for path in self._paths]
            self._owner = os.getpid()
        return self._files

    def _find_lines(self, keep: Callable[..., Any] | None) -> list[tuple[int, ...]]:
        files, starts = self._open(), []
        while True:
            start = tuple([file.tell() for file in files])
            lines = [file.readline() for file in files]
            if not all(lines):
                break
            if keep is None or keep(*lines):
                starts.append(start)
        if any(lines):
            shorter = ', '.join(path for path, line in zip(self._paths, lines, strict=True) if not line)
            self.close()
            raise ValueError(
                f'TextDataset: all files must have the same number of lines, but {shorter} ended before the others.'
            )
        return starts

    def __len__(self) -> int:
        """Return the number of lines, or of tuples of lines, that were kept."""
        return len(self._starts)

    def get_example(self, idx: int) -> Any:
        """Return line `idx`, a string; of several files a tuple of strings."""
        if self._owner == -2:
            raise ValueError('TextDataset: the dataset is closed. Make a new one.')
        if self._owner != os.getpid():
            self._lock = threading.Lock()
        with self._lock:
            lines = []
            for file, start in zip(self._open(), self._starts[idx], strict=True):
                file.seek(start)
                lines.append(file.readline())
        return lines[0] if self._single else tuple(lines)

    def close(self) -> None:
        """Close the files. The dataset cannot be used any more."""
        for file in self._files:
            file.close()
        self._files, self._owner = [], -2

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, '_files': [], '_owner': -2 if self._owner == -2 else -1, '_lock': None}

    def __del__(self) -> None:
        for file in getattr(self, '_files', ()):
            file.close()

    def __repr__(self) -> str:
        return f'TextDataset({", ".join(map(repr, self._paths))}) of {len(self)} lines'
