"""The base class of the iterators that fetch ahead."""

from __future__ import annotations

import time
import weakref
from collections import deque
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.training.iterators.cursor import EpochIterator, Piece, over
from chaingrad.training.iterators.order_samplers import Sampler
from chaingrad.training.stopping import interruptible, stop_requested

POLL = 0.1  # seconds between two checks for signals
GRACE = 0.5  # seconds that a batch may still take after a signal has asked to stop


class WorkerError(RuntimeError):
    """A worker of an iterator failed: the dataset raised, or the worker's process died.

    The message names the index of the example, the process and its signal, or has the original traceback.

    Example:
        >>> from chaingrad.datasets import TransformDataset
        >>> from chaingrad.iterators import MultithreadIterator
        >>> with MultithreadIterator(TransformDataset(['1', 'one'], int), 2, shuffle=False) as iterator:
        ...     iterator.next()
        Traceback (most recent call last):
        chaingrad.training.iterators.prefetching.WorkerError: MultithreadIterator: fetching the example with ...
    """


class Patience:
    """Limits the wait for a batch after a signal has asked the training to stop."""

    def __init__(self) -> None:
        self._deadline: float | None = None

    def check(self) -> None:
        """Raise the exception that ends the training loop once the time is over."""
        if not stop_requested():
            return
        now = time.monotonic()
        if self._deadline is None:
            self._deadline = now + GRACE
        elif now > self._deadline:
            with interruptible():
                pass


class PrefetchingIterator(EpochIterator):
    """Base of the iterators whose workers fetch the next batches while the current one is used.

    A subclass defines `_start()`, which returns a pool of workers with `submit(piece, seed)`, `result(job)` and
    `close()`.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int,
        repeat: bool,
        shuffle: bool | None,
        order_sampler: Sampler | None,
        n_prefetch: int,
    ) -> None:
        super().__init__(dataset, batch_size, repeat, shuffle, order_sampler)
        self.n_prefetch = n_prefetch
        self._pool: Any = None
        self._ending: Any = None  # closes the pool, also when the iterator is collected or Python exits
        self._pending: deque[tuple[Piece, Any]] = deque()
        self._closed = False

    def _start(self) -> Any:
        raise NotImplementedError

    def __next__(self) -> list[Any]:
        """Return the next batch, a list of examples."""
        if self._closed:
            raise RuntimeError(f'{type(self).__name__}: the iterator is closed, finalize() was called. Make a new one.')
        if self._cursor.exhausted:
            raise StopIteration(over(self))
        try:
            if self._pool is None:
                self._pool = self._start()
                self._ending = weakref.finalize(self, self._pool.close)
            self._look_ahead(self.n_prefetch + 1)
            batch = [example for piece in self._cursor.pieces() for example in self._take(piece)]
            self._look_ahead(self.n_prefetch)
        except BaseException:
            self._drop_pool()  # its workers may be busy with other batches; the next call starts new ones
            raise
        return batch

    def _look_ahead(self, n_batches: int) -> None:
        for i, piece in enumerate(self._cursor.ahead(n_batches)):
            if i == len(self._pending):
                self._pending.append((piece, self._pool.submit(piece, self._cursor.seed)))

    def _take(self, piece: Piece) -> list[Any]:
        job = self._pending.popleft()[1] if self._pending else self._pool.submit(piece, self._cursor.seed)
        return self._pool.result(job)

    def _drop_pool(self) -> None:
        self._pending.clear()
        self._pool = None
        if self._ending is not None:
            self._ending()
            self._ending = None

    def reset(self) -> None:
        """Go back to the start; with shuffling, a new order is drawn."""
        if self._closed:
            raise NotImplementedError(
                f'{type(self).__name__}: a closed iterator cannot be reset, finalize() was called. Make a new one.'
            )
        self._forget()
        super().reset()

    def serialize(self, serializer: Any) -> None:
        """Save or restore the position; what was fetched ahead is not saved, but fetched again."""
        cursor = self._cursor
        old_position = (cursor.epoch, cursor.position, cursor.seed)
        old_order = cursor.order
        super().serialize(serializer)
        position = (cursor.epoch, cursor.position, cursor.seed)
        if position != old_position or not _same_order(cursor.order, old_order):
            self._forget()

    def _forget(self) -> None:
        """Discard what was fetched ahead."""
        if self._pending:
            self._drop_pool()

    def __getstate__(self) -> dict[str, Any]:
        """Return what copies and pickles keep: everything but the workers and what they have fetched."""
        return {**super().__getstate__(), '_pool': None, '_ending': None, '_pending': deque()}

    def finalize(self) -> None:
        """End the workers. The iterator cannot be used afterwards."""
        self._closed = True
        self._drop_pool()


def _same_order(a: Array | None, b: Array | None) -> bool:
    if a is None or b is None:
        return a is b
    return np.array_equal(a, b)
