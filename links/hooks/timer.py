"""TimerHook: how long each link takes."""

from __future__ import annotations

import sys
import time
from typing import Any, TextIO

from chaingrad.links.link_hook import ForwardPostprocessArgs, ForwardPreprocessArgs, LinkHook

_UNITS = {'sec': 1.0, 'ms': 1e3, 'us': 1e6, 'ns': 1e9}


class TimerHook(LinkHook):
    """Measure the wall-clock time of every forward computation of a link.

    A Chain's time holds that of its children; `total_time()` counts only the outermost links. On a GPU the hook waits
    for the device before and after.

    Attributes:
        call_history: list of (class name of the link, seconds), in the order in which the calls ended.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> from chaingrad.links.hooks import TimerHook
        >>> layer = L.Linear(3, 2)
        >>> with TimerHook() as hook:
        ...     for _ in range(3):
        ...         y = layer(np.zeros((4, 3), np.float32))
        >>> hook.summary()['Linear']['occurrence']
        3
    """

    name = 'TimerHook'
    table = _UNITS

    def __init__(self) -> None:
        self.call_history: list[tuple[str, float]] = []
        self._starts: list[float] = []
        self._total = 0.0

    def forward_preprocess(self, args: ForwardPreprocessArgs) -> None:
        """Start the clock of a call."""
        _wait_for_device(args.link)
        self._starts.append(time.perf_counter())

    def forward_postprocess(self, args: ForwardPostprocessArgs) -> None:
        """Stop it and note the time."""
        _wait_for_device(args.link)
        elapsed = time.perf_counter() - self._starts.pop()
        self.call_history.append((type(args.link).__name__, elapsed))
        if not self._starts:
            self._total += elapsed

    def deleted(self, link: Any) -> None:
        """Forget calls that an exception broke off."""
        self._starts.clear()

    def total_time(self) -> float:
        """Return the seconds of all outermost calls."""
        return self._total

    def summary(self) -> dict[str, dict[str, float]]:
        """Return, for each class of link, `elapsed_time` in seconds and `occurrence`, the number of calls."""
        table: dict[str, dict[str, float]] = {}
        for name, elapsed in self.call_history:
            row = table.setdefault(name, {'elapsed_time': 0.0, 'occurrence': 0})
            row['elapsed_time'] += elapsed
            row['occurrence'] += 1
        return table

    def print_report(self, unit: str = 'auto', file: TextIO = sys.stdout) -> None:
        """Print the summary as a table.

        Args:
            unit: 'sec', 'ms', 'us' or 'ns'; 'auto' takes for each number the one that reads best.
            file: where to print.

        Raises:
            ValueError: when the unit is none of these.
        """
        if unit != 'auto' and unit not in _UNITS:
            raise ValueError(f"TimerHook.print_report: unit must be 'auto' or one of {list(_UNITS)}, not {unit!r}.")
        rows = [('LinkName', 'ElapsedTime', 'Occurrence')]
        rows += [
            (name, _text(row['elapsed_time'], unit), str(row['occurrence'])) for name, row in self.summary().items()
        ]
        widths = [max(len(row[i]) for row in rows) for i in range(3)]
        for row in rows:
            print('  '.join(text.rjust(width) for text, width in zip(row, widths)), file=file)


def _text(seconds: float, unit: str) -> str:
    if unit == 'auto':
        unit = next((u for u, factor in _UNITS.items() if seconds * factor >= 1), 'ns')
    return f'{seconds * _UNITS[unit]:.2f}{unit}'


def _wait_for_device(link: Any) -> None:
    device = getattr(link.device, 'device', None)
    if device is not None:
        device.synchronize()
