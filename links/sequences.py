"""Batches of sequences of different lengths, as the layers that need them sorted take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def longest_first(xs: Sequence[Any]) -> np.ndarray:
    """Return the order that sorts sequences by length, longest first; equal ones stay in their order."""
    return np.argsort([-len(x) for x in xs], kind='stable').astype(np.int32)


def reordered(xs: Sequence[Any], order: Any) -> list[Any]:
    """Return the items of a list in an order."""
    return [xs[i] for i in order]


def put_back(xs: Sequence[Any], order: Any) -> list[Any]:
    """Undo `reordered`."""
    return [xs[i] for i in np.argsort(order)]
