"""The extension that keeps the best model of a training run and restores it at the end."""

from __future__ import annotations

import os
from types import TracebackType

from chaingrad.links.link import Link
from chaingrad.links.serializer import AbstractSerializer
from chaingrad.links.serializers.npz import save_npz
from chaingrad.training.extension import Extension
from chaingrad.training.extensions.moving_average import copy_model
from chaingrad.training.trainer import Trainer
from chaingrad.training.triggers.best_value import MaxValueTrigger, MinValueTrigger
from chaingrad.training.triggers.interval import TriggerLike


class KeepBest(Extension):
    """Keep the model of the interval in which a reported value was best, also in a file, and restore it at the end.

    When the run ends, by its stop trigger or by a signal, the model has the best parameters again; after an error it
    stays as it is. The trainer's snapshots hold both the best model and the latest state, so a run can be resumed from
    the snapshot alone.

    Args:
        target (Link): the model.
        key (str): name of the value, as reported: `'validation/main/loss'`.
        mode (str): `'max'` if larger is better, `'min'` if smaller is, `'auto'` for `'max'` when the key contains
            "accuracy" and `'min'` otherwise.
        trigger (trigger or tuple): the interval over which the value is averaged.
        filename (str): name of the file in the trainer's folder; None for no file.
        restore (bool): whether to restore the best parameters when the run ends.

    Raises:
        TypeError: when the target is not a link.
        ValueError: when the mode is unknown.
        KeyError: when an interval ends and the value was never reported in it; names those that were.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad.training import extensions
        >>> extensions.KeepBest(L.Linear(2, 1), 'validation/main/accuracy')
        KeepBest(Linear, 'validation/main/accuracy', mode='max', best_value=None)
    """

    trigger = (1, 'iteration')
    priority = 0  # after extensions that report and edit values, before snapshots

    def __init__(
        self,
        target: Link,
        key: str,
        *,
        mode: str = 'auto',
        trigger: TriggerLike = (1, 'epoch'),
        filename: str | None = 'best_model.npz',
        restore: bool = True,
    ) -> None:
        if not isinstance(target, Link):
            raise TypeError(f'KeepBest: target must be a Link, but it is a {type(target).__name__}.')
        triggers = {'max': MaxValueTrigger, 'min': MinValueTrigger}
        if mode not in ('auto', *triggers):
            raise ValueError(f"KeepBest: mode must be 'auto', 'max' or 'min', but it is {mode!r}.")
        self._key = key
        self._target = target
        if mode == 'auto':
            mode = 'max' if 'accuracy' in key else 'min'
        self._mode = mode
        self._best_trigger = triggers[self._mode](key, trigger)
        self._filename = filename
        self._restore = restore
        self._failed = False
        self.model: Link | None = None
        self.iteration: int | None = None

    @property
    def best_value(self) -> float | None:
        """Return the best value so far; `model` is a copy of the model at that time, `iteration` the time."""
        return self._best_trigger._best_value

    def __call__(self, trainer: Trainer) -> None:
        """Add the value to the mean; at the end of an interval that is the best so far, keep the model."""
        if not self._best_trigger(trainer):
            return
        if self.model is None:
            self.model = copy_model(self._target)
        else:
            self.model.copyparams(self._target)
        self.iteration = trainer.updater.iteration
        if self._filename is not None:
            save_npz(os.path.join(trainer.out, self._filename), self.model)

    def on_error(self, trainer: Trainer, exc: BaseException, tb: TracebackType | None) -> None:
        """Note the error, so that `finalize` leaves the model as it is."""
        self._failed = True

    def finalize(self) -> None:
        """Restore the best parameters."""
        if self._restore and self.model is not None and not self._failed:
            self._target.copyparams(self.model)

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the best model, its value and the sums of the unfinished interval."""
        self._best_trigger.serialize(serializer['trigger'])
        iteration = serializer('iteration', self.iteration)
        self.iteration = None if iteration is None else int(iteration)
        if self.iteration is not None:
            if self.model is None:
                self.model = copy_model(self._target)
            self.model.serialize(serializer['model'])

    def __repr__(self) -> str:
        name = type(self._target).__name__
        return f'KeepBest({name}, {self._key!r}, mode={self._mode!r}, best_value={self.best_value})'
