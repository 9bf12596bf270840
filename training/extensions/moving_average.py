"""The extension that averages the parameters of a model during training."""

from __future__ import annotations

import copy
from typing import Any

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.backends import copyto
from chaingrad.links.link import Link
from chaingrad.links.serializer import AbstractSerializer
from chaingrad.training.extension import PRIORITY_WRITER, Extension
from chaingrad.training.trainer import Trainer


class ExponentialMovingAverage(Extension):
    """Keep an exponential moving average of a model's parameters, which is often better than the last model.

    average after t calls = sum_i decay**(t - i) p_i / sum_i decay**(t - i),  i = 1 ... t

    The weights add up to one from the first call on, so that the values before training do not count. The attribute
    `model` is a copy of the model with the averaged parameters and the latest persistent values (such as the statistics
    of batch normalization): evaluate it, save it, or call `model.copyparams(average.model)` at the end. A snapshot of
    the trainer contains it; a resumed run gives the same bits.

    Args:
        target (Link): the model.
        decay (float): between 0 and 1; the average is over about the last 1 / (1 - decay) calls.

    Raises:
        TypeError: when the target is not a link.
        ValueError: when `decay` is not between 0 and 1.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad.training import extensions
        >>> model = L.Linear(2, 1)
        >>> average = extensions.ExponentialMovingAverage(model, decay=0.99)
        >>> for value in (1, 2):
        ...     model.W.array[:] = value
        ...     average(None)
        >>> average.model.W.array.round(4)
        array([[1.5025, 1.5025]], dtype=float32)

        With a trainer: `trainer.extend(average)`,
        `trainer.extend(extensions.Evaluator(iterator, average.model), name='average')` and
        `trainer.extend(extensions.snapshot_object(average.model, 'average.npz'))`.

    Source:
        B. Polyak, A. Juditsky, Acceleration of Stochastic Approximation by Averaging, 1992, with the weights of
        D. Kingma, J. Ba, Adam, ICLR 2015, section 3, for the bias correction.
    """

    trigger = (1, 'iteration')
    priority = PRIORITY_WRITER + 100  # before an Evaluator of the average

    def __init__(self, target: Link, decay: float = 0.999) -> None:
        if not isinstance(target, Link):
            raise TypeError(f'ExponentialMovingAverage: target must be a Link, but it is a {type(target).__name__}.')
        if not 0 < decay < 1:
            raise ValueError(f'ExponentialMovingAverage: decay must be between 0 and 1, but it is {decay!r}.')
        self._target = target
        self.decay = decay
        self.model = copy_model(target)
        self._t = 0
        self._upcast: dict[str, Array] = {}  # float32 averages of float16 parameters, which would lose small changes

    def __call__(self, trainer: Trainer) -> None:
        """Add the present parameters to the average."""
        self._t += 1
        kept = self.decay * (1 - self.decay ** (self._t - 1)) / (1 - self.decay**self._t)
        params = dict(self._target.namedparams(include_uninit=False))
        for path, average in self.model.namedparams():
            if path not in params:
                continue
            if kept == 0 or not average.is_initialized:
                average.copydata(params[path])
                if average.dtype == 'float16':
                    self._upcast[path] = average.array.astype('float32')
                continue
            array = self._upcast.get(path, average.array)
            array += (1 - kept) * (params[path].array - array)
            if path in self._upcast:
                copyto(average.array, array.astype('float16'))
        for mine, other in zip(self.model.links(), self._target.links()):
            for name in other._persistent:
                setattr(mine, name, copy.deepcopy(getattr(other, name)))

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the average and the number of calls."""
        self._t = int(serializer('t', self._t))
        self.model.serialize(serializer['model'])
        for path, average in self.model.namedparams(include_uninit=False):
            if average.dtype == 'float16' and self._t:
                self._upcast.setdefault(path, average.array.astype('float32'))
                self._upcast[path] = serializer['wide'](path, self._upcast[path])

    def __repr__(self) -> str:
        return f'ExponentialMovingAverage({type(self._target).__name__}, decay={self.decay}, t={self._t})'


def copy_model(model: Link) -> Link:
    """Return a copy of a model with its own arrays, without gradients and without the state of an optimizer."""
    memo: dict[int, Any] = {id(param.update_rule): None for param in model.params()}  # copied as None
    copied = copy.deepcopy(model, memo)
    for param in copied.params():
        param.cleargrad()
    return copied
