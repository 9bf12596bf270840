"""Extensions that add a value to the observation, such as the learning rate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chaingrad.training.extension import PRIORITY_WRITER, make_extension
from chaingrad.training.trainer import Trainer


def observe_value(observation_key: str, target_func: Callable[[Trainer], Any]) -> Callable[[Trainer], None]:
    """Make an extension that reports what a function of the trainer returns, once per epoch.

    Args:
        observation_key (str): name under which the value is reported.
        target_func (callable): called with the trainer; returns the value.

    Returns:
        The extension.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.observe_value('momentum', lambda trainer: trainer.updater.get_optimizer('main').momentum).trigger
        (1, 'epoch')
    """

    @make_extension(trigger=(1, 'epoch'), priority=PRIORITY_WRITER)
    def _observe_value(trainer: Trainer) -> None:
        trainer.observation[observation_key] = target_func(trainer)

    return _observe_value


def observe_lr(optimizer_name: str = 'main', observation_key: str = 'lr') -> Callable[[Trainer], None]:
    """Make an extension that reports an optimizer's learning rate, once per epoch.

    Args:
        optimizer_name (str): name of the optimizer in the updater.
        observation_key (str): name under which the learning rate is reported.

    Returns:
        The extension.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.observe_lr().priority
        300
    """
    return observe_value(observation_key, lambda trainer: trainer.updater.get_optimizer(optimizer_name).lr)
