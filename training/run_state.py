"""What a snapshot of a run holds beside parameters, optimizers, iterators and extensions.

The random states, the threads of the linear algebra, hyperparameters that were changed on the way, the last
observation and what was left to do in the last iteration. All of it lies under `chaingrad/`, which programs written
for the reference ignore. With it a resumed run goes on bit for bit as an unbroken one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from chaingrad.links.serializers.dictionary import to_array
from chaingrad.links.serializers.loading import UnreadableFileError
from chaingrad.training import random_state

VERSION = 1
PREFIX = 'chaingrad/'
DIGESTS = PREFIX + 'digests'


# Digests: a damaged file is refused before anything is loaded


def digest(array: np.ndarray | None) -> str:
    """Return a digest of an array's dtype, shape and values; None stands for itself."""
    total = hashlib.blake2b(digest_size=16)
    if array is not None and array.dtype != object:
        total.update(f'{array.dtype.str}{array.shape}'.encode())
        total.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8))
    return total.hexdigest()


def seal(serializer: Any) -> None:
    """Save the digests of all that was saved; in a serializer that cannot tell, do nothing."""
    target = getattr(serializer, 'target', None)
    if target is not None:
        path = serializer.path
        found = {key[len(path) :]: digest(array) for key, array in target.items() if key.startswith(path)}
        serializer(DIGESTS, json.dumps(found))


def check_file(serializer: Any) -> None:
    """Raise UnreadableFileError, naming the keys, where a file does not hold what was saved in it."""
    source = getattr(serializer, '_source', None)
    if source is None:
        return
    keys = [key[len(serializer.path) :] for key in source.keys() if key.startswith(serializer.path)]
    if not any(key.startswith(PREFIX) for key in keys):
        return  # written by the reference
    wrong = [DIGESTS]
    if DIGESTS in keys:
        saved = json.loads(serializer(DIGESTS, ''))
        found = {}
        for key in keys:
            full = serializer.path + key
            found[key] = digest(None if source.kind(full) is None else source.read(full))
        found.pop(DIGESTS)
        wrong = sorted(key for key in saved.keys() | found.keys() if saved.get(key) != found.get(key))
    if wrong:
        raise UnreadableFileError(
            f'{source.loader}: {source.name} is damaged: not as it was saved: {", ".join(wrong[:5])}.'
        )


def holds(serializer: Any, prefix: str) -> bool:
    """Return whether a file has a key that begins so; True where that cannot be told."""
    source = getattr(serializer, '_source', None)
    return source is None or any(key.startswith(serializer.path + prefix) for key in source.keys())


@contextlib.contextmanager
def beginning_here() -> Iterator[None]:
    """Let an extension or trigger load that the saved run did not have: it counts from here, and nothing is amiss."""
    with warnings.catch_warnings(), contextlib.suppress(KeyError):
        warnings.simplefilter('ignore')
        yield


# The numbers of threads


def blas_threads() -> int:
    """Return how many threads the linear algebra may use; sums are added up in an order that depends on it."""
    try:
        import threadpoolctl
    except ImportError:
        for name in ('OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'OMP_NUM_THREADS'):
            if os.environ.get(name, '').isdigit():
                return int(os.environ[name])
        return len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count() or 1
    return max(
        (pool['num_threads'] for pool in threadpoolctl.threadpool_info() if pool['user_api'] == 'blas'), default=1
    )


def warn_of_other_threads(saved: int) -> None:
    """Warn when the snapshot was made with another number of threads."""
    if saved != blas_threads():
        warnings.warn(
            f'Trainer: the snapshot was made with {saved} BLAS thread(s), this process uses {blas_threads()}: results '
            f'may differ in the last bits. Set OMP_NUM_THREADS={saved} before Python starts.',
            stacklevel=2,
        )


# Observations


def save_observation(serializer: Any, observation: dict[str, Any]) -> None:
    """Save the reported values that are numbers, with their dtypes."""
    values = {}
    for name, value in observation.items():
        array = to_array(getattr(value, 'array', value))
        if array.dtype.kind in 'biuf':
            values[name] = array
    serializer('names', json.dumps(list(values)))
    for index, value in enumerate(values.values()):
        serializer(str(index), value)


def load_observation(serializer: Any) -> dict[str, Any]:
    """Return the observation that `save_observation` saved."""
    return {name: np.asarray(serializer(str(i), None)) for i, name in enumerate(json.loads(serializer('names', '')))}


# Hyperparameters


class Hyperparameters:
    """Remember the hyperparameters that a run began with, to tell what the run changed from what the program says.

    The reference does not save learning rates. Here a value that an extension has changed comes back when the resuming
    program sets its optimizer up with the value that the saved run began with; a new value in the program wins.
    """

    def __init__(self, optimizers: dict[str, Any]) -> None:
        self._optimizers = optimizers
        self._initial: dict[str, dict[str, Any]] = {name: {} for name in optimizers}

    def _current(self, name: str) -> dict[str, Any]:
        values = self._optimizers[name].hyperparam.get_dict() if hasattr(self._optimizers[name], 'hyperparam') else {}
        return {key: value for key, value in values.items() if isinstance(value, (bool, int, float))}

    def remember_initial(self) -> None:
        """Take the present values as those that the run began with, where a snapshot has not told other ones."""
        for name, initial in self._initial.items():
            self._initial[name] = {**self._current(name), **initial}

    def to_text(self) -> str:
        """Return initial and present values as JSON."""
        return json.dumps({name: [self._initial[name], self._current(name)] for name in self._optimizers})

    def load(self, text: str) -> None:
        """Set the values that the saved run had changed."""
        for name, (initial, saved) in json.loads(text).items():
            if name not in self._optimizers:
                continue
            current = self._current(name)
            for key, value in saved.items():
                if key in initial and current.get(key) == initial[key]:
                    setattr(self._optimizers[name].hyperparam, key, value)
                    self._initial[name][key] = initial[key]


def save(serializer: Any, hyperparameters: Hyperparameters, observation: dict[str, Any], unfinished: list[Any]) -> None:
    """Save the state of a run; `serializer` is that of `chaingrad`."""
    serializer('version', VERSION)
    serializer('random_states', random_state.capture())
    serializer('blas_threads', blas_threads())
    serializer('hyperparameters', hyperparameters.to_text())
    serializer('unfinished', json.dumps(unfinished))
    save_observation(serializer['observation'], observation)


def load(serializer: Any, hyperparameters: Hyperparameters) -> tuple[Any, dict[str, Any], list[Any]] | None:
    """Load the state of a run.

    Returns:
        The random states, the observation and what is unfinished; None from a file of the reference, which has none
        of it.
    """
    try:
        version = serializer('version', None)
    except KeyError:
        return None
    if version is None:
        return None
    if int(version) > VERSION:
        raise ValueError(
            f'Trainer: the snapshot has version {int(version)}, this program reads up to {VERSION}. Use a newer one.'
        )
    warn_of_other_threads(int(serializer('blas_threads', 0)))
    hyperparameters.load(serializer('hyperparameters', ''))
    states = serializer('random_states', '')
    return states, load_observation(serializer['observation']), json.loads(serializer('unfinished', ''))
