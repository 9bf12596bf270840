"""The extension that writes the log for TensorBoard."""

from __future__ import annotations

import os
from typing import Any

from chaingrad.training.extension import Extension
from chaingrad.training.extensions.log_report import LogReport
from chaingrad.training.trainer import Trainer


class TensorBoardReport(Extension):
    """Write every entry of the log as events that TensorBoard shows: `tensorboard --logdir result`.

    Each reported value is a curve by iterations. A run that is resumed from an earlier snapshot hides the events after
    it. Needs the extra `tensorboard`.

    Args:
        log_report (str): the name of the `LogReport` in the trainer.
        folder (str): the folder of the events, in the trainer's folder.

    Raises:
        ImportError: when tensorboardX is not installed.
        ValueError: when the trainer has no extension named `log_report`.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.TensorBoardReport()
        TensorBoardReport(log_report='LogReport', folder='tensorboard')
    """

    def __init__(self, log_report: str = 'LogReport', folder: str = 'tensorboard') -> None:
        self._log_report = log_report
        self._folder = folder
        self._writer: Any = None
        self._n_written = 0  # number of entries of the log that were written

    def initialize(self, trainer: Trainer) -> None:
        """Open the events; entries of the log that an earlier run has written stay as they are."""
        self._n_written = len(self._log(trainer))
        try:
            from tensorboardX import SummaryWriter
        except ImportError:
            raise ImportError(
                'TensorBoardReport: it needs tensorboardX. Install it with pip install chaingrad[tensorboard].'
            ) from None
        iteration = trainer.updater.iteration
        folder = os.path.join(trainer.out, self._folder)
        self._writer = SummaryWriter(
            folder,
            purge_step=iteration + 1 if iteration else None,
            filename_suffix=f'.{iteration}',  # a file of the same second would be replaced
        )

    def _log(self, trainer: Trainer) -> list[dict[str, Any]]:
        try:
            log_report = trainer.get_extension(self._log_report)
        except ValueError:
            raise ValueError(
                f'TensorBoardReport: it writes what {self._log_report!r} keeps, but the trainer has no extension of '
                'this name. Add trainer.extend(extensions.LogReport()).'
            ) from None
        assert isinstance(log_report, LogReport)
        return log_report.log

    def __call__(self, trainer: Trainer) -> None:
        """Write the entries that the log has received since the last call."""
        log = self._log(trainer)
        for entry in log[self._n_written :]:
            for name in sorted(entry.keys() - {'iteration'}):
                self._writer.add_scalar(name, entry[name], entry['iteration'])
        if len(log) > self._n_written:
            self._writer.flush()
        self._n_written = len(log)

    def finalize(self) -> None:
        """Close the events."""
        if self._writer is not None:
            self._writer.close()

    def __repr__(self) -> str:
        return f'TensorBoardReport(log_report={self._log_report!r}, folder={self._folder!r})'
