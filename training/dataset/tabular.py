"""Tables made from arrays, lists and functions: `from_data`. The base class is `chaingrad.dataset.TabularDataset`."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from chaingrad.autograd.backends import get_array_types
from chaingrad.training.dataset.columns import Column, Mode, RowIndices
from chaingrad.training.dataset.mixin import describe
from chaingrad.training.dataset.table import DelegateDataset, Join, TabularDataset

__all__ = ['DelegateDataset', 'from_data']

_numbers = itertools.count()


class SingleColumn(TabularDataset):
    """A single column: an array or a list."""

    mode: Mode = None
    keys: tuple[str, ...] = ()

    def __init__(self, key: str, data: Any) -> None:
        self.keys = (key,)
        self._data = data

    def __len__(self) -> int:
        return len(self._data)

    def get_examples(self, indices: RowIndices, key_indices: tuple[int, ...] | None) -> tuple[Column, ...]:
        """Return the column, once for every entry of `key_indices`."""
        data = self._data
        if indices is not None:
            if isinstance(indices, slice) or isinstance(data, get_array_types()):
                data = data[indices]
            else:
                data = [data[i] for i in indices]
        n_columns = 1 if key_indices is None else len(key_indices)
        return (data,) * n_columns


def from_data(data: Any, *, size: int | None = None) -> TabularDataset:
    """Make a table from arrays, lists or functions.

    A column is an array or a list, or a pair of its name and one of these, or a pair of a name (or a tuple of names)
    and a function of the index, which returns a value (or a tuple, or a dict with these names).

    Args:
        data: a column (examples are its values), a tuple of columns (examples are tuples), or a dict from names to
            arrays, lists or functions (examples are dicts).
        size: number of examples; needed when all columns are functions.

    Returns:
        A `TabularDataset`.

    Raises:
        ValueError: when the columns differ in length, `size` is missing or contradicts them, or a function has no name.

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
        return _join(list(data.items()), size).asdict()
    if isinstance(data, tuple) and not _is_named(data):
        return _join([column if _is_named(column) else (None, column) for column in data], size).astuple()
    return _join([data if _is_named(data) else (None, data)], size)


def _is_named(column: Any) -> bool:
    """Return whether a column is a pair of a name, or of a tuple of names, and its data."""
    if not (isinstance(column, tuple) and len(column) == 2):
        return False
    names = column[0] if isinstance(column[0], tuple) else (column[0],)
    return len(names) > 0 and all(isinstance(name, str) for name in names)


def _join(columns: list[tuple[Any, Any]], size: int | None) -> TabularDataset:
    """Make a table from pairs of a name, or None, and data."""
    lengths = {len(column) for _, column in columns if not callable(column)}
    if size is not None:
        lengths.add(size)
    if len(lengths) != 1:
        given = f'lengths {", ".join(map(str, sorted(lengths)))} were given' if lengths else 'no column has one'
        raise ValueError(f'from_data: all columns must have one length, size=, but {given}.')
    (length,) = lengths
    tables = [_table(key, column, length) for key, column in columns]
    return tables[0] if len(tables) == 1 else Join(*tables)


def _table(key: Any, column: Any, size: int) -> TabularDataset:
    if callable(column):
        if key is None:
            raise ValueError(
                "from_data: a column that a function computes must have a name: ('name', function). "
                f'No name was given for {describe(column)}.'
            )
        return SingleColumn('index', range(size)).transform(key, column)
    if key is None:
        key = f'_{next(_numbers)}'
    if not isinstance(column, get_array_types()) and not isinstance(column, (list, tuple)):
        column = np.asarray(column)
    return SingleColumn(key, column)
