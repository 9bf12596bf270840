"""The order in which an iterator takes the examples of an epoch."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.training.random_state import global_random_state, pack_random_state, restore_random_state


class OrderSampler:
    """Base of order samplers: called at the start and at the end of every epoch, they return the next order.

    Example:
        >>> import numpy as np
        >>> from chaingrad.iterators import OrderSampler, SerialIterator
        >>> class Reversed(OrderSampler):
        ...     def __call__(self, current_order, current_position):
        ...         return np.arange(len(current_order))[::-1]
        >>> SerialIterator(['a', 'b', 'c'], 3, order_sampler=Reversed()).next()
        ['c', 'b', 'a']
    """

    def __call__(self, current_order: np.ndarray, current_position: int) -> np.ndarray:
        """Return the order of the next epoch, an array of indices.

        Args:
            current_order: the order of the epoch that ends; 0, 1, 2, ... the first time. The result must be of the same
                length, but the first time it may have another one.
            current_position: where in it the last batch began; 0 the first time.
        """
        raise NotImplementedError(f'{type(self).__name__} must define __call__(self, current_order, current_position).')


class ShuffleOrderSampler(OrderSampler):
    """Take all examples in random order.

    Args:
        random_state: numpy.random.RandomState or Generator to draw from, whose state is saved in snapshots; None is
            NumPy's global one, which `numpy.random.seed` seeds and the Trainer saves.

    Example:
        >>> import numpy as np
        >>> from chaingrad.iterators import SerialIterator, ShuffleOrderSampler
        >>> sampler = ShuffleOrderSampler(np.random.RandomState(0))
        >>> sorted(SerialIterator([10, 11, 12], 3, order_sampler=sampler).next())
        [10, 11, 12]
    """

    def __init__(self, random_state: np.random.RandomState | np.random.Generator | None = None) -> None:
        if random_state is not None and not hasattr(random_state, 'permutation'):
            raise TypeError(
                'ShuffleOrderSampler: random_state must be a numpy.random.RandomState, a Generator or None, but it is '
                f'{random_state!r}. Write numpy.random.RandomState({random_state!r}) for a seed.'
            )
        self.random_state = random_state

    def __call__(self, current_order: np.ndarray, current_position: int) -> np.ndarray:
        """Return a permutation."""
        state = global_random_state() if self.random_state is None else self.random_state
        return state.permutation(len(current_order))

    def get_state(self) -> str | None:
        """Return the random state as text; None where it is NumPy's global one."""
        return None if self.random_state is None else pack_random_state(self.random_state)

    def set_state(self, text: str) -> None:
        """Restore what `get_state` returned."""
        if self.random_state is not None:
            restore_random_state(self.random_state, text)

    def __repr__(self) -> str:
        return f'ShuffleOrderSampler({"" if self.random_state is None else self.random_state})'


def choose_sampler(who: str, shuffle: bool | None, order_sampler: Any) -> Any:
    """Return the order sampler that the arguments of an iterator name; None takes the examples as they come."""
    if order_sampler is None:
        return ShuffleOrderSampler() if shuffle or shuffle is None else None
    if shuffle is not None:
        raise ValueError(
            f'{who}: shuffle must be None when order_sampler is given, but it is {shuffle!r}. Leave it out.'
        )
    return order_sampler
