"""The base of updaters, which users subclass for other kinds of iterations."""

from __future__ import annotations

from typing import Any

from chaingrad.links.serializer import AbstractSerializer


class Updater:
    """Make the iterations of a training run: the interface that a Trainer uses.

    A subclass defines `update`, and counts the iterations in `iteration`. Triggers also read `epoch`, `epoch_detail`,
    `previous_epoch_detail` and `is_new_epoch`. Most users subclass `StandardUpdater`, which has all of them, and
    override `update_core`.

    Example:
        >>> from chaingrad.training import Updater
        >>> class Count(Updater):
        ...     iteration = 0
        ...     def get_all_optimizers(self):
        ...         return {}
        ...     def update(self):
        ...         self.iteration += 1
        >>> updater = Count()
        >>> updater.update()
        >>> updater.iteration
        1
    """

    def connect_trainer(self, trainer: Any) -> None:
        """Prepare for the trainer that uses this updater; called by `Trainer(...)`."""

    def finalize(self) -> None:
        """Release resources; called when the run ends."""

    def get_optimizer(self, name: str) -> Any:
        """Return the optimizer of this name."""
        raise NotImplementedError(f'{type(self).__name__} must define get_optimizer(self, name).')

    def get_all_optimizers(self) -> dict[str, Any]:
        """Return all optimizers, by name."""
        raise NotImplementedError(f'{type(self).__name__} must define get_all_optimizers(self).')

    def update(self) -> None:
        """Make one iteration."""
        raise NotImplementedError(f'{type(self).__name__} must define update(self), which makes one iteration.')

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the updater's state."""
        raise NotImplementedError(f'{type(self).__name__} must define serialize(self, serializer) to be in a snapshot.')
