"""The extension that keeps the best model of a training and puts it back at the end."""

from __future__ import annotations

import os
from typing import Any

from chaingrad.links.link import Link
from chaingrad.links.serializers.npz import save_npz
from chaingrad.training.extension import Extension
from chaingrad.training.extensions.moving_average import copied
from chaingrad.training.triggers.best_value import MaxValueTrigger, MinValueTrigger


class KeepBest(Extension):
    """Keep the model of the interval in which a reported value was best, as a file too, and put it back at the end.

    When the run ends, by its stop trigger or by a signal, the model has the best parameters again; after an error it
    stays as it is. The best model is part of the trainer's snapshots, which hold the last state beside it, so a run can
    be resumed from a copy of the snapshot alone.

    Args:
        target: The model.
        key: Name of the value, as reported: `'validation/main/loss'`.
        mode: `'max'` if larger is better, `'min'` if smaller is, `'auto'` to take `'max'` for accuracies.
        trigger: The interval over which the value is averaged; a trigger or a tuple.
        filename: File in the trainer's folder; None for none.
        restore: Whether to put the best parameters back when the run ends.

    Raises:
        TypeError: The target is no link.
        ValueError: The mode is unknown.
        KeyError: When an interval ends and the value was never reported in it; names those that were.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad.training import extensions
        >>> extensions.KeepBest(L.Linear(2, 1), 'validation/main/accuracy')
        KeepBest(Linear, 'validation/main/accuracy', mode='max', best_value=None)
    """

    trigger = (1, 'iteration')
    priority = 0  # after what reports and edits values, before snapshots

    def __init__(
        self,
        target: Link,
        key: str,
        *,
        mode: str = 'auto',
        trigger: Any = (1, 'epoch'),
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
        self._mode = ('max' if 'accuracy' in key else 'min') if mode == 'auto' else mode
        self._best_trigger = triggers[self._mode](key, trigger)
        self._filename = filename
        self._restore = restore
        self._failed = False
        self.model: Any = None
        self.iteration: int | None = None

    @property
    def best_value(self) -> float | None:
        """Return the best value so far; `model` is a copy of the model at that time, `iteration` says when it was."""
        return self._best_trigger._best_value

    def __call__(self, trainer: Any) -> None:
        """Take in the value; at the end of an interval that is the best so far, keep the model."""
        if self._best_trigger(trainer):
            if self.model is None:
                self.model = copied(self._target)
            else:
                self.model.copyparams(self._target)
            self.iteration = trainer.updater.iteration
            if self._filename is not None:
                save_npz(os.path.join(trainer.out, self._filename), self.model)

    def on_error(self, trainer: Any, exc: BaseException, tb: Any) -> None:
        """Leave the model as the error found it."""
        self._failed = True

    def finalize(self) -> None:
        """Put the best parameters back."""
        if self._restore and self.model is not None and not self._failed:
            self._target.copyparams(self.model)

    def serialize(self, serializer: Any) -> None:
        """Save or load the best model, its value and what the unfinished interval has gathered."""
        self._best_trigger.serialize(serializer['trigger'])
        iteration = serializer('iteration', self.iteration)
        self.iteration = None if iteration is None else int(iteration)
        if self.iteration is not None:
            if self.model is None:
                self.model = copied(self._target)
            self.model.serialize(serializer['model'])

    def __repr__(self) -> str:
        name = type(self._target).__name__
        return f'KeepBest({name}, {self._key!r}, mode={self._mode!r}, best_value={self.best_value})'
