"""Triggers that fire when a reported value is the best so far."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chaingrad.autograd.advice import habits
from chaingrad.links.reporter import DictSummary
from chaingrad.links.serializer import AbstractSerializer
from chaingrad.training.triggers.interval import TriggerLike, get_trigger

if TYPE_CHECKING:
    from chaingrad.training.trainer import Trainer


class BestValueTrigger:
    """Fire when the mean of a reported value over an interval is better than in every interval before.

    Args:
        key (str): name of the value, as reported: `'validation/main/accuracy'`.
        compare (callable): called with the best mean so far and the new mean; returns whether the new one is better.
        trigger (trigger or tuple): the interval.

    Raises:
        KeyError: when the interval ends and the value was never reported in it; names those that were.

    Example:
        >>> from chaingrad.training.triggers import BestValueTrigger
        >>> BestValueTrigger('main/loss', lambda best, new: new < best)
        BestValueTrigger('main/loss', trigger=IntervalTrigger(1, 'epoch'))
    """

    def __init__(self, key: str, compare: Callable[[float, float], bool], trigger: TriggerLike = (1, 'epoch')) -> None:
        self._key = key
        self._compare = compare
        self._best_value: float | None = None
        self._interval_trigger = get_trigger(trigger)
        self._summary = DictSummary()

    def __call__(self, trainer: Trainer) -> bool:
        """Add the latest value to the mean; at the end of an interval return whether the mean is the best so far."""
        observation = trainer.observation
        key = self._key
        if key in observation:
            self._summary.add({key: observation[key]})
        if not self._interval_trigger(trainer):
            return False
        value = mean_of(self._summary, key, type(self).__name__, observation)
        self._summary = DictSummary()
        if math.isnan(value):  # it is never the best: nothing would be better than it
            return False
        if self._best_value is not None and not self._compare(self._best_value, value):
            return False
        self._best_value = value
        return True

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the best value and the sums of the unfinished interval."""
        if hasattr(self._interval_trigger, 'serialize'):
            self._interval_trigger.serialize(serializer['interval_trigger'])
        self._summary.serialize(serializer['summary'])
        best = serializer('best_value', self._best_value)
        self._best_value = None if best is None else float(best)

    def __repr__(self) -> str:
        return f'{type(self).__name__}({self._key!r}, trigger={self._interval_trigger!r})'


def mean_of(summary: DictSummary, key: str, who: str, observation: dict[str, Any]) -> float:
    """Return the mean of a reported value, or raise a KeyError that names what was reported."""
    means = summary.compute_mean()
    if key not in means:
        known = ', '.join(map(repr, observation)) or 'nothing'
        raise KeyError(
            f'{who}: {key!r} was not reported in this interval; reported with the last iteration: {known}. '
            'Values of an Evaluator begin with its name: validation/main/loss.'
            f'{habits().did_you_mean(key, observation)}'
        )
    return float(means[key])


class MaxValueTrigger(BestValueTrigger):
    """Fire when the mean of a reported value over an interval is larger than ever before.

    Args:
        key (str): name of the value, as reported.
        trigger (trigger or tuple): the interval.

    Example:
        >>> from chaingrad.training.triggers import MaxValueTrigger
        >>> MaxValueTrigger('validation/main/accuracy')
        MaxValueTrigger('validation/main/accuracy', trigger=IntervalTrigger(1, 'epoch'))
    """

    def __init__(self, key: str, trigger: TriggerLike = (1, 'epoch')) -> None:
        super().__init__(key, operator.lt, trigger)


class MinValueTrigger(BestValueTrigger):
    """Fire when the mean of a reported value over an interval is smaller than ever before.

    Args:
        key (str): name of the value, as reported.
        trigger (trigger or tuple): the interval.

    Example:
        >>> from chaingrad.training.triggers import MinValueTrigger
        >>> MinValueTrigger('validation/main/loss')
        MinValueTrigger('validation/main/loss', trigger=IntervalTrigger(1, 'epoch'))
    """

    def __init__(self, key: str, trigger: TriggerLike = (1, 'epoch')) -> None:
        super().__init__(key, operator.gt, trigger)
