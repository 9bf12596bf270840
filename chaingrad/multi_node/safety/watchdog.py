"""The watchdog: a thread of every rank that names a hang, and then ends all ranks.

A rank that waits longer than the time limit asks the watchdogs of the others what their main threads do, prints their
answers, and aborts. Who does not answer has ended, is stopped, or computes in C without letting other threads run. The
messages travel on a communicator of their own, and cost nothing before the limit but a look once a second.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
import traceback
from typing import Any

from chaingrad.multi_node.safety.waiting import Call, Waiting

__all__ = ['DEFAULT_LIMIT', 'VARIABLE', 'Watchdog', 'default_limit', 'describe', 'write_and_abort']

ASK, ANSWER = 1, 2
VARIABLE = 'CHAINGRAD_MPI_TIME_LIMIT'
DEFAULT_LIMIT = 600.0
_SECONDS_FOR_ANSWERS = 1.5
_PATIENCE = 3  # how often a rank asks until it ends the run in place of a lower one


class Watchdog(threading.Thread):
    """See the module.

    Args:
        mpi: mpi4py's module MPI.
        mpi_comm: an mpi4py communicator; its duplicate carries the messages.
        limit: seconds that a call may wait; 0 for ever.
    """

    running: Watchdog | None = None

    def __init__(self, mpi: Any, mpi_comm: Any, limit: float) -> None:
        super().__init__(name='chaingrad-watchdog', daemon=True)
        self.limit = limit
        self._mpi = mpi
        self._comm = mpi_comm.Dup()
        self._ended = threading.Event()
        self._sent: list[Any] = []
        self._asked: tuple[int, int] = (0, 0)  # the call for which the others were asked, and how often

    @classmethod
    def watch(cls, mpi: Any, mpi_comm: Any, limit: float | None) -> None:
        """Start the watchdog of this process, or set the limit of the one that runs."""
        if cls.running is not None:
            if limit is not None:
                cls.running.limit = limit
        elif mpi_comm.size > 1 and mpi.Query_thread() == mpi.THREAD_MULTIPLE:
            cls.running = cls(mpi, mpi_comm, default_limit() if limit is None else limit)
            cls.running.start()
            atexit.register(cls.running.end)

    def end(self) -> None:
        """Stop before MPI is finalized."""
        self._ended.set()
        self.join(2.0)

    def run(self) -> None:
        """Answer questions, and look whether the main thread waits too long."""
        while not self._ended.wait(min(1.0, self.limit / 10) if self.limit else 1.0):
            self._answer()
            call = Waiting.present
            if self.limit and call is not None and time.monotonic() - call.since > self.limit:
                self._report(call)

    def _answer(self) -> None:
        status = self._mpi.Status()
        while self._comm.iprobe(source=self._mpi.ANY_SOURCE, tag=ASK, status=status):
            self._comm.recv(source=status.source, tag=ASK)
            call = Waiting.present
            overdue = call is not None and self.limit > 0 and time.monotonic() - call.since > self.limit
            self._sent.append(self._comm.isend((overdue, describe(call)), status.source, ANSWER))

    def _report(self, call: Call) -> None:
        """Ask all others and print what they do; the lowest of the ranks that wait too long ends the run."""
        others = [rank for rank in range(self._comm.size) if rank != self._comm.rank]
        self._sent += [self._comm.isend(None, rank, ASK) for rank in others]
        answers: dict[int, tuple[bool, str]] = {}
        end = time.monotonic() + _SECONDS_FOR_ANSWERS
        status = self._mpi.Status()
        while time.monotonic() < end and len(answers) < len(others):
            self._answer()
            while self._comm.iprobe(source=self._mpi.ANY_SOURCE, tag=ANSWER, status=status):
                answers[status.source] = self._comm.recv(source=status.source, tag=ANSWER)
            time.sleep(0.01)
        self._asked = (call.number, self._asked[1] + 1 if self._asked[0] == call.number else 1)
        leader = min([self._comm.rank, *(rank for rank, (overdue, _) in answers.items() if overdue)])
        if Waiting.present is not call or (leader != self._comm.rank and self._asked[1] < _PATIENCE):
            return
        lines = [f'chaingrad.multi_node: rank {self._comm.rank} {describe(call)}, longer than {self.limit:g} s.']
        for rank in others:
            lines.append(f'  rank {rank} {answers.get(rank, (False, _SILENT))[1]}')
        lines.append(f'All ranks are ended. Longer waits: {VARIABLE}=<seconds>, 0 for ever.')
        write_and_abort('\n'.join(lines), self._comm)


_SILENT = 'does not answer: its process has ended or is stopped, or computes without letting other threads run'


def default_limit() -> float:
    """Return the time limit of the environment, in seconds."""
    text = os.environ.get(VARIABLE, '')
    try:
        return float(text) if text else DEFAULT_LIMIT
    except ValueError:
        raise ValueError(f'{VARIABLE} must be a number of seconds, but it is {text!r}.') from None


def describe(call: Call | None) -> str:
    """Say what the main thread of this rank does: the call in which it waits, or its place in the program."""
    if call is not None:
        return f'waits for {time.monotonic() - call.since:.1f} s in {call.name} (its call number {call.number})'
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    text = f'waits for nobody (it has made {Waiting.count} calls)'
    if frame is None:
        return text
    places = ''.join(traceback.format_stack(frame)[-3:]).rstrip().replace('\n', '\n    ')
    return f'{text}; its program is at\n    {places}'


def write_and_abort(text: str, mpi_comm: Any) -> None:
    """Print to stderr and end all ranks."""
    sys.stdout.flush()
    sys.stderr.write(text + '\n')
    sys.stderr.flush()
    time.sleep(0.2)  # the launcher must have read the text before it ends the ranks
    mpi_comm.Abort(1)
