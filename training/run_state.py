"""The part of a run's snapshot that is not in its parameters, optimizers, iterators and extensions.

These are the random states, the number of BLAS threads, whose kernels compute, the hyperparameters that the run has
changed, the last observation, and the extensions that the last iteration had yet to call. Their keys begin with
`chaingrad/`, which Chainer ignores. With them a resumed run gives the same bits as one that was never interrupted.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.functions.kernels.threads import blas_threads
from chaingrad.functions.kernels.twins import computed_by
from chaingrad.links.serializer import AbstractSerializer
from chaingrad.links.serializers.dictionary import to_array
from chaingrad.links.serializers.loading import UnreadableFileError
from chaingrad.optimizers.optimizer import Optimizer
from chaingrad.training import random_state

VERSION = 1
PREFIX = 'chaingrad/'
DIGESTS = PREFIX + 'digests'


# Digests: a damaged file is refused before anything is loaded


def digest(array: Array | None) -> str:
    """Return a digest of an array's dtype, shape and values, or of None."""
    total = hashlib.blake2b(digest_size=16)
    if array is not None and array.dtype != object:
        total.update(f'{array.dtype.str}{array.shape}'.encode())
        total.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return total.hexdigest()


def add_digests(serializer: Any) -> None:
    """Save the digests of everything that was saved; do nothing for a serializer that does not keep it."""
    target = getattr(serializer, 'target', None)
    if target is not None:
        path = serializer.path
        found = {key[len(path) :]: digest(array) for key, array in target.items() if key.startswith(path)}
        serializer(DIGESTS, json.dumps(found))


def check_file(serializer: Any) -> None:
    """Raise UnreadableFileError, naming the keys, when the arrays of a file do not have the digests saved in it."""
    source = getattr(serializer, '_source', None)
    if source is None:
        return
    keys = [key[len(serializer.path) :] for key in source.keys() if key.startswith(serializer.path)]
    if not any(key.startswith(PREFIX) for key in keys):
        return  # written by Chainer
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


def has_keys(serializer: Any, prefix: str) -> bool:
    """Return whether a file has keys with this prefix; True when the serializer cannot say."""
    source = getattr(serializer, '_source', None)
    return source is None or any(key.startswith(serializer.path + prefix) for key in source.keys())


@contextlib.contextmanager
def ignoring_missing_keys() -> Iterator[None]:
    """Let an extension or trigger that the saved run did not have load nothing: it starts to count now.

    A OnceTrigger does not: it counts as one that has fired, so its warning is shown.
    """
    with warnings.catch_warnings(), contextlib.suppress(KeyError):
        warnings.simplefilter('ignore')
        warnings.filterwarnings('always', 'OnceTrigger: ')
        yield


# The numbers of threads, and the kernels


def warn_of_other_threads(saved: int) -> None:
    """Warn when the snapshot was made with another number of BLAS threads."""
    if saved != blas_threads():
        warnings.warn(
            f'Trainer: the snapshot was made with {saved} BLAS thread(s), this process uses {blas_threads()}: results '
            f'may differ in the last bits. Call chaingrad.set_threads({saved}), or set OMP_NUM_THREADS={saved}.',
            stacklevel=2,
        )


def warn_of_other_kernels(saved: str) -> None:
    """Warn when the snapshot was made with other kernels."""
    if saved != computed_by():
        warnings.warn(
            f'Trainer: the snapshot was made with the kernels of {saved}, this process uses those of {computed_by()}: '
            'results may differ in the last bits. config.use_ideep switches; see python -m chaingrad info.',
            stacklevel=2,
        )


# Observations


def save_observation(serializer: AbstractSerializer, observation: dict[str, Any]) -> None:
    """Save the reported values that are numbers, with their dtypes."""
    values = {}
    for name, value in observation.items():
        array = to_array(getattr(value, 'array', value))
        if array.dtype.kind in 'biuf':
            values[name] = array
    serializer('names', json.dumps(list(values)))
    for index, value in enumerate(values.values()):
        serializer(str(index), value)


def load_observation(serializer: AbstractSerializer) -> dict[str, Any]:
    """Return the observation that `save_observation` saved."""
    names = json.loads(serializer('names', ''))
    return {name: np.asarray(serializer(str(index), None)) for index, name in enumerate(names)}


# Hyperparameters


class Hyperparameters:
    """Remember the hyperparameters that a run started with, to tell those that it changed from those of the program.

    Chainer does not save learning rates. Here a resumed run gets back a value that an extension had changed, provided
    that the program gives its optimizer the same initial value as before; a new initial value in the program wins.
    """

    def __init__(self, optimizers: dict[str, Optimizer]) -> None:
        self._optimizers = optimizers
        self._initial: dict[str, dict[str, float]] = {name: {} for name in optimizers}

    def _current(self, name: str) -> dict[str, float]:
        hyperparam = getattr(self._optimizers[name], 'hyperparam', None)
        values = {} if hyperparam is None else hyperparam.get_dict()
        return {key: value for key, value in values.items() if isinstance(value, (bool, int, float))}

    def remember_initial(self) -> None:
        """Note the present values as those that the run started with, unless a snapshot has named others."""
        for name, initial in self._initial.items():
            self._initial[name] = {**self._current(name), **initial}

    def to_text(self) -> str:
        """Return the initial and the present values as JSON."""
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


def save(
    serializer: AbstractSerializer,
    hyperparameters: Hyperparameters,
    observation: dict[str, Any],
    unfinished: list[tuple[str, str]],
) -> None:
    """Save the state of a run; `serializer` is the child for `chaingrad/`."""
    serializer('version', VERSION)
    serializer('random_states', random_state.capture())
    serializer('blas_threads', blas_threads())
    serializer('kernels', computed_by())
    serializer('hyperparameters', hyperparameters.to_text())
    serializer('unfinished', json.dumps(unfinished))
    save_observation(serializer['observation'], observation)


def load(
    serializer: AbstractSerializer, hyperparameters: Hyperparameters
) -> tuple[str, dict[str, Any], list[tuple[str, str]]] | None:
    """Load the state of a run.

    Returns:
        The random states, the observation and the unfinished extensions; None for a file written by Chainer, which has
        none of them.
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
    with contextlib.suppress(KeyError):  # older snapshots do not name their kernels
        warn_of_other_kernels(serializer('kernels', ''))
    hyperparameters.load(serializer('hyperparameters', ''))
    states = serializer('random_states', '')
    return states, load_observation(serializer['observation']), json.loads(serializer('unfinished', ''))
