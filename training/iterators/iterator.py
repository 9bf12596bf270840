"""The base class of iterators, which users subclass too."""

from __future__ import annotations

from typing import Any


class Iterator:
    """Base of dataset iterators: a finite or endless stream of batches that knows its position and can be saved.

    A subclass defines `__next__`, which returns a list of examples. The Trainer also needs `epoch` (the number of
    finished passes over the dataset), `is_new_epoch`, `epoch_detail` (the epoch with its fraction),
    `previous_epoch_detail` and `serialize`; Evaluator needs `reset()`. `with iterator:` calls `finalize()` at the end.

    Example:
        >>> from chaingrad.dataset import Iterator
        >>> class Twice(Iterator):
        ...     left = 2
        ...     def __next__(self):
        ...         if self.left == 0:
        ...             raise StopIteration
        ...         self.left -= 1
        ...         return [0, 1, 2]
        >>> list(Twice())
        [[0, 1, 2], [0, 1, 2]]
    """

    def __iter__(self) -> Iterator:
        """Return the iterator itself."""
        return self

    def __next__(self) -> Any:
        """Return the next batch, a list of examples; raise StopIteration at the end."""
        raise NotImplementedError(f'{type(self).__name__} must define __next__(self), which returns the next batch.')

    def __enter__(self) -> Iterator:
        return self

    def __exit__(self, *details: Any) -> None:
        self.finalize()

    def next(self) -> Any:
        """Return the next batch: the same as `next(iterator)`."""
        return self.__next__()

    def finalize(self) -> None:
        """Release processes, threads and files. Does nothing by default, nor when called a second time."""

    def serialize(self, serializer: Any) -> None:
        """Save or restore the position in the stream. Does nothing by default."""
