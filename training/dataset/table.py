"""Tables: datasets whose examples have named columns, and views of them.

`TabularDataset` and its views are in one module, since each makes the other. `tabular` makes tables from data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chaingrad.training.dataset.columns import (
    Column,
    Mode,
    RowIndices,
    as_column,
    call,
    column_number,
    merge,
    pack,
    row_numbers,
    rows_of_tables,
    rows_of_view,
    unpack,
)
from chaingrad.training.dataset.mixin import DatasetMixin


class TabularDataset(DatasetMixin):
    """Base of datasets with named columns, which can be read by column, sliced, joined and transformed.

    A subclass defines `__len__`, `keys` (a tuple of names), `mode` (the form of an example: `tuple`, `dict`, or None
    for the value of a single column) and `get_examples`. Slices, joins and so on are views: they read from this table
    when they are read.

    Example:
        >>> import numpy as np
        >>> from chaingrad.dataset import TabularDataset
        >>> class Powers(TabularDataset):
        ...     keys, mode = ('n', 'square', 'cube'), tuple
        ...     def __len__(self):
        ...         return 5
        ...     def get_examples(self, indices, key_indices):
        ...         n = np.arange(5)[slice(None) if indices is None else indices]
        ...         columns = (n, n ** 2, n ** 3)
        ...         return columns if key_indices is None else tuple(columns[i] for i in key_indices)
        >>> powers = Powers()
        >>> [int(value) for value in powers[2]]
        [2, 4, 8]
        >>> powers.slice[1:3, ('n', 'cube')].asdict().fetch()
        {'n': array([1, 2]), 'cube': array([1, 8])}
    """

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the columns."""
        raise NotImplementedError(f'{type(self).__name__} must define keys, a tuple of the names of its columns.')

    @property
    def mode(self) -> Mode:
        """The form of an example: `tuple`, `dict`, or None for the value of a single column."""
        raise NotImplementedError(f'{type(self).__name__} must define mode: tuple, dict or None.')

    def get_examples(self, indices: RowIndices, key_indices: tuple[int, ...] | None) -> tuple[Column, ...]:
        """Return columns, each an array or list.

        Args:
            indices: the rows, as a list or array of integers, or as a slice; None is all.
            key_indices: the columns, by their index in `keys`; None is all.
        """
        raise NotImplementedError(f'{type(self).__name__} must define get_examples(self, indices, key_indices).')

    def __len__(self) -> int:
        """Return the number of examples."""
        raise NotImplementedError(f'{type(self).__name__} must define __len__(self), the number of its examples.')

    def __iter__(self) -> Iterator[Any]:
        """Return an iterator over the examples."""
        return (self.get_example(i) for i in range(len(self)))

    def get_example(self, i: int) -> Any:
        """Return example `i`, in the form of `mode`."""
        if not -len(self) <= i < len(self):
            raise IndexError(f'{type(self).__name__}: index {i} is out of range for {len(self)} examples.')
        values = tuple([column[0] for column in self.get_examples([i % len(self)], None)])
        return pack(self.mode, self.keys, values)

    @property
    def slice(self) -> Slicer:
        """Makes views of some rows and columns: `dataset.slice[rows]` or `dataset.slice[rows, columns]`.

        Rows are a slice, integers or booleans; columns are a name or an index, or a tuple or list of them.
        """
        return Slicer(self)

    def fetch(self) -> Any:
        """Return all columns, in the form of `mode`: a tuple, a dict, or the only column."""
        return pack(self.mode, self.keys, self.get_examples(None, None))

    def convert(self, data: Any) -> Any:
        """Return the result of `fetch`, or a part of it, as arrays. `with_converter` replaces this."""
        if isinstance(data, tuple):
            return tuple([as_column(column) for column in data])
        if isinstance(data, dict):
            return {key: as_column(column) for key, column in data.items()}
        return as_column(data)

    def astuple(self) -> TabularDataset:
        """Return a view whose examples are tuples."""
        return AsMode(self, tuple)

    def asdict(self) -> TabularDataset:
        """Return a view whose examples are dicts."""
        return AsMode(self, dict)

    def concat(self, *datasets: TabularDataset) -> TabularDataset:
        """Return a view of the rows of this table, followed by those of others.

        Args:
            datasets: tables with the same keys.
        """
        return Concatenation(self, *datasets)

    def join(self, *datasets: TabularDataset) -> TabularDataset:
        """Return a view of the columns of this table and of others.

        Args:
            datasets: tables of the same length, with different keys.
        """
        return Join(self, *datasets)

    def transform(self, keys: Any, transform: Callable[..., Any]) -> TabularDataset:
        """Return a view whose examples a function makes from those of this table, one at a time.

        Args:
            keys: the names of the new columns: a tuple, or one name.
            transform: function of the values of an example, by name when examples are dicts. It returns a tuple, a
                dict or a value, which determines the new mode.
        """
        return Transformation(self, keys, transform, batchwise=False)

    def transform_batch(self, keys: Any, transform_batch: Callable[..., Any]) -> TabularDataset:
        """Return a view whose columns a function makes from those of this table, many rows at a time.

        Args:
            keys: the names of the new columns: a tuple, or one name.
            transform_batch: function of columns that returns columns, as `transform` does with values.
        """
        return Transformation(self, keys, transform_batch, batchwise=True)

    def with_converter(self, converter: Callable[..., Any]) -> TabularDataset:
        """Return a view whose `convert` calls `converter` with the columns: by position, or by name for a dict."""
        return WithConverter(self, converter)

    def __repr__(self) -> str:
        return f'{type(self).__name__} of {len(self)} examples ({", ".join(self.keys)})'


class DelegateDataset(TabularDataset):
    """A table that reads everything from another one. Subclass it to change one thing.

    Args:
        dataset: table.

    Example:
        >>> from chaingrad.dataset.tabular import DelegateDataset, from_data
        >>> class Named(DelegateDataset):
        ...     name = 'training'
        >>> Named(from_data([3, 4])).fetch()
        [3, 4]
    """

    def __init__(self, dataset: TabularDataset) -> None:
        self.dataset = dataset

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self.dataset)

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self.dataset.keys

    @property
    def mode(self) -> Mode:
        """The form of an example."""
        return self.dataset.mode

    def get_examples(self, indices: RowIndices, key_indices: tuple[int, ...] | None) -> tuple[Column, ...]:
        """Return columns; the arguments are those of `TabularDataset.get_examples`."""
        return self.dataset.get_examples(indices, key_indices)

    def convert(self, data: Any) -> Any:
        """Return columns as arrays, as the underlying table does."""
        return self.dataset.convert(data)


class AsMode(DelegateDataset):
    """The same table with examples of another form."""

    def __init__(self, dataset: TabularDataset, mode: Mode) -> None:
        super().__init__(dataset)
        self._mode = mode

    @property
    def mode(self) -> Mode:
        return self._mode


class WithConverter(DelegateDataset):
    """The same table with another way to make arrays of its columns."""

    def __init__(self, dataset: TabularDataset, converter: Callable[..., Any]) -> None:
        super().__init__(dataset)
        self._converter = converter

    def convert(self, data: Any) -> Any:
        if isinstance(data, tuple):
            return self._converter(*data)
        if isinstance(data, dict):
            return self._converter(**data)
        return self._converter(data)


class Slicer:
    """The value of `dataset.slice`: `[rows]` or `[rows, columns]` makes a view."""

    def __init__(self, dataset: TabularDataset) -> None:
        self._dataset = dataset

    def __getitem__(self, index: Any) -> TabularDataset:
        rows, columns = index if isinstance(index, tuple) else (index, None)
        return Slice(self._dataset, rows, columns)


class Slice(DelegateDataset):
    """Some rows and columns of a table."""

    def __init__(self, dataset: TabularDataset, rows: Any, columns: Any) -> None:
        super().__init__(dataset)
        self._rows = row_numbers(rows, len(dataset))
        self._single = columns is not None and not isinstance(columns, (tuple, list))
        self._columns: tuple[int, ...] | None = None
        if columns is not None:
            given = [columns] if self._single else columns
            self._columns = tuple([column_number(dataset.keys, column) for column in given])

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def keys(self) -> tuple[str, ...]:
        keys = self.dataset.keys
        return keys if self._columns is None else tuple([keys[i] for i in self._columns])

    @property
    def mode(self) -> Mode:
        if self._single:
            return None
        if self.dataset.mode is None and len(self.keys) != 1:
            return tuple
        return self.dataset.mode

    def get_examples(self, indices: RowIndices, key_indices: tuple[int, ...] | None) -> tuple[Column, ...]:
        if self._columns is not None:
            if key_indices is None:
                key_indices = self._columns
            else:
                key_indices = tuple([self._columns[i] for i in key_indices])
        return self.dataset.get_examples(rows_of_view(self._rows, indices), key_indices)


class Concatenation(DelegateDataset):
    """The rows of several tables, one table after the other."""

    def __init__(self, *datasets: TabularDataset) -> None:
        super().__init__(datasets[0])
        for i, dataset in enumerate(datasets):
            if dataset.keys != self.keys:
                raise ValueError(
                    f'concat: all keys must be {self.keys}, those of the first, but table {i} has {dataset.keys}.'
                )
        self._datasets = datasets
        self._starts = np.cumsum([0, *map(len, datasets)])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def get_examples(self, indices: RowIndices, key_indices: tuple[int, ...] | None) -> tuple[Column, ...]:
        parts, order = rows_of_tables(self._starts, indices)
        if not parts:
            return self.dataset.get_examples([], key_indices)
        read = [self._datasets[i].get_examples(rows, key_indices) for i, rows in parts]
        if len(read) == 1:
            return read[0]
        return tuple([merge(columns, order) for columns in zip(*read, strict=True)])


class Join(DelegateDataset):
    """The columns of several tables, side by side."""

    def __init__(self, *datasets: TabularDataset) -> None:
        super().__init__(datasets[0])
        keys = [key for dataset in datasets for key in dataset.keys]
        for i, dataset in enumerate(datasets):
            if len(dataset) != len(self):
                raise ValueError(
                    f'join: all tables must have {len(self)} examples, as the first, but table {i} has {len(dataset)}.'
                )
        if len(set(keys)) < len(keys):
            raise ValueError(f'join: the keys must be different, but they are {", ".join(keys)}.')
        self._datasets = datasets
        self._keys = tuple(keys)
        self._columns = [(dataset, i) for dataset in datasets for i in range(len(dataset.keys))]

    @property
    def keys(self) -> tuple[str, ...]:
        return self._keys

    @property
    def mode(self) -> Mode:
        return next((dataset.mode for dataset in self._datasets if dataset.mode), tuple)

    def get_examples(self, indices: RowIndices, key_indices: tuple[int, ...] | None) -> tuple[Column, ...]:
        selected = self._columns if key_indices is None else [self._columns[i] for i in key_indices]
        found: dict[tuple[int, int], Column] = {}
        for dataset in self._datasets:
            numbers = tuple(dict.fromkeys(i for table, i in selected if table is dataset))
            if numbers:
                columns = dataset.get_examples(indices, numbers)
                for i, column in zip(numbers, columns, strict=True):
                    found[id(dataset), i] = column
        return tuple([found[id(dataset), i] for dataset, i in selected])


class Transformation(DelegateDataset):
    """A table whose examples or columns a function makes from those of another one."""

    def __init__(self, dataset: TabularDataset, keys: Any, function: Callable[..., Any], batchwise: bool) -> None:
        super().__init__(dataset)
        self._keys = keys if isinstance(keys, tuple) else (keys,)
        self._function = function
        self._batchwise = batchwise
        self._mode: Mode = tuple if isinstance(keys, tuple) else None
        self._mode_is_known = not len(dataset)  # else it is once the function has been called

    @property
    def keys(self) -> tuple[str, ...]:
        return self._keys

    @property
    def mode(self) -> Mode:
        if not self._mode_is_known:
            self.get_examples([0], None)
        return self._mode

    def _values(self, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        """Call the function and return the values of the columns; the first call determines the mode."""
        mode, values = unpack(call(self._function, self.dataset.mode, self.dataset.keys, arguments), self._keys)
        if self._mode_is_known and mode is not self._mode:
            expected, given = [getattr(m, '__name__', 'value') for m in (self._mode, mode)]
            raise ValueError(
                f'transform: the function must return a {expected} for every example, as for the first, but it '
                f'returned a {given}.'
            )
        self._mode = mode
        self._mode_is_known = True
        return values

    def get_examples(self, indices: RowIndices, key_indices: tuple[int, ...] | None) -> tuple[Column, ...]:
        columns = self.dataset.get_examples(indices, None)
        if self._batchwise:
            n = len(columns[0])
            columns = self._values(columns)
            for key, column in zip(self._keys, columns, strict=True):
                if len(column) != n:
                    raise ValueError(
                        f'transform_batch: the function must return as many rows as it was given, {n}, but column '
                        f'{key} has {len(column)}.'
                    )
        else:
            rows = [self._values(values) for values in zip(*columns, strict=True)]
            columns = tuple([[row[i] for row in rows] for i in range(len(self._keys))])
        return columns if key_indices is None else tuple([columns[i] for i in key_indices])
