"""Tables: datasets whose examples have named columns, and the views of them.

`TabularDataset` and its views stand in one module, since each makes the other. `tabular` has what builds tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chaingrad.training.dataset.columns import as_column, call, merge, pack
from chaingrad.training.dataset.mixin import DatasetMixin


class TabularDataset(DatasetMixin):
    """Base of datasets with named columns, which can be read by column, sliced, joined and transformed.

    A subclass defines `__len__`, `keys` (a tuple of names), `mode` (`tuple`, `dict`, or None for a single column: what
    an example is) and `get_examples`. Slicing, joining and the like give views that read from this dataset when asked.

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
    def mode(self) -> Any:
        """What an example is: `tuple`, `dict`, or None for the value of a single column."""
        raise NotImplementedError(f'{type(self).__name__} must define mode: tuple, dict or None.')

    def get_examples(self, indices: Any, key_indices: tuple[int, ...] | None) -> tuple[Any, ...]:
        """Return columns, each an array or list.

        Args:
            indices: list or array of integers, or a slice: the rows; None is all.
            key_indices: which columns, by their place in `keys`; None is all.
        """
        raise NotImplementedError(f'{type(self).__name__} must define get_examples(self, indices, key_indices).')

    def __len__(self) -> int:
        """Return the number of examples."""
        raise NotImplementedError(f'{type(self).__name__} must define __len__(self), the number of its examples.')

    def __iter__(self) -> Iterator[Any]:
        """Return an iterator over the examples."""
        return (self.get_example(i) for i in range(len(self)))

    def get_example(self, i: int) -> Any:
        """Return example `i`, in the form that `mode` tells."""
        if not -len(self) <= i < len(self):
            raise IndexError(f'{type(self).__name__}: index {i} is out of range for {len(self)} examples.')
        values = tuple([column[0] for column in self.get_examples([i % len(self)], None)])
        return pack(self.mode, self.keys, values)

    @property
    def slice(self) -> Slicer:
        """Views of some rows and columns: `dataset.slice[rows]` or `dataset.slice[rows, columns]`.

        Rows are a slice, integers or booleans; columns a name or number, or a tuple or list of them.
        """
        return Slicer(self)

    def fetch(self) -> Any:
        """Return all columns, in the form that `mode` tells: a tuple, a dict, or the only one."""
        return pack(self.mode, self.keys, self.get_examples(None, None))

    def convert(self, data: Any) -> Any:
        """Return what `fetch` gave, or a part of it, as arrays. `with_converter` replaces this."""
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
        """Return a view with the rows of `datasets` below those of this one; the keys must be the same.

        Args:
            datasets: tables.
        """
        return Concatenation(self, *datasets)

    def join(self, *datasets: TabularDataset) -> TabularDataset:
        """Return a view with the columns of `datasets` beside those of this one; lengths equal, keys different.

        Args:
            datasets: tables.
        """
        return Join(self, *datasets)

    def transform(self, keys: Any, transform: Callable[..., Any]) -> TabularDataset:
        """Return a view whose examples a function makes out of this one's, one by one.

        Args:
            keys: the names of the new columns: a tuple, or one name.
            transform: gets the values of an example, by name when examples are dicts; returns a tuple, a dict or a
                value, which decides the new mode.
        """
        return Transformation(self, keys, transform, batchwise=False)

    def transform_batch(self, keys: Any, transform_batch: Callable[..., Any]) -> TabularDataset:
        """Return a view whose columns a function makes out of this one's, many rows at a time.

        Args:
            keys: the names of the new columns: a tuple, or one name.
            transform_batch: gets columns, as `transform` gets values, and returns columns.
        """
        return Transformation(self, keys, transform_batch, batchwise=True)

    def with_converter(self, converter: Callable[..., Any]) -> TabularDataset:
        """Return a view whose `convert` calls `converter` with the columns: by position, or by name for a dict.

        Args:
            converter: function of the columns.
        """
        return WithConverter(self, converter)

    def __repr__(self) -> str:
        return f'{type(self).__name__} of {len(self)} examples ({", ".join(self.keys)})'


class DelegateDataset(TabularDataset):
    """A table that takes everything from another one; the base of tables that change one thing.

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
    def mode(self) -> Any:
        """What an example is."""
        return self.dataset.mode

    def get_examples(self, indices: Any, key_indices: tuple[int, ...] | None) -> tuple[Any, ...]:
        """Return columns; the arguments are those of `TabularDataset.get_examples`."""
        return self.dataset.get_examples(indices, key_indices)

    def convert(self, data: Any) -> Any:
        """Return columns as arrays, as the dataset below does."""
        return self.dataset.convert(data)


class AsMode(DelegateDataset):
    """The same table with examples of another form."""

    def __init__(self, dataset: TabularDataset, mode: Any) -> None:
        super().__init__(dataset)
        self._mode = mode

    @property
    def mode(self) -> Any:
        return self._mode


class WithConverter(DelegateDataset):
    """The same table with another way to make arrays of its columns."""

    def __init__(self, dataset: TabularDataset, converter: Callable[..., Any]) -> None:
        super().__init__(dataset)
        self._converter = converter

    def convert(self, data: Any) -> Any:
        if isinstance(data, tuple):
            return self._converter(*data)
        return self._converter(**data) if isinstance(data, dict) else self._converter(data)


class Slicer:
    """What `dataset.slice` is: `[rows]` or `[rows, columns]` gives a view."""

    def __init__(self, dataset: TabularDataset) -> None:
        self._dataset = dataset

    def __getitem__(self, index: Any) -> TabularDataset:
        rows, columns = index if isinstance(index, tuple) else (index, None)
        return Slice(self._dataset, rows, columns)


class Slice(DelegateDataset):
    """Some rows and columns of a table."""

    def __init__(self, dataset: TabularDataset, rows: Any, columns: Any) -> None:
        super().__init__(dataset)
        n = len(dataset)
        if isinstance(rows, slice):
            self._rows: Any = range(*rows.indices(n))
        else:
            given = np.asarray(rows)
            if given.dtype == bool:
                if given.shape != (n,):
                    raise ValueError(
                        f'slice: booleans must have shape ({n},), one per example, but have {given.shape}.'
                    )
                given = np.flatnonzero(given)
            elif given.size and (given.min() < -n or given.max() >= n):
                raise IndexError(
                    f'slice: rows must be within -{n} .. {n - 1}, but they are {given.min()} .. {given.max()}.'
                )
            self._rows = given.astype(np.intp) % max(n, 1)
        self._columns = None if columns is None else self._numbers(columns)
        self._single = columns is not None and not isinstance(columns, (tuple, list))

    def _numbers(self, columns: Any) -> tuple[int, ...]:
        keys, found = self.dataset.keys, []
        for column in columns if isinstance(columns, (tuple, list)) else [columns]:
            if column not in keys and not (isinstance(column, int) and -len(keys) <= column < len(keys)):
                raise KeyError(f'slice: columns must be among {", ".join(keys)}, but {column!r} was given.')
            found.append(keys.index(column) if column in keys else column % len(keys))
        return tuple(found)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def keys(self) -> tuple[str, ...]:
        keys = self.dataset.keys
        return keys if self._columns is None else tuple([keys[i] for i in self._columns])

    @property
    def mode(self) -> Any:
        return None if self._single else self.dataset.mode or (tuple if len(self.keys) != 1 else None)

    def get_examples(self, indices: Any, key_indices: tuple[int, ...] | None) -> tuple[Any, ...]:
        rows = self._rows if indices is None else np.asarray(self._rows)[indices]
        if isinstance(rows, range):
            stop = rows.stop if rows.stop >= 0 else None
            rows = slice(rows.start, stop, rows.step) if len(rows) else []
        if self._columns is not None:
            chosen = range(len(self._columns)) if key_indices is None else key_indices
            key_indices = tuple([self._columns[i] for i in chosen])
        return self.dataset.get_examples(rows, key_indices)


class Concatenation(DelegateDataset):
    """The rows of several tables, one below the other."""

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

    def get_examples(self, indices: Any, key_indices: tuple[int, ...] | None) -> tuple[Any, ...]:
        rows = np.arange(len(self))[slice(None) if indices is None else indices]
        owners = np.searchsorted(self._starts, rows, 'right') - 1
        parts, places = [], []
        for i in np.unique(owners):
            place = np.flatnonzero(owners == i)
            parts.append(self._datasets[i].get_examples((rows[place] - self._starts[i]).tolist(), key_indices))
            places.append(place)
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return self.dataset.get_examples([], key_indices)
        back = np.argsort(np.concatenate(places), kind='stable')
        return tuple([merge(columns, back) for columns in zip(*parts, strict=True)])


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
        self._places = [(dataset, i) for dataset in datasets for i in range(len(dataset.keys))]

    @property
    def keys(self) -> tuple[str, ...]:
        return self._keys

    @property
    def mode(self) -> Any:
        return self.dataset.mode or tuple

    def get_examples(self, indices: Any, key_indices: tuple[int, ...] | None) -> tuple[Any, ...]:
        wanted = [self._places[i] for i in (range(len(self._places)) if key_indices is None else key_indices)]
        found: dict[tuple[int, int], Any] = {}
        for dataset in self._datasets:
            numbers = tuple(dict.fromkeys(i for owner, i in wanted if owner is dataset))
            if numbers:
                columns = dataset.get_examples(indices, numbers)
                found.update({(id(dataset), i): column for i, column in zip(numbers, columns, strict=True)})
        return tuple([found[id(dataset), i] for dataset, i in wanted])


class Transformation(DelegateDataset):
    """A table whose examples or columns a function makes out of those of another one."""

    def __init__(self, dataset: TabularDataset, keys: Any, function: Callable[..., Any], batchwise: bool) -> None:
        super().__init__(dataset)
        self._keys = keys if isinstance(keys, tuple) else (keys,)
        self._function = function
        self._batchwise = batchwise
        self._mode: Any = False  # not known before the function has been called

    @property
    def keys(self) -> tuple[str, ...]:
        return self._keys

    @property
    def mode(self) -> Any:
        if self._mode is False:
            self.get_examples([0], None)
        return self._mode

    def convert(self, data: Any) -> Any:
        return TabularDataset.convert(self, data)

    def _values(self, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        given = call(self._function, self.dataset.mode, self.dataset.keys, arguments)
        kind = next((kind for kind in (tuple, dict) if isinstance(given, kind)), None)
        values = tuple([given[key] for key in self._keys]) if kind is dict else given if kind is tuple else (given,)
        if len(values) != len(self._keys):
            raise ValueError(
                f'transform: the function must return {len(self._keys)} values, for {", ".join(self._keys)}, but it '
                f'returned {len(values)}.'
            )
        self._mode = kind
        return values

    def get_examples(self, indices: Any, key_indices: tuple[int, ...] | None) -> tuple[Any, ...]:
        columns = self.dataset.get_examples(indices, None)
        if self._batchwise:
            made: tuple[Any, ...] = self._values(columns)
        else:
            rows = [self._values(values) for values in zip(*columns, strict=True)]
            made = tuple([[row[i] for row in rows] for i in range(len(self._keys))])
        return made if key_indices is None else tuple([made[i] for i in key_indices])
