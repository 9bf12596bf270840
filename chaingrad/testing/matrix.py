"""Random matrices with given singular values."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Shape

__all__ = ['generate_matrix']


def generate_matrix(shape: Shape, dtype: Any = float, *, singular_values: Any = None) -> Array:
    """Return random matrices that have the given singular values.

    Args:
        shape: (..., m, n).
        dtype: a floating or complex dtype.
        singular_values: number or array that can be broadcast to (..., min(m, n)), not negative.

    Returns:
        Array of this shape and dtype.

    Raises:
        ValueError: when `shape` has fewer than two axes, the dtype is an integer one, or a value is negative.
        TypeError: when `singular_values` is missing.

    Example:
        >>> import numpy as np
        >>> from chaingrad.testing import generate_matrix
        >>> a = generate_matrix((2, 3), singular_values=[3, 2])
        >>> np.linalg.svd(a)[1].round(6)
        array([3., 2.])
    """
    dtype = np.dtype(dtype)
    if len(shape) < 2:
        raise ValueError(f'generate_matrix: shape must have two axes or more, but it is {tuple(shape)}.')
    if dtype.kind not in 'fc':
        raise ValueError(f'generate_matrix: dtype must be floating or complex, but it is {dtype}.')
    if singular_values is None:
        raise TypeError('generate_matrix: singular_values is missing. Give a number or an array.')
    values = np.asarray(singular_values)
    if (values < 0).any():
        raise ValueError(f'generate_matrix: singular_values must not be negative, but they are {singular_values}.')
    a = np.random.standard_normal(shape)
    if dtype.kind == 'c':
        a = a + 1j * np.random.standard_normal(shape)
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    values = np.broadcast_to(values, s.shape)
    return (u * values[..., None, :] @ vh).astype(dtype)
