"""The extension that shows the progress of training."""

from __future__ import annotations

import datetime
import time
from typing import IO

from chaingrad.training.extension import Extension
from chaingrad.training.extensions.output import STDOUT, Output
from chaingrad.training.trainer import Trainer
from chaingrad.training.updaters.updater import Updater


class ProgressBar(Extension):
    """Show the progress of the training and of the epoch, the speed and the time left.

    On a terminal four lines are drawn again and again. Elsewhere (a file, a pipe) one line is printed for every tenth
    of the training.

    Args:
        training_length (tuple): a number and `'epoch'` or `'iteration'`. Default: the length that the trainer's stop
            trigger gives.
        update_interval (int): number of iterations from one drawing to the next.
        bar_length (int): length of the bars in characters.
        out (file): file to print to. Default: the standard output.

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
        out: IO[str] = STDOUT,
    ) -> None:
        self._training_length = training_length
        self._update_interval = update_interval
        self._bar_length = bar_length
        self._out = Output(out)
        self._times: list[tuple[int, float]] = []  # iterations and seconds of the last drawings
        self._tenths = 0  # number of tenths of the training that were printed
        self._is_drawn = False

    def initialize(self, trainer: Trainer) -> None:
        """Get the length of the training from the stop trigger, unless it was given."""
        if self._training_length is None and hasattr(trainer.stop_trigger, 'get_training_length'):
            self._training_length = trainer.stop_trigger.get_training_length()

    def __call__(self, trainer: Trainer) -> None:
        """Draw the bars, if enough iterations have passed."""
        self._call_every(trainer, self._update_interval)

    def _call_every(self, trainer: Trainer, interval: int) -> None:
        iteration = trainer.updater.iteration
        if iteration % interval:
            return
        self._times = [*self._times[-100:], (iteration, time.perf_counter())]
        total, speed, left = self._measure(trainer.updater)
        epoch_detail = getattr(trainer.updater, 'epoch_detail', None)
        if self._out.is_terminal:
            self._draw(iteration, total, epoch_detail, speed, left)
        elif total is None or int(total * 10) != self._tenths:
            self._tenths = 0 if total is None else int(total * 10)
            self._out.write(f'progress: {", ".join(self._phrases(iteration, total, epoch_detail, speed, left))}\n')

    def _measure(self, updater: Updater) -> tuple[float | None, float | None, float | None]:
        """Return the finished fraction of the training, iterations per second and seconds left; None if unknown."""
        first_iteration, start = self._times[0]
        last_iteration, end = self._times[-1]
        speed = None
        if last_iteration > first_iteration and end > start:
            speed = (last_iteration - first_iteration) / (end - start)
        if self._training_length is None:
            return None, speed, None
        length, unit = self._training_length
        done = updater.iteration if unit == 'iteration' else updater.epoch_detail
        total = min(1.0, done / length)
        left = None
        if speed and total:
            left = (updater.iteration / total * (1 - total)) / speed
        return total, speed, left

    def _phrases(
        self, iteration: int, total: float | None, epoch: float | None, speed: float | None, left: float | None
    ) -> list[str]:
        phrases = []
        if total is not None:
            phrases.append(f'{total:.0%}')
        phrases.append(self._counts(iteration, epoch))
        if speed is not None:
            phrases.append(f'{speed:.5g} iters/sec')
        if left is not None:
            phrases.append(f'estimated time to finish {datetime.timedelta(seconds=round(left))}')
        return phrases

    def _counts(self, iteration: int, epoch: float | None) -> str:
        text = f'{iteration} iter'
        if epoch is not None:
            text += f', {int(epoch)} epoch'
        if self._training_length is not None:
            length, unit = self._training_length
            text += f' / {length:g} {unit}' if length == 1 else f' / {length:g} {unit}s'
        return text

    def _draw(
        self, iteration: int, total: float | None, epoch: float | None, speed: float | None, left: float | None
    ) -> None:
        lines = []
        if total is not None:
            lines.append(self._bar('     total', total))
        if epoch is not None:
            lines.append(self._bar('this epoch', epoch % 1))
        lines.append(' ' * (10 - len(str(iteration))) + self._counts(iteration, epoch))
        rate = '       inf' if speed is None else f'{speed:10.5g}'
        finish = '' if left is None else f' Estimated time to finish: {datetime.timedelta(seconds=round(left))}.'
        lines.append(f'{rate} iters/sec.{finish}')
        # Clear the text below the cursor, print, and move back up, so that the next text is printed above the bars.
        self._out.write('\033[J' + '\n'.join(lines) + f'\n\033[{len(lines)}A')
        self._is_drawn = True

    def _bar(self, title: str, fraction: float) -> str:
        marks = '#' * int(fraction * self._bar_length)
        return f'{title} [{marks:.<{self._bar_length}}] {fraction:6.2%}'

    def finalize(self) -> None:
        """Clear the bars."""
        if self._is_drawn:
            self._out.write('\033[J')
            self._is_drawn = False

    def __repr__(self) -> str:
        return f'{type(self).__name__}(update_interval={self._update_interval})'
