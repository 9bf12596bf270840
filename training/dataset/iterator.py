"""The base of iterators, which users subclass too. Ours stand in `training.iterators`."""

from __future__ import annotations

from typing import Any


class Iterator:
    """Base of dataset iterators: an endless or finite stream of batches that knows its place and can be saved.

    A subclass writes `__next__`, which returns a list of examples. For the Trainer it also has `epoch` (finished passes
    over the dataset), `is_new_epoch`, `epoch_detail` (with the fraction of the running pass), `previous_epoch_detail`,
    and `serialize`. For Evaluator it has `reset()`. `with iterator:` calls `finalize()` at the end.

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
        """End what the iterator holds: processes, threads, files. Nothing by default; a second call does nothing."""

    def serialize(self, serializer: Any) -> None:
        """Save or restore the place in the stream. Nothing by default."""
