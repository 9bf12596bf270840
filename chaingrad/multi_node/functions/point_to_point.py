"""send and recv: each is the other's adjoint."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.annotations import Arrays, Indexes, Operands
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.multi_node.functions.pseudo_connect import (
    PseudoConnect,
    delegate,
    dummy_input,
    filled,
    specs_of,
    zeros,
)

__all__ = ['Recv', 'Send', 'listed', 'recv', 'send']


def listed(ys: Any) -> tuple[Any, ...]:
    """Return what `of` or `recv` has returned as a tuple."""
    return ys if isinstance(ys, tuple) else (ys,)


class Send(FunctionNode):
    """Send the inputs to a rank; the output is a delegate. The gradients come back from there."""

    def __init__(self, comm: Any, peer_rank: int, peer_tag: int) -> None:
        self.comm = comm
        self.peer_rank = peer_rank
        self.peer_tag = peer_tag

    @property
    def label(self) -> str:
        """The class and the other rank."""
        return f'{type(self).__name__} (peer_rank: {self.peer_rank})'

    def forward(self, inputs: Arrays) -> Arrays:
        self.retain_outputs((0,))
        self.comm.send(inputs, self.peer_rank, self.peer_tag)
        return (delegate(),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Any:
        gys = filled(grad_outputs, [((), 'f')], self._array_pass)
        if not self._array_pass:
            # What comes back depends, on the other rank, on what was sent: the next pass must come here again.
            gys = [PseudoConnect.of(*self.get_retained_outputs(), *gys)]
        gxs = Recv.of(*gys, comm=self.comm, peer_rank=self.peer_rank, peer_tag=self.peer_tag)
        return tuple([listed(gxs)[i] for i in indexes])


class Recv(FunctionNode):
    """The outputs are what a rank has sent; the input is a delegate. The gradients go back there."""

    def __init__(self, comm: Any, peer_rank: int, peer_tag: int) -> None:
        self.comm = comm
        self.peer_rank = peer_rank
        self.peer_tag = peer_tag

    label = Send.label

    def forward(self, inputs: Arrays) -> Arrays:
        self._input_specs = specs_of(inputs)
        ys = self.comm.recv(self.peer_rank, self.peer_tag)
        ys = listed(ys)
        self._specs = specs_of(ys)
        self.retain_outputs((0,))
        return ys

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        gys = filled(grad_outputs, self._specs, self._array_pass)
        if not self._array_pass:
            # The other rank's next pass goes through its `send` again, whatever this rank's gradients depend on.
            gys = list(listed(PseudoConnect.of(*self.get_retained_outputs(), *gys)))
        sent = Send.of(*gys, comm=self.comm, peer_rank=self.peer_rank, peer_tag=self.peer_tag)
        gradient = zeros(self._input_specs[0], self._array_pass)
        return (PseudoConnect.of(sent, gradient),)


def send(x: Any, communicator: Any, rank: int, tag: int = 0) -> Any:
    """Send Variables to a rank, which calls `recv`; in the backward pass their gradients come back.

    Args:
        x (Variable or tuple): Variables or arrays.
        communicator (MpiCommunicator): the ranks.
        rank (int): the rank to send to, not this one.
        tag (int): number that the receiver gives too.

    Returns:
        Variable: a delegate, a zero from which backward starts, or which `pseudo_connect` and `recv` take.

    Raises:
        ValueError: when the rank is this one, or nothing is sent.

    Source: ChainerMN's `send`; its delegate was an empty array.
    """
    _check_rank('send', communicator, rank)
    xs = tuple(x) if isinstance(x, (tuple, list)) else (x,)
    if not xs:
        raise ValueError('send: x must hold at least one Variable, but it is empty.')
    y = Send(communicator, rank, tag).apply(xs)[0]
    y.name = 'delegate_variable'
    return y


def recv(communicator: Any, rank: int, delegate_variable: Any = None, tag: int = 0, force_tuple: bool = False) -> Any:
    """Return the Variables that a rank sends with `send`; in the backward pass their gradients go back.

    Args:
        communicator (MpiCommunicator): the ranks.
        rank (int): the rank to receive from, not this one.
        delegate_variable (Variable): what an earlier `send` of this rank returned, whose gradients are to come after
            those of this function.
        tag (int): number that the sender gives too.
        force_tuple (bool): whether to return a tuple also of one Variable.

    Returns:
        Variable, or a tuple of Variables.

    Raises:
        ValueError: when the rank is this one.

    Source: ChainerMN's `recv`.
    """
    _check_rank('recv', communicator, rank)
    x = dummy_input() if delegate_variable is None else delegate_variable
    ys = Recv(communicator, rank, tag).apply((x,))
    return ys[0] if len(ys) == 1 and not force_tuple else ys


def _check_rank(who: str, comm: Any, rank: int) -> None:
    if rank == comm.rank or not 0 <= rank < comm.size:
        raise ValueError(
            f'{who}: rank must be one of the {comm.size} ranks, and not this one ({comm.rank}), which would wait for '
            f'itself for ever; but it is {rank}.'
        )
