"""The lines that a Trainer writes to stderr: where a run begins, that it has ended, why it fails, how to go on."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from typing import Any

_RESUME_OPTION = re.compile(r"""add_argument\(([^()]*['"]--resume['"][^()]*)\)""")


def write(text: str) -> None:
    """Write a line to stderr.

    Args:
        text: the line.
    """
    sys.stderr.write(f'{text}\n')
    sys.stderr.flush()


def goes_on(trainer: Any) -> str:
    """Return the line for a resumed run.

    Args:
        trainer: the Trainer, after its snapshot was loaded.
    """
    files = [getattr(entry.extension, 'loaded_path', None) for entry in trainer._order]
    source = next((f' from {path}' for path in files if path is not None), '')
    return f'Trainer: goes on{source} at {_where(trainer)}.'


def has_ended(trainer: Any) -> str:
    """Return the line for a resumed run that has nothing left to do.

    Args:
        trainer: the Trainer.
    """
    return (
        f'Trainer: the run is finished: its stop trigger has fired at {_where(trainer)}. Give a later one to train '
        'further.'
    )


def fails(error: BaseException) -> str:
    """Return the line for an exception of the loop, before the extensions are finalized: one of them may hang.

    Args:
        error: the exception, which is raised and printed with its traceback afterwards.
    """
    first = str(error).partition('\n')[0]
    return (
        f'Exception in main training loop: {type(error).__name__}: {first} '
        '(will finalize trainer extensions and updater before reraising the exception)'
    )


def saved(paths: Iterable[str], autoload: bool) -> str:
    """Return what is said of a run that a signal has stopped.

    Args:
        paths: the files that were saved.
        autoload: whether the same program loads them.
    """
    paths = list(paths)
    return f'saved {", ".join(paths)}; go on with {_call_to_go_on(paths[0], autoload)}'


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
