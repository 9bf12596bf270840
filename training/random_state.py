"""Random generators: the global ones, one of its own for each example, and their states as text for snapshots.

Each example has a generator made from (seed of the iterator, epoch, index of the example). So the same augmentation
comes from one process or eight, before and after a resume. The iterators set `current.sample` to the example that is
being fetched; nothing is computed unless the dataset asks for a generator.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import struct
import threading
import zlib
from typing import Any, TypeAlias

import numpy as np

from chaingrad.autograd.backends import cuda

Sample: TypeAlias = tuple[int, int, int]
"""The seed of an iterator, the epoch, and the index of an example."""

RandomState: TypeAlias = np.random.RandomState | np.random.Generator


# The global generators

given_seed: int | None = None
"""The last seed given to `set_seed`; several ranks compare it."""


def set_seed(seed: int) -> None:
    """Seed every generator that training draws from: `random`, `numpy.random` and, where there is one, that of the GPU.

    Initial weights, dropout, the order of batches and `chaingrad.dataset.rng()` all depend on them. Call it before the
    model and the iterators are made. A resumed run goes on with the states of the saved one, whatever the seed.

    Args:
        seed: from 0 to 2**32 - 1.

    Raises:
        ValueError: when the seed is not an integer in that range.

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
    global given_seed
    given_seed = int(seed)
    random.seed(int(seed))
    np.random.seed(int(seed))
    if cuda.available:
        cuda.cupy.random.seed(int(seed))


def global_random_state() -> np.random.RandomState:
    """Return the RandomState that `numpy.random.seed` and the other functions of `numpy.random` use."""
    return np.random.random.__self__  # type: ignore[attr-defined, no-any-return]


def capture() -> str:
    """Return the states of `numpy.random` and `random` as JSON."""
    return json.dumps({'numpy': pack_random_state(global_random_state()), 'python': random.getstate()})


def restore(states: str) -> None:
    """Put the global generators into the states that `capture` returned."""
    parts = json.loads(states)
    version, internal, gauss = parts['python']
    restore_random_state(global_random_state(), parts['numpy'])
    random.setstate((version, tuple(internal), gauss))


# The generator of an example


class Current(threading.local):
    """The example that this thread is fetching, and the generator already made for it."""

    sample: Sample | None = None
    made_for: Sample | None = None
    generator: np.random.Generator | None = None


current = Current()


def rng() -> np.random.Generator:
    """Return the random generator of the example that is being fetched.

    All calls for one example share one generator; it is made from the iterator's seed, the epoch and the example's
    index. The seed of an iterator is derived from NumPy's global random state when the iterator is made, so
    `numpy.random.seed` determines it; it is saved in snapshots. Outside an iterator, as at a prompt, every call gives a
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
    """Seed `numpy.random` and `random` for one example in a worker process, for augmentation that draws from them."""
    seed = zlib.crc32(struct.pack('<qqq', *sample))
    np.random.seed(seed)
    random.seed(seed)


# States as text


def pack_random_state(random_state: RandomState) -> str:
    """Return the state of a RandomState or Generator as ASCII text."""
    if isinstance(random_state, np.random.Generator):
        state: Any = random_state.bit_generator.state
    else:
        state = random_state.get_state(legacy=False)
    return json.dumps(state, default=_to_json)


def restore_random_state(random_state: RandomState, text: str) -> None:
    """Put a RandomState or Generator into the state that `pack_random_state` returned."""
    state = json.loads(text, object_hook=_from_json)
    if isinstance(random_state, np.random.Generator):
        random_state.bit_generator.state = state
    else:
        random_state.set_state(state)


def seed_of(random_state: RandomState) -> int:
    """Return a number of 56 bits that is determined by `random_state`, without drawing from it."""
    text = pack_random_state(random_state)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=7).digest(), 'big')


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
