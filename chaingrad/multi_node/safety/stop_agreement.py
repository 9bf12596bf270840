"""All ranks leave a training loop after the same iteration, whichever of them a signal has reached."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.multi_node.safety.waiting import Waiting

__all__ = ['StopAgreement']


class StopAgreement:
    """Compute the largest number of a signal over the ranks, without waiting: each call returns that of the last one.

    Args:
        comm (MpiCommunicator): the ranks, whose loops call it after every iteration.
    """

    def __init__(self, comm: Any) -> None:
        from mpi4py import MPI

        self._mpi = MPI
        self._comm = comm._own
        self._request: Any = None
        self._number = np.zeros(1, np.int64)

    def __call__(self, received: int | None) -> int:
        """Return the signal for which all stop now, or 0; begin to compute the next one unless it is None."""
        if self._request is not None:
            with Waiting('the agreement on a signal'):
                self._request.Wait()
            self._request = None
        agreed = int(self._number[0])
        if received is not None and not agreed:
            self._number[0] = received
            self._request = self._comm.Iallreduce(self._mpi.IN_PLACE, self._number, self._mpi.MAX)
        return agreed
