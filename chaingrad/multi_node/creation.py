"""create_communicator."""

from __future__ import annotations

from typing import Any

from chaingrad.multi_node.communicators.alone import Alone
from chaingrad.multi_node.communicators.mpi import import_mpi, world
from chaingrad.multi_node.communicators.mpi_communicator import ABOUT, MpiCommunicator
from chaingrad.multi_node.communicators.places import share_processors
from chaingrad.multi_node.global_except_hook import add_hook
from chaingrad.multi_node.safety.watchdog import Watchdog

__all__ = ['create_communicator']


def create_communicator(communicator_name: str = 'pure_nccl', mpi_comm: Any = None, **kwargs: Any) -> MpiCommunicator:
    """Make the communicator of all ranks of a run; every rank calls it.

    There is one kind, on mpi4py, and the reference's names say how gradients travel: `naive` in one message for each,
    all others in flat buffers of some megabytes. `single_node` also checks that all ranks are on one machine, and with
    `dummy` gradients do not travel at all. A program that was not started by `mpiexec` is the only rank, without MPI.

    With several ranks it also sets the hook that ends all of them when one raises, starts the watchdog that names a
    hang, and, unless the environment says otherwise (OMP_NUM_THREADS), shares the machine's processors among the ranks
    on it.

    Args:
        communicator_name (str): naive, flat, pure_nccl, hierarchical, two_dimensional, single_node, non_cuda_aware or
            dummy.
        mpi_comm: mpi4py communicator; None for all ranks.
        **kwargs: `allreduce_grad_dtype`, the dtype of gradients on the wire, such as `'float16'` (default: their own);
            `bucket_bytes`, size of the flat buffers (4 MiB); `time_limit`, seconds that a rank may wait for others
            until the run is ended with a report (default: the environment's CHAINGRAD_MPI_TIME_LIMIT, or 600; 0 for
            ever); `batched_copy`, without effect.

    Returns:
        MpiCommunicator.

    Raises:
        ImportError: when there are several ranks, but mpi4py or an MPI library is missing.
        ValueError: when the name is unknown.
        TypeError: when a keyword is unknown.

    Example:
        >>> from chaingrad import multi_node
        >>> multi_node.create_communicator('flat')
        MpiCommunicator('flat', gradients in flat buffers; rank 0 of 1)

    Source: ChainerMN's `create_communicator`.
    """
    if communicator_name not in ABOUT:
        raise ValueError(
            f'create_communicator: communicator_name must be one of {", ".join(ABOUT)}, but it '
            f'is {communicator_name!r}.'
        )
    options: dict[str, Any] = {
        'allreduce_grad_dtype': None,
        'bucket_bytes': 1 << 22,
        'time_limit': None,
        'batched_copy': True,
    }
    unknown = sorted(kwargs.keys() - options.keys())
    if unknown:
        raise TypeError(f'create_communicator: unexpected keyword {unknown[0]!r}. It takes {", ".join(options)}.')
    options.update(kwargs)
    mpi_comm = world() if mpi_comm is None else mpi_comm
    comm = MpiCommunicator(mpi_comm, communicator_name, options['allreduce_grad_dtype'], options['bucket_bytes'])
    if not isinstance(mpi_comm, Alone) and comm.size > 1:
        Watchdog.watch(import_mpi(), mpi_comm, options['time_limit'])
        add_hook()
        share_processors(comm.intra_size)
    if communicator_name == 'single_node' and comm.inter_size > 1:
        raise ValueError(
            f'create_communicator: single_node needs all ranks on one machine, but they are on {comm.inter_size}. '
            "Take 'flat'."
        )
    return comm
