"""The extension that shows how far a training is."""

from __future__ import annotations

import datetime
import time
from typing import Any

from chaingrad.training.extension import Extension
from chaingrad.training.extensions.output import STDOUT, Output


class ProgressBar(Extension):
    """Show how far training and epoch are, the speed and the time left.

    On a terminal four lines are drawn over again. Elsewhere (a file, a pipe) one line is printed for every tenth of
    the training.

    Args:
        training_length: Length of the training: a number and `'epoch'` or `'iteration'`. Default: that of the
            trainer's stop trigger.
        update_interval: After how many iterations it is drawn anew.
        bar_length: Length of the bars in characters.
        out: File to print to. Default: the standard output.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.ProgressBar(update_interval=10)
        ProgressBar(update_interval=10)
    """

    def __init__(
        self,
        training_length: tuple[float, str] | None = None,
        update_interval: int = 100,
        bar_length: int = 50,
        out: Any = STDOUT,
    ) -> None:
        self._training_length = training_length
        self._update_interval = update_interval
        self._bar_length = bar_length
        self._out = Output(out)
        self._times: list[tuple[int, float]] = []  # of the last updates: iteration and seconds
        self._tenths = 0
        self._is_drawn = False

    def initialize(self, trainer: Any) -> None:
        """Find the length of the training."""
        if self._training_length is None and hasattr(trainer.stop_trigger, 'get_training_length'):
            self._training_length = trainer.stop_trigger.get_training_length()

    def __call__(self, trainer: Any) -> None:
        """Draw, if enough iterations have passed."""
        self._call_every(trainer, self._update_interval)

    def _call_every(self, trainer: Any, interval: int) -> None:
        iteration = trainer.updater.iteration
        if iteration % interval:
            return
        self._times = [*self._times[-100:], (iteration, time.perf_counter())]
        total, speed, left = self._measure(trainer.updater)
        epoch_detail = getattr(trainer.updater, 'epoch_detail', None)
        if self._out.is_terminal:
            self._draw(iteration, total, epoch_detail, speed, left)
        elif total is None or int(total * 10) != self._tenths:
            self._tenths = int((total or 0.0) * 10)
            self._out.write(f'progress: {", ".join(self._words(iteration, total, epoch_detail, speed, left))}\n')

    def _measure(self, updater: Any) -> tuple[float | None, float | None, float | None]:
        """Return the part of the training that is done, iterations per second and seconds left, where known."""
        (first, begin), (last, end) = self._times[0], self._times[-1]
        speed = (last - first) / (end - begin) if last > first and end > begin else None
        if self._training_length is None:
            return None, speed, None
        length, unit = self._training_length
        done = updater.iteration if unit == 'iteration' else updater.epoch_detail
        total = min(1.0, done / length)
        return total, speed, (updater.iteration / total * (1 - total)) / speed if speed and total else None

    def _words(
        self, iteration: int, total: float | None, epoch: float | None, speed: float | None, left: float | None
    ) -> list[str]:
        words = [] if total is None else [f'{total:.0%}']
        words.append(f'{iteration} iter' + ('' if epoch is None else f', {int(epoch)} epoch'))
        if self._training_length is not None:
            length, unit = self._training_length
            words[-1] += f' / {length:g} {unit}{"s" * (length != 1)}'
        if speed is not None:
            words.append(f'{speed:.5g} iters/sec')
        if left is not None:
            words.append(f'estimated time to finish {datetime.timedelta(seconds=round(left))}')
        return words

    def _draw(
        self, iteration: int, total: float | None, epoch: float | None, speed: float | None, left: float | None
    ) -> None:
        lines = [] if total is None else [self._bar('     total', total)]
        if epoch is not None:
            lines.append(self._bar('this epoch', epoch % 1))
        counts = self._words(iteration, None, epoch, None, None)[0]
        lines.append(' ' * (10 - len(str(iteration))) + counts)
        rate = '       inf' if speed is None else f'{speed:10.5g}'
        finish = '' if left is None else f' Estimated time to finish: {datetime.timedelta(seconds=round(left))}.'
        lines.append(f'{rate} iters/sec.{finish}')
        # Wipe out what is below, print, and go back up, so that the next text begins above the bar.
        self._out.write('\033[J' + '\n'.join(lines) + f'\n\033[{len(lines)}A')
        self._is_drawn = True

    def _bar(self, title: str, rate: float) -> str:
        marks = '#' * int(rate * self._bar_length)
        return f'{title} [{marks}{"." * (self._bar_length - len(marks))}] {rate:6.2%}'

    def finalize(self) -> None:
        """Wipe the bars out."""
        if self._is_drawn:
            self._out.write('\033[J')
            self._is_drawn = False

    def __repr__(self) -> str:
        return f'{type(self).__name__}(update_interval={self._update_interval})'
