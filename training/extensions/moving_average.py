"""The extension that averages the weights of a model over the training."""

from __future__ import annotations

import copy
from typing import Any

from chaingrad.autograd.backends import copyto
from chaingrad.links.link import Link
from chaingrad.training.extension import PRIORITY_WRITER, Extension


class ExponentialMovingAverage(Extension):
    """Keep an exponential moving average of a model's parameters, often a better model than the last one.

    average after t calls = sum_i decay**(t - i) p_i / sum_i decay**(t - i),  i = 1 ... t

    The weights sum up to one from the first call on, so that the values before training do not count. The average is
    the attribute `model`, a copy of the model with persistents (such as the statistics of batch normalization) of the
    latest state: evaluate it, save it, or at the end `model.copyparams(average.model)`. A snapshot of the trainer holds
    it; a resumed run goes on bit for bit.

    Args:
        target: The model.
        decay: Between 0 and 1; about the latest 1 / (1 - decay) calls count.

    Raises:
        TypeError: The target is no link.
        ValueError: `decay` is not between 0 and 1.

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
        self.model = copied(target)
        self._t = 0
        self._wide: dict[str, Any] = {}  # float32 averages of float16 parameters, which would lose small changes

    def __call__(self, trainer: Any) -> None:
        """Take in the present parameters."""
        self._t += 1
        kept = self.decay * (1 - self.decay ** (self._t - 1)) / (1 - self.decay**self._t)
        params = dict(self._target.namedparams(include_uninit=False))
        for path, average in self.model.namedparams():
            if path not in params:
                continue
            if kept == 0 or not average.is_initialized:
                average.copydata(params[path])
                if average.dtype == 'float16':
                    self._wide[path] = average.array.astype('float32')
                continue
            array = self._wide.get(path, average.array)
            array += (1 - kept) * (params[path].array - array)
            if path in self._wide:
                copyto(average.array, array.astype('float16'))
        for mine, other in zip(self.model.links(), self._target.links()):
            for name in other._persistent:
                setattr(mine, name, copy.deepcopy(getattr(other, name)))

    def serialize(self, serializer: Any) -> None:
        """Save or load the average and the number of calls."""
        self._t = int(serializer('t', self._t))
        self.model.serialize(serializer['model'])
        for path, average in self.model.namedparams(include_uninit=False):
            if average.dtype == 'float16' and self._t:
                self._wide.setdefault(path, average.array.astype('float32'))
                self._wide[path] = serializer['wide'](path, self._wide[path])

    def __repr__(self) -> str:
        return f'ExponentialMovingAverage({type(self._target).__name__}, decay={self.decay}, t={self._t})'


def copied(model: Link) -> Any:
    """Return a copy of a model with arrays of its own, without gradients and the state of an optimizer."""
    rules = {id(param.update_rule): None for param in model.params()}
    found = copy.deepcopy(model, rules)  # what the memo has is not copied
    for param in found.params():
        param.cleargrad()
    return found
