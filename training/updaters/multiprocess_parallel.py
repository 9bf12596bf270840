"""A name of Chainer that only says what to use instead."""

from __future__ import annotations

from typing import Any

from chaingrad.training.dataset.convert import concat_examples
from chaingrad.training.updaters.standard import StandardUpdater

_ADVICE = (
    'MultiprocessParallelUpdater: it needs several GPUs of one machine and NCCL, which chaingrad does not drive. '
    'Use ParallelUpdater for several devices of one process, or train in several processes, each with a part of the '
    'dataset and a StandardUpdater, and average the gradients between them.'
)


class MultiprocessParallelUpdater(StandardUpdater):
    """Refuse: training with one process per GPU of one machine is not available.

    Raises:
        RuntimeError: always; it says what to use instead.

    Example:
        >>> from chaingrad.training.updaters import MultiprocessParallelUpdater
        >>> MultiprocessParallelUpdater.available()
        False
    """

    def __init__(
        self,
        iterators: Any,
        optimizer: Any,
        converter: Any = concat_examples,
        devices: Any = None,
        auto_new_epoch: bool = True,
    ) -> None:
        raise RuntimeError(_ADVICE)

    @staticmethod
    def available() -> bool:
        """Return False."""
        return False

    def setup_workers(self) -> None:
        """Refuse."""
        raise RuntimeError(_ADVICE)

    def update_core(self) -> None:
        """Refuse."""
        raise RuntimeError(_ADVICE)

    def finalize(self) -> None:
        """Do nothing."""
