"""Fetching the examples of a piece of a batch, each with its own random generator."""

from __future__ import annotations

from typing import Any

from chaingrad.training.dataset.rows import rows_of
from chaingrad.training.iterators.cursor import Piece
from chaingrad.training.random_state import current


def fetch(dataset: Any, piece: Piece, seed: int) -> list[Any]:
    """Return the examples of a piece; seed, epoch and index determine the `chaingrad.dataset.rng()` of each."""
    rows = rows_of(dataset, piece.indices)
    if rows is not None:
        return rows
    indices = piece.indices.tolist()
    if type(dataset) in (list, tuple):
        return [dataset[i] for i in indices]
    epoch = piece.epoch
    examples = []
    try:
        for i in indices:
            current.sample = (seed, epoch, i)
            examples.append(dataset[i])
    finally:
        current.sample = None
    return examples
