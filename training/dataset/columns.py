"""Columns and rows of tables: columns to arrays, values to examples, parts of a column joined, rows selected."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.backends import get_array_types

Mode: TypeAlias = type[tuple] | type[dict] | None  # type: ignore[type-arg]
"""The form of an example of a table: a tuple, a dict, or (None) the value of a single column."""

Column: TypeAlias = Array | list[Any]

RowIndices: TypeAlias = list[int] | Array | slice | None
"""Rows that are read from a table; None stands for all."""


def as_column(data: Any) -> Array:
    """Return the values of a column as one array; an array is returned as it is."""
    if isinstance(data, get_array_types()):
        return data  # type: ignore[return-value]
    if len(data) and isinstance(data[0], np.ndarray):
        return np.stack(data)
    return np.asarray(data)


def pack(mode: Mode, keys: Sequence[str], values: tuple[Any, ...]) -> Any:
    """Return the values of the columns in the form of a mode: a tuple, a dict, or the only value."""
    if mode is tuple:
        return values
    if mode is dict:
        return dict(zip(keys, values, strict=True))
    return values[0]


def call(function: Callable[..., Any], mode: Mode, keys: Sequence[str], values: tuple[Any, ...]) -> Any:
    """Call a function with the values of the columns: by position, or by name when examples are dicts."""
    if mode is dict:
        return function(**dict(zip(keys, values, strict=True)))
    return function(*values)


def unpack(returned: Any, keys: tuple[str, ...]) -> tuple[Mode, tuple[Any, ...]]:
    """Return the mode of what a function made for new columns, and its values in the order of the columns."""
    if isinstance(returned, dict):
        if returned.keys() >= set(keys):
            return dict, tuple([returned[key] for key in keys])
        given = f'a dict with {", ".join(map(str, returned))}'
    else:
        values = returned if isinstance(returned, tuple) else (returned,)
        if len(values) == len(keys):
            return (tuple if values is returned else None), values
        given = str(len(values))
    raise ValueError(
        f'transform: the function must return {len(keys)} values, for {", ".join(keys)}, but it returned {given}.'
    )


def merge(parts: tuple[Column, ...], order: Array | None) -> Column:
    """Join parts of a column into one, with its rows in the given order, or as they come."""
    if all(isinstance(part, np.ndarray) for part in parts):
        joined = np.concatenate(parts)
        return joined if order is None else joined[order]
    values = [value for part in parts for value in part]
    return values if order is None else [values[i] for i in order]


class MissingColumn(IndexError, KeyError):
    """No column has this name or index."""


def column_number(keys: tuple[str, ...], column: Any) -> int:
    """Return the index of the column with a name or an index."""
    if column in keys:
        return keys.index(column)
    if isinstance(column, int) and -len(keys) <= column < len(keys):
        return column % len(keys)
    raise MissingColumn(f'slice: columns must be among {", ".join(keys)}, but {column!r} was given.')


def as_slice(rows: range) -> slice:
    """Return the slice that selects these rows, all of which exist."""
    if not len(rows):
        return slice(0, 0, 1)
    return slice(rows.start, rows.stop if rows.stop >= 0 else None, rows.step)


def rows_of_view(rows: range | list[int], indices: RowIndices) -> slice | list[int]:
    """Return the rows of a table that a view with `rows` of it reads for `indices`, as a slice where it can be one."""
    if indices is not None:
        rows = rows[indices] if isinstance(indices, slice) else [rows[i] for i in indices]
    return as_slice(rows) if isinstance(rows, range) else rows


def rows_of_tables(starts: Array, indices: RowIndices) -> tuple[list[tuple[int, RowIndices]], Array | None]:
    """Return what is read from several tables for the rows `indices` of all, one table after the other.

    Args:
        starts: number of the first row of each table, followed by the number of all rows.
        indices: rows.

    Returns:
        Pairs of the number of a table and its rows; then the order of what they give, None where it is in order.
    """
    filled = np.flatnonzero(np.diff(starts)).tolist()
    if indices is None:
        return [(i, None) for i in filled], None
    if isinstance(indices, slice):
        rows = range(int(starts[-1]))[indices]
        rising = rows if rows.step > 0 else rows[::-1]
        parts: list[tuple[int, RowIndices]] = []
        for i in filled:
            first = int(starts[i])
            part = rising[bisect_left(rising, first) : bisect_left(rising, int(starts[i + 1]))]
            if len(part):
                part = part if rows.step > 0 else part[::-1]
                parts.append((i, as_slice(range(part.start - first, part.stop - first, part.step))))
        return (parts if rows.step > 0 else parts[::-1]), None
    numbers = np.arange(starts[-1])[indices]
    table_of_row = np.searchsorted(starts, numbers, 'right') - 1
    parts, positions = [], []
    for i in np.unique(table_of_row):
        selected = np.flatnonzero(table_of_row == i)
        parts.append((int(i), (numbers[selected] - starts[i]).tolist()))
        positions.append(selected)
    return parts, np.argsort(np.concatenate(positions), kind='stable') if positions else None


def row_numbers(rows: Any, n: int) -> range | list[int]:
    """Return which of n rows a slice, integers or booleans select, counted from 0."""
    if isinstance(rows, slice):
        return range(*rows.indices(n))
    rows = np.asarray(rows)
    if rows.dtype == bool:
        if rows.shape != (n,):
            raise ValueError(f'slice: booleans must have shape ({n},), one per example, but have {rows.shape}.')
        return np.flatnonzero(rows).tolist()
    if rows.size and (rows.min() < -n or rows.max() >= n):
        raise IndexError(f'slice: rows must be within -{n} .. {n - 1}, but they are {rows.min()} .. {rows.max()}.')
    numbers: list[int] = (rows.astype(np.intp) % max(n, 1)).tolist()
    return numbers
