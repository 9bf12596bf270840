"""create_multi_node_n_step_rnn: recurrent layers over sequences whose parts lie on several ranks."""

from __future__ import annotations

from typing import Any

from chaingrad.links.chain import Chain
from chaingrad.multi_node.functions.point_to_point import recv, send

__all__ = ['create_multi_node_n_step_rnn']


class _MultiNodeNStepRNN(Chain):
    """The actual link, whose first states come from a rank and whose last states go to one."""

    def __init__(self, link: Any, communicator: Any, rank_in: int | None, rank_out: int | None) -> None:
        super().__init__(actual_rnn=link)
        self.communicator = communicator
        self.rank_in = rank_in
        self.rank_out = rank_out

    def forward(self, *inputs: Any) -> Any:
        """Return what the actual link returns, and a delegate variable (None where nothing is sent)."""
        n_cells = self.actual_rnn.n_cells
        cells: tuple[Any, ...] = (None,) * n_cells
        if self.rank_in is not None:
            cells = recv(self.communicator, self.rank_in, force_tuple=True)
        outputs = self.actual_rnn(*cells, *inputs)
        sent = None
        if self.rank_out is not None:
            sent = send(outputs[:n_cells], self.communicator, self.rank_out)
        return (*outputs, sent)


def create_multi_node_n_step_rnn(
    actual_link: Any, communicator: Any, rank_in: int | None = None, rank_out: int | None = None
) -> Chain:
    """Make a link that runs recurrent layers over one part of sequences, and passes its states on to another rank.

    It is called without first states: `rnn(xs)`. The last of its outputs is a delegate variable, or None when
    `rank_out` is None.

    Args:
        actual_link: NStepRNNTanh, NStepLSTM, NStepGRU or another of their kind.
        communicator (MpiCommunicator): the ranks.
        rank_in (int): the rank with the part before, which sends its last states; None for zeros.
        rank_out (int): the rank with the part after; None for none.

    Returns:
        Chain.

    Raises:
        ValueError: when the link is no layer over several steps.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> from chaingrad import multi_node
        >>> comm = multi_node.create_communicator()
        >>> rnn = multi_node.links.create_multi_node_n_step_rnn(L.NStepGRU(1, 3, 2, 0), comm)
        >>> h, ys, sent = rnn([np.ones((4, 3), np.float32)])
        >>> h.shape, ys[0].shape, sent
        ((1, 1, 2), (4, 2), None)

    Source: ChainerMN's `create_multi_node_n_step_rnn`.
    """
    if not hasattr(actual_link, 'n_cells'):
        raise ValueError(
            f'create_multi_node_n_step_rnn: actual_link must be a layer such as NStepLSTM, but it is a '
            f'{type(actual_link).__name__}.'
        )
    return _MultiNodeNStepRNN(actual_link, communicator, rank_in, rank_out)
