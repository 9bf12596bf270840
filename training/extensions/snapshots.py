"""The extensions that save the run, or a part of it, during training."""

from __future__ import annotations

import functools
import os
import re
import sys
import time
import warnings
from collections.abc import Callable
from types import TracebackType
from typing import Any

import numpy as np

from chaingrad.links.serializers.dictionary import DictionarySerializer
from chaingrad.links.serializers.files import TEMPORARY_PREFIX
from chaingrad.links.serializers.loading import LoadError, UnreadableFileError
from chaingrad.links.serializers.npz import load_npz, save_npz
from chaingrad.training.extension import Extension
from chaingrad.training.extensions.snapshot_writers import SaveFunction, SimpleWriter, Writer
from chaingrad.training.trainer import Trainer
from chaingrad.training.triggers.best_value import BestValueTrigger
from chaingrad.training.triggers.interval import TriggerLike


def snapshot(
    savefun: SaveFunction | None = None,
    filename: str | Callable[[Trainer], str] = 'snapshot_iter_{.updater.iteration}',
    *,
    target: Any = None,
    condition: Callable[[], bool] | None = None,
    writer: Writer | None = None,
    snapshot_on_error: bool = False,
    n_retains: int = -1,
    autoload: bool = False,
) -> _Snapshot:
    """Make an extension that saves the trainer, once per epoch unless another trigger is given.

    A run that is resumed from such a file ends with the same numbers as one that was never interrupted. To resume it,
    make the same trainer and pass `autoload=True`, or call `load_npz(path, trainer)` before `run`. A file is written
    under a temporary name and renamed when it is complete. When SIGINT or SIGTERM ends the run, the state is saved
    under the usual name, unless the trigger is a `BestValueTrigger`.

    Args:
        savefun (callable): called with path and state; writes the file. Default: `save_npz`.
        filename (str or callable): name of the file in the trainer's folder: a format string for the trainer, or a
            function of it.
        target: the object that is saved, anything with a method `serialize`. Default: the trainer.
        condition (callable): called before saving; nothing is saved if it returns False.
        writer (Writer): writes the file, perhaps in parallel with training; see `snapshot_writers`.
        snapshot_on_error (bool): whether to save when the loop fails. The file may hold half an iteration.
        n_retains (int): number of files to keep; older ones are removed after the new one was checked. -1 keeps all.
        autoload (bool): whether to load the newest undamaged file of that name before training starts.

    Returns:
        The extension.

    Raises:
        TypeError: when both savefun and writer are given.
        ValueError: when `n_retains` or `autoload` is given and the file name is a function.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.snapshot(filename='snapshot_epoch_{.updater.epoch}', n_retains=3, autoload=True)
        snapshot(filename='snapshot_epoch_{.updater.epoch}', n_retains=3, autoload=True)
    """
    return _Snapshot(target, condition, writer, filename, snapshot_on_error, n_retains, autoload, savefun)


def snapshot_object(
    target: Any, filename: str | Callable[[Trainer], str], savefun: SaveFunction | None = None, **kwargs: Any
) -> _Snapshot:
    """Make an extension that saves an object, such as a model, once per epoch unless another trigger is given.

    Args:
        target: the object that is saved, anything with a method `serialize`.
        filename (str or callable): name of the file in the trainer's folder: a format string for the trainer, or a
            function of it.
        savefun (callable): called with path and state; writes the file. Default: `save_npz`.
        kwargs: `condition`, `writer`, `snapshot_on_error`, `n_retains` and `autoload`, as for `snapshot`.

    Returns:
        The extension.

    Raises:
        TypeError: when both savefun and writer are given, or a keyword is unknown.

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
    priority = -100  # after all others, so that the file has their results

    def __init__(
        self,
        target: Any,
        condition: Callable[[], bool] | None,
        writer: Writer | None,
        filename: str | Callable[[Trainer], str],
        snapshot_on_error: bool,
        n_retains: int,
        autoload: bool,
        savefun: SaveFunction | None,
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
        self.saved_path: str | None = None  # the last file
        self.loaded_path: str | None = None  # the file from which the run goes on

    def initialize(self, trainer: Trainer) -> None:
        """Remove temporary files of a killed run, and load the newest undamaged file if `autoload` is set."""
        folder = os.fspath(trainer.out)
        _remove_leftovers(folder)
        if callable(self._filename):  # older files cannot be recognised
            return
        if self.autoload:
            self.loaded_path = _load_newest(folder, self._filename, trainer if self._target is None else self._target)
        elif trainer.is_before_training and '{' in self._filename:  # a file that is always the same is replaced
            _warn_of_another_run(folder, self._filename)
        if self._n_retains > 0:
            hook = functools.partial(_remove_old, folder, self._filename, self._n_retains)
            self._writer._add_cleanup_hook(hook)

    def __call__(self, trainer: Trainer) -> None:
        """Save, if the condition holds."""
        if self._condition is None or self._condition():
            self._save(trainer)

    def _save(self, trainer: Trainer) -> None:
        serializer = DictionarySerializer()
        serializer.save(trainer if self._target is None else self._target)
        state = serializer.target
        if type(self._writer) is not SimpleWriter:  # training may go on while it is written
            state = {key: np.array(value) for key, value in state.items()}
        filename = self._filename(trainer) if callable(self._filename) else self._filename.format(trainer)
        self._writer(filename, os.fspath(trainer.out), state)
        self._saved_at = trainer.updater.iteration
        self.saved_path = os.path.join(trainer.out, filename)

    def save_on_stop(self, trainer: Trainer, trigger: TriggerLike) -> bool:
        """Save the run because a signal ends it; return whether it is saved."""
        if self._target is not None or isinstance(trigger, BestValueTrigger):
            return False  # it saves a part of the run, or the best state, which the last one must not replace
        if self._saved_at != trainer.updater.iteration or trainer.is_interrupted:
            self._save(trainer)
        return True

    def on_error(self, trainer: Trainer, exc: BaseException, tb: TracebackType | None) -> None:
        """Save, if `snapshot_on_error` is set."""
        if self._snapshot_on_error:
            self._save(trainer)

    def finalize(self) -> None:
        """Wait until everything is written."""
        self._writer.finalize()

    def __repr__(self) -> str:
        options = f'filename={self._filename!r}, n_retains={self._n_retains}, autoload={self.autoload}'
        if self._target is None:
            return f'snapshot({options})'
        return f'snapshot_object({type(self._target).__name__}, {options})'


def _load_newest(folder: str, filename: str, target: Any) -> str | None:
    """Load the newest file that is undamaged and return its path; without any file do nothing."""
    damaged = []
    for path in _saved_files(folder, filename):
        name = os.path.basename(path)
        try:
            load_npz(path, target)
        except UnreadableFileError as error:
            damaged.append(f'{name} ({error})')
            continue
        except LoadError as error:
            raise LoadError(
                f'snapshot: {name} in {folder} is of another run, whose model is not that of this one, so autoload '
                f'does not continue it. Pass another out= to the Trainer, or move the old files away. {error}',
                error.missing,
                error.misfits,
            ) from None
        if damaged:
            warnings.warn(
                f'snapshot: {name} was loaded, since newer files are damaged: {"; ".join(damaged)}', stacklevel=2
            )
        return path
    if damaged:
        raise UnreadableFileError(
            f'snapshot: no file in {folder} can be loaded: {"; ".join(damaged)}. To begin anew, move them away.'
        )
    return None


def _warn_of_another_run(folder: str, filename: str) -> None:
    """Warn when a run that begins finds the files of another one, with which its own would be mixed up."""
    paths = _saved_files(folder, filename)
    if paths:
        saved = time.strftime('%Y-%m-%d %H:%M', time.localtime(os.stat(paths[0]).st_mtime))
        warnings.warn(
            f'snapshot: {folder} holds another run, whose {len(paths)} file(s) end with {os.path.basename(paths[0])} '
            f'of {saved}; this run begins at iteration 0, replaces files of the same name, and leaves the others, '
            'which autoload and n_retains would take for its own. Pass another out= to the Trainer, or continue the '
            'old run with snapshot(autoload=True).',
            RuntimeWarning,
            stacklevel=5,
        )


def _saved_files(folder: str, filename: str) -> list[str]:
    """Return the paths of the files whose names were made from a format string, the newest first.

    They are sorted by the numbers in their names, then by time, because the copy of a folder may have other times.
    """
    folder, filename = os.path.split(os.path.join(folder, filename))
    if not os.path.isdir(folder):
        return []
    # '{{' and '}}' in a format string stand for '{' and '}'; fields are between the others.
    parts = re.split(r'\{[^{}]*\}', filename.replace('{{', '\0').replace('}}', '\1'))
    literals = [re.escape(part.replace('\0', '{').replace('\1', '}')) for part in parts]
    pattern = re.compile('(.+)'.join(literals))
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
    """Remove temporary files of processes that have ended."""
    for name in os.listdir(folder):
        match = re.match(re.escape(TEMPORARY_PREFIX) + r'(\d+)-', name)
        if match and not _is_alive(int(match[1])):
            try:
                os.unlink(os.path.join(folder, name))
            except OSError:  # it is in use, or belongs to another user
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
