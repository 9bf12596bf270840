"""Processes that fetch examples: the code that runs in a worker, and the pool of workers that the iterator uses.

Every worker has its own socket. The parent sends tasks ahead of time. The worker's main thread fetches the examples and
a second thread sends them, so that they wait in the worker until the iterator reads them. Shared memory holds only one
number per worker, the index of the example that it is fetching, in an unnamed file that disappears with the processes.
A worker whose parent has ended reads the end of its socket and ends too.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import socket
import threading
import time
import traceback
import warnings
from collections import deque
from multiprocessing.connection import wait
from typing import Any

import numpy as np

from chaingrad.training.iterators.channel import make_pair, pack, receive, send
from chaingrad.training.iterators.cursor import Piece
from chaingrad.training.iterators.prefetching import POLL, Patience, WorkerError
from chaingrad.training.random_state import current, seed_globals

WHO = 'MultiprocessIterator'
IDLE = -1


class TimeoutWarning(RuntimeWarning):
    """The workers have not delivered a batch for `dataset_timeout` seconds."""


# In the worker


def run_worker(dataset: Any, end: socket.socket, current_index: Any) -> None:
    """Fetch the examples that the other end asks for until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # A thread of the parent may have held the lock of the global generator when this process was forked.
    np.random.set_bit_generator(np.random.MT19937(0))
    results: queue.SimpleQueue[Any] = queue.SimpleQueue()
    sender = threading.Thread(target=_send_all, args=(results, end), daemon=True)
    sender.start()
    with contextlib.suppress(EOFError, OSError):  # the parent has ended
        while (task := receive(end)) is not None:
            results.put(_fetch_task(dataset, current_index, *task))
    results.put(None)
    sender.join()


def _send_all(results: queue.SimpleQueue[Any], end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while (message := results.get()) is not None:
            send(end, message)


def _fetch_task(dataset: Any, current_index: Any, seed: int, epoch: int, indices: list[int]) -> list[memoryview]:
    """Return the parts of a message: the examples, or the index of the one that failed and the reason."""
    examples = []
    for index in indices:
        current_index.value = index
        current.sample = (seed, epoch, index)
        seed_globals(current.sample)
        try:
            examples.append(dataset[index])
        except BaseException as error:
            return _failure(index, 'fetching it raised', error)
    try:
        message = pack((True, examples))
    except Exception:
        message = _unsendable(indices, examples)
    current_index.value = IDLE
    return message


def _unsendable(indices: list[int], examples: list[Any]) -> list[memoryview]:
    """Return a message that names the first example that cannot be pickled."""
    for index, example in zip(indices, examples, strict=True):
        try:
            pack(example)
        except Exception as error:
            return _failure(
                index, f'it is a {type(example).__name__} that cannot be sent to another process (pickled)', error
            )
    return _failure(indices[0], 'the examples cannot be sent to another process (pickled) together', RuntimeError())


def _failure(index: int, reason: str, error: BaseException) -> list[memoryview]:
    return pack((False, (index, reason, ''.join(traceback.format_exception(error)))))


# In the parent


class Worker:
    """The parent's view of a worker: its process, its socket, and the tasks that it has not answered yet."""

    def __init__(self, context: Any, dataset: Any) -> None:
        self.end, workers_end = make_pair()
        self.current_index = context.RawValue('q', IDLE)
        self.waiting: deque[Task] = deque()
        self.n_examples = 0
        self.process = context.Process(
            target=run_worker, args=(dataset, workers_end, self.current_index), daemon=True, name='chaingrad-fetch'
        )
        try:
            with warnings.catch_warnings():  # against forking with threads: the child takes none of their locks
                warnings.simplefilter('ignore', DeprecationWarning)
                self.process.start()
        except BaseException:
            self.end.close()
            raise
        finally:
            workers_end.close()


class Task:
    """Some examples of a piece, and the worker's answer."""

    def __init__(self, worker: Worker, indices: list[int]) -> None:
        self.worker = worker
        self.indices = indices
        self.examples: list[Any] | None = None
        self.error: WorkerError | None = None


class WorkerPool:
    """Processes that fetch examples.

    Args:
        dataset: the dataset; pickled unless processes are forked.
        n_processes: number of processes.
        timeout: seconds without a batch after which a warning is given; None is never.
        max_examples: number of examples that a process may fetch before a new one replaces it; None is any number.
    """

    def __init__(self, dataset: Any, n_processes: int, timeout: float | None, max_examples: int | None) -> None:
        self._context = multiprocessing.get_context()
        self._dataset = dataset
        self._timeout = timeout
        self._max_examples = max_examples
        self._owner = os.getpid()
        self._turn = 0
        self._retired: list[Worker] = []
        self._workers: list[Worker] = []
        try:
            for _ in range(n_processes):
                self._workers.append(self._new_worker())
        except BaseException:
            self.close()
            raise

    def _new_worker(self) -> Worker:
        try:
            return Worker(self._context, self._dataset)
        except (TypeError, AttributeError, OSError, ValueError, ImportError, LookupError) as error:
            raise _not_started(self._context, error) from error
        except Exception as error:
            if 'ickl' not in type(error).__name__:
                raise
            raise _not_started(self._context, error) from error

    def submit(self, piece: Piece, seed: int) -> list[Task]:
        """Start to fetch a piece, shared equally among the workers in turn."""
        parts = min(len(piece.indices), len(self._workers))
        tasks = []
        for part in np.array_split(piece.indices, parts):
            worker = self._next_worker()
            indices = part.tolist()
            task = Task(worker, indices)
            try:
                send(worker.end, pack((seed, piece.epoch, indices)))
            except OSError as error:
                raise self._death(worker) from error
            worker.n_examples += len(indices)
            worker.waiting.append(task)
            tasks.append(task)
        return tasks

    def _next_worker(self) -> Worker:
        self._turn = (self._turn + 1) % len(self._workers)
        worker = self._workers[self._turn]
        if self._max_examples is not None and worker.n_examples >= self._max_examples:
            with contextlib.suppress(OSError):
                send(worker.end, pack(None))  # it answers its tasks and ends
            self._retired.append(worker)
            worker = self._new_worker()
            self._workers[self._turn] = worker
        return worker

    def result(self, job: list[Task]) -> list[Any]:
        """Wait for the examples and return them.

        Raises:
            WorkerError: when the dataset raised for one of these examples, or any worker died.
        """
        patience = Patience()
        deadline = float('inf') if self._timeout is None else time.monotonic() + self._timeout
        while any(task.examples is None for task in job):
            for task in job:
                if task.error is not None:
                    raise task.error
            patience.check()
            self._read(POLL)
            if time.monotonic() > deadline:
                deadline = float('inf')  # one warning is enough
                self._warn_of_stall(job)
        return [example for task in job for example in task.examples or ()]

    def _read(self, seconds: float) -> None:
        """Wait until messages arrive or a worker dies, and receive the messages."""
        living = [*self._workers, *(worker for worker in self._retired if worker.waiting)]
        by_end = {worker.end: worker for worker in living if worker.waiting}
        by_sentinel = {worker.process.sentinel: worker for worker in living}
        ready = wait([*by_end, *by_sentinel], seconds)
        readable = [by_end[item] for item in ready if item in by_end]
        for worker in readable:  # first, since a worker that has ended may have answered before
            self._take_message(worker)
        for item in ready:
            if item not in by_sentinel or by_sentinel[item] in readable:
                continue
            worker = by_sentinel[item]
            if worker.waiting or worker not in self._retired:
                raise self._death(worker)
        for worker in [worker for worker in self._retired if not worker.waiting]:
            self._retired.remove(worker)
            _end([worker])

    def _take_message(self, worker: Worker) -> None:
        """Receive the answer to the worker's first task."""
        task = worker.waiting[0]
        try:
            succeeded, content = receive(worker.end)
        except (EOFError, ConnectionError) as error:
            raise self._death(worker) from error
        except Exception as error:
            worker.waiting.popleft()
            task.error = WorkerError(
                f'{WHO}: the examples with indices {_shown(task.indices)} came from process {worker.process.pid} but '
                f'could not be unpacked: {type(error).__name__}: {error}'
            )
            return
        worker.waiting.popleft()
        if succeeded:
            task.examples = content
        else:
            index, reason, trace = content
            task.error = WorkerError(
                f'{WHO}: the example with index {index} could not be had from process {worker.process.pid}: {reason}. '
                f'The original traceback:\n\n{trace}'
            )

    def _death(self, worker: Worker) -> WorkerError:
        """Return the error that says how a worker died, and at which example."""
        worker.process.join(1)
        code = worker.process.exitcode
        index = worker.current_index.value
        cause = f'ended with exit code {code}' if code is not None else 'closed its socket'
        advice = 'Fetch the example in the main process to see more.'
        if code is not None and code < 0:
            with contextlib.suppress(ValueError):
                cause = f'was killed by signal {-code} ({signal.Signals(-code).name})'
            if code == -9:
                advice = 'The system does so when memory runs out: try fewer processes or a smaller n_prefetch.'
        elif not worker.n_examples or index == IDLE and code == 1 and self._context.get_start_method() != 'fork':
            advice = (
                'It may not have been able to start: a program that starts processes must guard its own work with '
                "`if __name__ == '__main__':`."
            )
        example = 'no example' if index == IDLE else f'the example with index {index}'
        return WorkerError(f'{WHO}: worker process {worker.process.pid} {cause} while it fetched {example}. {advice}')

    def _warn_of_stall(self, job: list[Task]) -> None:
        late = {task.worker.process.pid: task.worker.current_index.value for task in job if task.examples is None}
        missing = ', '.join(f'process {pid} at index {index}' for pid, index in late.items())
        warnings.warn(
            f'{WHO}: no batch for {self._timeout} seconds; waiting for {missing}. Fetching an example takes long '
            'or hangs (a lock held while processes were forked?). Try SerialIterator or a larger dataset_timeout.',
            TimeoutWarning,
            stacklevel=5,
        )

    def close(self) -> None:
        """End all processes, by force if they do not end by themselves."""
        if os.getpid() != self._owner:
            return  # a forked process has inherited this object, but the processes are not its own
        workers = [*self._workers, *self._retired]
        self._workers = []
        self._retired = []
        _end(workers)


def _end(workers: list[Worker]) -> None:
    for worker in workers:
        worker.end.close()  # an idle worker reads the end of its socket and ends
    _join(workers, 0.2)
    for worker in workers:
        if worker.process.is_alive():
            worker.process.terminate()
    _join(workers, 1.0)
    for worker in workers:
        if worker.process.is_alive():
            worker.process.kill()
    _join(workers, 2.0)
    for worker in workers:
        if not worker.process.is_alive():
            worker.process.close()


def _join(workers: list[Worker], seconds: float) -> None:
    """Wait until the processes have ended, at most this long for all of them together."""
    deadline = time.monotonic() + seconds
    for worker in workers:
        worker.process.join(max(deadline - time.monotonic(), 0.0))


def _not_started(context: Any, error: Exception) -> WorkerError:
    return WorkerError(
        f'{WHO}: no worker process can be started by {context.get_start_method()!r}: {type(error).__name__}: {error}. '
        'The dataset is sent to them (pickled): use functions of a module instead of lambdas, and no open files; or '
        "multiprocessing.set_start_method('fork')."
    )


def _shown(indices: list[int]) -> str:
    return ', '.join(map(str, indices[:5])) + (', ...' if len(indices) > 5 else '')
