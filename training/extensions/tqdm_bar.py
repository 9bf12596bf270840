"""Progress bars by tqdm, in terminals and notebooks."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from chaingrad.autograd.variable import as_array
from chaingrad.training.extensions.output import STDOUT, close_bar, open_bar
from chaingrad.training.extensions.progress_bar import ProgressBar


class TqdmProgressBar(ProgressBar):
    """Show how far a training is by a tqdm bar, in a terminal or a notebook, with the values that models report.

    The bar is closed when the run ends, also by an interrupt or an error. Where the output is neither a terminal nor a
    notebook, lines are printed as by `ProgressBar`.

    Args:
        training_length: Length of the training: a number and `'epoch'` or `'iteration'`. Default: that of the
            trainer's stop trigger.
        update_interval: After how many iterations it is drawn anew, at most ten times a second.
        entries: Names of reported values to show beside the bar.
        out: File to print to. Default: the standard output.

    Raises:
        ImportError: tqdm is not installed.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.TqdmProgressBar(entries=['main/loss'])
        TqdmProgressBar(update_interval=1)
    """

    def __init__(
        self,
        training_length: tuple[float, str] | None = None,
        update_interval: int = 1,
        entries: Sequence[str] = (),
        out: Any = STDOUT,
    ) -> None:
        super().__init__(training_length, update_interval, out=out)
        self._entries = list(entries)
        self._bar_class = _tqdm()
        self._tqdm: Any = None

    def initialize(self, trainer: Any) -> None:
        """Find the length of the training and draw the bar, at the place of a resumed run."""
        super().initialize(trainer)
        if not self._out.is_terminal and self._out.notebook is None:
            return
        length, unit = self._training_length or (None, 'iteration')
        options = {'total': length, 'initial': self._done(trainer), 'unit': 'it' if unit == 'iteration' else unit}
        if unit == 'epoch':
            options['bar_format'] = '{l_bar}{bar}| {n:.2f}/{total_fmt} epochs [{elapsed}<{remaining}{postfix}]'
        self._tqdm = self._bar_class(file=self._out.file, ascii=True, dynamic_ncols=True, **options)
        open_bar(self._tqdm)

    def _done(self, trainer: Any) -> float:
        length, unit = self._training_length or (float('inf'), 'iteration')
        return min(length, trainer.updater.iteration if unit == 'iteration' else trainer.updater.epoch_detail)

    def __call__(self, trainer: Any) -> None:
        """Move the bar on."""
        bar = self._tqdm
        if bar is None:
            self._call_every(trainer, 100)
        elif trainer.updater.iteration % self._update_interval == 0:
            found = {name: as_array(trainer.observation[name]) for name in self._entries if name in trainer.observation}
            if found:
                bar.set_postfix({name: f'{float(value):.4g}' for name, value in found.items()}, refresh=False)
            bar.update(self._done(trainer) - bar.n)

    def finalize(self) -> None:
        """Close the bar; what it showed last stays."""
        bar, self._tqdm = self._tqdm, None
        if bar is not None:
            close_bar(bar)
            bar.close()


def _tqdm() -> Any:
    """Return tqdm's class for this place: with widgets in a notebook that has them, else text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # that it is experimental, and that a notebook has no widgets
            import tqdm.auto
    except ImportError as error:
        raise ImportError(
            'TqdmProgressBar: tqdm must be installed. Run pip install tqdm, or use extensions.ProgressBar().'
        ) from error
    return tqdm.auto.tqdm
