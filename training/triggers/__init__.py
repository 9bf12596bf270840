"""Triggers: when an extension is called and when training stops."""

import typing as _typing

from chaingrad.autograd.advice import module_getattr as _module_getattr
from chaingrad.training.triggers.best_value import BestValueTrigger, MaxValueTrigger, MinValueTrigger
from chaingrad.training.triggers.early_stopping import EarlyStoppingTrigger
from chaingrad.training.triggers.interval import IntervalTrigger, get_trigger
from chaingrad.training.triggers.schedule import ManualScheduleTrigger, OnceTrigger, TimeTrigger
from chaingrad.training.triggers.time_limit import TimeLimitTrigger

__all__ = [
    'BestValueTrigger',
    'EarlyStoppingTrigger',
    'IntervalTrigger',
    'ManualScheduleTrigger',
    'MaxValueTrigger',
    'MinValueTrigger',
    'OnceTrigger',
    'TimeLimitTrigger',
    'TimeTrigger',
    'get_trigger',
]


if not _typing.TYPE_CHECKING:  # a type checker that saw it would accept every name
    __getattr__ = _module_getattr(__name__, __all__)
