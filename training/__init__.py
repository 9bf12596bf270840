"""Training: Trainer, updaters, triggers, extensions, iterators, datasets."""

from __future__ import annotations

import typing as _typing

from chaingrad.autograd.advice import module_getattr as _module_getattr
from chaingrad.training import extensions, triggers, updaters
from chaingrad.training.extension import (
    PRIORITY_EDITOR,
    PRIORITY_READER,
    PRIORITY_WRITER,
    Extension,
    make_extension,
)
from chaingrad.training.trainer import Trainer
from chaingrad.training.triggers import IntervalTrigger, get_trigger
from chaingrad.training.updaters import ParallelUpdater, StandardUpdater, Updater

__all__ = [
    'Extension',
    'IntervalTrigger',
    'PRIORITY_EDITOR',
    'PRIORITY_READER',
    'PRIORITY_WRITER',
    'ParallelUpdater',
    'StandardUpdater',
    'Trainer',
    'Updater',
    'extensions',
    'get_trigger',
    'make_extension',
    'triggers',
    'updaters',
]


def __dir__() -> list[str]:
    """The public names only."""
    return __all__


if not _typing.TYPE_CHECKING:  # a type checker that saw it would accept every name
    __getattr__ = _module_getattr(__name__, __all__)
