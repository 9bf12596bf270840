"""Functions with weights: linear, bilinear and embed_id (convolutions have a folder of their own)."""

from __future__ import annotations

import math

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operand, Operands, Shape
from chaingrad.autograd.array_ops import Scatter, SumTo, reshape
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.matmul import matmul, matmul_array
from chaingrad.autograd.type_checking.type_check import InvalidType, reject
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions.casting import downcast, upcast
from chaingrad.functions.checks import check_ids, fail, require_arrays, require_floats
from chaingrad.functions.kernels.scatter_rows import add_rows

__all__ = ['bilinear', 'embed_id', 'linear']


class LinearFunction(FunctionNode):
    """y = x W^T + b. W may have another floating dtype than x, b and y."""

    _retained_inputs = (0, 1)

    def forward(self, inputs: Arrays) -> Arrays:
        x, W = inputs[:2]
        mixed = x.dtype is not W.dtype and x.dtype != W.dtype
        if mixed and not x.dtype.kind == W.dtype.kind == 'f' or x.ndim != 2 or x.shape[1] != W.shape[1]:
            reject(self._mismatch(*inputs))
        y = matmul_array(x, W.T)
        if mixed:
            y = y.astype(x.dtype, copy=False)
        if len(inputs) == 3:
            b = inputs[2]
            if b.shape != (W.shape[0],) or b.dtype != x.dtype:
                reject(self._mismatch(*inputs))
            y += b
        return (y,)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        x, W = self.get_retained_inputs()
        mixed = x.dtype is not W.dtype and x.dtype != W.dtype
        gx = gW = gb = None
        if 0 in indexes:
            gx = _matmul(gy, W)
            if mixed:
                gx = downcast(gx, x.dtype)
        if 1 in indexes:
            gW = downcast(_matmul(upcast(gy, W).T, upcast(x, W)), W.dtype) if mixed else _matmul(gy.T, x)
        if 2 in indexes:
            gb = SumTo.of(gy, shape=gy.shape[1:])
        gradients = (gx, gW, gb)
        return tuple([gradients[i] for i in indexes])

    def _mismatch(self, x: Array, W: Array, b: Array | None = None) -> InvalidType:
        given = f'x is {x.dtype} {x.shape}, W is {W.dtype} {W.shape}'
        if b is not None:
            given += f' and b is {b.dtype} {b.shape}'
        message = f'linear: x (n, in), W (out, in) and b (out,) of the dtype of x must fit, but {given}.'
        if x.dtype.kind != 'f' or W.dtype.kind != 'f':
            message += f" Convert x with x.astype('{W.dtype}') (or F.cast for a Variable)."
        elif b is not None and b.dtype != x.dtype:
            message += f" Convert x with x.astype('{b.dtype}') (or F.cast for a Variable)."
        elif x.ndim == 1:
            message += ' x must have a batch axis: write x[None] for a batch of one.'
        elif W.ndim == 2:
            message += f' The layer expects {W.shape[1]} features per sample'
            if x.ndim == 2 and x.shape[1] == W.shape[0]:
                message += '; is W transposed? It is (out, in).'
            else:
                message += f'; make it with in_size={x.shape[-1]}, or None to take what comes.'
        return InvalidType(message)


def _matmul(a: Operand, b: Operand) -> Operand:
    """Return a @ b; on small arrays `matmul_array` costs half of `@`."""
    return a @ b if isinstance(a, Variable) else matmul_array(a, b)


def linear(x: VariableOrArray, W: VariableOrArray, b: VariableOrArray | None = None, n_batch_axes: int = 1) -> Variable:
    """Return the linear map of a batch, with a bias.

    y = x W^T + b.

    Args:
        x: Variable or array, (n, ...), floating dtype; the axes after the batch axes are taken as one, of length in.
        W: Variable or array, (out, in), floating dtype, which may be another.
        b: Variable or array, (out,), of the dtype of x, or None.
        n_batch_axes (int): number of leading batch axes; the output keeps them.

    Returns:
        Variable, (n, out), of the dtype of x.

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when n_batch_axes is less than 1.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.linear(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]]), np.array([0.5]))
        variable([[11.5]])
    """
    if not hasattr(x, 'dtype'):
        require_arrays('linear', x=x)
    if type(n_batch_axes) is not int and not isinstance(n_batch_axes, np.integer):
        raise TypeError(
            f'linear: n_batch_axes must be an int, but it is a {type(n_batch_axes).__name__}. Is it a label? Wrap the '
            'model: L.Classifier(model).'
        )
    if n_batch_axes < 1:
        raise ValueError(f'linear: n_batch_axes must be at least 1, but it is {n_batch_axes}.')
    if n_batch_axes > 1:
        batch_shape = x.shape[:n_batch_axes]
        rows = reshape(x, (math.prod(batch_shape), math.prod(x.shape[n_batch_axes:])))
        y = linear(rows, W, b)
        return reshape(y, (*batch_shape, y.shape[-1]))
    if len(x.shape) > 2:
        x = reshape(x, (len(x), math.prod(x.shape[1:])))
    return LinearFunction().apply((x, W) if b is None else (x, W, b))[0]


def bilinear(
    e1: VariableOrArray,
    e2: VariableOrArray,
    W: VariableOrArray,
    V1: VariableOrArray | None = None,
    V2: VariableOrArray | None = None,
    b: VariableOrArray | None = None,
) -> Variable:
    """Return the bilinear map of two batches, with linear terms and a bias.

    y_il = sum over j, k of e1_ij e2_ik W_jkl + (e1 V1)_il + (e2 V2)_il + b_l.

    Args:
        e1: Variable or array, (n, ...), floating dtype; the axes after the first are taken as one, of length j.
        e2: Variable or array, (n, ...), taken as (n, k).
        W: Variable or array, (j, k, l).
        V1: Variable or array, (j, l), or None.
        V2: Variable or array, (k, l), or None.
        b: Variable or array, (l,), or None.

    Returns:
        Variable, (n, l).

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when some of V1, V2 and b are given and others are not.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.bilinear(np.array([[2.0]]), np.array([[3.0]]), np.array([[[1.0, 10.0]]]))
        variable([[ 6., 60.]])
    """
    if len({V1 is None, V2 is None, b is None}) > 1:
        raise ValueError('bilinear: V1, V2 and b must be given together, or none of them.')
    require_floats('bilinear', e1=e1, e2=e2, W=W, V1=V1, V2=V2, b=b)
    e1 = reshape(e1, (len(e1), math.prod(e1.shape[1:])))
    e2 = reshape(e2, (len(e2), math.prod(e2.shape[1:])))
    n, j = e1.shape
    k = e2.shape[1]
    if len(e2) != n or len(W.shape) != 3 or W.shape[:2] != (j, k):
        fail('bilinear', 'e1 (n, j), e2 (n, k) and W (j, k, l)', e1=e1, e2=e2, W=W)
    products = reshape(e1, (n, j, 1)) * reshape(e2, (n, 1, k))
    y = matmul(reshape(products, (n, j * k)), reshape(W, (j * k, -1)))
    if V1 is None or V2 is None or b is None:
        return y
    if V1.shape != (j, W.shape[2]) or V2.shape != (k, W.shape[2]) or b.shape != W.shape[2:]:
        fail('bilinear', 'V1 (j, l), V2 (k, l) and b (l,) for W (j, k, l)', W=W, V1=V1, V2=V2, b=b)
    return y + matmul(e1, V1) + matmul(e2, V2) + b


class EmbedIDFunction(FunctionNode):
    """y = W[x]; zeros where x is the ignored number."""

    def __init__(self, ids: Array, ignore_label: int | None = None) -> None:
        self.given_ids = self._ids = ids
        self.ignore_label = ignore_label
        self._valid: Array | None = None
        if ignore_label is not None:
            self._valid = ids != ignore_label
            self._ids = ids * self._valid  # row 0 in place of a row that may not exist

    def forward(self, inputs: Arrays) -> Arrays:
        (W,) = inputs
        self._in_shape = W.shape
        y = W[self._ids]
        if self._valid is not None:
            y = y * self._valid[..., None]
        return (y,)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        if self._valid is not None:
            gy = gy * self._valid[..., None]
        return (AddRows.gradient(gy, ids=self._ids, shape=self._in_shape),)


class AddRows(Scatter):
    """y = a table of zeros to which the rows of x are added by number; the adjoint of EmbedIDFunction."""

    def __init__(self, ids: Array, shape: Shape) -> None:
        super().__init__(shape)
        self._ids = ids

    def add_to(self, y: Array, x: Array) -> None:
        add_rows(self._ids, x, y)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        return (EmbedIDFunction.of(grad_outputs[0], ids=self._ids),)


def embed_id(x: VariableOrArray, W: VariableOrArray, ignore_label: int | None = None) -> Variable:
    """Look up rows of a table by number, such as word vectors.

    y = W[x]; zeros where x is ignore_label.

    Args:
        x: Variable or array of integers in [0, in), any shape.
        W: Variable or array, (in, out), floating dtype.
        ignore_label (int): a number for which there is no row, such as -1, or None.

    Returns:
        Variable, (*x.shape, out).

    Raises:
        InvalidType: when the dtype of x is not integer, or W does not have two axes.
        ValueError: when an element of x is out of range.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.embed_id(np.array([2, 0]), np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]))
        variable([[3., 3.],
                  [1., 1.]])
    """
    ids = as_array(x)
    require_arrays('embed_id', x=x, W=W)
    if ids.dtype.kind not in 'iu' or len(W.shape) != 2:
        reject(
            f'embed_id: x must have an integer dtype and W two axes, but x is {ids.dtype} {ids.shape} and W is '
            f"{W.dtype} {W.shape}. Convert x with x.astype('int32')."
        )
    check_ids('embed_id: x', ids, W.shape[0], ignore_label)
    return EmbedIDFunction(ids, ignore_label).apply((W,))[0]
