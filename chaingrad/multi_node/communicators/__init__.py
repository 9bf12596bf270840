"""Communicators: the interface (`base.py`), and the one there is, on mpi4py (`mpi_communicator.py`)."""

from chaingrad.multi_node.communicators.base import CommunicatorBase
from chaingrad.multi_node.communicators.mpi_communicator import MpiCommunicator

__all__ = ['CommunicatorBase', 'MpiCommunicator']
