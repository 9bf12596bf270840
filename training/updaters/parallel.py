"""An updater that divides a batch among several copies of a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chaingrad.autograd.backends import get_device
from chaingrad.links.link import Link
from chaingrad.links.serializer import AbstractSerializer, Serializer
from chaingrad.optimizers.optimizer import Optimizer
from chaingrad.training.dataset.convert import call_converter, concat_examples
from chaingrad.training.iterators.iterator import Iterator
from chaingrad.training.updaters.calling import call_with
from chaingrad.training.updaters.standard import StandardUpdater

if TYPE_CHECKING:
    from chaingrad.training.trainer import Trainer


class ParallelUpdater(StandardUpdater):
    """Divide each batch among copies of the model, add up their gradients and give all of them the new parameters.

    Each copy has its own device. The gradients are added, so the step is that of the sum of the losses; each loss is
    usually a mean over its share of the batch.

    Args:
        iterator (Iterator or dict): a dataset iterator, or a dict of them with `'main'`.
        optimizer (Optimizer or dict): an optimizer whose target is the main model, or a dict of them with `'main'`.
        converter (callable): makes arrays of a share of a batch; called with the share and the model's device.
        models (dict): models by name, with `'main'`. Default: the optimizer's target, and a copy of it for every other
            device.
        devices (dict): devices by the names of the models; `'main'` first.
        loss_func (callable): called instead of each model.
        loss_scale (float): factor on the losses, by which the gradients are divided again.
        auto_new_epoch (bool): whether to call the optimizer's `new_epoch` after every epoch.

    Raises:
        ValueError: when neither models nor devices are given, or their names differ, or `'main'` is not among them.
        KeyError: when no optimizer is named `'main'`.

    Example:
        >>> import numpy as np
        >>> import chaingrad
        >>> import chaingrad.functions as F
        >>> import chaingrad.links as L
        >>> from chaingrad import iterators, training
        >>> model = L.Linear(2, 1)
        >>> optimizer = chaingrad.optimizers.SGD().setup(model)
        >>> updater = training.ParallelUpdater(
        ...     iterators.SerialIterator([np.ones(2, 'f')] * 4, 4), optimizer, devices={'main': -1, 'second': -1},
        ...     loss_func=lambda x: F.sum(model(x)))
        >>> updater.update()
        >>> updater.iteration
        1
    """

    def __init__(
        self,
        iterator: Iterator | dict[str, Iterator],
        optimizer: Optimizer | dict[str, Optimizer],
        converter: Callable[..., Any] = concat_examples,
        models: dict[str, Link] | None = None,
        devices: dict[str, Any] | None = None,
        loss_func: Callable[..., Any] | None = None,
        loss_scale: float | None = None,
        auto_new_epoch: bool = True,
    ) -> None:
        super().__init__(
            iterator, optimizer, converter, loss_func=loss_func, loss_scale=loss_scale, auto_new_epoch=auto_new_epoch
        )
        if not models and not devices:
            raise ValueError('ParallelUpdater: either models or devices must be specified.')
        names = list(models or devices or ())
        names_differ = bool(models) and bool(devices) and set(models or ()) != set(devices or ())
        if 'main' not in names or names_differ:
            raise ValueError(
                "ParallelUpdater: models and devices need the same names, one of them 'main', but models has "
                f'{list(models or ())} and devices {list(devices or ())}.'
            )
        main = self._optimizers['main'].target
        if not models:
            models = {name: main if name == 'main' else main.copy('copy') for name in names}
        self._models = models
        self._devices = {}
        for name, model in self._models.items():
            if devices is not None:
                model.to_device(get_device(devices[name]))
            self._devices[name] = model.device

    def connect_trainer(self, trainer: Trainer) -> None:
        """Make the trainer's reporter observe the other models too, under their own names."""
        for name, model in self._models.items():
            if model is not self._optimizers['main'].target:
                trainer.reporter.add_observer(name, model)
                trainer.reporter.add_observers(name, model.namedlinks(skipself=True))

    def update_core(self) -> None:
        """Update all models by the gradients of one batch."""
        iterator = self._iterators['main']
        optimizer = self._optimizers['main']
        main = optimizer.target
        models = self._models
        batch = iterator.next()
        losses = []
        for i, (name, model) in enumerate(models.items()):
            share = batch[i :: len(models)]
            if len(share) == 0:
                raise ValueError(
                    f'ParallelUpdater: a batch of {len(batch)} cannot be shared among {len(models)} models. '
                    'Use larger batches, or repeat=True in the iterator.'
                )
            device = self._devices[name]
            with device.create_context():
                arrays = call_converter(self.converter, share, device)
                losses.append(call_with(arrays, self.loss_func or model))
        for model in models.values():
            model.cleargrads()
        for loss in losses:
            loss.backward(loss_scale=self.loss_scale)
        others = [model for model in models.values() if model is not main]
        for model in others:
            main.addgrads(model)
        optimizer.update()
        for model in others:
            model.copyparams(main)
        if self.auto_new_epoch and iterator.is_new_epoch:
            optimizer.new_epoch(auto=True)

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load as `StandardUpdater` does; the other models become copies of the main one."""
        super().serialize(serializer)
        main = self._optimizers['main'].target
        if not isinstance(serializer, Serializer):
            for model in self._models.values():
                if model is not main:
                    model.copyparams(main)
