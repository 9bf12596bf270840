"""The hook that ends all ranks when one of them raises; `create_communicator` sets it when there are several ranks.

Without it the other ranks would wait for ever for the one that is gone. `python -m mpi4py` does the same, and also ends
all ranks when one calls `sys.exit` with an error.
"""

from __future__ import annotations

import sys
import traceback
from types import TracebackType
from typing import Any

from chaingrad.multi_node.communicators.mpi import import_mpi, is_launched
from chaingrad.multi_node.safety.watchdog import write_and_abort

__all__ = ['add_hook']


def add_hook() -> None:
    """End all ranks, with the traceback and the number of the rank, when an exception ends one.

    It sets `sys.excepthook`, once. One rank without MPI keeps Python's own.

    Example:
        >>> from chaingrad.multi_node import global_except_hook
        >>> global_except_hook.add_hook()
    """
    if is_launched() and sys.excepthook is not _end_all_ranks:
        sys.excepthook = _end_all_ranks


def _end_all_ranks(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> Any:
    mpi = import_mpi()
    rank = mpi.COMM_WORLD.rank
    lines = ''.join(traceback.format_exception(kind, error, trace)).splitlines()
    text = '\n'.join(f'[rank {rank}] {line}' for line in lines)
    if mpi.COMM_WORLD.size == 1:
        sys.stderr.write(text + '\n')
        return
    write_and_abort(f'{text}\n[rank {rank}] This exception ends all ranks.', mpi.COMM_WORLD)
