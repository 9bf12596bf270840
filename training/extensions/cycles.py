"""Schedules of a hyperparameter over a whole training: cosine decay and one cycle.

t is the number of calls: iterations, unless another trigger is given.
"""

from __future__ import annotations

import math
from typing import Any

from chaingrad.optimizers.optimizer import Optimizer
from chaingrad.training.extensions.shifts import Shift


def half_cosine(first: float, last: float, fraction: float) -> float:
    """Return a point of the half cosine wave from one value to another: the first at 0, the last at 1."""
    fraction = min(max(fraction, 0.0), 1.0)
    return last + (first - last) * (1 + math.cos(math.pi * fraction)) / 2


def _check_count(who: str, name: str, value: Any, least: int) -> None:
    if not value >= least:
        raise ValueError(f'{who}: {name} must be at least {least}, but it is {value!r}.')


class CosineShift(Shift):
    """Lower an attribute of an optimizer along half a cosine wave, after an optional linear warm-up.

    target + (init - target) * (1 + cos(pi * t / max_count)) / 2; after max_count calls it stays at the target.

    Args:
        attr (str): name of the attribute: `'lr'`.
        max_count (float): number of calls until the target is reached, including the warm-up.
        init (float): first value, or with a warm-up the value at its end. Default: the optimizer's.
        target (float): last value.
        optimizer (Optimizer): the optimizer. Default: the updater's main one.
        warmup (int): number of calls in which the value rises: init * (t + 1) / (warmup + 1).

    Raises:
        ValueError: when `max_count` is not above `warmup`, or `warmup` is negative.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.CosineShift('lr', 1000, init=0.1)
        CosineShift('lr', t=0, last value=None)

    Source:
        I. Loshchilov, F. Hutter, SGDR, ICLR 2017, equation 5, without restarts.
    """

    def __init__(
        self,
        attr: str,
        max_count: float,
        init: float | None = None,
        target: float = 0.0,
        optimizer: Optimizer | None = None,
        *,
        warmup: int = 0,
    ) -> None:
        _check_count('CosineShift', 'warmup', warmup, 0)
        _check_count('CosineShift', 'max_count', max_count, warmup + 1)
        super().__init__(attr, init, optimizer)
        self._max_count = max_count
        self._target = target
        self._warmup = warmup

    def _value_at(self, t: int) -> float:
        if t < self._warmup:
            return self._init * (t + 1) / (self._warmup + 1)
        return half_cosine(self._init, self._target, (t - self._warmup) / (self._max_count - self._warmup))


class OneCycleShift(Shift):
    """Raise an attribute of an optimizer to a peak and lower it far below the start, along half cosine waves.

    A second one with a low peak changes the momentum in the opposite direction:
    `OneCycleShift('momentum', 0.85, n, start=0.95, end=0.95)`.

    Args:
        attr (str): name of the attribute: `'lr'`.
        peak (float): largest value.
        max_count (float): number of calls in the cycle.
        rise (float): fraction of the cycle in which the value rises to the peak.
        start (float): first value. Default: peak / 25.
        end (float): last value. Default: peak / 250,000.
        optimizer (Optimizer): the optimizer. Default: the updater's main one.

    Raises:
        ValueError: when `max_count` is below 1, or `rise` is not between 0 and 1.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.OneCycleShift('lr', 0.5, 1000)
        OneCycleShift('lr', t=0, last value=None)

    Source:
        L. Smith, N. Topin, Super-Convergence, 2017, section 3; cosine waves in place of the straight lines.
    """

    def __init__(
        self,
        attr: str,
        peak: float,
        max_count: float,
        rise: float = 0.3,
        start: float | None = None,
        end: float | None = None,
        optimizer: Optimizer | None = None,
    ) -> None:
        _check_count('OneCycleShift', 'max_count', max_count, 1)
        if not 0 < rise < 1:
            raise ValueError(f'OneCycleShift: rise must be between 0 and 1, but it is {rise!r}.')
        super().__init__(attr, peak / 25 if start is None else start, optimizer)
        self._peak = peak
        self._top = rise * max_count
        self._max_count = max_count
        self._end = peak / 250_000 if end is None else end

    def _full_value(self) -> float:
        return self._peak

    def _value_at(self, t: int) -> float:
        if t < self._top:
            return half_cosine(self._init, self._peak, t / self._top)
        return half_cosine(self._peak, self._end, (t - self._top) / (self._max_count - self._top))
