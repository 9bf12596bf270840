"""Columns and rows of tables: columns to arrays, values to examples, parts of a column joined, rows selected."""

from __future__ import annotations

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


def merge(parts: tuple[Column, ...], order: Array) -> Column:
    """Join parts of a column into one, with its rows in the given order."""
    if all(isinstance(part, np.ndarray) for part in parts):
        return np.concatenate(parts)[order]
    values = [value for part in parts for value in part]
    return [values[i] for i in order]


def row_numbers(rows: Any, n: int) -> range | Array:
    """Return which of n rows a slice, integers or booleans select, counted from 0."""
    if isinstance(rows, slice):
        return range(*rows.indices(n))
    rows = np.asarray(rows)
    if rows.dtype == bool:
        if rows.shape != (n,):
            raise ValueError(f'slice: booleans must have shape ({n},), one per example, but have {rows.shape}.')
        return np.flatnonzero(rows)
    if rows.size and (rows.min() < -n or rows.max() >= n):
        raise IndexError(f'slice: rows must be within -{n} .. {n - 1}, but they are {rows.min()} .. {rows.max()}.')
    return rows.astype(np.intp) % max(n, 1)
