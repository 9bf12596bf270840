"""The extensions that save the run, or a part of it, while it goes on."""

from __future__ import annotations

import functools
import os
import re
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from chaingrad.links.serializers.dictionary import DictionarySerializer
from chaingrad.links.serializers.files import TEMPORARY_PREFIX
from chaingrad.links.serializers.loading import UnreadableFileError
from chaingrad.links.serializers.npz import load_npz, save_npz
from chaingrad.training.extension import Extension
from chaingrad.training.extensions.snapshot_writers import SimpleWriter, Writer
from chaingrad.training.triggers.best_value import BestValueTrigger


def snapshot(
    savefun: Any = None,
    filename: str | Callable[[Any], str] = 'snapshot_iter_{.updater.iteration}',
    *,
    target: Any = None,
    condition: Callable[[], bool] | None = None,
    writer: Writer | None = None,
    snapshot_on_error: bool = False,
    n_retains: int = -1,
    autoload: bool = False,
) -> _Snapshot:
    """Make an extension that saves the trainer, once per epoch unless another trigger is given.

    A run that goes on from such a file ends with the same numbers as one that was never interrupted. To go on, make
    the same trainer and pass `autoload=True`, or call `load_npz(path, trainer)` before `run`. A file is written under
    a temporary name and renamed when it is complete. When SIGINT or SIGTERM ends the run, the state is saved under the
    usual name, unless the trigger is one of best values.

    Args:
        savefun: Called with path and state; writes the file. Default: `save_npz`.
        filename: Name of the file in the trainer's folder: a format of the trainer, or a function of it.
        target: What is saved. Default: the trainer.
        condition: Called before saving; nothing is saved if it returns False.
        writer: Writes the file, perhaps beside the training; see `snapshot_writers`.
        snapshot_on_error: Whether to save when the loop fails. The file may hold half an iteration.
        n_retains: How many files to keep; older ones are removed once the new one is seen to be good. -1 keeps all.
        autoload: Whether to load the newest file of that name that is undamaged, before training begins.

    Returns:
        The extension.

    Raises:
        TypeError: Both savefun and writer are given.
        ValueError: `n_retains` or `autoload` is asked of a file name that is a function.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.snapshot(filename='snapshot_epoch_{.updater.epoch}', n_retains=3, autoload=True)
        snapshot(filename='snapshot_epoch_{.updater.epoch}', n_retains=3, autoload=True)
    """
    return _Snapshot(target, condition, writer, filename, snapshot_on_error, n_retains, autoload, savefun)


def snapshot_object(target: Any, filename: str | Callable[[Any], str], savefun: Any = None, **kwargs: Any) -> _Snapshot:
    """Make an extension that saves an object, such as a model, once per epoch unless another trigger is given.

    Args:
        target: What is saved: anything with a method `serialize`.
        filename: Name of the file in the trainer's folder: a format of the trainer, or a function of it.
        savefun: Called with path and state; writes the file. Default: `save_npz`.
        kwargs: `condition`, `writer`, `snapshot_on_error`, `n_retains`, `autoload` as of `snapshot`.

    Returns:
        The extension.

    Raises:
        TypeError: Both savefun and writer are given, or a keyword is unknown.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad.training import extensions
        >>> extensions.snapshot_object(L.Linear(2, 1), 'model_{.updater.epoch}.npz')
        snapshot_object(Linear, filename='model_{.updater.epoch}.npz', n_retains=-1, autoload=False)
    """
    return snapshot(savefun, filename, target=target, **kwargs)


class _Snapshot(Extension):
    """Save an object when triggered; `snapshot` and `snapshot_object` make it."""

    trigger = (1, 'epoch')
    priority = -100  # after all others, so that the file holds what they did

    def __init__(
        self,
        target: Any,
        condition: Callable[[], bool] | None,
        writer: Writer | None,
        filename: str | Callable[[Any], str],
        snapshot_on_error: bool,
        n_retains: int,
        autoload: bool,
        savefun: Any,
    ) -> None:
        if savefun is not None and writer is not None:
            raise TypeError(
                'snapshot: savefun and writer arguments cannot be specified together. Give the writer savefun.'
            )
        if callable(filename) and (n_retains > 0 or autoload):
            raise ValueError(
                'snapshot: n_retains and autoload need a filename that is a format, such as '
                "'snapshot_iter_{.updater.iteration}', but it is a function: older files cannot be recognised."
            )
        self._target = target
        self._condition = condition
        self._writer = SimpleWriter(savefun or save_npz) if writer is None else writer
        self._filename = filename
        self._snapshot_on_error = snapshot_on_error
        self._n_retains = n_retains
        self.autoload = autoload
        self._saved_at: int | None = None

    def initialize(self, trainer: Any) -> None:
        """Remove what a killed run left half written, and load the newest good file if `autoload` is set."""
        folder = os.fspath(trainer.out)
        _remove_leftovers(folder)
        if self.autoload:
            self._load(folder, trainer if self._target is None else self._target)
        if self._n_retains > 0:
            hook = functools.partial(_remove_old, folder, self._filename, self._n_retains)
            self._writer._add_cleanup_hook(hook)

    def _load(self, folder: str, target: Any) -> None:
        damaged = []
        for path in _saved_files(folder, self._filename):
            name = os.path.basename(path)
            try:
                load_npz(path, target)
                break
            except UnreadableFileError as error:
                damaged.append(f'{name} ({error})')
        else:
            if damaged:
                raise UnreadableFileError(
                    f'snapshot: no file in {folder} can be loaded: {"; ".join(damaged)}. To begin anew, move them away.'
                )
            return
        if damaged:
            warnings.warn(
                f'snapshot: {name} was loaded, since newer files are damaged: {"; ".join(damaged)}', stacklevel=2
            )

    def __call__(self, trainer: Any) -> None:
        """Save, if the condition holds."""
        if self._condition is None or self._condition():
            self._save(trainer)

    def _save(self, trainer: Any) -> None:
        serializer = DictionarySerializer()
        serializer.save(trainer if self._target is None else self._target)
        state = serializer.target
        if type(self._writer) is not SimpleWriter:  # training goes on while it is written
            state = {key: np.array(value) for key, value in state.items()}
        filename = self._filename(trainer) if callable(self._filename) else self._filename.format(trainer)
        self._writer(filename, os.fspath(trainer.out), state)
        self._saved_at = trainer.updater.iteration

    def save_on_stop(self, trainer: Any, trigger: Any) -> bool:
        """Save the run because a signal ends it; return whether it is saved."""
        if self._target is not None or isinstance(trigger, BestValueTrigger):
            return False  # a part of the run, or the best state: not to be replaced by the last one
        if self._saved_at != trainer.updater.iteration or trainer.is_interrupted:
            self._save(trainer)
        return True

    def on_error(self, trainer: Any, exc: BaseException, tb: Any) -> None:
        """Save, if that is asked for."""
        if self._snapshot_on_error:
            self._save(trainer)

    def finalize(self) -> None:
        """Wait until all is written."""
        self._writer.finalize()

    def __repr__(self) -> str:
        made_by = 'snapshot(' if self._target is None else f'snapshot_object({type(self._target).__name__}, '
        return f'{made_by}filename={self._filename!r}, n_retains={self._n_retains}, autoload={self.autoload})'


def _saved_files(folder: str, filename: str) -> list[str]:
    """Return the paths of the files that a format of names has made, the newest first.

    The numbers in the names decide, then the time of writing: a copy of a folder has other times.
    """
    folder, filename = os.path.split(os.path.join(folder, filename))
    if not os.path.isdir(folder):
        return []
    parts = re.split(r'\{[^{}]*\}', filename.replace('{{', '\0').replace('}}', '\1'))
    pattern = re.compile('(.+)'.join(re.escape(p.replace('\0', '{').replace('\1', '}')) for p in parts))
    found = []
    for name in os.listdir(folder):
        match = pattern.fullmatch(name)
        path = os.path.join(folder, name)
        if match and not name.startswith(TEMPORARY_PREFIX) and os.path.isfile(path):
            numbers = [float(part) if re.fullmatch(r'\d+(\.\d+)?', part) else -1.0 for part in match.groups()]
            found.append((numbers, os.stat(path).st_mtime_ns, path))
    return [path for _, _, path in sorted(found, reverse=True)]


def _remove_old(folder: str, filename: str, n_retains: int) -> None:
    for path in _saved_files(folder, filename)[n_retains:]:
        os.unlink(path)


def _remove_leftovers(folder: str) -> None:
    """Remove temporary files of processes that are no more."""
    for name in os.listdir(folder):
        match = re.match(re.escape(TEMPORARY_PREFIX) + r'(\d+)-', name)
        if match and not _is_alive(int(match[1])):
            try:
                os.unlink(os.path.join(folder, name))
            except OSError:  # in use, or of another user
                pass


def _is_alive(pid: int) -> bool:
    if sys.platform == 'win32':
        return False  # signal 0 would end the process; a file in use cannot be removed anyway
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
