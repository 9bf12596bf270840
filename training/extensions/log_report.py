"""The extension that keeps the log of a training run."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Sequence
from typing import Any

from chaingrad.links.reporter import DictSummary
from chaingrad.links.serializer import AbstractSerializer, Serializer
from chaingrad.training.extension import Extension
from chaingrad.training.extensions.output import html_log, write_text
from chaingrad.training.trainer import Trainer
from chaingrad.training.triggers.interval import TriggerLike, get_trigger


class LogReport(Extension):
    """Average the reported values over intervals and write them to a log file.

    The file is a JSON list with one object per interval: the means, and `epoch`, `iteration` and `elapsed_time` in
    seconds. It is rewritten at the end of every interval, through a temporary file that replaces it. NaN and infinity
    are written as `null`. In a notebook the extension is displayed as a table.

    Args:
        keys (sequence): names of the values to keep. Default: all that are reported.
        trigger (trigger or tuple): the interval.
        postprocess (callable): called with the dict of every interval before it is added to the log; it may change it.
        filename (str): name of the file in the trainer's folder; may contain fields such as `{iteration}`.
        log_name (str): old name of `filename`; None for no file.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.LogReport(trigger=(100, 'iteration'))
        LogReport(trigger=IntervalTrigger(100, 'iteration'), filename='log')
    """

    def __init__(
        self,
        keys: Sequence[str] | None = None,
        trigger: TriggerLike = (1, 'epoch'),
        postprocess: Callable[[dict[str, Any]], Any] | None = None,
        filename: str | None = None,
        *,
        log_name: str | None = 'log',
    ) -> None:
        self._keys = keys
        self._trigger = get_trigger(trigger)
        self._postprocess = postprocess
        self._filename = log_name if filename is None else filename
        self._log: list[dict[str, Any]] = []
        self._init_summary()

    def _init_summary(self) -> None:
        self._summary = DictSummary()

    def __call__(self, trainer: Trainer) -> None:
        """Add the reported values to the means; at the end of an interval add the means to the log."""
        observation = trainer.observation
        if self._keys is not None:
            observation = {key: observation[key] for key in self._keys if key in observation}
        self._summary.add(observation)
        if self._trigger(trainer) or trainer.is_before_training:
            self._end_interval(trainer)

    def _end_interval(self, trainer: Trainer) -> None:
        entry: dict[str, Any] = {name: float(mean) for name, mean in self._summary.compute_mean().items()}
        self._init_summary()
        entry['epoch'] = trainer.updater.epoch
        entry['iteration'] = trainer.updater.iteration
        entry['elapsed_time'] = trainer.elapsed_time
        if self._postprocess is not None:
            self._postprocess(entry)
        self._log.append(entry)
        if self._filename is not None:
            path = os.path.join(trainer.out, self._filename.format(**entry))
            write_text(path, json.dumps(_without_nan(self._log), indent=4, allow_nan=False))

    @property
    def log(self) -> list[dict[str, Any]]:
        """Return the log so far, one dict per interval."""
        return self._log

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the log and the sums of the unfinished interval."""
        if hasattr(self._trigger, 'serialize'):
            self._trigger.serialize(serializer['_trigger'])
        self._summary.serialize(serializer['_summary'])
        if isinstance(serializer, Serializer):
            serializer('_log', json.dumps(self._log))
        else:
            self._log = json.loads(serializer('_log', ''))

    def _repr_html_(self) -> str:
        columns: list[str] = []
        for entry in self._log:
            columns += [name for name in entry if name not in columns]
        return html_log(columns, self._log)

    def __repr__(self) -> str:
        return f'LogReport(trigger={self._trigger!r}, filename={self._filename!r})'


def _without_nan(value: Any) -> Any:
    """Return the value with None for NaN and infinity, which JSON does not have."""
    if isinstance(value, dict):
        return {key: _without_nan(v) for key, v in value.items()}
    if isinstance(value, list):
        return [_without_nan(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
