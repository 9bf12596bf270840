"""Gradient accumulation: one update by the gradients of several batches."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Generator
from typing import Any

from chaingrad.autograd.variable import Variable
from chaingrad.links.link import Link
from chaingrad.links.reporter import DictSummary, Reporter, get_current_reporter, report
from chaingrad.links.serializer import AbstractSerializer, Serializer
from chaingrad.optimizers.optimizer import Optimizer
from chaingrad.training.dataset.convert import call_converter
from chaingrad.training.iterators.iterator import Iterator
from chaingrad.training.updaters.calling import call_with


class Accumulation:
    """Make the iterations of a `StandardUpdater` from `k` batches each.

    gradient = sum_i n_i g_i / sum_i n_i, with n_i examples in batch i. Batches are drawn one after the other, so that
    only one is in memory. A signal that ends the wait for a batch may interrupt an iteration: then the snapshot holds
    the gradients accumulated so far, and the resumed run goes on with the next batch.

    Args:
        k (int): number of batches in an iteration.
    """

    def __init__(self, k: int) -> None:
        self.k = k
        self.previous_epoch_detail = 0.0
        self.n_new_epochs = 0  # number of epochs that ended in the last iteration
        self._start_iteration()

    def _start_iteration(self) -> None:
        self._first_epoch_detail = 0.0  # that of the iterator before the iteration
        self._sizes: list[int] = []  # numbers of examples in the batches so far
        self._n_epochs_so_far = 0  # number of epochs that ended in the iteration
        self._reports = _Reports()

    def update(self, updater: Any, iterator: Iterator, optimizer: Optimizer) -> None:
        """Make one iteration, or the rest of an interrupted one."""
        sizes = self._sizes
        if not sizes:
            self._first_epoch_detail = iterator.epoch_detail
        while len(sizes) < self.k:
            try:
                batch = iterator.next()
            except StopIteration:  # the iterator ends: the last update has fewer batches
                if not sizes:
                    raise
                break
            arrays = call_converter(updater.converter, batch, updater.input_device)
            with self._reports.collect(len(batch)):
                loss = call_with(arrays, updater.loss_func or optimizer.target)
            sizes.append(len(batch))
            if len(sizes) == 1:
                _clear_gradients(optimizer)
            _backward(loss, sizes[-1] / sizes[0], optimizer, updater.loss_scale)
            if iterator.is_new_epoch:
                self._n_epochs_so_far += 1
        for param in optimizer.target.params():
            gradient = param.grad
            if gradient is not None:
                gradient /= sum(sizes) / sizes[0]
        optimizer.update()
        self._reports.report_means()
        self.previous_epoch_detail = self._first_epoch_detail
        self.n_new_epochs = self._n_epochs_so_far
        self._start_iteration()
        if updater.auto_new_epoch:
            for _ in range(self.n_new_epochs):
                optimizer.new_epoch(auto=True)

    def serialize(self, serializer: AbstractSerializer, target: Link) -> None:
        """Save or load the counts of the last iteration, and the gradients and reports of an interrupted one."""
        params = dict(target.namedparams())
        paths = [path for path, param in params.items() if self._sizes and param.grad is not None]
        last = [self.previous_epoch_detail, self.n_new_epochs]
        interrupted = [self._first_epoch_detail, self._sizes, self._n_epochs_so_far, paths]
        try:
            text = serializer('accumulation', json.dumps([self.k, last, interrupted]))
        except KeyError:  # the saved run did not accumulate
            return
        if not isinstance(serializer, Serializer):
            k, last, interrupted = json.loads(text)
            self.previous_epoch_detail, self.n_new_epochs = last
            self._first_epoch_detail, self._sizes, self._n_epochs_so_far, paths = interrupted
            if self._sizes and k != self.k:
                raise ValueError(
                    f'StandardUpdater: the saved run has stopped inside an iteration of accumulate={k} batches, but '
                    f'here accumulate is {self.k}. Resume with the same number.'
                )
        for path in paths:
            param = params[path]
            if not isinstance(serializer, Serializer):
                param.grad = param.xp.empty_like(param.array)
            serializer['gradients'](path, param.grad)
        if self._sizes:
            self._reports.serialize(serializer['reports'])


def _clear_gradients(optimizer: Optimizer) -> None:
    if getattr(optimizer, '_use_cleargrads', True):
        optimizer.target.cleargrads()
    else:
        optimizer.target.zerograds()


def _backward(loss: Variable, weight: float, optimizer: Optimizer, loss_scale: float | None) -> None:
    if not hasattr(loss, 'backward'):
        raise TypeError(
            f'StandardUpdater: loss_func must return the loss as a Variable, but it is a {type(loss).__name__}.'
        )
    if weight != 1:  # batches of one size need only the division at the end
        loss = loss * weight
    loss.backward(loss_scale=getattr(optimizer, '_loss_scale', loss_scale))


class _Reports:
    """Averages over the examples of the values reported for each batch; of values that are not numbers, the last."""

    def __init__(self) -> None:
        self._summary = DictSummary()
        self._weights: dict[str, float] = {}  # sums of the weights, of values that were reported with a weight
        self._last: dict[str, Any] = {}

    @contextlib.contextmanager
    def collect(self, n_examples: int) -> Generator[None, None, None]:
        """Collect the values reported in the block."""
        observation: dict[str, Any] = {}
        try:
            reporter = get_current_reporter()
        except IndexError:  # the updater is used without a trainer
            reporter = Reporter()
        with reporter.scope(observation):
            yield
        for name, value in observation.items():
            if isinstance(value, tuple) and len(value) == 2:
                self._weights[name] = self._weights.get(name, 0.0) + float(value[1])
            else:
                value = value, n_examples
            self._summary.add({name: value})
            self._last[name] = value[0]

    def report_means(self) -> None:
        """Report the means to the current reporter."""
        means: dict[str, Any] = {**self._last, **self._summary.compute_mean()}
        for name, mean in means.items():
            if name in self._weights:
                means[name] = (mean, self._weights[name])
        report(means)

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the sums; values that are not numbers are reported again by the next batch."""
        self._summary.serialize(serializer['summary'])
        self._weights = json.loads(serializer('weights', json.dumps(self._weights)))
