"""The iterator whose examples are fetched by threads."""

from __future__ import annotations

import queue
import threading
from typing import Any

from chaingrad.training.iterators.cursor import Piece
from chaingrad.training.iterators.order_samplers import Sampler
from chaingrad.training.iterators.prefetching import POLL, Patience, PrefetchingIterator, WorkerError
from chaingrad.training.random_state import current


class Job:
    """A piece that is being fetched. `done` is set when all examples have been fetched or one has failed."""

    def __init__(self, seed: int, piece: Piece) -> None:
        self.seed = seed
        self.epoch = piece.epoch
        self.indices = piece.indices.tolist()
        self.examples: list[Any] = [None] * len(self.indices)
        self.error: WorkerError | None = None
        self.done = threading.Event()
        self._n_left = len(self.indices)
        self._lock = threading.Lock()

    def fetch(self, dataset: Any, position: int) -> None:
        """Fetch one example, in a worker's thread."""
        index = self.indices[position]
        failure = None
        current.sample = (self.seed, self.epoch, index)
        try:
            self.examples[position] = dataset[index]
        except BaseException as error:
            failure = WorkerError(
                f'MultithreadIterator: fetching the example with index {index} raised {type(error).__name__}: {error}'
            )
            failure.__cause__ = error
        current.sample = None
        with self._lock:
            self._n_left -= 1
            self.error = self.error or failure
            if self._n_left == 0 or failure is not None:
                self.done.set()


class ThreadPool:
    """Threads that fetch examples: daemons, so that one that hangs does not prevent the program from ending."""

    def __init__(self, dataset: Any, n_threads: int) -> None:
        self._tasks: queue.SimpleQueue[tuple[Job, int] | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._n_threads = n_threads
        for _ in range(n_threads):
            arguments = (dataset, self._tasks, self._closed)
            threading.Thread(target=_work, args=arguments, daemon=True, name='chaingrad-fetch').start()

    def submit(self, piece: Piece, seed: int) -> Job:
        """Start to fetch a piece."""
        job = Job(seed, piece)
        for position in range(len(job.indices)):
            self._tasks.put((job, position))
        return job

    def result(self, job: Job) -> list[Any]:
        """Wait for the examples and return them."""
        patience = Patience()
        # Not SimpleQueue.get(timeout=...): in CPython 3.11 it may wait forever when a signal arrives.
        while not job.done.wait(POLL):
            patience.check()
        if job.error is not None:
            raise job.error
        return job.examples

    def close(self) -> None:
        """End the threads after the example that each is fetching."""
        self._closed.set()
        for _ in range(self._n_threads):
            self._tasks.put(None)


def _work(dataset: Any, tasks: queue.SimpleQueue[tuple[Job, int] | None], closed: threading.Event) -> None:
    while (task := tasks.get()) is not None and not closed.is_set():
        job, position = task
        job.fetch(dataset, position)


class MultithreadIterator(PrefetchingIterator):
    """Go over a dataset in batches that threads fetch ahead of time.

    It pays off when fetching waits for a disk or a network, or runs in libraries that let other threads run. It gives
    the same batches as SerialIterator, provided that random augmentation draws from `chaingrad.dataset.rng()`, since
    threads share NumPy's global random state. Several examples are fetched at the same time, so the dataset must allow
    that.

    Args:
        dataset: array, list or dataset.
        batch_size: examples per batch.
        repeat: whether to go on after the first epoch.
        shuffle: as for SerialIterator.
        n_threads: number of threads.
        order_sampler: as for SerialIterator.

    Raises:
        ValueError: when the dataset is empty, or `batch_size` or `n_threads` is not a positive integer.
        WorkerError: when the dataset raises, while iterating; the original exception is its `__cause__`.

    Example:
        >>> from chaingrad.iterators import MultithreadIterator
        >>> with MultithreadIterator(['a', 'b', 'c'], 2, repeat=False, shuffle=False, n_threads=2) as iterator:
        ...     list(iterator)
        [['a', 'b'], ['c']]
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int,
        repeat: bool = True,
        shuffle: bool | None = None,
        n_threads: int = 1,
        order_sampler: Sampler | None = None,
    ) -> None:
        if not isinstance(n_threads, int) or n_threads < 1:
            raise ValueError(
                f'MultithreadIterator: n_threads must be an integer of at least 1, but it is {n_threads!r}.'
            )
        super().__init__(dataset, batch_size, repeat, shuffle, order_sampler, n_prefetch=1)
        self.n_threads = n_threads

    def _start(self) -> ThreadPool:
        return ThreadPool(self.dataset, self.n_threads)

    def _more_arguments(self) -> str:
        return f', n_threads={self.n_threads}'
