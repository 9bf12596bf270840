"""Updaters, which make the iterations of training."""

from chaingrad.training.updaters.multiprocess_parallel import MultiprocessParallelUpdater
from chaingrad.training.updaters.parallel import ParallelUpdater
from chaingrad.training.updaters.standard import StandardUpdater
from chaingrad.training.updaters.updater import Updater

__all__ = ['MultiprocessParallelUpdater', 'ParallelUpdater', 'StandardUpdater', 'Updater']
