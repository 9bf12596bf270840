"""Updaters, which make the iterations of training."""

import typing as _typing

from chaingrad.autograd.advice import module_getattr as _module_getattr
from chaingrad.training.updaters.multiprocess_parallel import MultiprocessParallelUpdater
from chaingrad.training.updaters.parallel import ParallelUpdater
from chaingrad.training.updaters.standard import StandardUpdater
from chaingrad.training.updaters.updater import Updater

__all__ = ['MultiprocessParallelUpdater', 'ParallelUpdater', 'StandardUpdater', 'Updater']


if not _typing.TYPE_CHECKING:  # a type checker that saw it would accept every name
    __getattr__ = _module_getattr(__name__, __all__)
