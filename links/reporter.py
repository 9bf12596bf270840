"""Reports: how models hand values such as the loss to whoever observes them, and the summaries of such values.

A model calls `report({'loss': loss}, self)`; a Trainer, or anybody with a Reporter, collects `{'main/loss': loss}`. The
reporter in use is one per thread.
"""

from __future__ import annotations

import contextlib
import json
import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from chaingrad.autograd.backends.array_module import is_array
from chaingrad.autograd.configuration import config
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.links.serializers.serializer import Serializer


class Reporter:
    """Collects the values that observers report, under the names of the observers.

    An observer is any object, usually a link, that was given a name. Use the reporter in a `with` statement to make it
    the one that `report` finds in this thread.

    Attributes:
        observation: dict of the values reported in the current scope.

    Example:
        >>> import chaingrad
        >>> reporter, model = chaingrad.Reporter(), chaingrad.Chain()
        >>> reporter.add_observer('main', model)
        >>> observation = {}
        >>> with reporter.scope(observation):
        ...     reporter.report({'loss': 0.5}, model)
        >>> observation
        {'main/loss': 0.5}
    """

    def __init__(self) -> None:
        # Observers are found by id; they are kept, or a new object could take the id of one that is gone.
        self._observers: dict[int, tuple[Any, str]] = {}
        self.observation: dict[str, Any] = {}

    def __enter__(self) -> Reporter:
        _in_use.reporters = (*_in_use.reporters, self)
        return self

    def __exit__(self, *error: object) -> None:
        _in_use.reporters = _in_use.reporters[:-1]

    @contextlib.contextmanager
    def scope(self, observation: dict[str, Any]) -> Iterator[None]:
        """Make this the reporter of the thread, collecting into a dict, inside a `with` block.

        Args:
            observation: filled in place.
        """
        outer = self.observation
        self.observation = observation
        try:
            with self:
                yield
        finally:
            self.observation = outer

    def add_observer(self, name: str, observer: Any) -> None:
        """Give an observer its name.

        Args:
            name: put before the names of its values, with a slash between.
            observer: any object.
        """
        self._observers[id(observer)] = observer, name

    def add_observers(self, prefix: str, observers: Iterable[tuple[str, Any]]) -> None:
        """Give several observers their names.

        Args:
            prefix: put before every name.
            observers: pairs of name and observer, such as `link.namedlinks()`.
        """
        for name, observer in observers:
            self._observers[id(observer)] = observer, prefix + name

    def report(self, values: Mapping[str, Any], observer: Any = None) -> None:
        """Collect values.

        A Variable is kept without its graph, unless `config.keep_graph_on_report` is on.

        Args:
            values: value by name.
            observer: whose values they are; None for nobody's, whose names stay as they are.

        Raises:
            KeyError: when the observer was given no name.
        """
        prefix = ''
        if observer is not None:
            if id(observer) not in self._observers:
                raise KeyError(
                    f'report: the observer must be registered, but this {type(observer).__name__} is not. '
                    'Call reporter.add_observer(name, observer), or set up the optimizer with the link that reports.'
                )
            prefix = self._observers[id(observer)][1] + '/'
        keep = config.keep_graph_on_report
        for name, value in values.items():
            if not keep and isinstance(value, Variable):
                value = Variable(value.array, name=value.name)
            self.observation[prefix + name] = value


class _InUse(threading.local):
    # A class attribute is what every thread starts with.
    reporters: tuple[Reporter, ...] = ()


_in_use = _InUse()


def get_current_reporter() -> Reporter:
    """Return the reporter in use in the current thread.

    Raises:
        IndexError: when there is none.

    Example:
        >>> import chaingrad
        >>> with chaingrad.Reporter() as reporter:
        ...     chaingrad.get_current_reporter() is reporter
        True
    """
    if not _in_use.reporters:
        raise IndexError('get_current_reporter: no reporter is in use in this thread. Use one in a `with` statement.')
    return _in_use.reporters[-1]


def report(values: Mapping[str, Any], observer: Any = None) -> None:
    """Report values to the reporter in use in the current thread; do nothing when there is none.

    Args:
        values: value by name.
        observer: whose values they are, usually the link that calls.

    Example:
        >>> import chaingrad
        >>> reporter = chaingrad.Reporter()
        >>> with reporter:
        ...     chaingrad.report({'x': 1})
        >>> reporter.observation
        {'x': 1}
    """
    if _in_use.reporters:
        _in_use.reporters[-1].report(values, observer)


@contextlib.contextmanager
def report_scope(observation: dict[str, Any]) -> Iterator[None]:
    """Collect into another dict what the current reporter is told inside a `with` block.

    Args:
        observation: filled in place.

    Example:
        >>> import chaingrad
        >>> inner = {}
        >>> with chaingrad.Reporter(), chaingrad.report_scope(inner):
        ...     chaingrad.report({'x': 1})
        >>> inner
        {'x': 1}
    """
    current = get_current_reporter()
    outer = current.observation
    current.observation = observation
    try:
        yield
    finally:
        current.observation = outer


class Summary:
    """Weighted mean and standard deviation of values that come one by one.

    mean = sum(w x) / sum(w),  std = sqrt(sum(w x^2) / sum(w) - mean^2)

    Sums are float64, so that a long epoch of float32 values loses nothing.

    Example:
        >>> from chaingrad.reporter import Summary
        >>> summary = Summary()
        >>> summary.add(1.0)
        >>> summary.add(4.0, weight=2)
        >>> float(summary.compute_mean())
        3.0
    """

    def __init__(self) -> None:
        self._x: Any = 0.0
        self._x2: Any = 0.0
        self._n: Any = 0

    def add(self, value: Any, weight: Any = 1) -> None:
        """Add a value.

        Args:
            value: number, array or Variable; arrays are summed element by element.
            weight: its weight, such as the number of samples that it is the mean of.
        """
        value = _as_sum(value)
        weight = _as_sum(weight) if isinstance(weight, Variable) or is_array(weight) else weight
        self._x = self._x + weight * value
        self._x2 = self._x2 + weight * (value * value)
        self._n = self._n + weight

    def compute_mean(self) -> Any:
        """Return the weighted mean; NaN when nothing was added."""
        return self._over_weight(self._x)

    def make_statistics(self) -> tuple[Any, Any]:
        """Return the weighted mean and the standard deviation of the population."""
        mean = self.compute_mean()
        # Rounding can make the variance of equal values negative.
        return mean, (self._over_weight(self._x2) - mean * mean).clip(0) ** 0.5

    def _over_weight(self, total: Any) -> Any:
        if not self._n:
            return np.float64(np.nan)
        return np.float64(total) / self._n if isinstance(total, (int, float)) else total / self._n

    def serialize(self, serializer: Any) -> None:
        """Save or load the sums by a serializer."""
        saving = isinstance(serializer, Serializer)
        try:
            # None asks for what the file holds, whether the sums were float32 or float64, the weights int or float.
            sums = [serializer(key, getattr(self, key) if saving else None) for key in ('_x', '_x2', '_n')]
        except KeyError:
            warnings.warn('Summary: the file has no sums (an old snapshot): they stay as they are.', stacklevel=2)
            return
        if not saving:
            self._x, self._x2, self._n = (_plain(x) for x in sums)


def _as_sum(value: Any) -> Any:
    """Return a value as it goes into a sum: a Python float where it has one element, else a float64 array."""
    array = as_array(value)
    if isinstance(array, np.ndarray):
        return float(array) if array.ndim == 0 else array.astype(np.float64)
    if is_array(array):
        return array.astype(np.float64)  # stays on the GPU: fetching every value would wait for it
    return float(array)


def _plain(value: Any) -> Any:
    """Return a number of a file, which comes as a 0-d array where the type is not known, as a Python number."""
    return value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value


class DictSummary:
    """Means and standard deviations of the values of dicts that come one by one.

    Values that are no single number (texts, arrays) are left out.

    Example:
        >>> from chaingrad.reporter import DictSummary
        >>> summary = DictSummary()
        >>> summary.add({'loss': 1.0})
        >>> summary.add({'loss': 2.0, 'accuracy': 0.5})
        >>> {name: float(mean) for name, mean in summary.compute_mean().items()}
        {'loss': 1.5, 'accuracy': 0.5}
    """

    def __init__(self) -> None:
        self._summaries: dict[str, Summary] = {}

    def add(self, d: Mapping[str, Any]) -> None:
        """Add the values of a dict.

        Args:
            d: number by name, or pair of number and weight.
        """
        for name, value in d.items():
            weight: Any = 1
            if isinstance(value, tuple) and len(value) == 2:
                value, weight = as_array(value[0]), as_array(value[1])
                if not _is_number(weight):
                    raise ValueError(f'DictSummary.add: the weight of {name} must be a number, but it is {weight!r}.')
            value = as_array(value)
            if _is_number(value):
                self._summaries.setdefault(name, Summary()).add(value, weight)

    def compute_mean(self) -> dict[str, Any]:
        """Return the mean of each name."""
        return {name: summary.compute_mean() for name, summary in self._summaries.items()}

    def make_statistics(self) -> dict[str, Any]:
        """Return the mean of each name under the name, and its standard deviation under name + '.std'."""
        statistics = {}
        for name, summary in self._summaries.items():
            statistics[name], statistics[name + '.std'] = summary.make_statistics()
        return statistics

    def serialize(self, serializer: Any) -> None:
        """Save or load names and sums by a serializer."""
        if isinstance(serializer, Serializer):
            names = list(self._summaries)
            serializer('_names', json.dumps(names))
        else:
            try:
                names = json.loads(serializer('_names', ''))
            except KeyError:
                warnings.warn('DictSummary: the file has no names (an old snapshot): it begins anew.', stacklevel=2)
                names = []
            self._summaries = {name: Summary() for name in names}
        for i, name in enumerate(names):
            self._summaries[name].serialize(serializer['_summaries'][str(i)])


def _is_number(value: Any) -> bool:
    if is_array(value):
        return value.ndim == 0 and value.dtype.kind in 'biuf'
    return isinstance(value, (bool, int, float, np.bool_, np.number)) and not isinstance(value, complex)
