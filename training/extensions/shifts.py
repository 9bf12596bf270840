"""Extensions that change a hyperparameter of an optimizer during training.

t is the number of calls, which the trigger decides: iterations or epochs, for example.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chaingrad.links.serializer import AbstractSerializer
from chaingrad.optimizers.optimizer import Optimizer
from chaingrad.training.extension import Extension
from chaingrad.training.trainer import Trainer


class Shift(Extension):
    """Base of the extensions that set an attribute of an optimizer to `_value_at(t)`."""

    def __init__(self, attr: str, init: float | None, optimizer: Optimizer | None) -> None:
        self._attr = attr
        self._init: Any = init  # a number from `initialize` on
        self._optimizer = optimizer
        self._t = 0
        self._last_value: float | None = None

    def _get_optimizer(self, trainer: Trainer) -> Optimizer:
        return self._optimizer or trainer.updater.get_optimizer('main')

    def _value_at(self, t: int) -> float:
        raise NotImplementedError

    def _no_such_value(self, optimizer: Optimizer) -> AttributeError:
        """Return the error for the name of a value that the optimizer does not have."""
        names = list(getattr(optimizer, 'hyperparam', ()) and optimizer.hyperparam.get_dict())
        who, kind = type(self).__name__, type(optimizer).__name__
        return AttributeError(f'{who}: {kind} has no value {self._attr!r}. It has: {", ".join(names) or "none"}.')

    def initialize(self, trainer: Trainer) -> None:
        """Set the first value, or the last one of a resumed run."""
        optimizer = self._get_optimizer(trainer)
        if not hasattr(optimizer, self._attr):
            raise self._no_such_value(optimizer)
        if self._init is None:
            self._init = getattr(optimizer, self._attr)
        if self._last_value is None:
            self._last_value = self._value_at(0)
        setattr(optimizer, self._attr, self._last_value)

    def __call__(self, trainer: Trainer) -> None:
        """Set the next value."""
        self._t += 1
        self._last_value = self._value_at(self._t)
        setattr(self._get_optimizer(trainer), self._attr, self._last_value)

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load t and the last value."""
        self._t = int(serializer('_t', self._t))
        value = serializer('_last_value', self._last_value)
        self._last_value = None if value is None else float(value)
        init = _serialize_init(serializer, self._init)
        self._init = None if init is None else float(init)

    def __repr__(self) -> str:
        return f'{type(self).__name__}({self._attr!r}, t={self._t}, last value={self._last_value})'


def _serialize_init(serializer: AbstractSerializer, init: Any) -> Any:
    """Save or load the first value: when a run is resumed, its optimizer may have another one."""
    try:
        return serializer['chaingrad']('init', init)
    except KeyError:  # a file written by Chainer
        return init


def _stop_at(target: float | None, value: float, grows: bool) -> float:
    """Return the value, or the target if the value has passed it; both may be negative."""
    if not target or value == target:
        return value
    has_passed = (value / target > 1) == grows
    return target if has_passed else value


def _check_not_negative(who: str, name: str, value: float) -> None:
    if value < 0:
        raise ValueError(f'{who} does not support negative {name}, but it is {value!r}.')


class ExponentialShift(Shift):
    """Multiply an attribute of an optimizer by a rate: init * rate**t.

    Args:
        attr (str): name of the attribute: `'lr'`.
        rate (float): factor per call, not negative.
        init (float): first value. Default: the optimizer's.
        target (float): value at which it stops.
        optimizer (Optimizer): the optimizer. Default: the updater's main one.

    Raises:
        ValueError: when the rate is negative.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.ExponentialShift('lr', 0.5, init=0.1)
        ExponentialShift('lr', t=0, last value=None)
    """

    def __init__(
        self,
        attr: str,
        rate: float,
        init: float | None = None,
        target: float | None = None,
        optimizer: Optimizer | None = None,
    ) -> None:
        _check_not_negative('ExponentialShift', 'rate', rate)
        super().__init__(attr, init, optimizer)
        self._rate = rate
        self._target = target

    def _value_at(self, t: int) -> float:
        return _stop_at(self._target, self._init * self._rate**t, grows=self._rate > 1)


class InverseShift(Shift):
    """Shrink an attribute of an optimizer: init * (1 + gamma * t)**-power.

    Args:
        attr (str): name of the attribute.
        gamma (float): rate of the decrease, not negative.
        power (float): exponent.
        init (float): first value. Default: the optimizer's.
        target (float): value at which it stops.
        optimizer (Optimizer): the optimizer. Default: the updater's main one.

    Raises:
        ValueError: when gamma is negative.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.InverseShift('lr', 0.01, 0.5)
        InverseShift('lr', t=0, last value=None)
    """

    def __init__(
        self,
        attr: str,
        gamma: float,
        power: float,
        init: float | None = None,
        target: float | None = None,
        optimizer: Optimizer | None = None,
    ) -> None:
        _check_not_negative('InverseShift', 'gamma', gamma)
        super().__init__(attr, init, optimizer)
        self._gamma = gamma
        self._power = power
        self._target = target

    def _value_at(self, t: int) -> float:
        value = self._init * (1 + self._gamma * t) ** -self._power
        return _stop_at(self._target, value, grows=self._power < 0)


class LinearShift(Shift):
    """Move an attribute of an optimizer along a straight line from one value to another.

    Args:
        attr (str): name of the attribute.
        value_range (tuple): first and last value.
        time_range (tuple): calls at which the line begins and ends.
        optimizer (Optimizer): the optimizer. Default: the updater's main one.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.LinearShift('lr', (0.1, 0.001), (0, 1000))
        LinearShift('lr', t=0, last value=None)
    """

    def __init__(
        self, attr: str, value_range: Sequence[float], time_range: Sequence[float], optimizer: Optimizer | None = None
    ) -> None:
        super().__init__(attr, value_range[0], optimizer)
        self._value_range = value_range
        self._time_range = time_range

    def _value_at(self, t: int) -> float:
        v1, v2 = self._value_range
        t1, t2 = self._time_range
        if t <= t1:
            return v1
        if t >= t2:
            return v2
        return v1 + (t - t1) / (t2 - t1) * (v2 - v1)


class MultistepShift(Shift):
    """Multiply an attribute of an optimizer by gamma at given calls: init * gamma**(number of steps so far).

    Args:
        attr (str): name of the attribute.
        gamma (float): factor per step, not negative.
        step_value (sequence): calls at which a step is made.
        init (float): first value.
        optimizer (Optimizer): the optimizer. Default: the updater's main one.

    Raises:
        ValueError: when gamma is negative.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.MultistepShift('lr', 0.1, [30, 60], 0.1)
        MultistepShift('lr', t=0, last value=None)
    """

    def __init__(
        self, attr: str, gamma: float, step_value: Sequence[int], init: float, optimizer: Optimizer | None = None
    ) -> None:
        _check_not_negative('MultistepShift', 'gamma', gamma)
        super().__init__(attr, init, optimizer)
        self._gamma = gamma
        self._step_value = list(step_value)

    def _value_at(self, t: int) -> float:
        n_steps = sum(step <= t for step in self._step_value)
        return self._init * self._gamma**n_steps


class PolynomialShift(Shift):
    """Shrink an attribute of an optimizer to zero: init * max(1 - t / max_count, 0)**rate.

    With a negative rate the attribute grows without bound: give a target, at which it stops.

    Args:
        attr (str): name of the attribute.
        rate (float): exponent.
        max_count (float): number of calls until it is zero.
        init (float): first value. Default: the optimizer's.
        target (float): value at which it stops.
        optimizer (Optimizer): the optimizer. Default: the updater's main one.

    Raises:
        ZeroDivisionError: during the training, at max_count, when the rate is negative and there is no target.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.PolynomialShift('lr', 0.5, 1000)
        PolynomialShift('lr', t=0, last value=None)
    """

    invoke_before_training = True

    def __init__(
        self,
        attr: str,
        rate: float,
        max_count: float,
        init: float | None = None,
        target: float | None = None,
        optimizer: Optimizer | None = None,
    ) -> None:
        super().__init__(attr, init, optimizer)
        self._rate = rate
        self._max_count = max_count
        self._target = target

    def _value_at(self, t: int) -> float:
        decay = max(1 - t / self._max_count, 0)
        if not decay and self._rate < 0:
            if not self._target:
                raise ZeroDivisionError(
                    f'PolynomialShift: {self._attr} is infinite at max_count, {self._max_count}, as the rate is '
                    f'{self._rate}. Give a target.'
                )
            return self._target
        return _stop_at(self._target, self._init * decay**self._rate, grows=self._rate < 0)


class StepShift(Shift):
    """Multiply an attribute of an optimizer by gamma every `step` calls: init * gamma**(t // step).

    Args:
        attr (str): name of the attribute.
        gamma (float): factor per step, not negative.
        step (int): number of calls from one step to the next.
        init (float): first value. Default: the optimizer's.
        target (float): value at which it stops.
        optimizer (Optimizer): the optimizer. Default: the updater's main one.

    Raises:
        ValueError: when gamma is negative.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.StepShift('lr', 0.1, 30)
        StepShift('lr', t=0, last value=None)
    """

    def __init__(
        self,
        attr: str,
        gamma: float,
        step: int,
        init: float | None = None,
        target: float | None = None,
        optimizer: Optimizer | None = None,
    ) -> None:
        _check_not_negative('StepShift', 'gamma', gamma)
        super().__init__(attr, init, optimizer)
        self._gamma = gamma
        self._step = step
        self._target = target

    def _value_at(self, t: int) -> float:
        return _stop_at(self._target, self._init * self._gamma ** (t // self._step), grows=self._gamma > 1)


class WarmupShift(Shift):
    """Move an attribute of an optimizer along a straight line from a first value to `init`, where it stays.

    Args:
        attr (str): name of the attribute.
        warmup_start (float): first value.
        warmup_iter (int): number of calls until `init` is reached.
        init (float): last value.
        optimizer (Optimizer): the optimizer. Default: the updater's main one.

    Example:
        >>> from chaingrad.training import extensions
        >>> extensions.WarmupShift('lr', 0.0, 100, 0.1)
        WarmupShift('lr', t=0, last value=None)
    """

    def __init__(
        self, attr: str, warmup_start: float, warmup_iter: int, init: float, optimizer: Optimizer | None = None
    ) -> None:
        super().__init__(attr, init, optimizer)
        self._warmup_start = warmup_start
        self._warmup_iter = warmup_iter

    def _value_at(self, t: int) -> float:
        fraction = min(1.0, t / self._warmup_iter)
        return self._warmup_start + (self._init - self._warmup_start) * fraction
