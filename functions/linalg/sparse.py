"""Products with sparse matrices, and the matrices: lists of elements with their rows and columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import GetItem, ScatterItem, reshape, transpose
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, as_array, as_variable


class CooMatrix:
    """A sparse matrix, or a batch of them, as a list of elements.

    Args:
        data: array of the elements, (m,), or (n, m) for a batch.
        row: array of integers of the same shape: their rows. -1 marks an element that does not count.
        col: array of integers of the same shape: their columns.
        shape: (rows, columns), of each matrix of a batch.
        order: `'C'` or `'F'` where the elements are sorted by row or column, else `'other'`; None where unknown. It is
            only kept.
        requires_grad (bool): whether `data` becomes a Variable that gets a gradient.

    Attributes:
        data: Variable of the elements.

    Raises:
        ValueError: when shapes do not fit.

    Example:
        >>> import numpy as np
        >>> from chaingrad.utils import CooMatrix
        >>> m = CooMatrix(np.array([5.0, 7.0]), np.array([0, 1]), np.array([1, 0]), (2, 2))
        >>> m.to_dense()
        variable([[0., 5.],
                  [7., 0.]])
    """

    def __init__(
        self, data: Any, row: Any, col: Any, shape: Any, order: str | None = None, requires_grad: bool = False
    ) -> None:
        if len(shape) != 2 or not data.shape == row.shape == col.shape or not 1 <= len(data.shape) <= 2:
            raise ValueError(
                f'CooMatrix: data, row and col must be (m,) or (n, m) and shape two numbers, but they are '
                f'{data.shape}, {row.shape}, {col.shape} and {shape}.'
            )
        if order not in (None, 'C', 'F', 'other'):
            raise ValueError(f"CooMatrix: order must be 'C', 'F', 'other' or None, but it is {order!r}.")
        self.data = data if isinstance(data, Variable) else Variable(data, requires_grad=requires_grad)
        self.row = as_array(row)
        self.col = as_array(col)
        self.shape = tuple(shape)
        self.order = order

    def to_dense(self) -> Variable:
        """Return the matrix, or the batch, as a Variable (rows, columns) or (n, rows, columns)."""
        places, values = _counting(self)
        shape = self.data.shape[:-1] + self.shape
        return ScatterItem.of(values, slices=places, shape=shape)


def to_coo(x: Any, ldnz: int | None = None, requires_grad: bool = False) -> CooMatrix:
    """Return a sparse matrix of the elements of an array that are not 0.

    Args:
        x: array, (rows, columns), or (n, rows, columns).
        ldnz (int): how many places for elements there are at least.
        requires_grad (bool): whether the elements get a gradient.

    Returns:
        CooMatrix.

    Raises:
        ValueError: when x has another number of axes.

    Example:
        >>> import numpy as np
        >>> from chaingrad.utils import to_coo
        >>> m = to_coo(np.array([[0.0, 5.0], [7.0, 0.0]]))
        >>> m.row, m.col
        (array([0, 1], dtype=int32), array([1, 0], dtype=int32))
    """
    x = as_array(x)
    if x.ndim not in (2, 3):
        raise ValueError(f'to_coo: x must be a matrix or a batch of matrices, but it is {x.dtype} {x.shape}.')
    xp = get_array_module(x)
    places = [xp.nonzero(matrix) for matrix in (x if x.ndim == 3 else x[None])]
    m = max([len(rows) for rows, _ in places] + [ldnz or 0])
    data = xp.zeros((len(places), m), x.dtype)
    row, col = xp.full((2, len(places), m), -1, np.int32)
    for i, (rows, cols) in enumerate(places):
        n = len(rows)
        row[i, :n], col[i, :n] = rows, cols
        data[i, :n] = (x[i] if x.ndim == 3 else x)[rows, cols]
    if x.ndim == 2:
        data, row, col = data[0], row[0], col[0]
    return CooMatrix(data, row, col, x.shape[-2:], 'C', requires_grad)


def _counting(matrix: CooMatrix) -> tuple[Any, Variable]:
    """Return the places of the elements that count, as an index into the dense form, and their values."""
    xp = matrix.data.xp
    kept = (matrix.row >= 0) & (matrix.col >= 0)
    places = (*xp.nonzero(kept)[:-1], matrix.row[kept], matrix.col[kept])
    return places, matrix.data if kept.all() and matrix.data.ndim == 1 else GetItem.of(matrix.data, slices=kept)


def sparse_matmul(a: Any, b: Any, transa: bool = False, transb: bool = False) -> Variable:
    """Return the product of a sparse and a dense matrix, or of a dense and a sparse one.

    Args:
        a: Variable or array, (m, k) or (n, m, k), or CooMatrix of such a shape; transposed with transa.
        b: CooMatrix, or Variable or array where a is sparse, (k, l) or (n, k, l); transposed with transb.
        transa (bool): whether to transpose the matrices of a.
        transb (bool): whether to transpose the matrices of b.

    Returns:
        Variable, (m, l) or (n, m, l).

    Raises:
        ValueError: when both or neither are sparse.
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> from chaingrad.utils import to_coo
        >>> F.sparse_matmul(to_coo(np.array([[0.0, 2.0], [0.0, 0.0]])), np.array([[1.0, 2.0], [3.0, 4.0]]))
        variable([[6., 8.],
                  [0., 0.]])
    """
    if isinstance(a, CooMatrix) == isinstance(b, CooMatrix):
        raise ValueError(
            f'sparse_matmul: exactly one of a and b must be a CooMatrix, but they are {type(a).__name__} and '
            f'{type(b).__name__}. Make one with chaingrad.utils.to_coo.'
        )
    if isinstance(a, CooMatrix):
        return _product(a, as_variable(b), transa, transb)
    y = _product(b, as_variable(a), not transb, not transa)
    return transpose(y, (*range(y.ndim - 2), y.ndim - 1, y.ndim - 2))


def _product(a: CooMatrix, b: Variable, transa: bool, transb: bool) -> Variable:
    """Return a @ b: rows of b, times the elements of a, summed up by the rows of a."""
    if transb and b.ndim > 1:
        b = transpose(b, (*range(b.ndim - 2), b.ndim - 1, b.ndim - 2))
    rows, columns = reversed(a.shape) if transa else a.shape
    lead = a.data.shape[:-1]
    if b.ndim != len(lead) + 2 or b.shape[:-1] != (*lead, columns) or b.dtype != a.data.dtype:
        raise InvalidType(
            f'sparse_matmul: the operands must have one dtype and fit, but the sparse one is {a.data.dtype} '
            f'{lead + a.shape} and the dense one {b.dtype} {b.shape} (transposed already where asked for).'
        )
    (*batch, row, col), values = _counting(a)
    row, col = (col, row) if transa else (row, col)
    terms = b[(*batch, col)] * reshape(values, (-1, 1))
    return ScatterItem.of(terms, slices=(*batch, row), shape=(*lead, rows, b.shape[-1]))
