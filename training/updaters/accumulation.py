"""Gradient accumulation: one update for the gradients of several batches."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from chaingrad.links.reporter import DictSummary, Reporter, get_current_reporter, report
from chaingrad.links.serializers.serializer import Serializer
from chaingrad.training.dataset.convert import call_converter
from chaingrad.training.updaters.calling import call_with


class Accumulation:
    """The iterations of a `StandardUpdater` that are made of `k` batches each.

    gradient = sum_i n_i g_i / sum_i n_i, with n_i examples in batch i. Batches are drawn one after the other, so that
    only one is in memory. A signal that ends the wait for a batch may leave an iteration half made: then the gradients
    gathered so far are in the snapshot, and the resumed run goes on with the next batch.

    Args:
        k: Number of batches.
    """

    def __init__(self, k: int) -> None:
        self.k = k
        self.previous_epoch_detail = 0.0
        self.n_new_epochs = 0  # that ended within the last iteration
        self._begin()

    def _begin(self) -> None:
        self._before = 0.0
        self._sizes: list[int] = []
        self._n_new = 0
        self._reports = _Reports()

    def update(self, updater: Any, iterator: Any, optimizer: Any) -> None:
        """Make one iteration, or the rest of one."""
        sizes = self._sizes
        if not sizes:
            self._before = iterator.epoch_detail
        while len(sizes) < self.k:
            try:
                batch = iterator.next()
            except StopIteration:  # an iterator that ends: what has come makes the last update
                if not sizes:
                    raise
                break
            arrays = call_converter(updater.converter, batch, updater.input_device)
            with self._reports.of(len(batch)):
                loss = call_with(arrays, updater.loss_func or optimizer.target)
            sizes.append(len(batch))
            if len(sizes) == 1:
                _clear_gradients(optimizer)
            _backward(loss, sizes[-1] / sizes[0], optimizer, updater.loss_scale)
            self._n_new += bool(iterator.is_new_epoch)
        for param in optimizer.target.params():
            gradient = param.grad
            if gradient is not None:
                gradient /= sum(sizes) / sizes[0]
        optimizer.update()
        self._reports.hand_on()
        self.previous_epoch_detail, self.n_new_epochs = self._before, self._n_new
        self._begin()
        for _ in range(self.n_new_epochs if updater.auto_new_epoch else 0):
            optimizer.new_epoch(auto=True)

    def serialize(self, serializer: Any, target: Any) -> None:
        """Save or load what is known of the last iteration, and what is gathered of the next."""
        params = dict(target.namedparams())
        known = [path for path, param in params.items() if self._sizes and param.grad is not None]
        last, gathered = (
            [self.previous_epoch_detail, self.n_new_epochs],
            [self._before, self._sizes, self._n_new, known],
        )
        try:
            text = serializer('accumulation', json.dumps([self.k, last, gathered]))
        except KeyError:  # a run that did not accumulate
            return
        if not isinstance(serializer, Serializer):
            k, (self.previous_epoch_detail, self.n_new_epochs), gathered = json.loads(text)
            self._before, self._sizes, self._n_new, known = gathered
            if self._sizes and k != self.k:
                raise ValueError(
                    f'StandardUpdater: the saved run has stopped inside an iteration of accumulate={k} batches, but '
                    f'here accumulate is {self.k}. Resume with the same number.'
                )
        for path in known:
            param = params[path]
            if not isinstance(serializer, Serializer):
                param.grad = param.xp.empty_like(param.array)
            serializer['gradients'](path, param.grad)
        if self._sizes:
            self._reports.serialize(serializer['reports'])


def _clear_gradients(optimizer: Any) -> None:
    if getattr(optimizer, '_use_cleargrads', True):
        optimizer.target.cleargrads()
    else:
        optimizer.target.zerograds()


def _backward(loss: Any, weight: float, optimizer: Any, loss_scale: float | None) -> None:
    if not hasattr(loss, 'backward'):
        raise TypeError(
            f'StandardUpdater: loss_func must return the loss as a Variable, but it is a {type(loss).__name__}.'
        )
    if weight != 1:  # batches of one size need no factor, only the division in the end
        loss = loss * weight
    loss.backward(loss_scale=getattr(optimizer, '_loss_scale', loss_scale))


class _Reports:
    """What is reported for each batch, averaged over the examples; of values that are no numbers, the last."""

    def __init__(self) -> None:
        self._summary = DictSummary()
        self._weights: dict[str, float] = {}  # of values that were reported with a weight of their own
        self._last: dict[str, Any] = {}

    @contextlib.contextmanager
    def of(self, n_examples: int) -> Iterator[None]:
        """Collect what is reported in the block."""
        observation: dict[str, Any] = {}
        try:
            reporter = get_current_reporter()
        except IndexError:  # the updater is used without a trainer: nobody listens
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

    def hand_on(self) -> None:
        """Report the means, to the reporter in use."""
        means = {**self._last, **self._summary.compute_mean()}
        report({name: (v, self._weights[name]) if name in self._weights else v for name, v in means.items()})

    def serialize(self, serializer: Any) -> None:
        """Save or load the sums; what is no number is reported by the next batch again."""
        self._summary.serialize(serializer['summary'])
        self._weights = json.loads(serializer('weights', json.dumps(self._weights)))
