"""An updater that shares a batch among several copies of a model."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.backends import get_device
from chaingrad.links.serializers.serializer import Serializer
from chaingrad.training.dataset.convert import call_converter, concat_examples
from chaingrad.training.updaters.calling import call_with
from chaingrad.training.updaters.standard import StandardUpdater


class ParallelUpdater(StandardUpdater):
    """Share each batch among copies of the model, add up their gradients and update all of them alike.

    The copies live on devices of their own. Their gradients are added, so the step is that of the sum of the losses;
    each loss is usually a mean over its share.

    Args:
        iterator: A dataset iterator, or a dict of them with `'main'`.
        optimizer: An optimizer whose target is the main model, or a dict of them with `'main'`.
        converter: Makes arrays of a share of a batch; called with the share and the model's device.
        models: Dict of models with `'main'`; by default the optimizer's target and a copy of it for every other device.
        devices: Dict from the models' names to devices; `'main'` first.
        loss_func: Called instead of each model.
        loss_scale: Factor on the losses, taken off the gradients again.
        auto_new_epoch: Whether to tell the optimizer of every new epoch.

    Raises:
        ValueError: Neither models nor devices are given, or their names differ, or `'main'` is not among them.
        KeyError: The optimizers have no `'main'`.

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
        iterator: Any,
        optimizer: Any,
        converter: Any = concat_examples,
        models: dict[str, Any] | None = None,
        devices: dict[str, Any] | None = None,
        loss_func: Any = None,
        loss_scale: float | None = None,
        auto_new_epoch: bool = True,
    ) -> None:
        super().__init__(
            iterator, optimizer, converter, loss_func=loss_func, loss_scale=loss_scale, auto_new_epoch=auto_new_epoch
        )
        if not models and not devices:
            raise ValueError('ParallelUpdater: either models or devices must be specified.')
        names = list(models or devices or ())
        if 'main' not in names or devices and models and set(devices) != set(models):
            raise ValueError(
                "ParallelUpdater: models and devices need the same names, one of them 'main', but models has "
                f'{list(models or ())} and devices {list(devices or ())}.'
            )
        main = self._optimizers['main'].target
        self._models = models or {name: main if name == 'main' else main.copy('copy') for name in names}
        self._devices = {}
        for name, model in self._models.items():
            if devices is not None:
                model.to_device(get_device(devices[name]))
            self._devices[name] = model.device

    def connect_trainer(self, trainer: Any) -> None:
        """Let the other models report too, under their own names."""
        for name, model in self._models.items():
            if model is not self._optimizers['main'].target:
                trainer.reporter.add_observer(name, model)
                trainer.reporter.add_observers(name, model.namedlinks(skipself=True))

    def update_core(self) -> None:
        """Update all models by the gradients of one batch."""
        iterator, optimizer = self._iterators['main'], self._optimizers['main']
        main, models = optimizer.target, self._models
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
                losses.append(call_with(call_converter(self.converter, share, device), self.loss_func or model))
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

    def serialize(self, serializer: Any) -> None:
        """Save or load as `StandardUpdater`; the other models are copies of the main one."""
        super().serialize(serializer)
        main = self._optimizers['main'].target
        if not isinstance(serializer, Serializer):
            for model in self._models.values():
                if model is not main:
                    model.copyparams(main)
