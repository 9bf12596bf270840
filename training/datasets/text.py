"""Lines of text files as a dataset."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from typing import Any

from chaingrad.autograd.advice import habits
from chaingrad.training.dataset.mixin import DatasetMixin

# Values of TextDataset._owner, else the number of the process that opened the files.
NOT_OPEN = -1
CLOSED = -2


class TextDataset(DatasetMixin):
    """The lines of a text file, or tuples of lines of several files, such as sentences and their translations.

    The files are read once to find where the lines begin; a line is read when it is needed, with its line ending. Every
    process opens the files itself.

    Args:
        paths: a file, or a list of files with the same number of lines. A list of one file is that file.
        encoding: None is UTF-8. Like the next two, it may be a list with an entry for each file.
        errors: treatment of bytes that the encoding does not allow, as for `open`.
        newline: recognized line endings, as for `open`.
        filter_func: function of one line of each file that returns whether to keep them; None keeps all.

    Raises:
        ValueError: when the files differ in their number of lines, or a list has not one entry for each file.
        OSError: when a file cannot be opened.

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
        encoding: str | Sequence[str | None] | None = None,
        errors: str | Sequence[str | None] | None = None,
        newline: str | Sequence[str | None] | None = None,
        filter_func: Callable[..., Any] | None = None,
    ) -> None:
        self._paths = [os.fspath(paths)] if isinstance(paths, (str, os.PathLike)) else [os.fspath(p) for p in paths]
        if not self._paths:
            raise ValueError('TextDataset: at least one file must be given, but paths is empty.')
        options = (encoding, errors, newline)
        self._options = list(zip(*[self._one_per_file(option) for option in options], strict=True))
        self._files: list[Any] = []
        self._owner = NOT_OPEN
        self._lock = threading.Lock()
        for path in self._paths:
            if not os.path.exists(path):
                raise habits().missing_file('TextDataset', path)
        self._starts = self._find_lines(filter_func)

    def _one_per_file(self, option: str | Sequence[str | None] | None) -> list[str | None]:
        """Return an option of `open` for each file."""
        n = len(self._paths)
        given = [option] * n if option is None or isinstance(option, str) else list(option)
        if len(given) != n:
            raise ValueError(f'TextDataset: {option} must have an entry for each of {n} files, but has {len(given)}.')
        return given

    def _open(self) -> list[Any]:
        """Return the open files. A forked process would share their positions with its parent, so it opens its own."""
        if self._owner != os.getpid():
            self._files = [
                open(path, encoding=encoding or 'utf-8', errors=errors, newline=newline)
                for path, (encoding, errors, newline) in zip(self._paths, self._options, strict=True)
            ]
            self._owner = os.getpid()
        return self._files

    def _find_lines(self, keep: Callable[..., Any] | None) -> list[tuple[int, ...]]:
        """Return where the kept lines start, one position per file."""
        files = self._open()
        starts = []
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
        """Return line `idx` as a string, or the lines of several files as a tuple of strings."""
        if self._owner == CLOSED:
            raise ValueError('TextDataset: the dataset is closed. Make a new one.')
        if self._owner != os.getpid():
            self._lock = threading.Lock()
        with self._lock:
            lines = []
            for file, start in zip(self._open(), self._starts[idx], strict=True):
                file.seek(start)
                lines.append(file.readline())
        return lines[0] if len(lines) == 1 else tuple(lines)

    def close(self) -> None:
        """Close the files. The dataset cannot be used afterwards."""
        for file in self._files:
            file.close()
        self._files = []
        self._owner = CLOSED

    def __getstate__(self) -> dict[str, Any]:
        owner = CLOSED if self._owner == CLOSED else NOT_OPEN
        return {**self.__dict__, '_files': [], '_owner': owner, '_lock': None}

    def __del__(self) -> None:
        for file in getattr(self, '_files', ()):
            file.close()

    def __repr__(self) -> str:
        return f'TextDataset({", ".join(map(repr, self._paths))}) of {len(self)} lines'
