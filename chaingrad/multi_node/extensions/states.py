"""The states of several ranks in one file, and what each rank loads from it.

What all ranks have in common is in the file once, under its usual key, so that one process can load the file too. What
differs (random states, orders of examples, observations) is there for every other rank under `chaingrad/ranks/<rank>/`.
"""

from __future__ import annotations

import json
from typing import Any, TypeAlias

import numpy as np

from chaingrad.links.serializers.dictionary import DictionarySerializer
from chaingrad.links.serializers.npz import NpzDeserializer
from chaingrad.links.serializers.npz_file import NpzSource
from chaingrad.training import run_state

__all__ = ['State', 'collect', 'load', 'merge', 'other_number', 'read', 'saved_size', 'with_digests']

State: TypeAlias = dict[str, Any]

_PREFIX = 'chaingrad/ranks/'
_SIZE = _PREFIX + 'size'
_RANDOM = 'chaingrad/random_states'
_ITERATOR = 'updater/iterator:'


def collect(target: Any) -> State:
    """Return what `target` saves, without the digests of the whole."""
    serializer = DictionarySerializer()
    serializer.save(target)
    serializer.target.pop(run_state.DIGESTS, None)
    return serializer.target


def _digest(value: Any) -> str:
    array = np.asarray(value)
    return repr(array.item()) if array.dtype == object else run_state.digest(array)


def merge(comm: Any, state: State) -> State | None:
    """Return the state of all ranks, at rank 0 of the communicator; None elsewhere."""
    digests = comm.bcast_obj({key: _digest(value) for key, value in state.items()} if comm.rank == 0 else None)
    own = {key: value for key, value in state.items() if digests.get(key) != _digest(value)}
    others = comm.gather_obj(own if comm.rank else None)
    if comm.rank:
        return None
    merged = {**state, _SIZE: np.asarray(comm.size)}
    for rank, own in enumerate(others[1:], 1):
        merged.update({f'{_PREFIX}{rank}/{key}': value for key, value in own.items()})
    return with_digests(merged)


def with_digests(state: State) -> State:
    """Return a state with the digests that a Trainer checks."""
    if not any(key.startswith(run_state.PREFIX) for key in state):
        return state
    serializer = DictionarySerializer(dict(state))
    run_state.add_digests(serializer)
    return serializer.target


def read(path: str) -> State:
    """Return the arrays of a file.

    Raises:
        UnreadableFileError: when it is damaged.
    """
    with NpzSource(path, 'load_npz') as source:
        source.verify()
        run_state.check_file(NpzDeserializer(source))
        return {
            key: np.asarray(None) if source.kind(key) is None else source.read(key)
            for key in source.keys()
            if key != run_state.DIGESTS
        }


def saved_size(state: State) -> int:
    """Return the number of ranks that have saved a state."""
    return int(state.get(_SIZE, 1))


def load(state: State, target: Any, rank: int, size: int) -> None:
    """Load into `target` what belongs to a rank; on another number of ranks the iterators get new orders."""
    mine = {key: value for key, value in state.items() if not key.startswith(_PREFIX)}
    prefix = f'{_PREFIX}{rank}/'
    own = {key[len(prefix) :]: value for key, value in state.items() if key.startswith(prefix)}
    if saved_size(state) == size:
        mine.update(own)
    else:
        present = collect(target)
        if rank >= saved_size(state):
            own = {key: present[key] for key in (_RANDOM,) if key in present}
        if _RANDOM in own:
            mine[_RANDOM] = own[_RANDOM]
        _redistribute(mine, present)
    NpzDeserializer(with_digests(mine)).load(target)


def _redistribute(saved: State, present: State) -> None:
    """Let the iterators go on at the same fraction of the epoch, in the order that they have now."""
    for key in [key for key in saved if key.startswith(_ITERATOR) and key.endswith('/current_position')]:
        path = key[: -len('current_position')]
        extra = path + 'chaingrad/iterator'
        if extra not in saved or extra not in present:
            continue
        before, after = (json.loads(str(state[extra]))['dataset_size'] for state in (saved, present))
        position = min(int(saved[key]) * after // before, after - 1)
        detail = int(saved[path + 'epoch']) + position / after
        moved = {
            'current_position': position,
            'epoch': saved[path + 'epoch'],
            'is_new_epoch': saved[path + 'is_new_epoch'],
            'previous_epoch_detail': min(float(saved[path + 'previous_epoch_detail']), detail),
        }
        for name in [name for name in saved if name.startswith(path)]:
            del saved[name]
        saved.update({name: value for name, value in present.items() if name.startswith(path)})
        saved.update({path + name: np.asarray(value) for name, value in moved.items()})


def other_number(who: str, saved: int, size: int) -> str:
    """Return the warning for a run that is resumed on another number of ranks."""
    return (
        f'{who}: the file was saved by {saved} rank(s), and there are {size} now: parameters and optimizers go on as '
        'saved; the iterators go on at the same part of the epoch, in a new order.'
    )
