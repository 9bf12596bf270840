"""The lines that a Trainer writes to stderr: where a run begins, that it has ended, why it fails, how to go on."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from typing import Any

_RESUME_OPTION = re.compile(r"""add_argument\(([^()]*['"]--resume['"][^()]*)\)""")


def begin(trainer: Any) -> int:
    """Say where a resumed run goes on.

    Args:
        trainer: the Trainer, after its snapshot was loaded.

    Returns:
        The number of iterations so far.
    """
    iteration: int = trainer.updater.iteration
    if iteration:
        files = [getattr(entry.extension, 'loaded_path', None) for entry in trainer._order]
        source = next((f' from {path}' for path in files if path is not None), '')
        _write(f'Trainer: goes on{source} at {_where(trainer)}.')
    return iteration


def end(trainer: Any, start: int) -> None:
    """Say of a resumed run that it had nothing left to do.

    Args:
        trainer: the Trainer.
        start: what `begin` returned.
    """
    if start and start == trainer.updater.iteration:
        what = f'the run is finished: its stop trigger has fired at {_where(trainer)}'
        _write(f'Trainer: {what}. Give a later one to train further.')


def fail(error: BaseException) -> None:
    """Name an exception of the loop before the extensions are finalized: one of them may hang.

    Args:
        error: the exception, which is raised and printed with its traceback afterwards.
    """
    first = str(error).partition('\n')[0]
    _write(
        f'Exception in main training loop: {type(error).__name__}: {first} '
        '(will finalize trainer extensions and updater before reraising the exception)'
    )


def saved(extensions: Iterable[Any]) -> str:
    """Return what is said of a run that a signal has stopped.

    Args:
        extensions: those that have saved the run.
    """
    files = [(path, extension) for extension in extensions if (path := getattr(extension, 'saved_path', None))]
    if not files:
        return ''
    autoload = any(getattr(extension, 'autoload', False) for _, extension in files)
    return f'saved {", ".join(path for path, _ in files)}; go on with {_call_to_go_on(files[0][0], autoload)}'


def _write(text: str) -> None:
    sys.stderr.write(f'{text}\n')
    sys.stderr.flush()


def _call_to_go_on(path: str, autoload: bool) -> str:
    """Return how this program goes on from a file."""
    if autoload:
        return 'the same command'
    option = _RESUME_OPTION.search(_source_of_program())
    if option is None:
        return f'extensions.snapshot(autoload=True), or with load_npz({path!r}, trainer) before trainer.run()'
    return '--resume' if 'store_true' in option[1] else f'--resume {path}'


def _source_of_program() -> str:
    """Return the text of the program that runs, where it is a file."""
    path = getattr(sys.modules.get('__main__'), '__file__', None)
    if path is None or not os.path.isfile(path):
        return ''
    with open(path, encoding='utf-8', errors='replace') as f:
        return f.read()


def _where(trainer: Any) -> str:
    updater = trainer.updater
    epoch = getattr(updater, 'epoch', None)
    return f'iteration {updater.iteration}' + ('' if epoch is None else f', epoch {epoch}')
