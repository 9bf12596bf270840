"""A part of the data for each rank: `scatter_dataset`, `scatter_index`, and `create_empty_dataset`."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.training.datasets.combined import TransformDataset, TupleDataset
from chaingrad.training.datasets.splits import SubDataset

__all__ = ['DataSizeError', 'create_empty_dataset', 'scatter_dataset', 'scatter_index']


class DataSizeError(RuntimeError):
    """Raised by the reference where a dataset was too large to be sent; here datasets of any size are sent."""


def scatter_index(
    n_total_samples: int, comm: Any, root: int = 0, *, force_equal_length: bool = True
) -> tuple[int, int]:
    """Return the range of indices that belongs to this rank.

    Args:
        n_total_samples (int): the number of examples; that of the root counts.
        comm (MpiCommunicator): the ranks.
        root (int): the rank whose number counts.
        force_equal_length (bool): whether all ranges have the same length; then some examples belong to two ranks where
            the number is no multiple of that of the ranks.

    Returns:
        The first index, and the index after the last one.

    Example:
        >>> from chaingrad import multi_node
        >>> multi_node.scatter_index(10, multi_node.create_communicator())
        (0, 10)

    Source: ChainerMN's `scatter_index`.
    """
    _check_root('scatter_index', comm, root)
    n = comm.bcast_obj(n_total_samples, root=root)
    return part_of(n, comm.rank, comm.size, force_equal_length)


def part_of(n: int, rank: int, size: int, equal: bool) -> tuple[int, int]:
    """Return the range of one rank; equal ones overlap where n is no multiple of the number of ranks."""
    start = n * rank // size
    return start, start + -(-n // size) if equal else n * (rank + 1) // size


def scatter_dataset(
    dataset: Any,
    comm: Any,
    root: int = 0,
    shuffle: bool = False,
    seed: int | None = None,
    max_buf_len: int = 256 * 1024 * 1024,
    *,
    force_equal_length: bool = True,
) -> SubDataset:
    """Give each rank a part of the root's dataset.

    Of an array, or a TupleDataset of arrays, each rank gets its rows alone; of any other dataset, a copy and a range in
    it, so that a dataset that reads files sends no more than their names.

    Args:
        dataset: the dataset at the root; what other ranks give does not count, None will do.
        comm (MpiCommunicator): the ranks.
        root (int): the rank that has the dataset.
        shuffle (bool): whether the examples are shuffled before.
        seed (int): of the shuffling; None takes any.
        max_buf_len (int): accepted, for programs of the reference; messages may have any size.
        force_equal_length (bool): whether all parts have the same length; then some examples are in two parts where the
            number is no multiple of that of the ranks. Training needs it.

    Returns:
        SubDataset.

    Raises:
        ValueError: when the root has no dataset, or is no rank.

    Example:
        >>> from chaingrad import multi_node
        >>> comm = multi_node.create_communicator()
        >>> multi_node.scatter_dataset([1, 2, 3], comm)[:]
        [1, 2, 3]

    Source: ChainerMN's `scatter_dataset`.
    """
    _check_root('scatter_dataset', comm, root)
    is_root = comm.rank == root
    length, order = None, None
    if is_root and dataset is not None:
        length = len(dataset)
        order = np.random.RandomState(seed).permutation(length) if shuffle else None
    length = comm.bcast_obj(length, root=root)
    if length is None:
        raise ValueError(f'scatter_dataset: the root, rank {root}, must have a dataset, but it has None.')
    parts = [part_of(length, rank, comm.size, force_equal_length) for rank in range(comm.size)]
    if comm.bcast_obj(is_root and _columns(dataset) is not None, root=root):
        return _scatter_rows(dataset, comm, root, parts, order)
    dataset, order = comm.bcast_obj((dataset, order) if is_root else None, root=root)
    return SubDataset(dataset, *parts[comm.rank], order)


def _columns(dataset: Any) -> tuple[Array, ...] | None:
    """Return the arrays whose rows are the examples; None where it is another dataset."""
    arrays = dataset._datasets if type(dataset) is TupleDataset else (dataset,)
    plain = all(type(array) is np.ndarray and not array.dtype.hasobject for array in arrays)
    return tuple(arrays) if plain else None


def _scatter_rows(dataset: Any, comm: Any, root: int, parts: list[tuple[int, int]], order: Array | None) -> SubDataset:
    """Send each rank its rows; the root keeps a view of its own."""
    start, stop = parts[comm.rank]
    if comm.rank != root:
        rows = comm.recv(root, 0)
        is_tuple = comm.recv_obj(root, 0)
        mine = TupleDataset(*rows) if is_tuple else rows[0]
        return SubDataset(mine, 0, stop - start)
    columns = _columns(dataset) or ()
    for rank, (first, last) in enumerate(parts):
        if rank != root:
            rows = slice(first, last) if order is None else order[first:last]
            comm.send(tuple(column[rows] for column in columns), rank, 0)
            comm.send_obj(type(dataset) is TupleDataset, rank, 0)
    return SubDataset(dataset, start, stop, order)


def _check_root(who: str, comm: Any, root: int) -> None:
    if not 0 <= root < comm.size:
        raise ValueError(f'{who}: 0 <= root < {comm.size} (the number of ranks) must hold, but root is {root}.')


def create_empty_dataset(dataset: Any) -> TransformDataset:
    """Return a dataset of the same length whose examples are empty tuples.

    For ranks of a model-parallel program that get their input from other ranks and not from the data.

    Args:
        dataset: a dataset.

    Returns:
        TransformDataset.

    Example:
        >>> from chaingrad import multi_node
        >>> empty = multi_node.create_empty_dataset([1, 2, 3])
        >>> len(empty), empty[0]
        (3, ())

    Source: ChainerMN's `create_empty_dataset`.
    """
    return TransformDataset(range(len(dataset)), _nothing)


def _nothing(example: Any) -> tuple[()]:
    return ()
