"""Arrays between ranks: shapes and dtypes go first, as small objects, then the values, without pickling."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.variable import Variable
from chaingrad.links.serializers.dictionary import to_array

__all__ = ['Header', 'as_bytes', 'checked', 'empty', 'exchange', 'header_of', 'recv', 'send']

Header: TypeAlias = 'tuple[str, tuple[int, ...]]'


def checked(who: str, data: Any) -> Array:
    """Return an array whose values lie in one piece; raise TypeError for anything else."""
    if isinstance(data, Variable) or not hasattr(data, 'dtype') or data.dtype.hasobject:
        kind = (
            f'array of {data.dtype}'
            if hasattr(data, 'dtype') and not isinstance(data, Variable)
            else type(data).__name__
        )
        raise TypeError(
            f'{who}: data must be a numerical array, but it is a {kind}. For objects there is {who}_obj, for Variables '
            f'chaingrad.multi_node.functions.'
        )
    return np.asarray(to_array(data), order='C')


def header_of(x: Array) -> Header:
    """Return the dtype and the shape of an array."""
    return x.dtype.str, x.shape


def empty(header: Header) -> Array:
    """Return an array to receive values in."""
    return np.empty(header[1], header[0])


def as_bytes(x: Array) -> Array:
    """Return the bytes of an array, as MPI sends them."""
    return x.reshape(-1).view(np.uint8)


def send(mpi_comm: Any, data: Any, dest: int, tag: int) -> None:
    """Send an array, or a tuple or list of arrays."""
    is_tuple = isinstance(data, (tuple, list))
    xs = [checked('send', x) for x in (data if is_tuple else [data])]
    mpi_comm.send((is_tuple, [header_of(x) for x in xs]), dest, tag)
    for x in xs:
        mpi_comm.Send(as_bytes(x), dest, tag)


def recv(mpi_comm: Any, source: int, tag: int) -> Any:
    """Return an array, or a tuple of arrays, as it was sent."""
    is_tuple, headers = mpi_comm.recv(None, source, tag)
    xs = [empty(header) for header in headers]
    for x in xs:
        mpi_comm.Recv(as_bytes(x), source, tag)
    return tuple(xs) if is_tuple else xs[0]


def exchange(mpi_comm: Any, out: dict[int, Array], headers: dict[int, Header], tag: int) -> dict[int, Array]:
    """Send arrays to ranks, and return those of the given headers from ranks, all at the same time."""
    found = {rank: empty(header) for rank, header in headers.items()}
    requests = [mpi_comm.Irecv(as_bytes(x), rank, tag) for rank, x in found.items() if rank != mpi_comm.rank]
    requests += [mpi_comm.Isend(as_bytes(x), rank, tag) for rank, x in out.items() if rank != mpi_comm.rank]
    if mpi_comm.rank in found:
        found[mpi_comm.rank][...] = out[mpi_comm.rank]
    for request in requests:
        request.Wait()
    return found
