"""An MPI communicator of one rank, so that a program runs without MPI: what `MpiCommunicator` uses of mpi4py's."""

from __future__ import annotations

from typing import Any

__all__ = ['Alone']


class Alone:
    """The only rank. A message to itself waits until it is received."""

    rank = 0
    size = 1

    def __init__(self) -> None:
        self._messages: dict[int, list[Any]] = {}

    def bcast(self, data: Any, root: int = 0) -> Any:
        """Return the object."""
        return data

    def gather(self, data: Any, root: int = 0) -> list[Any]:
        """Return the object in a list."""
        return [data]

    def allgather(self, data: Any) -> list[Any]:
        """Return the object in a list."""
        return [data]

    def allreduce(self, data: Any) -> Any:
        """Return the object, the sum of all."""
        return data

    def send(self, data: Any, dest: int, tag: int = 0) -> None:
        """Keep an object for `recv`."""
        self._messages.setdefault(tag, []).append(data)

    def recv(self, source: int = 0, tag: int = 0) -> Any:
        """Return the oldest object that was sent with this tag."""
        waiting = self._messages.get(tag)
        if not waiting:
            raise RuntimeError(
                f'recv: there is one rank, and it has sent nothing with tag {tag}, so it would wait forever. '
                'Start the program with mpiexec, or send first.'
            )
        return waiting.pop(0)

    def Split(self, color: int, key: int) -> Alone:
        """Return a communicator of the only rank."""
        return Alone()

    def Barrier(self) -> None:
        """Wait for nobody."""
