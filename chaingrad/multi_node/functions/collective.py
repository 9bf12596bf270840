"""Functions that all ranks call together. Bcast and the sum of a gather, scatter and gather, are adjoints."""

from __future__ import annotations

import functools
import operator
from typing import Any

from chaingrad.autograd.annotations import Arrays, Indexes, Operands
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.multi_node.functions.pseudo_connect import delegate, dummy_input, filled, specs_of

__all__ = [
    'AllGather',
    'AllToAll',
    'Bcast',
    'Gather',
    'Scatter',
    'SumOverRanks',
    'allgather',
    'alltoall',
    'bcast',
    'gather',
    'scatter',
]


class _Collective(FunctionNode):
    def __init__(self, comm: Any, root: int = 0) -> None:
        self.comm = comm
        self.root = root

    def _is_root(self) -> bool:
        return bool(self.comm.rank == self.root)

    def _filled(self, gys: Operands) -> list[Any]:
        return filled(gys, self._specs, self._array_pass)

    def _returned(self, *ys: Any) -> Any:
        """Remember the shapes of the outputs, and return them."""
        self._specs = specs_of(ys)
        return ys


class AllToAll(_Collective):
    """ys[r] on rank s is xs[s] on rank r."""

    def forward(self, inputs: Arrays) -> Arrays:
        return self._returned(*self.comm.alltoall(inputs))

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        gxs = AllToAll.of(*self._filled(grad_outputs), comm=self.comm)
        gxs = gxs if isinstance(gxs, tuple) else (gxs,)
        return tuple([gxs[i] for i in indexes])


class AllGather(_Collective):
    """ys[r] is x on rank r."""

    def forward(self, inputs: Arrays) -> Arrays:
        return self._returned(*self.comm.allgather(inputs[0]))

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        gxs = AllToAll.of(*self._filled(grad_outputs), comm=self.comm)
        return (functools.reduce(operator.add, gxs) if isinstance(gxs, tuple) else gxs,)


class Bcast(_Collective):
    """y is x on the root."""

    def forward(self, inputs: Arrays) -> Arrays:
        y = self.comm.bcast(inputs[0] if self._is_root() else None, root=self.root)
        return self._returned(y.copy() if y is inputs[0] else y)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        gys = Gather.of(*self._filled(grad_outputs), comm=self.comm, root=self.root)
        return (functools.reduce(operator.add, gys) if isinstance(gys, tuple) else gys,)


class Gather(_Collective):
    """ys[r] on the root is x on rank r; a delegate elsewhere."""

    def forward(self, inputs: Arrays) -> Arrays:
        ys = self.comm.gather(inputs[0], self.root)
        return self._returned(*((delegate(),) if ys is None else ys))

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (Scatter.of(*self._filled(grad_outputs), comm=self.comm, root=self.root),)


class Scatter(_Collective):
    """y is xs[rank] of the root."""

    def forward(self, inputs: Arrays) -> Arrays:
        return self._returned(self.comm.scatter(inputs if self._is_root() else None, self.root))

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        gxs = Gather.of(*self._filled(grad_outputs), comm=self.comm, root=self.root)
        gxs = gxs if isinstance(gxs, tuple) else (gxs,)
        return tuple([gxs[i] for i in indexes])


class SumOverRanks(_Collective):
    """y is the sum of x over all ranks; its own adjoint."""

    def forward(self, inputs: Arrays) -> Arrays:
        return self._returned(self.comm.allreduce(inputs[0]))

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (SumOverRanks.of(*self._filled(grad_outputs), comm=self.comm),)


def allgather(comm: Any, x: Any) -> Any:
    """Return the Variables of all ranks.

    Args:
        comm (MpiCommunicator): the ranks, which all call it.
        x: Variable or array.

    Returns:
        Tuple of Variables, in the order of the ranks.

    Example:
        >>> import numpy as np
        >>> from chaingrad import multi_node
        >>> y, = multi_node.functions.allgather(multi_node.create_communicator(), np.ones(2))
        >>> y
        variable([1., 1.])

    Source: ChainerMN's `allgather`.
    """
    return AllGather(comm).apply((x,))


def alltoall(comm: Any, xs: Any) -> Any:
    """Send Variable i to rank i, and return what came.

    Args:
        comm (MpiCommunicator): the ranks, which all call it.
        xs (tuple): one Variable or array for each rank.

    Returns:
        Tuple of Variables, in the order of the ranks that sent them.

    Raises:
        ValueError: when there are more or fewer than ranks.

    Source: ChainerMN's `alltoall`.
    """
    return AllToAll(comm).apply(tuple(xs))


def bcast(comm: Any, x: Any, root: int = 0) -> Any:
    """Return the root's Variable on all ranks.

    Args:
        comm (MpiCommunicator): the ranks, which all call it.
        x: Variable or array of the root; None elsewhere.
        root (int): its rank.

    Returns:
        Variable.

    Source: ChainerMN's `bcast`.
    """
    return Bcast(comm, root).apply((x if comm.rank == root else dummy_input(),))[0]


def gather(comm: Any, x: Any, root: int = 0) -> Any:
    """Return the Variables of all ranks at the root.

    Args:
        comm (MpiCommunicator): the ranks, which all call it.
        x: Variable or array.
        root (int): the rank that gets them.

    Returns:
        At the root a tuple of Variables, in the order of the ranks; elsewhere a delegate variable, from which backward
        starts.

    Source: ChainerMN's `gather`.
    """
    ys = Gather(comm, root).apply((x,))
    return ys if comm.rank == root else ys[0]


def scatter(comm: Any, xs: Any, root: int = 0) -> Any:
    """Return the Variable that the root has for this rank.

    Args:
        comm (MpiCommunicator): the ranks, which all call it.
        xs (tuple): at the root one Variable or array for each rank; None elsewhere.
        root (int): its rank.

    Returns:
        Variable.

    Raises:
        ValueError: when there are more or fewer than ranks.

    Source: ChainerMN's `scatter`.
    """
    return Scatter(comm, root).apply(tuple(xs) if comm.rank == root else (dummy_input(),))[0]
