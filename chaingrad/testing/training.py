"""A trainer whose updater only counts, for tests of triggers and extensions."""

from __future__ import annotations

from typing import Any

from chaingrad.optimizers.optimizer import Optimizer
from chaingrad.training.trainer import Trainer
from chaingrad.training.updaters.updater import Updater

__all__ = ['get_trainer_with_mock_updater']


class _Counter(Updater):
    """An updater that counts iterations and epochs and updates nothing."""

    def __init__(self, iter_per_epoch: float) -> None:
        self.iter_per_epoch = iter_per_epoch
        self.iteration = 0
        self.epoch = 0
        self.epoch_detail = 0.0
        self.previous_epoch_detail = 0.0
        self.is_new_epoch = False

    def get_all_optimizers(self) -> dict[str, Optimizer]:
        return {}

    def get_optimizer(self, name: str) -> Optimizer:
        raise KeyError(f'get_optimizer: the updater of this test has no optimizer {name!r}.')

    def update(self) -> None:
        self.iteration += 1
        self._count()

    def _count(self) -> None:
        self.previous_epoch_detail = max(self.iteration - 1, 0) / self.iter_per_epoch
        self.epoch_detail = self.iteration / self.iter_per_epoch
        self.epoch = int(self.iteration // self.iter_per_epoch)
        self.is_new_epoch = self.epoch != int(self.previous_epoch_detail)

    def serialize(self, serializer: Any) -> None:
        self.iteration = int(serializer('iteration', self.iteration))
        self._count()


def get_trainer_with_mock_updater(
    stop_trigger: Any = (10, 'iteration'), iter_per_epoch: float = 10, extensions: Any = None
) -> Trainer:
    """Return a trainer that counts iterations and epochs and trains nothing.

    Args:
        stop_trigger: trigger that ends the training.
        iter_per_epoch: number of iterations of an epoch.
        extensions: extensions to add.

    Example:
        >>> from chaingrad import testing
        >>> trainer = testing.get_trainer_with_mock_updater((3, 'epoch'), iter_per_epoch=5)
        >>> trainer.run()
        >>> trainer.updater.iteration, trainer.updater.epoch
        (15, 3)
    """
    return Trainer(_Counter(iter_per_epoch), stop_trigger, extensions=extensions)
