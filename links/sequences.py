"""Batches of sequences of different lengths: sort them by length and put results back in the order given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import numpy as np

from chaingrad.autograd.annotations import Array

T = TypeVar('T')


def longest_first(xs: Sequence[Any]) -> Array:
    """Return the order that sorts sequences by length, longest first; equal ones stay in their order."""
    return np.argsort([-len(x) for x in xs], kind='stable').astype(np.int32)


def reordered(xs: Sequence[T], order: Iterable[int]) -> list[T]:
    """Return the items of a list in an order."""
    return [xs[i] for i in order]


def put_back(xs: Sequence[T], order: Array) -> list[T]:
    """Undo `reordered`."""
    return [xs[i] for i in np.argsort(order)]
