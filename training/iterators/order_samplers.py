"""The order in which an iterator takes the examples of an epoch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from chaingrad.autograd.annotations import Array
from chaingrad.training.random_state import RandomState, global_random_state, pack_random_state, restore_random_state

Sampler: TypeAlias = Callable[[Array, int], Array]
"""A function of the current order and position that returns the next order."""


class OrderSampler:
    """Base of order samplers, which return the next order when called at the start and at the end of every epoch.

    Example:
        >>> import numpy as np
        >>> from chaingrad.iterators import OrderSampler, SerialIterator
        >>> class Reversed(OrderSampler):
        ...     def __call__(self, current_order, current_position):
        ...         return np.arange(len(current_order))[::-1]
        >>> SerialIterator(['a', 'b', 'c'], 3, order_sampler=Reversed()).next()
        ['c', 'b', 'a']
    """

    def __call__(self, current_order: Array, current_position: int) -> Array:
        """Return the order of the next epoch, an array of indices.

        Args:
            current_order: 1-D array, the order of the epoch that ends; 0, 1, 2, ... in the first call. The result must
                have the same length, except in the first call.
            current_position: position in this order where the last batch began; 0 in the first call.
        """
        raise NotImplementedError(f'{type(self).__name__} must define __call__(self, current_order, current_position).')


class ShuffleOrderSampler(OrderSampler):
    """Take all examples in random order.

    Args:
        random_state: numpy.random.RandomState or Generator to draw from; the iterator saves its state. None is NumPy's
            global one, which `numpy.random.seed` seeds and the Trainer saves.

    Example:
        >>> import numpy as np
        >>> from chaingrad.iterators import SerialIterator, ShuffleOrderSampler
        >>> sampler = ShuffleOrderSampler(np.random.RandomState(0))
        >>> sorted(SerialIterator([10, 11, 12], 3, order_sampler=sampler).next())
        [10, 11, 12]
    """

    def __init__(self, random_state: RandomState | None = None) -> None:
        if random_state is not None and not hasattr(random_state, 'permutation'):
            raise TypeError(
                'ShuffleOrderSampler: random_state must be a numpy.random.RandomState, a Generator or None, but it is '
                f'{random_state!r}. Write numpy.random.RandomState({random_state!r}) for a seed.'
            )
        self.random_state = random_state

    def __call__(self, current_order: Array, current_position: int) -> Array:
        """Return a permutation."""
        state = global_random_state() if self.random_state is None else self.random_state
        return state.permutation(len(current_order))

    def get_state(self) -> str | None:
        """Return the random state as text, or None if it is NumPy's global one."""
        return None if self.random_state is None else pack_random_state(self.random_state)

    def set_state(self, text: str) -> None:
        """Restore what `get_state` returned."""
        if self.random_state is not None:
            restore_random_state(self.random_state, text)

    def __repr__(self) -> str:
        return f'ShuffleOrderSampler({"" if self.random_state is None else self.random_state})'


def choose_sampler(who: str, shuffle: bool | None, order_sampler: Sampler | None) -> Sampler | None:
    """Return the order sampler that an iterator's arguments ask for, or None for the order of the dataset."""
    if order_sampler is None:
        return ShuffleOrderSampler() if shuffle or shuffle is None else None
    if shuffle is not None:
        raise ValueError(
            f'{who}: shuffle must be None when order_sampler is given, but it is {shuffle!r}. Leave it out.'
        )
    return order_sampler
