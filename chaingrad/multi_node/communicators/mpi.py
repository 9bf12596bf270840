"""Finding MPI: mpi4py where the program was started by `mpiexec`, one rank without MPI where it was not."""

from __future__ import annotations

import os
import sys
from typing import Any

from chaingrad.multi_node.communicators.alone import Alone

__all__ = ['import_mpi', 'is_launched', 'world']

# What the launchers of MPICH, Open MPI, Intel MPI, MVAPICH and Slurm tell each process.
_LAUNCHED = ('PMI_RANK', 'PMIX_RANK', 'OMPI_COMM_WORLD_RANK', 'MPI_LOCALRANKID', 'MV2_COMM_WORLD_RANK')


def import_mpi() -> Any:
    """Return mpi4py's module MPI, whose import initializes MPI.

    Raises:
        ImportError: when mpi4py or an MPI library is missing.
    """
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        raise ImportError(
            f'chaingrad.multi_node: several ranks need mpi4py and an MPI library: {error}. '
            'Run pip install chaingrad[mpi], which brings MPICH and its mpiexec.'
        ) from error
    return MPI


def is_launched() -> bool:
    """Return whether this process is a rank of MPI: started by a launcher, or by `python -m mpi4py`."""
    return 'mpi4py.MPI' in sys.modules or any(name in os.environ for name in _LAUNCHED)


def world() -> Any:
    """Return the communicator of all ranks."""
    return import_mpi().COMM_WORLD if is_launched() else Alone()
