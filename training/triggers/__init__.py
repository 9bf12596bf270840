"""Triggers: when an extension is called and when training stops."""

from chaingrad.training.triggers.best_value import BestValueTrigger, MaxValueTrigger, MinValueTrigger
from chaingrad.training.triggers.early_stopping import EarlyStoppingTrigger
from chaingrad.training.triggers.interval import IntervalTrigger, get_trigger
from chaingrad.training.triggers.schedule import ManualScheduleTrigger, OnceTrigger, TimeTrigger

__all__ = [
    'BestValueTrigger',
    'EarlyStoppingTrigger',
    'IntervalTrigger',
    'ManualScheduleTrigger',
    'MaxValueTrigger',
    'MinValueTrigger',
    'OnceTrigger',
    'TimeTrigger',
    'get_trigger',
]
