"""Iterators of several ranks: one that gives all ranks the same batches, and one that gives all the same order."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.training.iterators.iterator import Iterator
from chaingrad.training.iterators.order_samplers import ShuffleOrderSampler

__all__ = ['create_multi_node_iterator', 'create_synchronized_iterator']


class _MultiNodeIterator(Iterator):
    """Give all ranks the batches of one rank's iterator, with its position."""

    _POSITION = ('epoch', 'epoch_detail', 'previous_epoch_detail', 'is_new_epoch', 'current_position')

    def __init__(self, actual_iterator: Any, communicator: Any, rank_master: int) -> None:
        self.communicator = communicator
        self.rank_master = rank_master
        self.actual_iterator = actual_iterator if communicator.rank == rank_master else None
        self.batch_size = getattr(actual_iterator, 'batch_size', None)
        self._position: dict[str, Any] = {}
        self._share(None)

    def _share(self, batch: Any) -> Any:
        """Return the master's batch, an exception as it is, and take over its position."""
        if self.actual_iterator is not None:
            self._position = {name: getattr(self.actual_iterator, name, None) for name in self._POSITION}
        batch, self._position = self.communicator.bcast_obj((batch, self._position), root=self.rank_master)
        return batch

    def __next__(self) -> Any:
        """Return the next batch of the master, on all ranks."""
        batch: Any = None
        if self.actual_iterator is not None:
            try:
                batch = list(self.actual_iterator.next())
            except StopIteration:
                batch = StopIteration
        batch = self._share(batch)
        if batch is StopIteration:
            raise StopIteration
        return batch

    next = __next__

    def __getattr__(self, name: str) -> Any:
        if name in type(self)._POSITION:
            return self.__dict__['_position'][name]
        raise AttributeError(f'{type(self).__name__} has no attribute {name!r}.')

    def reset(self) -> None:
        """Start again, on all ranks."""
        if self.actual_iterator is not None:
            self.actual_iterator.reset()
        self._share(None)

    def serialize(self, serializer: Any) -> None:
        """Save or load the master's iterator; the other ranks save nothing."""
        if self.actual_iterator is not None:
            self.actual_iterator.serialize(serializer)

    def finalize(self) -> None:
        """Finalize the master's iterator."""
        if self.actual_iterator is not None:
            self.actual_iterator.finalize()


def create_multi_node_iterator(actual_iterator: Any, communicator: Any, rank_master: int = 0) -> Iterator:
    """Make an iterator that gives all ranks the batches of one rank's iterator.

    For model-parallel programs, whose ranks work on the same examples.

    Args:
        actual_iterator (Iterator): that of the master; what other ranks give does not count.
        communicator (MpiCommunicator): the ranks.
        rank_master (int): the rank whose iterator counts.

    Returns:
        Iterator.

    Example:
        >>> from chaingrad import iterators, multi_node
        >>> actual = iterators.SerialIterator([1, 2, 3], 2, shuffle=False)
        >>> iterator = multi_node.iterators.create_multi_node_iterator(actual, multi_node.create_communicator())
        >>> iterator.next(), iterator.epoch
        ([1, 2], 0)

    Source: ChainerMN's `create_multi_node_iterator`.
    """
    return _MultiNodeIterator(actual_iterator, communicator, rank_master)


def create_synchronized_iterator(actual_iterator: Any, communicator: Any) -> Any:
    """Give the iterators of all ranks one order: a shuffling sampler with a seed that rank 0 draws.

    For ranks that have the same dataset and read the same examples of it themselves.

    Args:
        actual_iterator (Iterator): an iterator with an `order_sampler`, such as SerialIterator.
        communicator (MpiCommunicator): the ranks.

    Returns:
        The iterator, which starts again.

    Raises:
        ValueError: when the iterator has no order sampler.

    Example:
        >>> from chaingrad import iterators, multi_node
        >>> actual = iterators.SerialIterator([1, 2, 3], 3)
        >>> iterator = multi_node.iterators.create_synchronized_iterator(actual, multi_node.create_communicator())
        >>> sorted(iterator.next())
        [1, 2, 3]

    Source: ChainerMN's `create_synchronized_iterator`.
    """
    if not hasattr(actual_iterator, 'order_sampler'):
        raise ValueError(
            f'create_synchronized_iterator: actual_iterator must have an order_sampler, but a '
            f'{type(actual_iterator).__name__} has none. Take a SerialIterator, MultithreadIterator or '
            'MultiprocessIterator.'
        )
    seed = communicator.bcast_obj(int(np.random.randint(0, 2**31)))
    sampler = ShuffleOrderSampler(np.random.RandomState(seed))
    actual_iterator.order_sampler = sampler
    cursor = getattr(actual_iterator, '_cursor', None)
    if cursor is not None:
        cursor.sampler = sampler
    actual_iterator.reset()
    return actual_iterator
