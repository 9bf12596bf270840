"""Tables out of arrays, lists and functions: `from_data`. The base class is `chaingrad.dataset.TabularDataset`."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from chaingrad.autograd.backends import get_array_types
from chaingrad.training.dataset.table import DelegateDataset, Join, TabularDataset

__all__ = ['DelegateDataset', 'from_data']

_numbers = itertools.count()


class Column(TabularDataset):
    """A single column: an array or a list."""

    mode = None  # type: ignore[assignment]
    keys = ()  # type: ignore[assignment]

    def __init__(self, key: str, data: Any) -> None:
        self.keys = (key,)  # type: ignore[misc]
        self._data = data

    def __len__(self) -> int:
        return len(self._data)

    def get_examples(self, indices: Any, key_indices: tuple[int, ...] | None) -> tuple[Any, ...]:
        """Return the column, once for every entry of `key_indices`."""
        data = self._data
        if indices is not None:
            direct = isinstance(indices, slice) or isinstance(data, get_array_types())
            data = data[indices] if direct else [data[i] for i in indices]
        return (data,) * (1 if key_indices is None else len(key_indices))


class Computed(TabularDataset):
    """Columns that a function computes from the index of the example."""

    mode = None  # type: ignore[assignment]
    keys = ()  # type: ignore[assignment]

    def __init__(self, keys: str | tuple[str, ...], function: Callable[[int], Any], size: int) -> None:
        self.keys = keys if isinstance(keys, tuple) else (keys,)  # type: ignore[misc]
        self.mode = tuple if isinstance(keys, tuple) else None  # type: ignore[misc]
        self._function = function
        self._size = size

    def __len__(self) -> int:
        return self._size

    def get_examples(self, indices: Any, key_indices: tuple[int, ...] | None) -> tuple[Any, ...]:
        """Return the columns, from one call of the function per row."""
        everything = range(self._size)
        rows = everything if indices is None else everything[indices] if isinstance(indices, slice) else indices
        values = [self._function(int(i)) for i in rows]
        if self.mode is None:
            values = [(value,) for value in values]
        chosen = range(len(self.keys)) if key_indices is None else key_indices
        return tuple([[value[i] for value in values] for i in chosen])


def from_data(data: Any, *, size: int | None = None) -> TabularDataset:
    """Make a table out of arrays, lists or functions.

    A column is an array or a list, a pair of its name and one of these, or a pair of a name (or a tuple of names) and a
    function of the index.

    Args:
        data: a column: examples are its values; a tuple of columns: examples are tuples; a dict from names to arrays,
            lists or functions: examples are dicts.
        size: number of examples; needed when all columns are functions.

    Returns:
        A `TabularDataset`.

    Raises:
        ValueError: the columns differ in length, or `size` is needed or contradicts them.

    Example:
        >>> import numpy as np
        >>> from chaingrad.dataset import tabular
        >>> table = tabular.from_data({'x': np.array([1., 2., 3.]), 'name': ['a', 'b', 'c']})
        >>> table.slice[1:].fetch()
        {'x': array([2., 3.]), 'name': ['b', 'c']}
        >>> tabular.from_data((('i', [5, 6]), ('square', lambda i: i * i)))[1]
        (6, 1)
    """
    if isinstance(data, dict):
        return _joined([(key, column) for key, column in data.items()], size).asdict()
    if isinstance(data, tuple) and not _is_named(data):
        return _joined([column if _is_named(column) else (None, column) for column in data], size).astuple()
    key, column = data if _is_named(data) else (None, data)
    return _joined([(key, column)], size)


def _is_named(column: Any) -> bool:
    if not (isinstance(column, tuple) and len(column) == 2):
        return False
    names = column[0] if isinstance(column[0], tuple) else (column[0],)
    return len(names) > 0 and all(isinstance(name, str) for name in names)


def _joined(columns: list[tuple[Any, Any]], size: int | None) -> TabularDataset:
    lengths = {len(column) for _, column in columns if not callable(column)} | ({size} if size is not None else set())
    if len(lengths) != 1:
        given = 'no column tells it' if not lengths else f'lengths {", ".join(map(str, sorted(lengths)))} were given'
        raise ValueError(f'from_data: all columns must have one length, size=, but {given}.')
    tables = [_column(key, column, next(iter(lengths))) for key, column in columns]
    return tables[0] if len(tables) == 1 else Join(*tables)


def _column(key: Any, column: Any, size: int) -> TabularDataset:
    if callable(column):
        return Computed(_fresh_name() if key is None else key, column, size)
    if not isinstance(column, get_array_types()) and not isinstance(column, (list, tuple)):
        column = np.asarray(column)
    return Column(_fresh_name() if key is None else key, column)


def _fresh_name() -> str:
    return f'_{next(_numbers)}'
