"""Triggers: when an extension is called and when training stops."""

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
