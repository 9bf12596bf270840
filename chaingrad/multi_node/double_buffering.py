"""The optimizer that updates by the means of the step before, which travel while this step computes."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.links.serializer import AbstractSerializer, Deserializer
from chaingrad.multi_node.gradients.buckets import Layout
from chaingrad.multi_node.multi_node_optimizer import MultiNodeOptimizer

__all__ = ['DoubleBufferingOptimizer']


class DoubleBufferingOptimizer(MultiNodeOptimizer):
    """See `create_multi_node_optimizer(double_buffering=True)`. The first step updates nothing."""

    _copies = True

    def __init__(self, actual_optimizer: Any, communicator: Any, zero_fill: bool) -> None:
        super().__init__(actual_optimizer, communicator, zero_fill)
        self._pending: Layout | None = None  # the buckets of the step before
        self._spare: Layout | None = None

    def _differentiate(self, loss: Any) -> None:
        loss.backward(loss_scale=self.actual_optimizer._loss_scale)

    def _exchange(self) -> None:
        """Leave the gradients as they are: `_step` sends them."""

    def _forget(self) -> None:
        self._pending = self._spare = None

    def _step(self) -> None:
        sent = self._spare
        if sent is None or not sent.fits(list(self.target.params())):
            sent = self._new_layout()
        if not self.zero_fill:
            sent.check_missing()
        for bucket in sent.buckets:
            bucket.pack()
        back, self._pending = self._pending, sent
        for bucket in back.buckets if back is not None else ():
            bucket.finish()
        for bucket in sent.buckets:
            bucket.start()
        if back is not None:
            self._spare = back
            for bucket in back.buckets:
                bucket.unpack(self.zero_fill, 1 / self.communicator.size)
            self.actual_optimizer.update(None)

    def _new_layout(self) -> Layout:
        self._layout = None
        return self._get_layout(None)

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the actual optimizer, and the sums that have yet to be used."""
        super().serialize(serializer)
        serializer = serializer['chaingrad']
        loading = isinstance(serializer, Deserializer)
        try:
            is_pending = bool(serializer('sums_are_pending', self._pending is not None))
        except KeyError:
            return
        if not is_pending or self.communicator.size == 1:
            return
        if loading:
            self._pending = self._new_layout()
        assert self._pending is not None
        paths = {id(p): path for path, p in self.target.namedparams()}
        for bucket in self._pending.buckets:
            bucket.finish()
            for view, param in zip(bucket.views, bucket.params):
                view[...] = serializer[f'sums{paths[id(param)]}']('sum', np.asarray(view))
