"""The trigger that stops training when a value no longer improves."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from chaingrad.autograd.advice import habits
from chaingrad.autograd.warning import warn
from chaingrad.links.reporter import DictSummary
from chaingrad.links.serializer import AbstractSerializer
from chaingrad.training.triggers.interval import TriggerLike, get_trigger

if TYPE_CHECKING:
    from chaingrad.training.trainer import Trainer
    from chaingrad.training.updaters.updater import Updater

_COMPARE = {'max': operator.gt, 'min': operator.lt}


class EarlyStoppingTrigger:
    """Fire when a reported value has not improved for some intervals; a stop trigger.

    Args:
        check_trigger (trigger or tuple): the interval over which the value is averaged.
        monitor (str): name of the value, as reported.
        patience (int): number of intervals without improvement after which it fires.
        mode (str): `'max'` if larger is better, `'min'` if smaller is, `'auto'` to take `'max'` for accuracies.
        verbose (bool): whether to print a line when training stops early.
        max_trigger (trigger or tuple): ends training in any case; it gives the length that progress bars show.
        patients (int): old name of `patience`.

    Raises:
        ValueError: when the mode is unknown.
        TypeError: when both `patience` and `patients` are given.

    Example:
        >>> from chaingrad.training.triggers import EarlyStoppingTrigger
        >>> EarlyStoppingTrigger(monitor='validation/main/loss', patience=5).get_training_length()
        (100, 'epoch')
    """

    def __init__(
        self,
        check_trigger: TriggerLike = (1, 'epoch'),
        monitor: str = 'main/loss',
        patience: int | None = None,
        mode: str = 'auto',
        verbose: bool = False,
        max_trigger: TriggerLike = (100, 'epoch'),
        *,
        patients: int | None = None,
    ) -> None:
        if mode not in ('auto', *_COMPARE):
            raise ValueError(f"EarlyStoppingTrigger: mode must be 'auto', 'max' or 'min', but it is {mode!r}.")
        if patience is not None and patients is not None:
            raise TypeError(
                f'EarlyStoppingTrigger: patience ({patience}) and patients ({patients}) are one argument under two '
                'names. Give patience alone.'
            )
        if patience is None:
            patience = 3 if patients is None else patients
        self.patience = patience
        self.count = 0
        self.monitor = monitor
        self.verbose = verbose
        if mode == 'auto':
            mode = 'max' if 'accuracy' in monitor else 'min'
        self.mode = mode
        self.best = float('-inf') if self.mode == 'max' else float('inf')
        self._summary = DictSummary()
        self._interval_trigger = get_trigger(check_trigger)
        self._max_trigger = get_trigger(max_trigger)

    def __call__(self, trainer: Trainer) -> bool:
        """Add the latest value to the mean; at the end of an interval return whether training should stop."""
        observation = trainer.observation
        if self.monitor in observation:
            self._summary.add({self.monitor: observation[self.monitor]})
        at_the_end = self._max_trigger(trainer)
        interval_ends = self._interval_trigger(trainer)
        if at_the_end or not interval_ends:
            return at_the_end
        means = self._summary.compute_mean()
        if self.monitor not in means:
            known = ', '.join(map(repr, observation)) or 'nothing'
            warn(
                f'EarlyStoppingTrigger: {self.monitor!r} was not reported in this interval, so it cannot stop the '
                f'training; reported with the last iteration: {known}.'
                f'{habits().did_you_mean(self.monitor, observation) or " Values of an Evaluator begin with its name."}',
            )
            return False
        self._summary = DictSummary()
        return self._has_lost_patience(float(means[self.monitor]), trainer.updater)

    def _has_lost_patience(self, value: float, updater: Updater) -> bool:
        if _COMPARE[self.mode](value, self.best):
            self.best = value
            self.count = 0
        else:
            self.count += 1
        if self.count < self.patience:
            return False
        if self.verbose:
            print(f'Epoch {updater.epoch}: early stopping, {self.monitor} is not better than {self.best:g}')
        return True

    def get_training_length(self) -> tuple[float, str]:
        """Return the length of the training if it does not stop early."""
        return self._max_trigger.get_training_length()

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the best value, the count and the sums; a file written by Chainer has none of them."""
        serializer = serializer['chaingrad']
        try:
            self.count = int(serializer('count', self.count))
        except KeyError:
            return
        self.best = float(serializer('best', self.best))
        self._summary.serialize(serializer['summary'])
        if hasattr(self._interval_trigger, 'serialize'):
            self._interval_trigger.serialize(serializer['interval_trigger'])
        if hasattr(self._max_trigger, 'serialize'):
            self._max_trigger.serialize(serializer['max_trigger'])

    def __repr__(self) -> str:
        return (
            f'EarlyStoppingTrigger({self._interval_trigger!r}, {self.monitor!r}, patience={self.patience}, '
            f'mode={self.mode!r}, max_trigger={self._max_trigger!r})'
        )
