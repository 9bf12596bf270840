"""multi_node_snapshot: one file for several ranks, from which each of them resumes."""

from __future__ import annotations

import functools
import os
import warnings
from collections.abc import Iterable
from types import TracebackType
from typing import Any

import numpy as np

from chaingrad.links.serializers.loading import UnreadableFileError
from chaingrad.multi_node.extensions import states
from chaingrad.training.extension import Extension
from chaingrad.training.extensions import snapshots
from chaingrad.training.triggers.best_value import BestValueTrigger

__all__ = ['MultiNodeSnapshot', 'multi_node_snapshot']


class MultiNodeSnapshot(Extension):
    """See `multi_node_snapshot`."""

    def __init__(self, comm: Any, snapshot: Any, replica_sets: Iterable[Iterable[int]]) -> None:
        groups = [sorted(group) for group in replica_sets]
        listed = [rank for group in groups for rank in group]
        if len(set(listed)) < len(listed) or not set(listed) <= set(range(comm.size)):
            raise ValueError(
                f'multi_node_snapshot: replica_sets must be disjoint lists of ranks below {comm.size}, but they are '
                f'{groups}.'
            )
        groups += [[rank] for rank in range(comm.size) if rank not in listed]
        mine = next(group for group in groups if comm.rank in group)
        self._snapshot = snapshot
        self._comm = comm.split(mine[0], comm.rank)  # the replicas, of which the first writes
        self._name = snapshot._filename
        if len(groups) > 1:
            suffix = f'.{mine[0]}'
            if callable(self._name):
                self._name = functools.partial(_suffixed, self._name, suffix)
            else:
                self._name += suffix
        self.trigger = snapshot.trigger
        self.priority = snapshot.priority
        self.autoload = snapshot.autoload
        self._saved_at: int | None = None

    def _target(self, trainer: Any) -> Any:
        return trainer if self._snapshot._target is None else self._snapshot._target

    def initialize(self, trainer: Any) -> None:
        """Load the newest undamaged file, when `autoload` is set; each rank what is its own."""
        folder = os.fspath(trainer.out)
        if self._comm.rank == 0:
            snapshots._remove_leftovers(folder)
            if not callable(self._name) and self._snapshot._n_retains > 0:
                hook = functools.partial(snapshots._remove_old, folder, self._name, self._snapshot._n_retains)
                self._snapshot._writer._add_cleanup_hook(hook)
        if not self.autoload or callable(self._name):
            return
        state = self._comm.bcast_obj(_newest(folder, self._name) if self._comm.rank == 0 else None)
        if state is None:
            return
        saved = states.saved_size(state)
        if saved != self._comm.size and self._comm.rank == 0:
            warnings.warn(states.other_number('multi_node_snapshot', saved, self._comm.size), stacklevel=2)
        states.load(state, self._target(trainer), self._comm.rank, self._comm.size)

    def __call__(self, trainer: Any) -> None:
        """Save; every rank of the set takes part."""
        condition = self._snapshot._condition
        if condition is None or self._comm.bcast_obj(bool(condition())):
            self._save(trainer)

    def _save(self, trainer: Any) -> None:
        state = states.merge(self._comm, states.collect(self._target(trainer)))
        if state is not None:
            state = {key: np.array(value) for key, value in state.items()}
            name = self._name(trainer) if callable(self._name) else self._name.format(trainer)
            self._snapshot._writer(name, os.fspath(trainer.out), state)
        self._saved_at = trainer.updater.iteration

    def save_on_stop(self, trainer: Any, trigger: Any) -> bool:
        """Save because a signal ends the run, on all ranks after the same iteration."""
        if self._snapshot._target is not None or isinstance(trigger, BestValueTrigger):
            return False
        if self._saved_at != trainer.updater.iteration or trainer.is_interrupted:
            self._save(trainer)
        return True

    def on_error(self, trainer: Any, exc: BaseException, tb: TracebackType | None) -> None:
        """Save nothing: the other ranks are elsewhere, and cannot take part."""

    def finalize(self) -> None:
        """Wait until everything is written."""
        self._snapshot.finalize()

    def __repr__(self) -> str:
        return f'multi_node_snapshot({self._snapshot!r}, replicas={self._comm.size})'


def _suffixed(name: Any, suffix: str, trainer: Any) -> str:
    return f'{name(trainer)}{suffix}'


def _newest(folder: str, name: str) -> states.State | None:
    """Return the newest undamaged state; None where there is no file."""
    damaged = []
    for path in snapshots._saved_files(folder, name):
        try:
            state = states.read(path)
        except UnreadableFileError as error:
            damaged.append(f'{os.path.basename(path)} ({error})')
            continue
        if damaged:
            warnings.warn(
                f'multi_node_snapshot: {os.path.basename(path)} is loaded, since newer files are damaged: '
                f'{"; ".join(damaged)}',
                stacklevel=3,
            )
        return state
    if damaged:
        raise UnreadableFileError(
            f'multi_node_snapshot: no file in {folder} can be loaded: {"; ".join(damaged)}. To begin anew, move them '
            'away.'
        )
    return None


def multi_node_snapshot(comm: Any, snapshot: Any, replica_sets: Any) -> MultiNodeSnapshot:
    """Make an extension by which several ranks save one file, and resume from it.

    Parameters and optimizers are in the file once; random states, orders of examples and whatever else differs are
    there for every rank. With `autoload=True` a run that is started on as many ranks goes on bit for bit. On another
    number of ranks parameters and optimizers are as saved, and iterators go on at the same part of the epoch, in a new
    order; a warning says so. One process can load the file as any snapshot.

    Args:
        comm (MpiCommunicator): the ranks, which all add the extension, with the same trigger.
        snapshot: what `extensions.snapshot()` or `snapshot_object()` returned: name, writer, `n_retains`, `autoload`.
        replica_sets (list): lists of ranks that share a file, which the lowest of them writes: `[range(comm.size)]`
            for one file of all. A rank that is in no list has a file of its own. With several files, the rank that
            writes it is added to a name: `snapshot_iter_100.2`.

    Returns:
        The extension.

    Raises:
        ValueError: when a rank is in two lists, or does not exist.

    Example:
        >>> from chaingrad import multi_node
        >>> from chaingrad.training import extensions
        >>> comm = multi_node.create_communicator()
        >>> snapshot = extensions.snapshot(n_retains=2, autoload=True)
        >>> multi_node.extensions.multi_node_snapshot(comm, snapshot, [range(comm.size)]).trigger
        (1, 'epoch')

    Source: ChainerMN's `multi_node_snapshot`; there the replicas loaded the random state and order of the first.
    """
    return MultiNodeSnapshot(comm, snapshot, replica_sets)
