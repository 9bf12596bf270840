"""create_multi_node_optimizer."""

from __future__ import annotations

from typing import Any

from chaingrad.multi_node.double_buffering import DoubleBufferingOptimizer
from chaingrad.multi_node.multi_node_optimizer import MultiNodeOptimizer

__all__ = ['create_multi_node_optimizer']


def create_multi_node_optimizer(
    actual_optimizer: Any, communicator: Any, double_buffering: bool = False, zero_fill: bool = True
) -> Any:
    """Make an optimizer of one that updates by the means of the gradients of all ranks.

    Before the first step the ranks compare their models, optimizers, numbers of examples and seeds, and rank 0 gives
    all others its parameters. In `update(lossfun, ...)` gradients travel while the backward pass goes on; in `update()`
    they travel then. A step in which parameters got their arrays, such as those of `Linear(None, n)`, only gives all
    ranks those of rank 0. After that all ranks have the same parameters, bit for bit. All other attributes are those of
    the actual optimizer. With one rank it is the actual optimizer.

    Args:
        actual_optimizer (Optimizer): any optimizer of chaingrad.
        communicator (MpiCommunicator): the ranks.
        double_buffering (bool): update by the means of the step before, which travel during the whole of this one. It
            is faster where the network is slow, and every update comes one step late.
        zero_fill (bool): whether a parameter that got no gradient on a rank takes part with zeros there.

    Returns:
        The optimizer, for `setup` and updaters.

    Example:
        >>> import chaingrad, chaingrad.links as L
        >>> from chaingrad import multi_node
        >>> comm = multi_node.create_communicator()
        >>> optimizer = multi_node.create_multi_node_optimizer(chaingrad.optimizers.SGD(lr=0.5), comm)
        >>> optimizer.setup(L.Linear(2, 1)).lr
        0.5

    Source: ChainerMN's `create_multi_node_optimizer`; double buffering is that of its `pure_nccl`.
    """
    if double_buffering:
        return DoubleBufferingOptimizer(actual_optimizer, communicator, zero_fill)
    return MultiNodeOptimizer(actual_optimizer, communicator, zero_fill)
