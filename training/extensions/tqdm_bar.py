"""Progress bars of tqdm, in terminals and notebooks."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import IO, Any

from chaingrad.autograd.variable import as_array
from chaingrad.training.extensions.output import STDOUT, close_bar, open_bar
from chaingrad.training.extensions.progress_bar import ProgressBar
from chaingrad.training.trainer import Trainer


class TqdmProgressBar(ProgressBar):
    """Show the progress of training and reported values in a tqdm bar, in a terminal or a notebook.

    The bar is closed when the run ends, also after an interrupt or an error. When the output is neither a terminal nor
    a notebook, lines are printed as by `ProgressBar`.

    Args:
        training_length (tuple): a number and `'epoch'` or `'iteration'`. Default: the length that the trainer's stop
            trigger gives.
        update_interval (int): number of iterations from one drawing to the next; at most ten drawings are made a
            second.
        entries (sequence): names of reported values to show beside the bar.
        out (file): file to print to. Default: the standard output.

    Raises:
        ImportError: when tqdm is not installed.

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
        out: IO[str] = STDOUT,
    ) -> None:
        super().__init__(training_length, update_interval, out=out)
        self._entries = list(entries)
        self._bar_class = _tqdm()
        self._tqdm: Any = None

    def initialize(self, trainer: Trainer) -> None:
        """Get the length of the training and draw the bar, in a resumed run with the iterations so far."""
        super().initialize(trainer)
        if not self._out.is_terminal and self._out.notebook is None:
            return
        length, unit = self._training_length or (None, 'iteration')
        options = {'total': length, 'initial': self._done(trainer), 'unit': 'it' if unit == 'iteration' else unit}
        if unit == 'epoch':
            options['bar_format'] = '{l_bar}{bar}| {n:.2f}/{total_fmt} epochs [{elapsed}<{remaining}{postfix}]'
        self._tqdm = self._bar_class(file=self._out.file, ascii=True, dynamic_ncols=True, **options)
        open_bar(self._tqdm)

    def _done(self, trainer: Trainer) -> float:
        length, unit = self._training_length or (float('inf'), 'iteration')
        done = trainer.updater.iteration if unit == 'iteration' else trainer.updater.epoch_detail
        return min(length, done)

    def __call__(self, trainer: Trainer) -> None:
        """Advance the bar."""
        bar = self._tqdm
        if bar is None:
            self._call_every(trainer, 100)
        elif trainer.updater.iteration % self._update_interval == 0:
            values = {}
            for name in self._entries:
                if name in trainer.observation:
                    values[name] = f'{float(as_array(trainer.observation[name])):.4g}'
            if values:
                bar.set_postfix(values, refresh=False)
            bar.update(self._done(trainer) - bar.n)

    def finalize(self) -> None:
        """Close the bar; it stays on the screen as it is."""
        bar = self._tqdm
        self._tqdm = None
        if bar is not None:
            close_bar(bar)
            bar.close()


def _tqdm() -> Any:
    """Return the class `tqdm.auto.tqdm`: widgets in a notebook that has them, else text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # it is experimental, and a notebook may have no widgets
            import tqdm.auto
    except ImportError as error:
        raise ImportError(
            'TqdmProgressBar: tqdm must be installed. Run pip install tqdm, or use extensions.ProgressBar().'
        ) from error
    return tqdm.auto.tqdm
