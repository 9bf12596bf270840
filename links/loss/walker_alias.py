"""WalkerAlias, which draws from a discrete distribution in constant time."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.backends import DeviceResident


class WalkerAlias(DeviceResident):
    """Draw integers from a discrete distribution.

    Every number shares a box with at most one other, its alias; a draw takes a box and then one of the two. Randomness
    is that of `numpy.random` (cupy's on a GPU).

    Args:
        probs: weight of each integer from 0 on, not negative; they need not sum to one.

    Raises:
        ValueError: when a weight is negative or not finite, or all are zero.

    Example:
        >>> from chaingrad.links.loss.walker_alias import WalkerAlias
        >>> WalkerAlias([0, 1, 0]).sample((2, 3))
        array([[1, 1, 1],
               [1, 1, 1]], dtype=int32)

    Source:
        Walker: An efficient method for generating discrete random variables with general distributions (1977);
        Vose: A linear algorithm for generating random numbers with a given distribution (1991).
    """

    def __init__(self, probs: Any) -> None:
        super().__init__()
        weights = np.asarray(probs, np.float64)
        if weights.ndim != 1 or not weights.size or not np.isfinite(weights).all() or (weights < 0).any():
            raise ValueError('WalkerAlias: probs must be a list of weights that are finite and not negative.')
        if not weights.any():
            raise ValueError('WalkerAlias: at least one weight in probs must be above zero.')
        self.size = n = weights.size
        share = weights / weights.sum() * n
        alias, keep = np.arange(n, dtype=np.int32), np.ones(n)
        small, large = ([*np.flatnonzero(share < 1)], [*np.flatnonzero(share >= 1)])
        while small and large:
            low, high = small.pop(), large.pop()
            keep[low], alias[low] = share[low], high
            share[high] -= 1 - share[low]
            (small if share[high] < 1 else large).append(high)
        for i in small:  # left over by rounding: full boxes, unless they stand for nothing
            if not weights[i]:
                keep[i], alias[i] = 0, weights.argmax()
        self.keep, self.alias = keep, alias

    @property
    def use_gpu(self) -> bool:
        """Whether the tables are on a GPU."""
        return self.xp is not np

    def device_resident_accept(self, visitor: Any) -> None:
        """Show the tables to a visitor, such as the one that moves them to a GPU."""
        super().device_resident_accept(visitor)
        self.keep, self.alias = visitor.visit_array(self.keep), visitor.visit_array(self.alias)

    def sample(self, shape: Any) -> Any:
        """Draw integers.

        Args:
            shape: int or tuple.

        Returns:
            Array of this shape, int32.
        """
        return self.sample_xp(self.xp, shape)

    def sample_gpu(self, shape: Any) -> Any:
        """Draw integers as a CuPy array; the tables must be on a GPU."""
        return self.sample_xp(self.xp, shape)

    def sample_xp(self, xp: Any, shape: Any) -> Any:
        """Draw integers by the generator of an array module.

        Args:
            xp: numpy or cupy, where the tables are.
            shape: int or tuple.
        """
        # One uniform number gives the box by its whole part and the choice of the two by the rest.
        u = xp.random.uniform(0, self.size, shape)
        box = xp.minimum(u.astype(np.int32), self.size - 1)
        return xp.where(u - box < self.keep[box], box, self.alias[box]).astype(np.int32)
