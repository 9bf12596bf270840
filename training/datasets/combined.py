"""Datasets made from other datasets: side by side, one after the other, transformed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.training.dataset.mixin import LISTS, DatasetMixin, describe
from chaingrad.training.dataset.rows import Rows, can_take, fetches_rows


def _several(dataset: Any, index: Any) -> Any:
    """Return the examples for a slice or several indices, one by one if the dataset cannot be indexed by a list."""
    if isinstance(index, slice) or isinstance(dataset, (np.ndarray, DatasetMixin)):
        return dataset[index]
    return [dataset[int(i)] for i in index]


def _common_length(who: str, datasets: dict[Any, Any]) -> int:
    """Return the length that all datasets have; raise ValueError if they differ."""
    lengths = {name: len(dataset) for name, dataset in datasets.items()}
    first = next(iter(lengths))
    for name, length in lengths.items():
        if length != lengths[first]:
            raise ValueError(
                f'{who}: all datasets must have one length, but dataset {first!r} has {lengths[first]} examples and '
                f'dataset {name!r} has {length}.'
            )
    return lengths[first]


class TupleDataset:
    """Several datasets of the same length: example i is the tuple of their examples i.

    Args:
        datasets: arrays, lists or datasets.

    Raises:
        ValueError: when no dataset is given, or the lengths differ.

    Example:
        >>> import numpy as np
        >>> from chaingrad.datasets import TupleDataset
        >>> dataset = TupleDataset(np.array([[0., 1.], [2., 3.]]), ['no', 'yes'])
        >>> dataset[1]
        (array([2., 3.]), 'yes')
        >>> len(dataset), [name for _, name in dataset[:]]
        (2, ['no', 'yes'])
        >>> dataset
        TupleDataset(float64 (2, 2), list of 2)
    """

    def __init__(self, *datasets: Any) -> None:
        if not datasets:
            raise ValueError('TupleDataset: at least one dataset must be given, but there is none.')
        self._datasets = datasets
        self._length = _common_length('TupleDataset', dict(enumerate(datasets)))

    def __getitem__(self, index: Any) -> Any:
        """Return a tuple, or a list of tuples for a slice, a list or an array of indices."""
        if isinstance(index, (slice, *LISTS)):
            return list(zip(*[_several(dataset, index) for dataset in self._datasets], strict=True))
        try:
            return tuple([dataset[index] for dataset in self._datasets])
        except IndexError as error:
            raise IndexError(f'TupleDataset: {error}. Its length is {self._length}, and the index {index}.') from None

    def __len__(self) -> int:
        """Return the number of examples."""
        return self._length

    def __repr__(self) -> str:
        return f'TupleDataset({", ".join(map(describe, self._datasets))})'


@fetches_rows(TupleDataset)
def _tuple_rows(dataset: TupleDataset, indices: Array) -> Rows | None:
    if all(map(can_take, dataset._datasets)):
        return Rows(dataset._datasets, indices, ())
    return None


class DictDataset:
    """Several datasets of the same length: example i is the dict of their examples i.

    Args:
        datasets: arrays, lists or datasets, by name.

    Raises:
        ValueError: when no dataset is given, or the lengths differ.

    Example:
        >>> from chaingrad.datasets import DictDataset
        >>> dataset = DictDataset(x=[1.0, 2.0], name=['one', 'two'])
        >>> dataset[0]
        {'x': 1.0, 'name': 'one'}
        >>> dataset
        DictDataset(x=list of 2, name=list of 2)
    """

    def __init__(self, **datasets: Any) -> None:
        if not datasets:
            raise ValueError('DictDataset: at least one dataset must be given, but there is none.')
        self._datasets = datasets
        self._length = _common_length('DictDataset', datasets)

    def __getitem__(self, index: Any) -> Any:
        """Return a dict, or a list of dicts for a slice, a list or an array of indices."""
        if isinstance(index, (slice, *LISTS)):
            columns = [_several(dataset, index) for dataset in self._datasets.values()]
            return [dict(zip(self._datasets, values, strict=True)) for values in zip(*columns, strict=True)]
        return {name: dataset[index] for name, dataset in self._datasets.items()}

    def __len__(self) -> int:
        """Return the number of examples."""
        return self._length

    def __repr__(self) -> str:
        return f'DictDataset({", ".join(f"{name}={describe(dataset)}" for name, dataset in self._datasets.items())})'


@fetches_rows(DictDataset)
def _dict_rows(dataset: DictDataset, indices: Array) -> Rows | None:
    arrays = tuple(dataset._datasets.values())
    if all(map(can_take, arrays)):
        return Rows(arrays, indices, tuple(dataset._datasets))
    return None


class ConcatenatedDataset(DatasetMixin):
    """The examples of several datasets, one dataset after the other.

    Args:
        datasets: arrays, lists or datasets.

    Example:
        >>> from chaingrad.datasets import ConcatenatedDataset
        >>> dataset = ConcatenatedDataset([0, 1, 2], [10, 11])
        >>> len(dataset), dataset[3], dataset[1:4], dataset[-1]
        (5, 10, [1, 2, 10], 11)
        >>> dataset
        ConcatenatedDataset(list of 3, list of 2)
    """

    def __init__(self, *datasets: Any) -> None:
        self._datasets = datasets
        self._ends = np.cumsum(list(map(len, datasets)), dtype=np.intp)

    def __len__(self) -> int:
        """Return the number of examples."""
        return int(self._ends[-1]) if len(self._ends) else 0

    def get_example(self, i: int) -> Any:
        """Return example `i` of all datasets together."""
        if not -len(self) <= i < len(self):
            raise IndexError(f'ConcatenatedDataset: index {i} is out of range for {len(self)} examples.')
        i = int(i) % len(self)
        number = int(np.searchsorted(self._ends, i, 'right'))
        start = int(self._ends[number - 1]) if number else 0
        return self._datasets[number][i - start]

    def __repr__(self) -> str:
        return f'ConcatenatedDataset({", ".join(map(describe, self._datasets))})'


class TransformDataset(DatasetMixin):
    """A dataset whose examples a function makes from those of another one, when they are read.

    Args:
        dataset: array, list or dataset.
        transform: function of one example. Random augmentation should draw from `chaingrad.dataset.rng()`. If worker
            processes are spawned, it must be a function defined in a module, not a lambda.

    Example:
        >>> from chaingrad.datasets import TransformDataset
        >>> dataset = TransformDataset([1, 2, 3], lambda x: 10 * x)
        >>> dataset[1], dataset[:2]
        (20, [10, 20])
    """

    def __init__(self, dataset: Any, transform: Callable[[Any], Any]) -> None:
        if not callable(transform):
            raise TypeError(f'TransformDataset: transform must be callable, but it is {transform!r}. Pass a function.')
        self._dataset = dataset
        self._transform = transform

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self._dataset)

    def get_example(self, i: int) -> Any:
        """Return the transformed example `i`."""
        return self._transform(self._dataset[i])

    def __repr__(self) -> str:
        return f'TransformDataset({describe(self._dataset)}, {describe(self._transform)})'
