"""Four names of the reference that only raise an error: their files hold pickles, which can run code when loaded."""

from __future__ import annotations

from typing import Any, NoReturn

from chaingrad.training.dataset.mixin import DatasetMixin


def _refuse(who: str) -> NoReturn:
    raise NotImplementedError(
        f'{who}: files with pickled objects can run any code when they are loaded, and are not supported. Save arrays '
        "with numpy.save and use TupleDataset(numpy.load(path, mmap_mode='r', allow_pickle=False), ...)."
    )


class PickleDataset(DatasetMixin):
    """Refuse to read a file of pickled objects; the message names the replacement.

    Args:
        reader: file.

    Raises:
        NotImplementedError: always.

    Example:
        >>> from chaingrad.datasets import PickleDataset
        >>> PickleDataset(None)
        Traceback (most recent call last):
        NotImplementedError: PickleDataset: files with pickled objects can run any code ...
    """

    def __init__(self, reader: Any) -> None:
        _refuse('PickleDataset')

    def __len__(self) -> int:
        """Raise NotImplementedError."""
        _refuse('PickleDataset')

    def get_example(self, index: int) -> NoReturn:
        """Raise NotImplementedError."""
        _refuse('PickleDataset')

    def close(self) -> None:
        """Raise NotImplementedError."""
        _refuse('PickleDataset')


class PickleDatasetWriter:
    """Refuse to write a file of pickled objects; the message names the replacement.

    Args:
        writer: file.
        protocol: version of the format.

    Raises:
        NotImplementedError: always.

    Example:
        >>> from chaingrad.datasets import PickleDatasetWriter
        >>> PickleDatasetWriter(None)
        Traceback (most recent call last):
        NotImplementedError: PickleDatasetWriter: files with pickled objects can run any code ...
    """

    def __init__(self, writer: Any, protocol: int = 5) -> None:
        _refuse('PickleDatasetWriter')

    def write(self, x: Any) -> None:
        """Raise NotImplementedError."""
        _refuse('PickleDatasetWriter')

    def flush(self) -> None:
        """Raise NotImplementedError."""
        _refuse('PickleDatasetWriter')

    def close(self) -> None:
        """Raise NotImplementedError."""
        _refuse('PickleDatasetWriter')


def open_pickle_dataset(path: Any) -> NoReturn:
    """Refuse to open a file of pickled objects; the message names the replacement.

    Args:
        path: file.

    Raises:
        NotImplementedError: always.

    Example:
        >>> from chaingrad.datasets import open_pickle_dataset
        >>> open_pickle_dataset('a')
        Traceback (most recent call last):
        NotImplementedError: open_pickle_dataset: files with pickled objects can run any code ...
    """
    _refuse('open_pickle_dataset')


def open_pickle_dataset_writer(path: Any, protocol: int = 5) -> NoReturn:
    """Refuse to write a file of pickled objects; the message names the replacement.

    Args:
        path: file.
        protocol: version of the format.

    Raises:
        NotImplementedError: always.

    Example:
        >>> from chaingrad.datasets import open_pickle_dataset_writer
        >>> open_pickle_dataset_writer('a')
        Traceback (most recent call last):
        NotImplementedError: open_pickle_dataset_writer: files with pickled objects can run any code ...
    """
    _refuse('open_pickle_dataset_writer')
