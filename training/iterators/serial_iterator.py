"""The iterator that fetches the examples itself, one after the other."""

from __future__ import annotations

from typing import Any

from chaingrad.training.iterators.cursor import EpochIterator, over
from chaingrad.training.iterators.fetching import fetch
from chaingrad.training.iterators.order_samplers import Sampler


class SerialIterator(EpochIterator):
    """Go over a dataset in batches, fetching each example when its batch is needed.

    With `repeat`, a batch at the end of an epoch is filled up from the next one, and all batches have the same size.
    Without it, the last batch may be shorter, and StopIteration follows.

    Args:
        dataset: array, list or dataset.
        batch_size: examples per batch.
        repeat: whether to go on after the first epoch.
        shuffle: whether to take the examples in random order, drawn from NumPy's global random state for each epoch;
            None is True unless `order_sampler` is given.
        order_sampler: `OrderSampler`, or a function of the current order and position that returns the next order.

    Raises:
        ValueError: when the dataset is empty, `batch_size` is not a positive integer, or both `shuffle` and
            `order_sampler` are given.

    Example:
        >>> from chaingrad.iterators import SerialIterator
        >>> iterator = SerialIterator(['a', 'b', 'c'], batch_size=2, shuffle=False)
        >>> iterator.next(), iterator.epoch
        (['a', 'b'], 0)
        >>> iterator.next(), iterator.epoch, iterator.is_new_epoch, round(iterator.epoch_detail, 2)
        (['c', 'a'], 1, True, 1.33)
        >>> list(SerialIterator(['a', 'b', 'c'], 2, repeat=False, shuffle=False))
        [['a', 'b'], ['c']]
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int,
        repeat: bool = True,
        shuffle: bool | None = None,
        order_sampler: Sampler | None = None,
    ) -> None:
        super().__init__(dataset, batch_size, repeat, shuffle, order_sampler)

    def __next__(self) -> list[Any]:
        """Return the next batch, a list of examples."""
        cursor = self._cursor
        if cursor.exhausted:
            raise StopIteration(over(self))
        parts = [fetch(self.dataset, piece, cursor.seed) for piece in cursor.pieces()]
        return parts[0] if len(parts) == 1 else [example for part in parts for example in part]
