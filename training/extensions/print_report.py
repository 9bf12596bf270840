"""The extension that prints the log as a table."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from chaingrad.training.extension import Extension
from chaingrad.training.extensions.log_report import LogReport
from chaingrad.training.extensions.output import STDOUT, Output, html_table, shown


class PrintReport(Extension):
    """Print values of the log as a table, one line per entry of the log; in a notebook as one table that grows.

    A value that an entry of the log does not have is left blank. An entry that the log never had is named in a warning.

    Args:
        entries: Names of the values, which are the columns.
        log_report: The `LogReport` that keeps the log: its name in the trainer, or an instance of one's own.
        out: File to print to. Default: the standard output.

    Raises:
        ValueError: `log_report` names no extension of the trainer.
        TypeError: `entries` is one string, or `log_report` is neither a name nor a `LogReport`.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.PrintReport(['epoch', 'main/loss'])
        PrintReport(['epoch', 'main/loss'], log_report='LogReport')
    """

    def __init__(self, entries: Sequence[str], log_report: Any = 'LogReport', out: Any = STDOUT) -> None:
        if isinstance(entries, str):
            raise TypeError(f'PrintReport: entries must be a list of names, but it is one string. Pass [{entries!r}].')
        if not isinstance(log_report, (str, LogReport)):
            raise TypeError(f'PrintReport: log_report must be a name or a LogReport, but it is {log_report!r}.')
        self._entries = list(entries)
        self._log_report = log_report
        self._out = Output(out)
        self._widths = [max(10, len(entry)) for entry in self._entries]
        self._lines = 0  # how many entries of the log were printed
        self._has_header = False
        self._handle: Any = None  # of the table in a notebook
        self._shown = -1
        self._seen: set[str] = set()
        self._warned: set[str] = set()

    def initialize(self, trainer: Any) -> None:
        """See that the log is there."""
        if isinstance(self._log_report, str):
            trainer.get_extension(self._log_report)

    def __call__(self, trainer: Any) -> None:
        """Print what the log has got since the last call."""
        if isinstance(self._log_report, str):
            log = trainer.get_extension(self._log_report).log
        else:
            self._log_report(trainer)
            log = self._log_report.log
        notebook = self._out.notebook
        if notebook is not None:
            self._show(notebook, log)
        elif not self._has_header:
            self._has_header = True
            self._out.write('  '.join(f'{e:{w}}' for e, w in zip(self._entries, self._widths)) + '\n')
        for entry in log[self._lines :]:
            self._seen.update(entry)
            if notebook is None:
                self._print(entry)
            # What the models report comes with every iteration; anything else may come later.
            models = tuple(f'{name}/' for name in trainer.updater.get_all_optimizers())
            if entry.get('iteration'):
                self._warn(entry for entry in self._entries if entry.startswith(models))
        self._lines = len(log)

    def _show(self, notebook: Any, log: list[dict[str, Any]]) -> None:
        """Show the table in a notebook, in the place of the one before."""
        if self._shown == len(log):
            return
        self._shown = len(log)
        rows = [[shown(entry[name]) if name in entry else '' for name in self._entries] for entry in log]
        table = notebook.HTML(html_table(self._entries, rows))
        if self._handle is None:
            self._handle = notebook.display(table, display_id=True)
        else:
            self._handle.update(table)

    def _print(self, entry: dict[str, Any]) -> None:
        cells = [
            f'{shown(entry[name]):<{width}}  ' if name in entry else ' ' * (width + 2)
            for name, width in zip(self._entries, self._widths)
        ]
        # A progress bar may stand below the cursor: wipe it out.
        self._out.write('\033[J' * self._out.is_terminal + ''.join(cells) + '\n')

    def _warn(self, names: Any) -> None:
        missing = [name for name in names if name not in self._seen and name not in self._warned]
        self._warned.update(missing)
        if missing and self._seen:
            warnings.warn(
                f'PrintReport: {", ".join(map(repr, missing))} was never reported. '
                f'The log has: {", ".join(map(repr, sorted(self._seen)))}.',
                stacklevel=3,
            )

    def finalize(self) -> None:
        """Warn of columns that stayed empty."""
        self._warn(self._entries)

    def serialize(self, serializer: Any) -> None:
        """Save or load the log, if it is the extension's own."""
        if isinstance(self._log_report, LogReport):
            self._log_report.serialize(serializer['_log_report'])

    def __repr__(self) -> str:
        return f'PrintReport({self._entries!r}, log_report={self._log_report!r})'
