"""Sparse matrices, as lists of elements with their rows and columns, and products with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.array_ops import GetItem, ScatterItem, reshape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.type_checking.type_check import reject
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array, as_variable
from chaingrad.functions.casting import promoted
from chaingrad.functions.linalg.base import transpose_matrices


class CooMatrix:
    """A sparse matrix, or a batch of them, as a list of elements.

    Args:
        data: Variable or array of the elements, (m,), or (n, m) for a batch, floating dtype.
        row: Variable or array of their rows, of the same shape, integers; -1 marks padding, which is left out.
        col: Variable or array of their columns, of the same shape, integers; -1 where row is.
        shape (tuple of ints): (rows, columns), of each matrix of a batch.
        order (str): `'C'` or `'F'` where the elements are sorted by row or column, else `'other'`; None where unknown.
            It is kept but not used.
        requires_grad (bool): whether `data` becomes a Variable that gets a gradient.

    Attributes:
        data: Variable of the elements.

    Raises:
        ValueError: when shapes or the padding of row and col do not fit.

    Example:
        >>> import numpy as np
        >>> from chaingrad.utils import CooMatrix
        >>> m = CooMatrix(np.array([5.0, 7.0]), np.array([0, 1]), np.array([1, 0]), (2, 2))
        >>> m.to_dense()
        variable([[0., 5.],
                  [7., 0.]])
    """

    def __init__(
        self,
        data: VariableOrArray,
        row: VariableOrArray,
        col: VariableOrArray,
        shape: Sequence[int],
        order: str | None = None,
        requires_grad: bool = False,
    ) -> None:
        if len(shape) != 2 or not data.shape == row.shape == col.shape or not 1 <= len(data.shape) <= 2:
            raise ValueError(
                f'CooMatrix: data, row and col must be (m,) or (n, m) and shape two numbers, but they are '
                f'{data.shape}, {row.shape}, {col.shape} and {shape}.'
            )
        if order not in (None, 'C', 'F', 'other'):
            raise ValueError(f"CooMatrix: order must be 'C', 'F', 'other' or None, but it is {order!r}.")
        self.data = data if isinstance(data, Variable) else Variable(data, requires_grad=requires_grad)
        self.row: Array = as_array(row)
        self.col: Array = as_array(col)
        check_padding('CooMatrix', self.row, self.col)
        self.shape = tuple(shape)
        self.order = order

    def to_dense(self) -> Variable:
        """Return the matrix, or the batch, as a Variable (rows, columns) or (n, rows, columns)."""
        positions, values = _elements(self)
        shape = self.data.shape[:-1] + self.shape
        return ScatterItem.of(values, slices=positions, shape=shape)


def check_padding(who: str, row: Array, col: Array) -> None:
    """Raise ValueError unless row and col of a sparse matrix mark the same elements as padding."""
    wrong = (row < 0) != (col < 0)
    if wrong.any():
        i = tuple([int(j) for j in get_array_module(row).argwhere(wrong)[0]])
        raise ValueError(
            f'{who}: row and col must be negative at the same elements, which are padding, but at {i} they are '
            f'{int(row[i])} and {int(col[i])}.'
        )


def to_coo(x: VariableOrArray, ldnz: int | None = None, requires_grad: bool = False) -> CooMatrix:
    """Return a sparse matrix of the elements of an array that are not 0.

    Args:
        x: Variable or array, (rows, columns), or (n, rows, columns).
        ldnz (int): least length of the lists of elements, or None; shorter ones are padded.
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
    array = as_array(x)
    if array.ndim not in (2, 3):
        raise ValueError(f'to_coo: x must be a matrix or a batch of matrices, but it is {array.dtype} {array.shape}.')
    xp = get_array_module(array)
    batch = array if array.ndim == 3 else array[None]
    positions = [xp.nonzero(matrix) for matrix in batch]
    m = max([ldnz or 0, *[len(rows) for rows, _ in positions]])
    data = xp.zeros((len(batch), m), array.dtype)
    row = xp.full((len(batch), m), -1, np.int32)
    col = xp.full((len(batch), m), -1, np.int32)
    for i, (rows, columns) in enumerate(positions):
        n = len(rows)
        row[i, :n] = rows
        col[i, :n] = columns
        data[i, :n] = batch[i][rows, columns]
    if array.ndim == 2:
        data = data[0]
        row = row[0]
        col = col[0]
    return CooMatrix(data, row, col, array.shape[-2:], 'C', requires_grad)


def _elements(matrix: CooMatrix) -> tuple[tuple[Array, ...], Variable]:
    """Return the positions of the elements without padding, as an index into the dense form, and their values."""
    xp = matrix.data.xp
    is_element = (matrix.row >= 0) & (matrix.col >= 0)
    batch_index = xp.nonzero(is_element)[:-1]
    positions = (*batch_index, matrix.row[is_element], matrix.col[is_element])
    if matrix.data.ndim == 1 and is_element.all():
        return positions, matrix.data
    return positions, GetItem.of(matrix.data, slices=is_element)


def sparse_matmul(
    a: VariableOrArray | CooMatrix, b: VariableOrArray | CooMatrix, transa: bool = False, transb: bool = False
) -> Variable:
    """Return the product of a sparse and a dense matrix, or of a dense and a sparse one.

    Args:
        a: Variable or array, (m, k) or (n, m, k), or CooMatrix of such a shape; transposed with transa.
        b: CooMatrix, or Variable or array where a is sparse, (k, l) or (n, k, l); transposed with transb.
        transa (bool): whether to transpose the matrices of a.
        transb (bool): whether to transpose the matrices of b.

    Returns:
        Variable, (m, l) or (n, m, l).

    Raises:
        ValueError: when both are sparse or neither is.
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> from chaingrad.utils import to_coo
        >>> F.sparse_matmul(to_coo(np.array([[0.0, 2.0], [0.0, 0.0]])), np.array([[1.0, 2.0], [3.0, 4.0]]))
        variable([[6., 8.],
                  [0., 0.]])
    """
    if isinstance(a, CooMatrix) and not isinstance(b, CooMatrix):
        return _sparse_dense_product(a, as_variable(b), transa, transb)
    if isinstance(b, CooMatrix) and not isinstance(a, CooMatrix):
        return transpose_matrices(_sparse_dense_product(b, as_variable(a), not transb, not transa))  # (b^T a^T)^T
    raise ValueError(
        f'sparse_matmul: exactly one of a and b must be a CooMatrix, but they are {type(a).__name__} and '
        f'{type(b).__name__}. Make one with chaingrad.utils.to_coo.'
    )


def _fit(a: np.dtype[Any], b: np.dtype[Any]) -> bool:
    """Return whether two dtypes are equal, or both floating."""
    return a == b or a.kind == b.kind == 'f'


def _sparse_dense_product(a: CooMatrix, b: Variable, transa: bool, transb: bool) -> Variable:
    """Return a @ b: for each element of a the row of b that it multiplies, summed by the rows of a."""
    if transb and b.ndim > 1:
        b = transpose_matrices(b)
    rows, columns = a.shape
    if transa:
        rows, columns = columns, rows
    lead = a.data.shape[:-1]
    if b.ndim != len(lead) + 2 or b.shape[:-1] != (*lead, columns) or not _fit(b.dtype, a.data.dtype):
        reject(
            f'sparse_matmul: the operands must have one dtype or floating ones and fit, but the sparse one is '
            f'{a.data.dtype} {lead + a.shape} and the dense one {b.dtype} {b.shape} (transposed where asked for).'
        )
    (*batch_index, row, col), values = _elements(a)
    b, values = promoted(b, values)
    if transa:
        row, col = col, row
    terms = b[(*batch_index, col)] * reshape(values, (-1, 1))
    return ScatterItem.of(terms, slices=(*batch_index, row), shape=(*lead, rows, b.shape[-1]))
