"""Helpers of linear algebra."""

from __future__ import annotations

from chaingrad.autograd.annotations import Operand


def transpose_matrices(x: Operand) -> Operand:
    """Return an array or Variable with its last two axes exchanged."""
    return x.transpose((*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))
