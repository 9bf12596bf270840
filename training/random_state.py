"""The states of the global random generators, NumPy's and Python's, as text for snapshots."""

from __future__ import annotations

import json
import random

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
