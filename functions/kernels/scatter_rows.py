"""Rows that are added to a table by number."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.functions.kernels.twins import with_twin

# With fewer elements than _FEW, and _FEW_PER_ROW more for every row, numpy.add.at ends before the numbers are sorted.
_FEW = 4096
_FEW_PER_ROW = 16
# Of a number that occurs more often than this, the further rows are summed first, then added once.
_ROUNDS = 8


@with_twin
def add_rows(ids: Array, rows: Array, table: Array) -> None:
    """Add rows to those of a table, in place: `np.add.at(table, ids, rows)`, several times faster.

    Args:
        ids: array of integers in [0, n), any shape.
        rows: array, (*ids.shape, ...).
        table: array, (n, ...), of the dtype of rows.
    """
    xp = get_array_module(rows)
    if xp is not np or rows.size < _FEW + _FEW_PER_ROW * ids.size:
        xp.add.at(table, ids, rows)
        return
    rows = rows.reshape(ids.size, *table.shape[1:])
    ids = ids.ravel()
    order = np.argsort(ids, kind='stable')
    starts, lengths = _runs(ids[order])
    occurrence = np.arange(ids.size) - np.repeat(starts, lengths)  # how often the number has occurred before
    for k in range(min(lengths.max(), _ROUNDS)):
        chosen = order[occurrence == k]  # no number twice, so that adding cannot lose a row
        table[ids[chosen]] += rows[chosen]
    rest = order[occurrence >= _ROUNDS]
    if rest.size:
        starts, _ = _runs(ids[rest])
        table[ids[rest[starts]]] += np.add.reduceat(rows[rest], starts, axis=0)


def _runs(ids: Array) -> tuple[Array, Array]:
    """Return where the runs of equal numbers start, and their lengths."""
    starts = np.flatnonzero(np.concatenate(([True], ids[1:] != ids[:-1])))
    return starts, np.diff(starts, append=ids.size)
