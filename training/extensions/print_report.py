"""The extension that prints the log as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any

from chaingrad.autograd.advice import habits
from chaingrad.autograd.warning import warn
from chaingrad.links.serializer import AbstractSerializer
from chaingrad.training.extension import Extension
from chaingrad.training.extensions.log_report import LogReport
from chaingrad.training.extensions.output import STDOUT, Displayed, Output, format_value, html_log
from chaingrad.training.trainer import Trainer


class PrintReport(Extension):
    """Print values of the log as a table, one line per entry of the log; in a notebook as one growing table.

    A value that an entry of the log does not have is left blank. A warning names the values that were never reported.

    Args:
        entries (sequence): names of the values, which are the columns.
        log_report (str or LogReport): the `LogReport` that keeps the log: its name in the trainer, or an instance that
            is not in the trainer.
        out (file): file to print to. Default: the standard output.

    Raises:
        ValueError: when the trainer has no extension named `log_report`.
        TypeError: when `entries` is one string, or `log_report` is neither a name nor a `LogReport`.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.PrintReport(['epoch', 'main/loss'])
        PrintReport(['epoch', 'main/loss'], log_report='LogReport')
    """

    def __init__(
        self, entries: Sequence[str], log_report: str | LogReport = 'LogReport', out: IO[str] = STDOUT
    ) -> None:
        if isinstance(entries, str):
            raise TypeError(f'PrintReport: entries must be a list of names, but it is one string. Pass [{entries!r}].')
        if not isinstance(log_report, (str, LogReport)):
            raise TypeError(f'PrintReport: log_report must be a name or a LogReport, but it is {log_report!r}.')
        self._entries = list(entries)
        self._log_report = log_report
        self._out = Output(out)
        self._widths = [max(10, len(entry)) for entry in self._entries]
        self._n_printed = 0  # number of entries of the log that were printed
        self._has_header = False
        self._displayed = Displayed()  # the table in a notebook
        self._n_displayed = -1  # number of entries in that table
        self._seen: set[str] = set()
        self._warned: set[str] = set()

    def initialize(self, trainer: Trainer) -> None:
        """Check that the trainer has the log."""
        if isinstance(self._log_report, str):
            try:
                trainer.get_extension(self._log_report)
            except ValueError:
                raise ValueError(
                    f'PrintReport: it prints what {self._log_report!r} keeps, but the trainer has no extension of this '
                    'name. Add trainer.extend(extensions.LogReport()).'
                ) from None

    def __call__(self, trainer: Trainer) -> None:
        """Print the entries that the log has received since the last call."""
        if isinstance(self._log_report, str):
            log = trainer.get_extension(self._log_report).log
        else:
            self._log_report(trainer)
            log = self._log_report.log
        notebook = self._out.notebook
        if notebook is not None:
            self._display(notebook, log)
        elif not self._has_header:
            self._has_header = True
            titles = [f'{name:{width}}' for name, width in zip(self._entries, self._widths)]
            self._out.write('  '.join(titles) + '\n')
        for entry in log[self._n_printed :]:
            self._seen.update(entry)
            if notebook is None:
                self._print(entry)
            # The models report in every iteration; other values may be reported later.
            models = tuple(f'{name}/' for name in trainer.updater.get_all_optimizers())
            if entry.get('iteration'):
                self._warn([name for name in self._entries if name.startswith(models)])
        self._n_printed = len(log)

    def _display(self, notebook: Any, log: list[dict[str, Any]]) -> None:
        """Display the table in a notebook, or replace the displayed one."""
        if self._n_displayed == len(log):
            return
        self._n_displayed = len(log)
        self._displayed.show(notebook, notebook.HTML(html_log(self._entries, log)))

    def _print(self, entry: dict[str, Any]) -> None:
        cells = []
        for name, width in zip(self._entries, self._widths):
            text = format_value(entry[name]) if name in entry else ''
            cells.append(f'{text:<{width}}  ')
        # There may be a progress bar below the cursor: clear it.
        clear = '\033[J' if self._out.is_terminal else ''
        self._out.write(clear + ''.join(cells) + '\n')

    def _warn(self, names: Sequence[str]) -> None:
        missing = [name for name in names if name not in self._seen and name not in self._warned]
        self._warned.update(missing)
        if missing and self._seen:
            warn(
                f'PrintReport: {", ".join(map(repr, missing))} was never reported. '
                f'The log has: {", ".join(map(repr, sorted(self._seen)))}.'
                f'{habits().did_you_mean(missing[0], self._seen)}',
            )

    def finalize(self) -> None:
        """Warn about columns that stayed empty."""
        self._warn(self._entries)

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the log, if it belongs to this extension."""
        if isinstance(self._log_report, LogReport):
            self._log_report.serialize(serializer['_log_report'])

    def __repr__(self) -> str:
        return f'PrintReport({self._entries!r}, log_report={self._log_report!r})'
