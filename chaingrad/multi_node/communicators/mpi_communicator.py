"""The communicator on mpi4py."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.multi_node.communicators import arrays
from chaingrad.multi_node.communicators.alone import Alone
from chaingrad.multi_node.communicators.base import CommunicatorBase
from chaingrad.multi_node.communicators.places import Place, find_place
from chaingrad.multi_node.gradients.buckets import Layout, Wire
from chaingrad.multi_node.safety.waiting import Waiting

__all__ = ['ABOUT', 'MpiCommunicator']

# The tag of what collective methods send between two ranks; on a communicator of their own, so that none can meet it.
_TAG = 0

ABOUT = {
    'naive': 'one message for each gradient',
    'flat': 'gradients in flat buffers',
    'pure_nccl': 'another name of flat: there is no NCCL here',
    'hierarchical': 'another name of flat: the MPI library knows the machines',
    'two_dimensional': 'another name of flat: the MPI library knows the machines',
    'single_node': 'flat, and all ranks must be on one machine',
    'non_cuda_aware': 'another name of flat: arrays are in main memory',
    'dummy': 'gradients stay where they are, to measure what the exchange costs',
}


class MpiCommunicator(CommunicatorBase):
    """The ranks of an mpi4py communicator; `create_communicator` makes it.

    Args:
        mpi_comm: an mpi4py communicator, or the stand-in for one rank.
        name (str): one of the names of `create_communicator`.
        allreduce_grad_dtype: dtype of gradients on the wire, such as float16; None for their own.
        bucket_bytes (int): size of the flat buffers.

    Attributes:
        mpi_comm: the mpi4py communicator.
        name (str): the name that it was made with.
    """

    def __init__(self, mpi_comm: Any, name: str, allreduce_grad_dtype: Any = None, bucket_bytes: int = 1 << 22) -> None:
        self.mpi_comm = mpi_comm
        self.name = name
        self.bucket_bytes = 1 if name == 'naive' else bucket_bytes
        self.allreduce_grad_dtype = None if allreduce_grad_dtype is None else np.dtype(allreduce_grad_dtype)
        self.batched_copy = True
        self._place: Place | None = None
        alone = isinstance(mpi_comm, Alone)
        self._own = mpi_comm if alone else mpi_comm.Dup()  # what is sent on it meets no message of the program
        self._layouts: weakref.WeakKeyDictionary[Any, Layout] = weakref.WeakKeyDictionary()

    @property
    def rank(self) -> int:
        """The number of this rank, from 0."""
        return int(self.mpi_comm.rank)

    @property
    def size(self) -> int:
        """The number of ranks."""
        return int(self.mpi_comm.size)

    @property
    def place(self) -> Place:
        """Where this rank is; the first use is collective."""
        if self._place is None:
            with Waiting('the names of the machines'):
                self._place = find_place(self._own)
        return self._place

    intra_rank = property(lambda self: self.place.intra_rank, doc='The number of this rank on its machine.')
    intra_size = property(lambda self: self.place.intra_size, doc='The number of ranks on this machine.')
    inter_rank = property(lambda self: self.place.inter_rank, doc='The number of this machine.')
    inter_size = property(lambda self: self.place.inter_size, doc='The number of machines.')

    def set_config(self, name: str, value: Any = True, **kwargs: Any) -> None:
        """Set an option: `allreduce_grad_dtype`, `bucket_bytes`, or `batched_copy`, which has no effect."""
        if name == 'allreduce_grad_dtype':
            value = None if value is None else np.dtype(value)
        elif name not in ('batched_copy', 'bucket_bytes'):
            super().set_config(name, **kwargs)
        setattr(self, name, value)
        self._layouts.clear()

    def get_config(self, name: str | None = None) -> Any:
        """Return an option; all of them, as a dict, when no name is given."""
        options = {key: getattr(self, key) for key in ('allreduce_grad_dtype', 'batched_copy', 'bucket_bytes')}
        if name is None:
            return options
        return options[name] if name in options else super().get_config(name)

    def split(self, color: int, key: int) -> MpiCommunicator:
        """Return a communicator of the ranks that give the same color, in the order of their keys."""
        with Waiting('split'):
            part = self.mpi_comm.Split(color, key)
        return MpiCommunicator(part, self.name, self.allreduce_grad_dtype, self.bucket_bytes)

    # Arrays

    def send(self, data: Any, dest: int, tag: int = 0) -> None:
        """Send an array, or a tuple of arrays, to a rank."""
        if isinstance(self.mpi_comm, Alone):
            self.mpi_comm.send(data, dest, tag)
            return
        with Waiting(f'send to rank {dest}'):
            arrays.send(self.mpi_comm, data, dest, tag)

    def recv(self, source: int, tag: int = 0) -> Any:
        """Return what a rank has sent: an array, or a tuple of arrays."""
        if isinstance(self.mpi_comm, Alone):
            return self.mpi_comm.recv(source, tag)
        with Waiting(f'recv from rank {source}'):
            return arrays.recv(self.mpi_comm, source, tag)

    def bcast(self, data: Any, max_buf_len: int | None = None, root: int = 0) -> Any:
        """Return the array of the root."""
        if self.size == 1:
            return data
        with Waiting('bcast'):
            mine = arrays.checked('bcast', data) if self.rank == root else None
            header = self._own.bcast(None if mine is None else arrays.header_of(mine), root)
            x = arrays.empty(header) if mine is None else mine
            self._own.Bcast(arrays.as_bytes(x), root)
        return x

    def gather(self, data: Any, root: int = 0) -> tuple[Any, ...] | None:
        """Return the arrays of all ranks at the root; None elsewhere."""
        with Waiting('gather'):
            x = arrays.checked('gather', data)
            headers = self._own.gather(arrays.header_of(x), root)
            out = {root: x}
            found = arrays.exchange(self._own, out, dict(enumerate(headers or [])), _TAG) if self.size > 1 else out
        return tuple(found[rank] for rank in range(self.size)) if self.rank == root else None

    def allgather(self, x: Any) -> tuple[Any, ...]:
        """Return the arrays of all ranks, in the order of the ranks."""
        return self.alltoall((x,) * self.size)

    def alltoall(self, xs: Any) -> tuple[Any, ...]:
        """Send array i of a tuple to rank i, and return what came, in the order of the ranks."""
        self._check_length('alltoall', xs)
        with Waiting('alltoall'):
            out = {rank: arrays.checked('alltoall', x) for rank, x in enumerate(xs)}
            if self.size == 1:
                return (out[0],)
            headers = self._own.alltoall([arrays.header_of(out[rank]) for rank in range(self.size)])
            found = arrays.exchange(self._own, out, dict(enumerate(headers)), _TAG)
        return tuple(found[rank] for rank in range(self.size))

    def scatter(self, xs: Any, root: int = 0) -> Any:
        """Return the array that the root's tuple has for this rank."""
        is_root = self.rank == root
        if is_root:
            self._check_length('scatter', xs)
        with Waiting('scatter'):
            out = {rank: arrays.checked('scatter', x) for rank, x in enumerate(xs)} if is_root else {}
            if self.size == 1:
                return out[0]
            headers = [arrays.header_of(out[rank]) for rank in range(self.size)] if is_root else None
            found = arrays.exchange(self._own, out, {root: self._own.scatter(headers, root)}, _TAG)
        return found[root]

    def allreduce(self, data: Any) -> Array:
        """Return the sum of the arrays of all ranks; float16 is summed in float32."""
        x = arrays.checked('allreduce', data)
        if self.size == 1:
            return x.copy()
        total = x.astype(np.float32) if x.dtype == np.float16 else x.copy()
        with Waiting('allreduce'):
            from mpi4py import MPI

            self._own.Allreduce(MPI.IN_PLACE, total.reshape(-1))
        return total.astype(x.dtype, copy=False)

    def _check_length(self, who: str, xs: Any) -> None:
        if not isinstance(xs, (tuple, list)) or len(xs) != self.size:
            given = f'{len(xs)} arrays' if isinstance(xs, (tuple, list)) else f'a {type(xs).__name__}'
            raise ValueError(
                f'{who}: xs must be a tuple of one array for each of {self.size} ranks, but it is {given}.'
            )

    # Objects

    def send_obj(self, obj: Any, dest: int, tag: int = 0) -> None:
        """Send an object to a rank."""
        with Waiting(f'send_obj to rank {dest}'):
            self.mpi_comm.send(obj, dest, tag)

    def recv_obj(self, source: int, tag: int = 0) -> Any:
        """Return the object that a rank has sent."""
        with Waiting(f'recv_obj from rank {source}'):
            return self.mpi_comm.recv(source=source, tag=tag)

    def bcast_obj(self, obj: Any, max_buf_len: int | None = None, root: int = 0) -> Any:
        """Return the object of the root."""
        with Waiting('bcast_obj'):
            return self._own.bcast(obj, root)

    def gather_obj(self, obj: Any, root: int = 0) -> list[Any] | None:
        """Return the objects of all ranks at the root; None elsewhere."""
        with Waiting('gather_obj'):
            return self._own.gather(obj, root)

    def allgather_obj(self, obj: Any) -> list[Any]:
        """Return the objects of all ranks."""
        with Waiting('allgather_obj'):
            return self._own.allgather(obj)

    def allreduce_obj(self, obj: Any) -> Any:
        """Return the sum of the objects of all ranks."""
        with Waiting('allreduce_obj'):
            return self._own.allreduce(obj)

    # Models

    def bcast_data(self, model: Any) -> None:
        """Give the parameters of a model the values of rank 0."""
        if self.size == 1:
            return
        for name, param in sorted(model.namedparams()):
            if param.array is not None:
                with Waiting(f'bcast of the parameter {name}'):
                    self._bcast_in_place(param)

    def _bcast_in_place(self, param: Any) -> None:
        x = np.ascontiguousarray(param.array)
        self._own.Bcast(arrays.as_bytes(x), 0)
        if x is not param.array:
            param.array[...] = x

    def multi_node_mean_grad(self, model: Any, zero_fill: bool = False) -> None:
        """Replace the gradients of a model's parameters by their means over the ranks.

        Args:
            model (Link): the link.
            zero_fill (bool): whether a parameter without a gradient takes part with zeros. If not, it must have none on
                all ranks.
        """
        if self.size == 1 or self.name == 'dummy':
            return
        layout = self._layouts.get(model)
        params = list(model.params())
        if layout is None or not layout.fits(params):
            layout = self._layouts[model] = self.layout(params)
        layout.mean(zero_fill)

    def layout(self, params: list[Any], copies: bool = False) -> Layout:
        """Return the buckets in which the gradients of these parameters travel, in this order."""
        from mpi4py import MPI

        return Layout(Wire(self._own, MPI, self.allreduce_grad_dtype), params, self.bucket_bytes, copies)

    def __repr__(self) -> str:
        return f'MpiCommunicator({self.name!r}, {ABOUT[self.name]}; rank {self.rank} of {self.size})'
