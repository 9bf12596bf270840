"""Observations of all ranks: their mean at any time, and a trigger that stops all ranks together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chaingrad.training.extension import PRIORITY_EDITOR, Extension
from chaingrad.training.triggers.early_stopping import EarlyStoppingTrigger
from chaingrad.training.triggers.interval import TriggerLike, get_trigger

__all__ = ['MultiNodeEarlyStoppingTrigger', 'ObservationAggregator']


class ObservationAggregator(Extension):
    """Report on all ranks the mean of a value that each rank reports.

    Values are collected at every iteration; when `comm_trigger` fires, all that were collected travel together.

    Args:
        comm (MpiCommunicator): the ranks.
        original_key (str): name of the value, such as `'main/loss'`.
        aggregated_key (str): name of the result; None for the same name.
        comm_trigger (trigger or tuple): when the ranks exchange values.
        aggregator (callable): function of a list for each rank of its values; the mean of all when None.

    Example:
        >>> from chaingrad import multi_node
        >>> multi_node.extensions.ObservationAggregator(multi_node.create_communicator(), 'main/loss').aggregated_key
        'main/loss'

    Source: ChainerMN's `ObservationAggregator`.
    """

    trigger = (1, 'iteration')
    priority = PRIORITY_EDITOR
    name = None

    def __init__(
        self,
        comm: Any,
        original_key: str,
        aggregated_key: str | None = None,
        *,
        comm_trigger: TriggerLike = (1, 'iteration'),
        aggregator: Callable[[list[list[Any]]], Any] | None = None,
    ) -> None:
        self.comm = comm
        self.original_key = original_key
        self.aggregated_key = original_key if aggregated_key is None else aggregated_key
        self.comm_trigger = get_trigger(comm_trigger)
        self.aggregator = aggregator or _mean_of_all
        self._values: list[Any] = []

    def __call__(self, trainer: Any) -> None:
        """Collect the value, and exchange when it is time."""
        if self.original_key in trainer.observation:
            value = trainer.observation[self.original_key]
            self._values.append(np.asarray(getattr(value, 'array', value)))
        if self.comm_trigger(trainer):
            trainer.observation[self.aggregated_key] = self.compute_summary(trainer)

    def compute_summary(self, trainer: Any) -> Any:
        """Return the result of the values collected since the last exchange."""
        values, self._values = self._values, []
        return self.aggregator(self.comm.allgather_obj(values))

    def serialize(self, serializer: Any) -> None:
        """Save or load the state of the trigger."""
        if hasattr(self.comm_trigger, 'serialize'):
            self.comm_trigger.serialize(serializer['comm_trigger'])


def _mean_of_all(values: list[list[Any]]) -> Any:
    flat = [value for one in values for value in one]
    return np.mean(flat) if flat else np.nan


class MultiNodeEarlyStoppingTrigger:
    """Stop all ranks together when the mean of a value over the ranks no longer improves.

    Args:
        comm (MpiCommunicator): the ranks.
        check_trigger, monitor, patience, mode, verbose, max_trigger: as for EarlyStoppingTrigger.
        suffix (str): added to `monitor` for the name of the mean in the observation.
        **kwargs: further arguments of EarlyStoppingTrigger.

    Example:
        >>> from chaingrad import multi_node
        >>> comm = multi_node.create_communicator()
        >>> multi_node.extensions.MultiNodeEarlyStoppingTrigger(comm, patience=5).get_training_length()
        (100, 'epoch')

    Source: ChainerMN's `MultiNodeEarlyStoppingTrigger`.
    """

    def __init__(
        self,
        comm: Any,
        *,
        check_trigger: TriggerLike = (1, 'epoch'),
        monitor: str = 'main/loss',
        patience: int | None = None,
        mode: str = 'auto',
        verbose: bool = False,
        max_trigger: TriggerLike = (100, 'epoch'),
        suffix: str = '_aggregated',
        **kwargs: Any,
    ) -> None:
        self._aggregated = monitor + suffix
        self._aggregator = ObservationAggregator(comm, monitor, self._aggregated, comm_trigger=check_trigger)
        self._actual = EarlyStoppingTrigger(
            check_trigger, self._aggregated, patience, mode, verbose, max_trigger, **kwargs
        )

    def __call__(self, trainer: Any) -> bool:
        """Return whether training should stop; the same on all ranks."""
        self._aggregator(trainer)
        return self._actual(trainer)

    def get_training_length(self) -> Any:
        """Return the length of the training if it does not stop early."""
        return self._actual.get_training_length()

    def serialize(self, serializer: Any) -> None:
        """Save or load the state of the trigger."""
        self._actual.serialize(serializer)
