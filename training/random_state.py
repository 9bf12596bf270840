"""The global random generators, NumPy's and Python's: their seed, and their states as text for snapshots."""

from __future__ import annotations

import json
import random

import numpy as np

from chaingrad.autograd.backends import cuda
from chaingrad.training.dataset.randomness import global_random_state, pack_random_state, restore_random_state


def capture() -> str:
    """Return the states of `np.random` and `random` as JSON."""
    return json.dumps({'numpy': pack_random_state(global_random_state()), 'python': random.getstate()})


def restore(states: str) -> None:
    """Put the global generators into the states that `capture` returned."""
    parts = json.loads(states)
    version, internal, gauss = parts['python']
    restore_random_state(global_random_state(), parts['numpy'])
    random.setstate((version, tuple(internal), gauss))


def set_seed(seed: int) -> None:
    """Seed every generator that training draws from: `random`, `numpy.random` and, where there is one, that of the GPU.

    Initial weights, dropout, the order of batches and `chaingrad.dataset.rng()` all come from these. Call it before the
    model and the iterators are made. A resumed run goes on with the states of the saved one, whatever the seed.

    Args:
        seed: From 0 to 2**32 - 1.

    Raises:
        ValueError: The seed is no integer of that range.

    Example:
        >>> import chaingrad, chaingrad.links as L
        >>> def first_weight():
        ...     chaingrad.set_seed(1)
        ...     return float(L.Linear(3, 2).W.array[0, 0])
        >>> first_weight() == first_weight()
        True
    """
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool) or not 0 <= seed < 2**32:
        raise ValueError(f'set_seed: seed must be an integer from 0 to 2**32 - 1, but it is {seed!r}.')
    random.seed(int(seed))
    np.random.seed(int(seed))
    if cuda.available:
        cuda.cupy.random.seed(int(seed))
