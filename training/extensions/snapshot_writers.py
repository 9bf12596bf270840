"""Writers, which write the state that a snapshot has collected to a file, at once or in parallel with training.

A writer is called with a file name, a folder and the state, a dict of arrays. Whatever happens, the folder has either
the old file or the new, complete one. An error of a parallel writer is raised at its next call or at the end.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
import traceback
import warnings
from collections.abc import Callable
from typing import Any, TypeAlias

from chaingrad.links.serializer import AbstractSerializer
from chaingrad.links.serializers.files import replacing
from chaingrad.links.serializers.npz import save_npz
from chaingrad.links.serializers.npz_file import NpzSource
from chaingrad.training import run_state

State: TypeAlias = dict[str, Any]
"""The state of a run: arrays by key, and None for values that are None."""

SaveFunction: TypeAlias = Callable[..., Any]


class SavedState(dict[str, Any]):
    """Arrays by key that can be saved like an object, by any `savefun` of the form f(path, object)."""

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save every array."""
        for key, value in self.items():
            serializer(key, value)


class Writer:
    """Base of the writers; a subclass defines `__call__`, which uses `save`.

    Example:
        >>> from chaingrad.training.extensions import snapshot_writers
        >>> class Loud(snapshot_writers.SimpleWriter):
        ...     def __call__(self, filename, outdir, target):
        ...         super().__call__(filename, outdir, target)
        ...         print('saved', filename)
    """

    def __init__(self) -> None:
        self._post_save_hooks: list[Callable[[], Any]] = []

    def __call__(self, filename: str, outdir: str, target: State) -> None:
        """Write the state to a file of that name in the folder, now or later."""
        raise NotImplementedError(f'{type(self).__name__} must define __call__(self, filename, outdir, target).')

    def finalize(self) -> None:
        """Wait until everything is written."""

    def save(self, filename: str, outdir: str, target: State, savefun: SaveFunction, **kwds: Any) -> None:
        """Write a temporary file, compare it with the state, and rename it.

        Args:
            filename (str): name of the file.
            outdir (str): its folder.
            target (dict): the state, a dict from keys to arrays.
            savefun (callable): called with the path and the state; writes the file.
            kwds: more arguments of `savefun`.

        Raises:
            OSError: when the file could not be written, or does not contain the state. An old file is unchanged.
        """
        path = os.path.join(outdir, filename)
        state = SavedState(target)
        os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
        with replacing(path) as f:
            savefun(f if savefun is save_npz else f.name, state, **kwds)
            if os.path.exists(path) or self._post_save_hooks:  # before an old snapshot is removed
                f.flush()
                _check_file(f.name, state, path)
        self._post_save()

    def _post_save(self) -> None:
        for hook in self._post_save_hooks:
            hook()

    def _add_cleanup_hook(self, hook: Callable[[], Any]) -> None:
        self._post_save_hooks.append(hook)


def _check_file(path: str, target: State, name: str) -> None:
    """Raise OSError when an npz file does not contain the state; files of other formats are not checked."""
    with open(path, 'rb') as f:
        if f.read(2) != b'PK':
            return
    try:
        with NpzSource(path, 'snapshot') as source:
            digests = {key: run_state.digest(source.read(key) if source.kind(key) else None) for key in source.keys()}
    except ValueError as error:
        raise OSError(f'snapshot: {name} could not be read back after writing: {error}') from error
    wrong = [key for key in target if digests.get(key) != run_state.digest(target[key])]
    if wrong:
        raise OSError(f'snapshot: {name} does not hold what was written: {", ".join(wrong[:5])}. The old file stays.')


class SimpleWriter(Writer):
    """Write at once, while training waits.

    Args:
        savefun (callable): called with path and state.
        kwds: more arguments of `savefun`.
    """

    def __init__(self, savefun: SaveFunction = save_npz, **kwds: Any) -> None:
        super().__init__()
        self._savefun = savefun
        self._kwds = kwds

    def __call__(self, filename: str, outdir: str, target: State) -> None:
        """Write the state to a file."""
        self.save(filename, outdir, target, self._savefun, **self._kwds)

    def __repr__(self) -> str:
        return f'{type(self).__name__}({getattr(self._savefun, "__name__", self._savefun)})'


class StandardWriter(Writer):
    """Base of writers that start a worker for every file and wait for it before the next."""

    def __init__(self, savefun: SaveFunction = save_npz, **kwds: Any) -> None:
        super().__init__()
        self._savefun = savefun
        self._kwds = kwds
        self._worker: Any = None
        self._failures: Any = queue.SimpleQueue()

    def __call__(self, filename: str, outdir: str, target: State) -> None:
        """Wait for the last file, then write this one in parallel with training."""
        self.finalize()
        self._worker = self.create_worker(filename, outdir, target, **self._kwds)
        _start(self._worker)

    def create_worker(self, filename: str, outdir: str, target: State, **kwds: Any) -> Any:
        """Return a worker, such as a thread, with `start` and `join`, which writes the file."""
        raise NotImplementedError(f'{type(self).__name__} must define create_worker.')

    def finalize(self) -> None:
        """Wait for the last file; raise OSError if it was not written."""
        worker = self._worker
        self._worker = None
        if worker is None:
            return
        worker.join()
        if not self._failures.empty():
            raise OSError(f'snapshot: {self._failures.get()}')
        if getattr(worker, 'exitcode', 0):
            raise OSError(f'snapshot: the process that was writing ended with exit code {worker.exitcode}.')

    def _run(self, *task: Any, **kwds: Any) -> None:
        """Write a file in the worker and put an error into the queue of failures."""
        try:
            self.save(*task, **kwds)
        except Exception:
            self._failures.put(traceback.format_exc())

    def __repr__(self) -> str:
        return f'{type(self).__name__}({getattr(self._savefun, "__name__", self._savefun)})'


class ThreadWriter(StandardWriter):
    """Write in a thread, in parallel with training.

    Args:
        savefun (callable): called with path and state.
        kwds: more arguments of `savefun`.
    """

    def create_worker(self, filename: str, outdir: str, target: State, **kwds: Any) -> threading.Thread:
        """Return a thread that writes the file."""
        return threading.Thread(target=self._run, args=(filename, outdir, target, self._savefun), kwargs=kwds)


class ProcessWriter(StandardWriter):
    """Write in a process, in parallel with training.

    Args:
        savefun (callable): called with path and state.
        kwds: more arguments of `savefun`.
    """

    def __init__(self, savefun: SaveFunction = save_npz, **kwds: Any) -> None:
        super().__init__(savefun, **kwds)
        self._failures = multiprocessing.SimpleQueue()

    def create_worker(
        self, filename: str, outdir: str, target: State, **kwds: Any
    ) -> multiprocessing.process.BaseProcess:
        """Return a process that writes the file."""
        task = (filename, outdir, target, self._savefun)
        return multiprocessing.Process(target=_ignoring_signals, args=(self._run, *task), kwargs=kwds)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, '_worker': None}


def _start(worker: Any) -> None:
    """Start a thread or process, without the warning of Python 3.12: a forked process uses no threads of this one."""
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', '.*multi-threaded, use of fork', DeprecationWarning)
        worker.start()


def _ignoring_signals(function: Callable[..., Any], *args: Any, **kwds: Any) -> None:
    """Finish a file although Ctrl-C and SIGTERM reach all processes; the training process waits for the end."""
    for name in ('SIGINT', 'SIGTERM'):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    function(*args, **kwds)


class QueueWriter(Writer):
    """Base of writers with one worker that writes file after file; training waits for it only at the end.

    Args:
        savefun (callable): called with path and state.
        task (callable): called in the worker with file name, folder and state. Default: a `SimpleWriter`.
    """

    def __init__(self, savefun: SaveFunction = save_npz, task: Writer | None = None) -> None:
        super().__init__()
        self._savefun = savefun
        self._task = self.create_task(savefun) if task is None else task
        self._queue = self.create_queue()
        self._failures = self.create_queue()
        self._consumer: Any = None

    def _add_cleanup_hook(self, hook: Callable[[], Any]) -> None:
        """Let the worker call the hook after each file."""
        self._task._add_cleanup_hook(hook)

    def __call__(self, filename: str, outdir: str, target: State) -> None:
        """Pass the state to the worker."""
        self._raise_failure()
        if self._consumer is None:
            self._consumer = self.create_consumer(self._queue)
            _start(self._consumer)
        self._queue.put((filename, outdir, target))

    def create_task(self, savefun: SaveFunction) -> Writer:
        """Return the writer of one file, which the worker calls."""
        return SimpleWriter(savefun=savefun)

    def create_queue(self) -> Any:
        """Return a queue between training and worker."""
        raise NotImplementedError(f'{type(self).__name__} must define create_queue(self).')

    def create_consumer(self, q: Any) -> Any:
        """Return the worker, such as a thread, with `start` and `join`, which runs `consume(q)`."""
        raise NotImplementedError(f'{type(self).__name__} must define create_consumer(self, q).')

    def consume(self, q: Any) -> None:
        """Write the files that come through the queue, until None comes."""
        item = q.get()
        while item is not None:
            try:
                self._task(*item)
            except Exception:
                self._failures.put(traceback.format_exc())
            item = q.get()

    def finalize(self) -> None:
        """Wait until everything is written and end the worker; raise OSError if a file was not written."""
        consumer = self._consumer
        self._consumer = None
        if consumer is None:
            return
        self._queue.put(None)
        consumer.join()
        self._raise_failure()
        if getattr(consumer, 'exitcode', 0):
            raise OSError(f'snapshot: the process that was writing ended with exit code {consumer.exitcode}.')

    def _raise_failure(self) -> None:
        if not self._failures.empty():
            raise OSError(f'snapshot: {self._failures.get()}')

    def __repr__(self) -> str:
        return f'{type(self).__name__}({getattr(self._savefun, "__name__", self._savefun)})'


class ThreadQueueWriter(QueueWriter):
    """Write file after file in one thread.

    Args:
        savefun (callable): called with path and state.
        task (callable): called in the thread with file name, folder and state. Default: a `SimpleWriter`.
    """

    def create_queue(self) -> Any:
        """Return a queue between threads."""
        return queue.SimpleQueue()

    def create_consumer(self, q: Any) -> threading.Thread:
        """Return the thread."""
        return threading.Thread(target=self.consume, args=(q,))


class ProcessQueueWriter(QueueWriter):
    """Write file after file in one process.

    Args:
        savefun (callable): called with path and state.
        task (callable): called in the process with file name, folder and state. Default: a `SimpleWriter`.
    """

    def create_queue(self) -> Any:
        """Return a queue between processes, of any length."""
        return multiprocessing.Queue()

    def create_consumer(self, q: Any) -> multiprocessing.process.BaseProcess:
        """Return the process."""
        return multiprocessing.Process(target=_ignoring_signals, args=(self.consume, q))

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, '_consumer': None}
