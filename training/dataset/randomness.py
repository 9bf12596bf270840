"""Randomness that does not depend on who fetches a sample: `rng()`, and random states as text for snapshots.

Each sample has a generator of its own, made from (seed of the iterator, epoch, index of the sample). So the same
augmentation comes from one process or eight, before and after a resume. The iterators say which sample is being fetched
by setting `current.sample`; nothing is computed unless the dataset asks for a generator.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import struct
import threading
import zlib
from typing import Any

import numpy as np

Sample = tuple[int, int, int]


class Current(threading.local):
    """The sample that this thread fetches, and the generator already made for it."""

    sample: Sample | None = None
    made_for: Sample | None = None
    generator: np.random.Generator | None = None


current = Current()


def rng() -> np.random.Generator:
    """Return the random generator of the sample that is being fetched.

    All calls within one sample share one generator; it is made from the iterator's seed, the epoch and the sample's
    index. The seed of an iterator comes from NumPy's global random state when the iterator is made, so
    `numpy.random.seed` decides it; it is saved in snapshots. Outside an iterator, as at a prompt, every call gives a
    new generator, seeded by one number drawn from NumPy's global random state.

    Returns:
        numpy.random.Generator.

    Example:
        >>> import numpy as np
        >>> from chaingrad.dataset import rng
        >>> from chaingrad.datasets import TransformDataset
        >>> from chaingrad.iterators import SerialIterator
        >>> def jitter(x):
        ...     return x + 0.01 * rng().standard_normal()
        >>> def first_batch():
        ...     np.random.seed(0)
        ...     return SerialIterator(TransformDataset([1.0, 2.0, 3.0], jitter), 3).next()
        >>> first_batch() == first_batch()
        True
    """
    sample = current.sample
    if sample is None:
        return np.random.default_rng(int(np.random.randint(0, 2**32, dtype=np.uint64)))
    if current.made_for is not sample or current.generator is None:
        current.generator = np.random.default_rng(np.random.SeedSequence(sample))
        current.made_for = sample
    return current.generator


def seed_globals(sample: Sample) -> None:
    """Seed `numpy.random` and `random` for one sample, in a worker process: augmentation of old code draws there."""
    number = zlib.crc32(struct.pack('<qqq', *sample))
    np.random.seed(number)
    random.seed(number)


def global_random_state() -> np.random.RandomState:
    """Return the random state behind `numpy.random.seed` and its functions."""
    return np.random.random.__self__  # type: ignore[attr-defined, no-any-return]


def seed_of(random_state: Any) -> int:
    """Return a number that is fixed by `random_state`, without drawing from it; 56 bits."""
    return int.from_bytes(hashlib.blake2b(pack_random_state(random_state).encode(), digest_size=7).digest(), 'big')


def _to_json(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {'dtype': value.dtype.str, 'base64': base64.b64encode(value.tobytes()).decode('ascii')}
    if isinstance(value, np.integer):
        return int(value)
    raise TypeError(f'a random state holds a {type(value).__name__}, which cannot be saved.')


def _from_json(value: dict[str, Any]) -> Any:
    if set(value) == {'dtype', 'base64'}:
        return np.frombuffer(base64.b64decode(value['base64']), value['dtype']).copy()
    return value


def pack_random_state(random_state: np.random.RandomState | np.random.Generator) -> str:
    """Return the state of a RandomState or Generator as ASCII text."""
    if isinstance(random_state, np.random.Generator):
        state: Any = random_state.bit_generator.state
    else:
        state = random_state.get_state(legacy=False)
    return json.dumps(state, default=_to_json)


def restore_random_state(random_state: np.random.RandomState | np.random.Generator, text: str) -> None:
    """Put a RandomState or Generator into the state that `pack_random_state` returned."""
    state = json.loads(text, object_hook=_from_json)
    if isinstance(random_state, np.random.Generator):
        random_state.bit_generator.state = state
    else:
        random_state.set_state(state)
