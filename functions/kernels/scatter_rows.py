"""Rows that are added to a table by number."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.backends.array_module import get_array_module

# With fewer elements than _FEW, and _FEW_PER_ROW more for every row, numpy.add.at ends before the numbers are sorted.
_FEW = 4096
_FEW_PER_ROW = 16
# The rows of a number that occurs more often are summed first, then added once.
_TURNS = 8


def add_rows(ids: Any, rows: Any, n: int) -> Any:
    """Return a table of n rows of zeros to which rows were added: `np.add.at(table, ids, rows)`, several times faster.

    Args:
        ids: array of integers in [0, n), any shape.
        rows: array (*ids.shape, ...).
        n: length of the table.

    Returns:
        Array (n, ...) of rows' dtype.
    """
    xp = get_array_module(rows)
    table = xp.zeros((n, *rows.shape[ids.ndim :]), rows.dtype)
    if xp is not np or rows.size < _FEW + _FEW_PER_ROW * ids.size:
        xp.add.at(table, ids, rows)
        return table
    ids, rows = ids.ravel(), rows.reshape(ids.size, *table.shape[1:])
    order = np.argsort(ids, kind='stable')
    starts, lengths = _runs(ids[order])
    turn = np.arange(ids.size) - np.repeat(starts, lengths)  # how often the number has occurred before
    for k in range(min(lengths.max(), _TURNS)):
        places = order[turn == k]  # no number twice, so that adding cannot lose a row
        table[ids[places]] += rows[places]
    rest = order[turn >= _TURNS]
    if rest.size:
        starts, _ = _runs(ids[rest])
        table[ids[rest[starts]]] += np.add.reduceat(rows[rest], starts, axis=0)
    return table


def _runs(ids: Any) -> tuple[Any, Any]:
    """Return where the runs of equal numbers start, and their lengths."""
    starts = np.flatnonzero(np.concatenate(([True], ids[1:] != ids[:-1])))
    return starts, np.diff(starts, append=ids.size)
