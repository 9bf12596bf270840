"""AllreducePersistent: the running statistics of all ranks become one."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.training.extension import PRIORITY_WRITER, Extension

__all__ = ['AllreducePersistent']


class AllreducePersistent(Extension):
    """Replace persistent arrays, such as the averages of BatchNormalization, by their means over the ranks.

    Once per epoch, before evaluators run. Parameters need no such thing, because the optimizer keeps them equal.

    Args:
        model (Link): the model.
        comm (MpiCommunicator): the ranks.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad import multi_node
        >>> model = L.BatchNormalization(2)
        >>> multi_node.extensions.AllreducePersistent(model, multi_node.create_communicator())()

    Source: ChainerMN's `AllreducePersistent`.
    """

    trigger = (1, 'epoch')
    priority = PRIORITY_WRITER + 1  # before the evaluators

    def __init__(self, model: Any, comm: Any) -> None:
        self.model = model
        self.comm = comm

    def __call__(self, trainer: Any = None) -> None:
        """Compute the means, in place."""
        if self.comm.size == 1:
            return
        arrays = [
            value
            for _, link in sorted(self.model.namedlinks())
            for name in sorted(link._persistent)
            if isinstance(value := getattr(link, name), np.ndarray) and value.dtype.kind == 'f'
        ]
        for dtype in sorted({array.dtype for array in arrays}, key=str):
            same = [array for array in arrays if array.dtype == dtype]
            flat = self.comm.allreduce(np.concatenate([array.reshape(-1) for array in same]))
            parts = np.split(flat / self.comm.size, np.cumsum([array.size for array in same])[:-1])
            for array, part in zip(same, parts):
                array[...] = part.reshape(array.shape)
