"""The checkpointer: every rank saves a file of its own, and all resume from the newest iteration that all have."""

from __future__ import annotations

import os
import re
import time
import warnings
from typing import Any

import numpy as np

from chaingrad.links.serializers.loading import UnreadableFileError
from chaingrad.links.serializers.npz import save_npz
from chaingrad.multi_node.extensions import states
from chaingrad.training.extension import Extension
from chaingrad.training.extensions.snapshot_writers import SavedState

__all__ = ['create_multi_node_checkpointer']


class _MultiNodeCheckpointer(Extension):
    """See `create_multi_node_checkpointer`."""

    trigger = (1, 'epoch')
    priority = -100

    def __init__(self, name: str, comm: Any, cp_interval: int, gc_interval: int, path: Any) -> None:
        if not name or not isinstance(name, str) or os.sep in name:
            raise ValueError(
                f'create_multi_node_checkpointer: name must be a text without {os.sep}, but it is {name!r}.'
            )
        self.name = name
        self.comm = comm
        self.cp_interval = cp_interval
        self.gc_interval = gc_interval
        self.path = None if path is None else os.fspath(path)
        self._title = name  # a Trainer sets `name` to that of the extension
        self._seconds: list[float] = []
        self._bytes: list[int] = []
        self._is_done = True

    def __call__(self, trainer: Any) -> None:
        """Save; all ranks after the same iteration."""
        self.save(trainer, trainer.updater.iteration)

    def on_error(self, trainer: Any, exc: Any, tb: Any) -> None:
        """Remember that the files are needed."""
        self._is_done = False

    def save_on_stop(self, trainer: Any, trigger: Any) -> bool:
        """Save because a signal ends the run."""
        self.save(trainer, trainer.updater.iteration)
        self._is_done = False
        return True

    def save(self, target: Any, iteration: int) -> None:
        """Save the state of this rank, and remove files that are too old.

        Args:
            target: the trainer, or another object with `serialize`.
            iteration (int): the number in the name of the file.
        """
        begin = time.perf_counter()
        folder = self._folder(target)
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, self._filename(iteration))
        state = states.collect(target)
        state[states._SIZE] = np.asarray(self.comm.size)
        save_npz(path, SavedState(states.with_digests(state)))
        self._seconds.append(time.perf_counter() - begin)
        self._bytes.append(os.path.getsize(path))
        own = self._iterations(folder).get(self.comm.rank, [])
        if len(own) - self.cp_interval >= self.gc_interval:
            everywhere = set.intersection(*map(set, self.comm.allgather_obj(own)))
            keep = set(sorted(everywhere)[-self.cp_interval :])
            for each in own:
                if each not in keep:
                    os.unlink(os.path.join(folder, self._filename(each)))

    def maybe_load(self, trainer: Any, optimizer: Any = None, path: Any = None) -> int | None:
        """Load the newest iteration that all ranks have, if there is one; call it before `trainer.run()`.

        Args:
            trainer: the trainer, or another object with `serialize`.
            optimizer: accepted, for programs of the reference.
            path: folder; None for that of the checkpointer, or the trainer's.

        Returns:
            The iteration, or None.
        """
        folder = self._folder(trainer) if path is None else os.fspath(path)
        found = self._iterations(folder)
        readable = {i: self._read(folder, i) for i in found.get(self.comm.rank, [])[-self.cp_interval :]}
        mine = sorted(i for i, state in readable.items() if state is not None)
        common = set.intersection(*map(set, self.comm.allgather_obj(mine)))
        if common:
            iteration = max(common)
            state = readable[iteration]
            saved = states.saved_size(state)
        else:
            iteration, state, saved = self._of_fewer_ranks(folder, found)
        if state is None:
            return None
        if saved == self.comm.size:
            state = {key: value for key, value in state.items() if key != states._SIZE}
            states.load(state, trainer, 0, 1)
        else:
            if self.comm.rank == 0:
                warnings.warn(states.other_number(f'checkpointer {self._title}', saved, self.comm.size), stacklevel=2)
            states.load({**state, states._SIZE: np.asarray(saved)}, trainer, self.comm.rank, self.comm.size)
        return iteration

    def _of_fewer_ranks(self, folder: str, found: dict[int, list[int]]) -> tuple[Any, Any, int]:
        """Return the newest state of rank 0, where not all ranks have files."""
        latest: tuple[Any, Any, int] = (None, None, 1)
        if self.comm.rank == 0:
            for iteration in reversed(found.get(0, [])):
                state = self._read(folder, iteration)
                if state is not None:
                    latest = (iteration, state, states.saved_size(state))
                    break
        return self.comm.bcast_obj(latest)

    def _read(self, folder: str, iteration: int) -> Any:
        try:
            return states.read(os.path.join(folder, self._filename(iteration)))
        except UnreadableFileError as error:
            warnings.warn(f'checkpointer {self._title}: {error}', stacklevel=3)
            return None

    def finalize(self) -> None:
        """Remove the files of a run that has come to its end, as the reference does."""
        if self._is_done and self.path is not None:
            for iteration in self._iterations(self.path).get(self.comm.rank, []):
                os.unlink(os.path.join(self.path, self._filename(iteration)))

    def get_stats(self) -> dict[str, Any]:
        """Return the number of files saved, and the seconds and bytes that they took."""
        return {'saves': len(self._seconds), 'seconds': sum(self._seconds), 'bytes': sum(self._bytes)}

    def _folder(self, target: Any) -> str:
        if self.path is None:
            self.path = os.fspath(getattr(target, 'out', '.'))
        return self.path

    def _filename(self, iteration: int) -> str:
        return f'{self._title}.{self.comm.rank}.{iteration}'

    def _iterations(self, folder: str) -> dict[int, list[int]]:
        """Return the iterations of the files in a folder, by rank, sorted."""
        found: dict[int, list[int]] = {}
        pattern = re.compile(re.escape(self._title) + r'\.(\d+)\.(\d+)')
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            match = pattern.fullmatch(name)
            if match:
                found.setdefault(int(match[1]), []).append(int(match[2]))
        return {rank: sorted(iterations) for rank, iterations in found.items()}


def create_multi_node_checkpointer(
    name: str, comm: Any, cp_interval: int = 5, gc_interval: int = 5, path: Any = None
) -> _MultiNodeCheckpointer:
    """Make an extension that saves the state of every rank in a file of its own, against failures.

    `checkpointer.maybe_load(trainer)` before `run()` loads the newest iteration that all ranks have undamaged. A run
    that comes to its end removes its files, as in the reference; for models to keep there is `multi_node_snapshot`.

    Args:
        name (str): name of the run; the files are `<name>.<rank>.<iteration>`.
        comm (MpiCommunicator): the ranks, which all add the extension, with the same trigger.
        cp_interval (int): number of files of each rank to keep.
        gc_interval (int): how many more there may be until old ones are removed.
        path: folder, which may be a local disk of each machine; None for the trainer's.

    Returns:
        The extension.

    Raises:
        ValueError: when the name cannot be that of a file.

    Example:
        >>> from chaingrad import multi_node
        >>> multi_node.create_multi_node_checkpointer('mnist', multi_node.create_communicator()).get_stats()
        {'saves': 0, 'seconds': 0, 'bytes': 0}

    Source: ChainerMN's `create_multi_node_checkpointer`.
    """
    return _MultiNodeCheckpointer(name, comm, cp_interval, gc_interval, path)
