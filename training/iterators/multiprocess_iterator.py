"""The iterator whose examples are fetched by processes."""

from __future__ import annotations

import os
from typing import Any

from chaingrad.training.iterators import workers
from chaingrad.training.iterators.order_samplers import Sampler
from chaingrad.training.iterators.prefetching import PrefetchingIterator


class MultiprocessIterator(PrefetchingIterator):
    """Go over a dataset in batches that worker processes fetch ahead of time.

    It pays off when fetching computes in Python, as reading and augmenting images does. It gives the same batches as
    SerialIterator, for any number of processes, provided that random augmentation draws from
    `chaingrad.dataset.rng()`. `numpy.random` and `random` are seeded for every example, so code that draws from them
    gives the same examples for any number of processes.

    Processes start at the first batch, by the method that `multiprocessing.get_start_method()` names. If that is
    `'spawn'` or `'forkserver'`, the dataset is pickled, and the program must be protected by
    `if __name__ == '__main__':`. Call `finalize()`, or use a `with` block, to end the processes; they also end with the
    iterator and with the program.

    Args:
        dataset: array, list or dataset.
        batch_size: examples per batch.
        repeat: whether to go on after the first epoch.
        shuffle: as for SerialIterator.
        n_processes: number of processes; None is the number of processors that this process may use.
        n_prefetch: number of batches to fetch ahead.
        shared_mem: not used: examples are sent through sockets, which leave nothing behind when a process is killed.
        order_sampler: as for SerialIterator.
        dataset_timeout: seconds without a batch after which a `TimeoutWarning` says what is missing; None is never.
        maxtasksperchild: number of examples after which a new process replaces one; None keeps them.

    Raises:
        ValueError: when the dataset is empty, or a number is not positive.
        WorkerError: when a worker dies, the dataset raises, or an example cannot be pickled, while iterating.

    Example:
        >>> from chaingrad.iterators import MultiprocessIterator
        >>> with MultiprocessIterator(['a', 'b', 'c'], 2, repeat=False, shuffle=False, n_processes=2) as iterator:
        ...     list(iterator)
        [['a', 'b'], ['c']]
    """

    TimeoutWarning = workers.TimeoutWarning

    def __init__(
        self,
        dataset: Any,
        batch_size: int,
        repeat: bool = True,
        shuffle: bool | None = None,
        n_processes: int | None = None,
        n_prefetch: int = 1,
        shared_mem: int | None = None,
        order_sampler: Sampler | None = None,
        dataset_timeout: float | None = 30.0,
        maxtasksperchild: int | None = None,
    ) -> None:
        numbers = {'n_processes': n_processes, 'n_prefetch': n_prefetch, 'maxtasksperchild': maxtasksperchild}
        for name, value in numbers.items():
            least = 0 if name == 'n_prefetch' else 1
            if value is not None and (not isinstance(value, int) or value < least):
                raise ValueError(
                    f'MultiprocessIterator: {name} must be an integer of at least {least}, but it is {value!r}.'
                )
        super().__init__(dataset, batch_size, repeat, shuffle, order_sampler, n_prefetch)
        self.n_processes = n_processes or _n_processors()
        self.shared_mem = shared_mem
        self.dataset_timeout = dataset_timeout
        self.maxtasksperchild = maxtasksperchild

    def _start(self) -> workers.WorkerPool:
        return workers.WorkerPool(self.dataset, self.n_processes, self.dataset_timeout, self.maxtasksperchild)

    def _more_arguments(self) -> str:
        return f', n_processes={self.n_processes}, n_prefetch={self.n_prefetch}'


def _n_processors() -> int:
    if hasattr(os, 'sched_getaffinity'):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
