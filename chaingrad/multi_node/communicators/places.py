"""Where the ranks are: their machines, and the processors that each has for itself."""

from __future__ import annotations

import ctypes
import os
import pathlib
import platform
from typing import Any, NamedTuple

import numpy as np

__all__ = ['Place', 'find_place', 'share_processors']

_VARIABLES = ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS')


class Place(NamedTuple):
    """The numbers of a rank on its machine, and of its machine."""

    intra_rank: int
    intra_size: int
    inter_rank: int
    inter_size: int


def find_place(mpi_comm: Any) -> Place:
    """Return where this rank is; a machine is known by its name."""
    names = mpi_comm.allgather(platform.node())
    machines = list(dict.fromkeys(names))
    mine = [rank for rank, name in enumerate(names) if name == names[mpi_comm.rank]]
    return Place(mine.index(mpi_comm.rank), len(mine), machines.index(names[mpi_comm.rank]), len(machines))


def share_processors(n_ranks: int) -> int | None:
    """Let the BLAS use this rank's share of the machine's processors, unless the environment says how many.

    Ranks that all use every processor wait for each other: two ranks on two processors were four times slower so.

    Returns:
        The number of threads; None where the environment has said it, or the BLAS is not known.
    """
    if n_ranks < 2 or any(name in os.environ for name in _VARIABLES):
        return None
    processors = len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count() or 1
    threads = max(1, processors // n_ranks)
    os.environ['OMP_NUM_THREADS'] = str(threads)  # for libraries that are loaded later, and for child processes
    return threads if _set_blas_threads(threads) else None


def _set_blas_threads(threads: int) -> bool:
    """Set the number of threads of the BLAS that NumPy has loaded; return whether it could be set."""
    try:
        import threadpoolctl
    except ImportError:
        return _set_openblas_threads(threads)
    threadpoolctl.threadpool_limits(limits=threads)
    return True


def _set_openblas_threads(threads: int) -> bool:
    """Set the number of threads of the OpenBLAS in NumPy's wheel."""
    home = pathlib.Path(np.__file__).parent
    for path in [*home.parent.glob('numpy.libs/*openblas*'), *home.glob('.dylibs/*openblas*')]:
        library = ctypes.CDLL(str(path))
        for name in ('scipy_openblas_set_num_threads64_', 'scipy_openblas_set_num_threads', 'openblas_set_num_threads'):
            if hasattr(library, name):
                getattr(library, name)(threads)
                return True
    return False
