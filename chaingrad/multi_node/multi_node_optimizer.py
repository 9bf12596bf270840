"""The optimizer that updates by the means of the gradients of all ranks."""

from __future__ import annotations

import json
from typing import Any

from chaingrad.autograd.configuration import using_config
from chaingrad.autograd.variable import Variable
from chaingrad.links.serializer import AbstractSerializer
from chaingrad.multi_node.gradients import overlap
from chaingrad.multi_node.gradients.buckets import Layout
from chaingrad.multi_node.safety.agreement import require_agreement, same_values
from chaingrad.multi_node.safety.stop_agreement import StopAgreement

__all__ = ['MultiNodeOptimizer']


class MultiNodeOptimizer:
    """An optimizer around another one; `create_multi_node_optimizer` makes it.

    What is not here is read from and written to the actual optimizer.
    """

    _own = frozenset(
        'communicator actual_optimizer zero_fill _known _layout _order _iterator _pending _spare _begun'.split()
    )

    _copies = False  # whether gradients are needed while they travel

    def __init__(self, actual_optimizer: Any, communicator: Any, zero_fill: bool) -> None:
        self.communicator = communicator
        self.actual_optimizer = actual_optimizer
        self.zero_fill = zero_fill
        self._known: list[int] | None = None  # the parameters that have arrays, and are equal on all ranks
        self._layout: Layout | None = None
        self._order: list[str] | None = None  # the paths of the parameters, in the order in which they are sent
        self._iterator: Any = None
        self._begun = False

    def __getattr__(self, name: str) -> Any:
        if name in type(self)._own:
            raise AttributeError(name)
        return getattr(self.actual_optimizer, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in type(self)._own:
            object.__setattr__(self, name, value)
        else:
            setattr(self.actual_optimizer, name, value)

    def setup(self, link: Any) -> MultiNodeOptimizer:
        """Set the target of the actual optimizer; return this one."""
        self.actual_optimizer.setup(link)
        self._known = None
        self._layout = self._order = None
        self._begun = False
        return self

    def connect_updater(self, updater: Any) -> None:
        """Remember the iterator of the training data, to compare it before the first step; agree on when to stop."""
        self._iterator = updater.get_iterator('main')
        if self.communicator.size > 1:
            updater.stop_agreement = StopAgreement(self.communicator)

    def update(self, lossfun: Any = None, *args: Any, **kwds: Any) -> None:
        """Update by the means of the gradients of all ranks.

        Args:
            lossfun (callable): as for the actual optimizer; None to use the gradients that the parameters have.
            *args: arguments of lossfun.
            **kwds: keyword arguments of lossfun.

        Raises:
            RuntimeError: before the first step, when the ranks differ in their models or data.
        """
        if self.communicator.size == 1 or self.communicator.name == 'dummy':
            self.actual_optimizer.update(lossfun, *args, **kwds)
            return
        equal = self._begun or self._begin()
        if lossfun is None:
            if self._is_new(equal):
                return
            self._exchange()
        else:
            self._before_forward(equal)
            loss = lossfun(*args, **kwds)
            self._clear()
            if self._is_new(True):
                return
            with using_config('in_optimizer_update', True):
                self._differentiate(loss)
            del loss
        self._step()

    # The steps of an update

    def _begin(self) -> bool:
        """Compare the ranks; return whether their parameters are equal."""
        require_agreement(self.communicator, self.actual_optimizer, self._iterator)
        self._begun = True
        return same_values(self.communicator, self.target)

    def _before_forward(self, equal: bool) -> None:
        """Give all ranks the parameters of rank 0, so that the gradients to come are of those."""
        if self._known is None:
            if not equal:
                self.communicator.bcast_data(self.target)
            self._known = self._initialized()

    def _initialized(self) -> list[int]:
        return [id(p) for p in self.target.params(include_uninit=False)]

    def _is_new(self, equal: bool) -> bool:
        """Return whether gradients are of parameters that differ among ranks; then make these equal."""
        present = self._initialized()
        if present == self._known:
            return False
        is_first, self._known = self._known is None, present
        if is_first and equal:
            return False
        self.communicator.bcast_data(self.target)
        self._layout = None
        self._forget()
        return True

    def _forget(self) -> None:
        """Forget gradients of parameters that have been replaced."""

    def _clear(self) -> None:
        if getattr(self.actual_optimizer, '_use_cleargrads', True):
            self.target.cleargrads()
        else:
            for param in self.target.params():
                param._fill_grad_with_zeros()

    def _differentiate(self, loss: Any) -> None:
        """Compute the means of the gradients, sending them during the backward pass where that can be."""
        scale = self.actual_optimizer._loss_scale
        if not self.zero_fill or not isinstance(loss, Variable) or loss.creator_node is None:
            loss.backward(loss_scale=scale)
            self._exchange()
            return
        uses = overlap.Uses([loss], self.target.params())
        overlap.backward(loss, self._get_layout(uses), uses, scale)

    def _exchange(self) -> None:
        self._get_layout(None).mean(self.zero_fill)

    def _step(self) -> None:
        self.actual_optimizer.update(None)

    def _get_layout(self, uses: overlap.Uses | None) -> Layout:
        """Return the buckets; their order is that in which gradients were complete in rank 0's first backward pass.

        It is in the snapshot: with more than two ranks the last bits of a sum depend on its place in the buffer.
        """
        if self._layout is not None and self._layout.fits(list(self.target.params())):
            return self._layout
        named = sorted((path, p) for path, p in self.target.namedparams(include_uninit=False))
        order = self._order
        if order is None or sorted(order) != [path for path, _ in named]:
            params = [p for _, p in named]
            indexes = list(reversed(range(len(params)))) if uses is None else uses.order(params)
            order = [named[i][0] for i in indexes]
        self._order = self.communicator.bcast_obj(order)
        by_path = dict(named)
        self._layout = self.communicator.layout([by_path[path] for path in self._order], self._copies)
        return self._layout

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the actual optimizer, and the order in which gradients travel."""
        self.actual_optimizer.serialize(serializer)
        try:
            text = serializer['chaingrad']('order_of_gradients', json.dumps(self._order))
        except KeyError:  # saved by one rank, or by Chainer
            return
        order = json.loads(str(text))
        if order != self._order:
            self._order = order
            self._layout = None

    def __repr__(self) -> str:
        return f'{type(self).__name__}({self.actual_optimizer!r}, {self.communicator!r})'
