"""The updater of ordinary training, whose iterations are a batch, its loss, the gradients and an update."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chaingrad.autograd.backends import get_device
from chaingrad.autograd.backends.device import Device
from chaingrad.autograd.tracebacks import short_traceback
from chaingrad.links.serializer import AbstractSerializer, Serializer
from chaingrad.optimizers.optimizer import Optimizer
from chaingrad.training.dataset.convert import call_converter, concat_examples
from chaingrad.training.iterators.iterator import Iterator
from chaingrad.training.updaters.accumulation import Accumulation
from chaingrad.training.updaters.calling import call_with, name_main
from chaingrad.training.updaters.updater import Updater


class StandardUpdater(Updater):
    """Make an iteration from a batch: draw it, compute the loss, and update the parameters by its gradients.

    The loss function is called with the converted batch: a tuple as arguments, a dict as keywords, anything else as the
    only argument. Subclass it and override `update_core` for other kinds of iterations, with several optimizers for
    example.

    Args:
        iterator (Iterator or dict): a dataset iterator, or a dict of them; the one that counts epochs is `'main'`.
        optimizer (Optimizer or dict): an optimizer with a target, or a dict of them; `update_core` uses `'main'`, so a
            subclass that overrides it may have others only.
        converter (callable): makes arrays of a batch; called with the batch and the device.
        device: device that the targets and the batches are sent to. Default: they stay where they are.
        loss_func (callable): called instead of the main optimizer's target.
        loss_scale (float): factor on the loss, by which the gradients are divided again; it keeps float16 gradients
            from vanishing.
        auto_new_epoch (bool): whether to call the optimizer's `new_epoch` after every epoch.
        input_device: device that the batches are sent to. Default: `device`.
        accumulate (int): number of batches in one iteration. Their gradients are averaged over all examples before the
            update, so that k batches of n give the step of one batch of k * n, in the memory of one batch of n; the
            values that the model reports are averaged in the same way. A loss is assumed to be a mean over its batch.

    Raises:
        ValueError: when a dict of iterators has no `'main'`, or `accumulate` is not a positive integer.

    Example:
        >>> import numpy as np
        >>> import chaingrad
        >>> import chaingrad.functions as F
        >>> import chaingrad.links as L
        >>> from chaingrad import iterators, training
        >>> from chaingrad.datasets import TupleDataset
        >>> model = L.Linear(2, 1)
        >>> optimizer = chaingrad.optimizers.SGD().setup(model)
        >>> iterator = iterators.SerialIterator(TupleDataset(np.eye(2, dtype='f'), np.ones((2, 1), 'f')), 2)
        >>> updater = training.StandardUpdater(
        ...     iterator, optimizer, loss_func=lambda x, t: F.mean_squared_error(model(x), t))
        >>> updater.update()
        >>> updater.iteration, updater.epoch
        (1, 1)
    """

    def __init__(
        self,
        iterator: Iterator | dict[str, Iterator],
        optimizer: Optimizer | dict[str, Optimizer],
        converter: Callable[..., Any] = concat_examples,
        device: Any = None,
        loss_func: Callable[..., Any] | None = None,
        loss_scale: float | None = None,
        auto_new_epoch: bool = True,
        *,
        input_device: Any = None,
        accumulate: int = 1,
    ) -> None:
        if not isinstance(accumulate, int) or accumulate < 1:
            raise ValueError(f'StandardUpdater: accumulate must be an integer of at least 1, but it is {accumulate!r}.')
        self._iterators = name_main('StandardUpdater', 'iterator', iterator, Iterator)
        self._optimizers = optimizer if isinstance(optimizer, dict) else {'main': optimizer}
        self.converter = converter
        self.loss_func = loss_func
        self.loss_scale = loss_scale
        self.auto_new_epoch = auto_new_epoch
        self.iteration = 0
        self._accumulation = Accumulation(accumulate) if accumulate > 1 else None
        self._device = None if device is None else get_device(device)
        self._input_device = self._device if input_device is None else get_device(input_device)
        for each in self._optimizers.values():
            if self._device is not None and getattr(each, 'target', None) is not None:
                each.target.to_device(self._device)
            if loss_scale is not None:
                each.set_loss_scale(loss_scale)
            if auto_new_epoch:
                each.use_auto_new_epoch = True
            connect = getattr(each, 'connect_updater', None)  # an optimizer of several ranks looks at the iterator
            if connect is not None:
                connect(self)

    @property
    def device(self) -> Device | None:
        """Return the device of the targets, or None."""
        return self._device

    @property
    def input_device(self) -> Device | None:
        """Return the device that batches are sent to, or None."""
        return self._input_device

    @property
    def epoch(self) -> int:
        """Return the number of finished epochs of the main dataset."""
        return self._iterators['main'].epoch

    @property
    def epoch_detail(self) -> float:
        """Return the number of epochs so far, including the fraction of the present one."""
        return self._iterators['main'].epoch_detail

    @property
    def previous_epoch_detail(self) -> float:
        """Return `epoch_detail` as it was before the last iteration."""
        if self._accumulation is not None:
            return self._accumulation.previous_epoch_detail
        return self._iterators['main'].previous_epoch_detail

    @property
    def is_new_epoch(self) -> bool:
        """Return whether the last iteration was the last of an epoch."""
        if self._accumulation is not None:
            return self._accumulation.n_new_epochs > 0
        return self._iterators['main'].is_new_epoch

    def get_optimizer(self, name: str) -> Any:
        """Return the optimizer of this name."""
        return self._optimizers[name]

    def get_all_optimizers(self) -> dict[str, Any]:
        """Return all optimizers by name, as a new dict."""
        return dict(self._optimizers)

    def get_iterator(self, name: str) -> Iterator:
        """Return the iterator of this name."""
        return self._iterators[name]

    def update(self) -> None:
        """Make one iteration."""
        with short_traceback():
            self.update_core()
        self.iteration += 1

    def update_core(self) -> None:
        """Update the parameters by one batch."""
        iterator = self._iterators['main']
        optimizer = self._optimizers.get('main')
        if optimizer is None:
            raise KeyError(
                f"{type(self).__name__}: update_core needs an optimizer named 'main', but there are only "
                f'{sorted(self._optimizers)}. Override update_core, or name one so.'
            )
        if self._accumulation is not None:
            self._accumulation.update(self, iterator, optimizer)
            return
        arrays = call_converter(self.converter, iterator.next(), self._input_device)
        call_with(arrays, optimizer.update, self.loss_func or optimizer.target)
        if self.auto_new_epoch and iterator.is_new_epoch:
            optimizer.new_epoch(auto=True)

    def finalize(self) -> None:
        """Finalize the iterators."""
        for iterator in self._iterators.values():
            iterator.finalize()

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load iterators, optimizers, their targets and the number of iterations."""
        for name, iterator in self._iterators.items():
            iterator.serialize(serializer[f'iterator:{name}'])
        for name, optimizer in self._optimizers.items():
            # Files have the optimizer first, as Chainer's do. When loading, the model comes first: if it is another
            # one than was saved, the error then lists all keys that differ.
            if isinstance(serializer, Serializer):
                optimizer.serialize(serializer[f'optimizer:{name}'])
                optimizer.target.serialize(serializer[f'model:{name}'])
            else:
                optimizer.target.serialize(serializer[f'model:{name}'])
                optimizer.serialize(serializer[f'optimizer:{name}'])
        self.iteration = int(serializer('iteration', self.iteration))
        if self._accumulation is not None:
            self._accumulation.serialize(serializer['chaingrad'], self._optimizers['main'].target)

    def __repr__(self) -> str:
        iterator, optimizer = _repr_of(self._iterators), _repr_of(self._optimizers)
        return f'{type(self).__name__}({iterator}, {optimizer}, iteration={self.iteration})'


def _repr_of(parts: dict[str, Any]) -> str:
    return repr(parts['main']) if list(parts) == ['main'] else repr(parts)
