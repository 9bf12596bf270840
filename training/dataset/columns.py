"""Columns of tables: to arrays, into examples, together again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.backends import get_array_types


def as_column(data: Any) -> Any:
    """Return the values of a column as one array; an array stays as it is."""
    if isinstance(data, get_array_types()):
        return data
    return np.stack(data) if len(data) and isinstance(data[0], np.ndarray) else np.asarray(data)


def pack(mode: Any, keys: Sequence[str], values: tuple[Any, ...]) -> Any:
    """Return values of the columns as the mode wants them: a tuple, a dict, or the only one."""
    if mode is tuple:
        return values
    return dict(zip(keys, values, strict=True)) if mode is dict else values[0]


def call(function: Callable[..., Any], mode: Any, keys: Sequence[str], values: tuple[Any, ...]) -> Any:
    """Call a function with the values of the columns: by position, or by name when examples are dicts."""
    return function(**dict(zip(keys, values, strict=True))) if mode is dict else function(*values)


def merge(columns: tuple[Any, ...], order: np.ndarray) -> Any:
    """Return parts of a column as one, with its rows taken in an order."""
    if all(isinstance(column, np.ndarray) for column in columns):
        return np.concatenate(columns)[order]
    whole = [value for column in columns for value in column]
    return [whole[i] for i in order]
