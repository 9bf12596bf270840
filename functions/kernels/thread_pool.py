"""A few threads that share the work on one large array: ufuncs and compiled loops release the interpreter's lock.

As many as `set_threads` was given, or the first that is set of the environment variables below, else one for each
processor. They sleep while there is nothing to do, so that they take nothing from the threads of the BLAS or of oneDNN,
which spin. Whoever asks takes part, and does what no other thread has begun: on a busy machine it does all. A forked
process has one thread: it is one of several.
"""

from __future__ import annotations

import contextvars
import os
import queue
import threading
from collections.abc import Callable

# What libraries read when they are loaded; child processes get them, too.
VARIABLES = ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'VECLIB_MAXIMUM_THREADS')
LEAST = 250_000  # elements for each thread that make it pay, where one costs as much as an addition
# Waking a thread takes 20 to 50 us, 10 of them from the one that asks.
PARTS = 2  # of the work, for each thread: so one that comes late does less

Work = Callable[[slice], None]


class _Job:
    """Work on some slices, done once all are."""

    def __init__(self, work: Work, parts: list[slice]) -> None:
        self._work = work
        self._parts = parts
        self._unfinished = len(parts)
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._errors: list[BaseException] = []
        self._context = contextvars.copy_context()  # np.errstate is in it

    def help(self) -> None:
        """Work on slices that nobody has taken, until there are none."""
        while True:
            try:
                part = self._parts.pop()  # one thread at a time can
            except IndexError:
                return
            try:
                self._context.copy().run(self._work, part)
            except BaseException as error:  # it is raised in the thread that asked
                self._errors.append(error)
            with self._lock:
                self._unfinished -= 1
                if not self._unfinished:
                    self._done.set()

    def finish(self) -> None:
        """Help, wait for the others, and raise the first error."""
        self.help()
        self._done.wait()
        if self._errors:
            raise self._errors[0]


class _Threads:
    """The threads of this process, started when they are first needed."""

    count = 0  # with the one that asks; 0: not known yet
    jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
    started = 0
    lock = threading.Lock()


def _first_count() -> int:
    for name in VARIABLES:
        first = os.environ.get(name, '').partition(',')[0]
        if first.isdigit() and int(first):
            return int(first)
    return processors()


def processors() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count() or 1


def count() -> int:
    """Return the number of threads that share work."""
    if not _Threads.count:
        _Threads.count = _first_count()
    return _Threads.count


def use(n: int) -> None:
    """Let n threads share work from now on."""
    _Threads.count = n


def _after_fork() -> None:
    _Threads.count = 1
    _Threads.started = 0
    _Threads.jobs = queue.SimpleQueue()
    _Threads.lock = threading.Lock()


if hasattr(os, 'register_at_fork'):
    os.register_at_fork(after_in_child=_after_fork)


def _serve(jobs: queue.SimpleQueue[_Job]) -> None:
    while True:
        jobs.get().help()


def _start(n: int) -> None:
    with _Threads.lock:
        while _Threads.started < n:
            name = f'chaingrad kernels {_Threads.started + 1}'
            threading.Thread(target=_serve, args=(_Threads.jobs,), name=name, daemon=True).start()
            _Threads.started += 1


def split(work: Work, length: int, elements: int, least: int = LEAST) -> None:
    """Call `work` with slices that cover range(length), in several threads if there are enough elements.

    Args:
        work: writes the part of the result that a slice names; parts never overlap.
        length: number of rows, blocks or elements, whatever the slices count.
        elements: how many elements are worked on altogether.
            least: number of elements for each thread that make it pay.
    """
    n = min(count(), length, elements // least)
    if n < 2:
        work(slice(0, length))
        return
    _start(n - 1)
    k = min(n * PARTS, length)
    job = _Job(work, [slice(length * i // k, length * (i + 1) // k) for i in reversed(range(k))])
    for _ in range(n - 1):
        _Threads.jobs.put(job)
    job.finish()
