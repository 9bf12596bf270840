"""The position of an iterator: epoch, position within it, and order. All iterators move as `Cursor` says.

The order of an epoch is drawn when the batch that needs it is fetched, by the thread that asks for the batch. So an
iterator that reads ahead draws the same random numbers at the same times as one that does not.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator as Stream
from typing import Any, NamedTuple

import numpy as np

from chaingrad.autograd.advice import KnownKeywords
from chaingrad.autograd.annotations import Array
from chaingrad.training.dataset.mixin import describe
from chaingrad.training.iterators.iterator import Iterator
from chaingrad.training.iterators.order_samplers import Sampler, choose_sampler
from chaingrad.training.random_state import global_random_state, seed_of


class Piece(NamedTuple):
    """Consecutive examples of one epoch: a batch, or a part of one."""

    epoch: int
    start: int
    indices: Array


class Cursor:
    """The position of an iterator in its dataset.

    Args:
        length: number of examples of the dataset.
        batch_size: examples per batch.
        repeat: whether to go on after the first epoch.
        sampler: order sampler, or None for the order of the dataset.
    """

    def __init__(self, length: int, batch_size: int, repeat: bool, sampler: Sampler | None) -> None:
        self.length = length
        self.batch_size = batch_size
        self.repeat = repeat
        self.sampler = sampler
        self.reset()

    def reset(self) -> None:
        """Go back to the start, with a new order."""
        self.position = 0
        self.epoch = 0
        self.is_new_epoch = False
        self.previous_epoch_detail = -1.0
        self.seed = seed_of(getattr(self.sampler, 'random_state', None) or global_random_state())
        self.drawn: list[Array] = []  # orders drawn for a batch that was not completed
        self._natural = np.arange(self.length)
        self.order = None if self.sampler is None else np.asarray(self.sampler(self._natural, 0))
        self.size = self.length if self.order is None else len(self.order)

    @property
    def epoch_detail(self) -> float:
        """The number of finished epochs plus the finished fraction of the current one."""
        return self.epoch + self.position / self.size

    @property
    def exhausted(self) -> bool:
        """True when no batch is left."""
        return not self.repeat and self.epoch > 0

    def pieces(self) -> Stream[Piece]:
        """Yield the pieces of the next batch, and move past it once all have been fetched.

        A new order is drawn after the pieces of the old one have been fetched, since a dataset may draw random numbers.
        """
        order = self.order
        position = self.position
        epoch = self.epoch
        epoch_detail = self.epoch_detail
        n_left = self.batch_size
        n_draws = 0
        while True:
            stop = min(position + n_left, self.size)
            indices = self._natural if order is None else order
            yield Piece(epoch, position, indices[position:stop])
            n_left -= stop - position
            position = stop
            if position == self.size:
                position = 0
                epoch += 1
                if not self.repeat:
                    break
                if order is not None:
                    order = self._next_order(order, n_draws)
                    n_draws += 1
            if n_left == 0:
                break
        self.previous_epoch_detail = epoch_detail
        self.is_new_epoch = epoch > self.epoch
        self.order = order
        self.position = position
        self.epoch = epoch
        self.drawn = []

    def _next_order(self, order: Array, n_draws: int) -> Array:
        """Return the order of the next epoch; `n_draws` orders have been drawn for the current batch."""
        if n_draws == len(self.drawn):
            new = np.asarray(self.sampler(order, self.position))
            if len(new) != self.size:
                raise ValueError(
                    f'{type(self.sampler).__name__}: the order must keep its length, {self.size}, but the new one has '
                    f'{len(new)} indices.'
                )
            self.drawn.append(new)
        return self.drawn[n_draws]

    def ahead(self, n_batches: int) -> Stream[Piece]:
        """Yield the pieces of the next batches as far as their order is known."""
        if self.exhausted:
            return
        indices = self._natural if self.order is None else self.order
        position = self.position
        epoch = self.epoch
        for _ in range(n_batches):
            n_left = self.batch_size
            while n_left:
                stop = min(position + n_left, self.size)
                yield Piece(epoch, position, indices[position:stop])
                n_left -= stop - position
                position = stop
                if position == self.size:
                    if self.order is not None or not self.repeat:
                        return
                    position = 0
                    epoch += 1

    def serialize(self, serializer: Any, who: str) -> None:
        """Save or restore the position; what the reference does not save is saved under `chaingrad/`."""
        self._serialize_extra(serializer, who)
        position = serializer('current_position', self.position)
        epoch = serializer('epoch', self.epoch)
        is_new_epoch = serializer('is_new_epoch', self.is_new_epoch)
        order = self.order
        if order is not None:
            try:
                order = serializer('order', order.copy())
            except KeyError:
                order = serializer('_order', order.copy())  # its name in old files
        try:
            previous = serializer('previous_epoch_detail', self.previous_epoch_detail)
        except KeyError:  # an old file without it
            previous = -1.0
            if epoch or position:
                previous = max(epoch + (position - self.batch_size) / self.size, 0.0)
        if not 0 <= position < self.size:
            raise ValueError(
                f'{who}: the position in the snapshot (current_position) is {position}, but the dataset has '
                f'{self.size} examples. Resume with the dataset of the saved run.'
            )
        self.position = int(position)
        self.epoch = int(epoch)
        self.is_new_epoch = bool(is_new_epoch)
        self.order = order
        self.previous_epoch_detail = float(previous)

    def _serialize_extra(self, serializer: Any, who: str) -> None:
        state = {'dataset_size': self.length, 'seed': self.seed, 'drawn': [order.tolist() for order in self.drawn]}
        get_state = getattr(self.sampler, 'get_state', None)
        if get_state is not None:
            state['order_sampler'] = get_state()
        try:
            text = serializer['chaingrad']('iterator', json.dumps(state))
        except KeyError:  # a file of the reference
            return
        state = json.loads(text)
        if state['dataset_size'] != self.length:
            raise ValueError(
                f'{who}: the dataset of the saved run had {state["dataset_size"]} examples (chaingrad/iterator), but '
                f'this one has {self.length}. Resume with the dataset of the saved run.'
            )
        self.seed = state['seed']
        self.drawn = [np.asarray(order) for order in state['drawn']]
        set_state = getattr(self.sampler, 'set_state', None)
        if state.get('order_sampler') is not None and set_state is not None:
            set_state(state['order_sampler'])


def over(iterator: Any) -> str:
    """Return what `next` says of an iterator that has no batch left."""
    return f'{type(iterator).__name__}: the epoch is over (repeat=False). Call reset() to begin again.'


class EpochIterator(Iterator, KnownKeywords):
    """Base of the iterators over a dataset: their arguments, the position, and saving it."""

    def __init__(
        self, dataset: Any, batch_size: int, repeat: bool, shuffle: bool | None, order_sampler: Sampler | None
    ) -> None:
        who = type(self).__name__
        if not isinstance(batch_size, (int, np.integer)) or isinstance(batch_size, bool) or batch_size < 1:
            raise ValueError(f'{who}: batch_size must be an integer of at least 1, but it is {batch_size!r}.')
        if not hasattr(dataset, '__len__') or not hasattr(dataset, '__getitem__'):
            raise TypeError(
                f'{who}: dataset must have a length and examples by number, but it is a {type(dataset).__name__}. '
                'Write list(dataset).'
            )
        if len(dataset) == 0:
            raise ValueError(f'{who}: dataset must hold at least one example, but {describe(dataset)} is empty.')
        self.dataset = dataset
        self.batch_size = int(batch_size)
        self.order_sampler = choose_sampler(who, shuffle, order_sampler)
        self._cursor = Cursor(len(dataset), self.batch_size, bool(repeat), self.order_sampler)
        if self._cursor.size == 0:
            raise ValueError(f'{who}: order_sampler must return at least one index, but it returned none.')

    @property
    def repeat(self) -> bool:
        """True when the iterator goes on after the first epoch."""
        return self._cursor.repeat

    @property
    def epoch(self) -> int:
        """The number of finished epochs."""
        return self._cursor.epoch

    @epoch.setter
    def epoch(self, value: int) -> None:
        self._cursor.epoch = value

    @property
    def is_new_epoch(self) -> bool:
        """True when the last batch finished an epoch."""
        return self._cursor.is_new_epoch

    @is_new_epoch.setter
    def is_new_epoch(self, value: bool) -> None:
        self._cursor.is_new_epoch = value

    @property
    def current_position(self) -> int:
        """The position of the next batch within the epoch."""
        return self._cursor.position

    @current_position.setter
    def current_position(self, value: int) -> None:
        self._cursor.position = value

    @property
    def epoch_detail(self) -> float:
        """The number of finished epochs plus the finished fraction of the current one."""
        return self._cursor.epoch_detail

    @property
    def previous_epoch_detail(self) -> float | None:
        """`epoch_detail` before the last batch; None before the first."""
        before = self._cursor.previous_epoch_detail
        return None if before < 0 else before

    def reset(self) -> None:
        """Go back to the start; with shuffling, a new order is drawn."""
        self._cursor.reset()

    def serialize(self, serializer: Any) -> None:
        """Save or restore position, epoch, order, and the seed of `chaingrad.dataset.rng()`."""
        self._cursor.serialize(serializer, type(self).__name__)

    def __getstate__(self) -> dict[str, Any]:
        return dict(self.__dict__)

    def __copy__(self) -> EpochIterator:
        """Return an iterator at the same position, with the same order, which goes its own way from there."""
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__getstate__(), _cursor=copy.copy(self._cursor))
        other._cursor.drawn = list(self._cursor.drawn)
        return other

    def _more_arguments(self) -> str:
        return ''

    def __repr__(self) -> str:
        kind = type(self).__name__
        cursor, sampler = self._cursor, self.order_sampler
        order = 'shuffle=False' if sampler is None else f'order_sampler={sampler!r}'
        return (
            f'{kind}({describe(self.dataset)}, batch_size={self.batch_size}, repeat={cursor.repeat}, {order}'
            f'{self._more_arguments()}) at epoch {cursor.epoch}, position {cursor.position} of {cursor.size}'
        )
