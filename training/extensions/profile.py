"""The extension that measures where the time of a training loop goes."""

from __future__ import annotations

import os

from chaingrad.links.profiling import Profile as Measurement
from chaingrad.training.extension import Extension
from chaingrad.training.extensions.output import write_file
from chaingrad.training.trainer import Trainer


class Profile(Extension):
    """Measure time and bytes by link and function for some iterations, and write the results to the trainer's folder.

    `profile.txt` holds the tables, `profile.svg` the picture, `profile.json` the trace for chrome://tracing or
    https://ui.perfetto.dev. After those iterations nothing is measured, and the training is as fast as without it.

    Args:
        skip: how many iterations go by before: the first ones are slower than the rest.
        iterations: how many are measured.
        filename (str): name of the files without ending.

    Raises:
        ValueError: when skip is negative or iterations is less than 1.

    Attributes:
        result: what was measured, a profile as `chaingrad.profile()` gives it; None before.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.Profile(skip=5, iterations=20)
        Profile(skip=5, iterations=20, filename='profile')
    """

    trigger = (1, 'iteration')

    def __init__(self, skip: int = 3, iterations: int = 10, filename: str = 'profile') -> None:
        if skip < 0 or iterations < 1:
            raise ValueError(
                f'Profile: skip must be 0 or more and iterations 1 or more, but they are {skip} and {iterations}.'
            )
        self._skip = skip
        self._iterations = iterations
        self._filename = filename
        self._measuring: Measurement | None = None
        self._seen = 0
        self._folder: str | os.PathLike[str] = ''
        self.result: Measurement | None = None

    def initialize(self, trainer: Trainer) -> None:
        """Begin to measure where no iteration is to be skipped."""
        self._seen = 0
        if self._skip == 0:
            self._start(trainer)

    def __call__(self, trainer: Trainer) -> None:
        """Begin to measure, or end and write the files."""
        self._seen += 1
        if self._seen == self._skip:
            self._start(trainer)
        elif self._seen == self._skip + self._iterations:
            self._stop()

    def finalize(self) -> None:
        """End to measure, where the run ends first, and write the files."""
        self._stop()

    def _start(self, trainer: Trainer) -> None:
        targets = [optimizer.target for optimizer in trainer.updater.get_all_optimizers().values()]
        self.result = self._measuring = Measurement(targets[0] if len(targets) == 1 else None)
        self._folder = trainer.out
        self._measuring.__enter__()

    def _stop(self) -> None:
        measured, self._measuring = self._measuring, None
        if measured is not None:
            measured.__exit__()
            for ending in ('.txt', '.svg', '.json'):
                write_file(os.path.join(self._folder, self._filename + ending), measured.save)

    def __repr__(self) -> str:
        return f'Profile(skip={self._skip}, iterations={self._iterations}, filename={self._filename!r})'
