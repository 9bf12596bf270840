"""Reports of values such as the loss, from models to reporters, and summaries of the values.

A model calls `report({'loss': loss}, self)`; a Trainer, or any program with a Reporter, collects `{'main/loss': loss}`.
Each thread has its own current reporter.
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
from chaingrad.links.serializer import AbstractSerializer, Serializer


class Reporter:
    """Collects the values that observers report, under the names of the observers.

    An observer is any object, usually a link, that has a name here. Use the reporter in a `with` statement to make it
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
        # Observers are found by id. They are kept alive here, or a new object could get the id of one that is gone.
        self._observers: dict[int, tuple[Any, str]] = {}
        self.observation: dict[str, Any] = {}

    def __enter__(self) -> Reporter:
        _thread.reporters = (*_thread.reporters, self)
        return self

    def __exit__(self, *error: object) -> None:
        _thread.reporters = _thread.reporters[:-1]

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
            observer: the object that the values belong to; when None, the names get no prefix.

        Raises:
            KeyError: when the observer has no name here.
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


class _Thread(threading.local):
    # Every thread starts with the class attribute.
    reporters: tuple[Reporter, ...] = ()


_thread = _Thread()


def get_current_reporter() -> Reporter:
    """Return the current reporter of this thread.

    Raises:
        IndexError: when there is none.

    Example:
        >>> import chaingrad
        >>> with chaingrad.Reporter() as reporter:
        ...     chaingrad.get_current_reporter() is reporter
        True
    """
    if not _thread.reporters:
        raise IndexError('get_current_reporter: no reporter is in use in this thread. Use one in a `with` statement.')
    return _thread.reporters[-1]


def report(values: Mapping[str, Any], observer: Any = None) -> None:
    """Report values to the current reporter of this thread; do nothing when there is none.

    Args:
        values: value by name.
        observer: the object that the values belong to, usually the link that calls.

    Example:
        >>> import chaingrad
        >>> reporter = chaingrad.Reporter()
        >>> with reporter:
        ...     chaingrad.report({'x': 1})
        >>> reporter.observation
        {'x': 1}
    """
    if _thread.reporters:
        _thread.reporters[-1].report(values, observer)


@contextlib.contextmanager
def report_scope(observation: dict[str, Any]) -> Iterator[None]:
    """Make the current reporter collect into another dict inside a `with` block.

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

    Sums are float64, so that a long epoch of float32 values loses no precision.

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
        value = _as_float64(value)
        if isinstance(weight, Variable) or is_array(weight):
            weight = _as_float64(weight)
        self._x = self._x + weight * value
        self._x2 = self._x2 + weight * (value * value)
        self._n = self._n + weight

    def compute_mean(self) -> Any:
        """Return the weighted mean; NaN when nothing was added."""
        return self._divided_by_weight(self._x)

    def make_statistics(self) -> tuple[Any, Any]:
        """Return the weighted mean and the standard deviation of the population."""
        mean = self.compute_mean()
        variance = self._divided_by_weight(self._x2) - mean * mean
        return mean, variance.clip(0) ** 0.5  # rounding can make the variance of equal values negative

    def _divided_by_weight(self, total: Any) -> Any:
        if not self._n:
            return np.float64(np.nan)
        if isinstance(total, (int, float)):
            total = np.float64(total)
        return total / self._n

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the sums by a serializer."""
        if isinstance(serializer, Serializer):
            serializer('_x', self._x)
            serializer('_x2', self._x2)
            serializer('_n', self._n)
            return
        try:
            # None takes whatever the file holds: the sums may be float32 or float64, the weights int or float.
            x = serializer('_x', None)
            x2 = serializer('_x2', None)
            n = serializer('_n', None)
        except KeyError:
            warnings.warn('Summary: the file has no sums (an old snapshot): they stay as they are.', stacklevel=2)
            return
        self._x = _python_number(x)
        self._x2 = _python_number(x2)
        self._n = _python_number(n)


def _as_float64(value: Any) -> Any:
    """Return a number as a Python float, an array as a float64 array."""
    array = as_array(value)
    if isinstance(array, np.ndarray):
        return float(array) if array.ndim == 0 else array.astype(np.float64)
    if is_array(array):
        return array.astype(np.float64)  # stays on the GPU: fetching every value would wait for it
    return float(array)


def _python_number(value: Any) -> Any:
    """Return a number from a file, which comes as a 0-d array where the type is not known, as a Python number."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return value.item()
    return value


class DictSummary:
    """Means and standard deviations of the values of dicts that come one by one.

    Values that are not a single number (texts, arrays) are left out.

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
            d: numbers by name, or pairs of number and weight.
        """
        for name, value in d.items():
            weight: Any = 1
            if isinstance(value, tuple) and len(value) == 2:
                value, weight = value
                weight = as_array(weight)
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
            mean, std = summary.make_statistics()
            statistics[name] = mean
            statistics[name + '.std'] = std
        return statistics

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load names and sums by a serializer."""
        if isinstance(serializer, Serializer):
            names = list(self._summaries)
            serializer('_names', json.dumps(names))
        else:
            try:
                names = json.loads(serializer('_names', ''))
            except KeyError:
                warnings.warn('DictSummary: the file has no names (an old snapshot): it starts anew.', stacklevel=2)
                names = []
            self._summaries = {name: Summary() for name in names}
        for i, name in enumerate(names):
            self._summaries[name].serialize(serializer['_summaries'][str(i)])


def _is_number(value: Any) -> bool:
    if is_array(value):
        return value.ndim == 0 and value.dtype.kind in 'biuf'
    return isinstance(value, (bool, int, float, np.bool_, np.number)) and not isinstance(value, complex)
