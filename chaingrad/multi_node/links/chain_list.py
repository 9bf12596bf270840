"""MultiNodeChainList: a chain whose links live on several ranks."""

from __future__ import annotations

from typing import Any, TypeAlias

from chaingrad.links.chain_list import ChainList
from chaingrad.links.link import Link
from chaingrad.multi_node.functions.point_to_point import recv, send
from chaingrad.multi_node.functions.pseudo_connect import pseudo_connect

__all__ = ['MultiNodeChainList', 'Ranks']

Ranks: TypeAlias = 'int | list[int] | None'


class MultiNodeChainList(ChainList):
    """Links of this rank, each with the ranks that its inputs come from and its output goes to.

    A link with `rank_in=None` gets the arguments of the call, one with ranks gets what they send, in their order. An
    output with `rank_out=None` is returned; at most one link may have it. A rank whose links all send returns a
    delegate variable, from which backward starts. This rank itself may be among the ranks.

    Args:
        comm (MpiCommunicator): the ranks.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> from chaingrad import multi_node
        >>> class OnlyRank(multi_node.MultiNodeChainList):
        ...     def __init__(self, comm):
        ...         super().__init__(comm)
        ...         self.add_link(L.Linear(3, 2), rank_in=None, rank_out=0)
        ...         self.add_link(L.Linear(2, 1), rank_in=0, rank_out=None)
        >>> OnlyRank(multi_node.create_communicator())(np.ones((4, 3), np.float32)).shape
        (4, 1)

    Source: ChainerMN's `MultiNodeChainList`.
    """

    def __init__(self, comm: Any) -> None:
        super().__init__()
        self._comm = comm
        self._ranks: list[tuple[Ranks, Ranks]] = []

    def add_link(self, link: Link, rank_in: Ranks = None, rank_out: Ranks = None) -> None:  # type: ignore[override]
        """Add a link of this rank.

        Args:
            link (Link): the link.
            rank_in (int or list): the ranks that its inputs come from; None for the arguments of the call.
            rank_out (int or list): the ranks that its output goes to; None to return it.
        """
        super().add_link(link)
        self._ranks.append((rank_in, rank_out))

    def __call__(self, *inputs: Any) -> Any:
        """Run the links, as `forward` says."""
        return super().__call__(*inputs)

    def forward(self, *inputs: Any) -> Any:
        """Run the links in the order in which they were added.

        Args:
            *inputs: arguments of the links with `rank_in=None`.

        Returns:
            The output of the link with `rank_out=None`, or a delegate variable.

        Raises:
            ValueError: when two links have `rank_out=None`, or a link waits for an output of this rank that is not
                there yet.
        """
        kept: list[Any] = []  # what links of this rank have for others of this rank
        token: Any = None  # stands for all that was sent and received so far
        result: Any = None
        for i, (link, (rank_in, rank_out)) in enumerate(zip(self, self._ranks)):
            if rank_in is None:
                y = link(*inputs)
            else:
                xs = []
                for rank in _listed(rank_in):
                    x, token = self._receive(i, rank, kept, token)
                    xs.append(x)
                y = link(*xs)
            if rank_out is None:
                if result is not None:
                    raise ValueError(
                        'MultiNodeChainList: two links have rank_out=None, but one output can be returned.'
                    )
                result = y
                continue
            for rank in _listed(rank_out):
                if rank == self._comm.rank:
                    kept.append(y)
                else:
                    token = send(y if token is None else _after(token, y), self._comm, rank)
        if result is None:
            return token
        return _after(token, result)

    def _receive(self, i: int, rank: int, kept: list[Any], token: Any) -> tuple[Any, Any]:
        """Return an input and the new token."""
        if rank == self._comm.rank:
            if not kept:
                raise ValueError(
                    f'MultiNodeChainList: link {i} has this rank, {rank}, in rank_in, but no link before it sends '
                    'here. Add the links in the order in which they run.'
                )
            return kept.pop(0), token
        x = recv(self._comm, rank, token)
        first = x[0] if isinstance(x, tuple) else x
        return x, first


def _listed(ranks: Any) -> list[int]:
    return [ranks] if isinstance(ranks, int) else list(ranks)


def _after(token: Any, y: Any) -> Any:
    """Return y such that its backward pass reaches the token as well."""
    return pseudo_connect(token, *y) if isinstance(y, (tuple, list)) else pseudo_connect(token, y)
