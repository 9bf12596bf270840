"""TimerHook: how long each link takes."""

from __future__ import annotations

from chaingrad.functions.function_hooks import CallTimes
from chaingrad.links.link import Link
from chaingrad.links.link_hook import ForwardPostprocessArgs, ForwardPreprocessArgs, LinkHook


class TimerHook(CallTimes, LinkHook):
    """Measure the wall-clock time of every forward computation of a link.

    The time of a Chain includes that of its children; `total_time()` counts only the outermost links. On a GPU
    the hook waits for the device before and after.

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
    _column = 'LinkName'
    _total = 0.0

    def forward_preprocess(self, args: ForwardPreprocessArgs) -> None:
        """Start the clock of a call."""
        _wait_for_device(args.link)
        self._start()

    def forward_postprocess(self, args: ForwardPostprocessArgs) -> None:
        """Stop the clock and record the time."""
        _wait_for_device(args.link)
        elapsed = self._stop(type(args.link).__name__)
        if not self._starts:
            self._total += elapsed

    def total_time(self) -> float:
        """Return the seconds of all outermost calls."""
        return self._total


def _wait_for_device(link: Link) -> None:
    device = getattr(link.device, 'device', None)
    if device is not None:
        device.synchronize()
