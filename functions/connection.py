"""Functions with weights: linear, bilinear and embed_id (convolutions have a folder of their own)."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import reshape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.matmul import matmul, matmul_array
from chaingrad.autograd.reduction import Sum
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.functions.checks import fail, require_arrays, require_floats
from chaingrad.functions.kernels.scatter_rows import add_rows

__all__ = ['bilinear', 'embed_id', 'linear']


class LinearFunction(FunctionNode):
    """y = x W^T + b."""

    _retained_inputs = (0, 1)

    def forward(self, inputs: Any) -> Any:
        x, W = inputs[:2]
        if x.dtype is not W.dtype and x.dtype != W.dtype or x.ndim != 2 or x.shape[1] != W.shape[1]:
            raise self._mismatch(*inputs)
        y = matmul_array(x, W.T)
        if len(inputs) == 3:
            if inputs[2].shape != (W.shape[0],) or inputs[2].dtype != x.dtype:
                raise self._mismatch(*inputs)
            y += inputs[2]
        return (y,)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        (gy,) = grad_outputs
        x, W = self.get_retained_inputs()
        times = matmul_array if self._array_pass else _matmul
        return tuple([times(gy, W) if i == 0 else times(gy.T, x) if i == 1 else Sum.of(gy, axis=0) for i in indexes])

    def _mismatch(self, x: Any, W: Any, b: Any = None) -> InvalidType:
        given = f'x is {x.dtype} {x.shape}, W is {W.dtype} {W.shape}'
        given += '' if b is None else f' and b is {b.dtype} {b.shape}'
        if x.dtype != W.dtype:
            advice = f"Convert x with x.astype('{W.dtype}') (or F.cast for a Variable)."
        elif x.ndim == 1:
            advice = 'x must have a batch axis: write x[None] for a batch of one.'
        else:
            advice = f'The layer expects {W.shape[1]} features per sample.' if W.ndim == 2 else ''
        return InvalidType(
            f'linear: x (n, in), W (out, in) and b (out,) of one dtype must fit, but {given}. {advice}'.rstrip()
        )


def _matmul(a: Any, b: Any) -> Any:
    return a @ b


def linear(x: Any, W: Any, b: Any = None, n_batch_axes: int = 1) -> Variable:
    """Return the linear map of a batch, with a bias.

    y = x W^T + b.

    Args:
        x: Variable or array, (n, ...); the axes after the batch axes are taken as one.
        W: Variable or array, (out, in).
        b: Variable or array, (out,), or None.
        n_batch_axes (int): number of leading axes that count samples; the output keeps them.

    Returns:
        Variable, (n, out).

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when n_batch_axes is less than 1.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.linear(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]]), np.array([0.5]))
        variable([[11.5]])
    """
    require_arrays('linear', x=x)
    if n_batch_axes < 1:
        raise ValueError(f'linear: n_batch_axes must be at least 1, but it is {n_batch_axes}.')
    if n_batch_axes > 1:
        lead = x.shape[:n_batch_axes]
        y = linear(reshape(x, (int(np.prod(lead)), int(np.prod(x.shape[n_batch_axes:])))), W, b)
        return reshape(y, (*lead, y.shape[-1]))
    if len(x.shape) > 2:
        x = reshape(x, (len(x), int(np.prod(x.shape[1:]))))
    return LinearFunction().apply((x, W) if b is None else (x, W, b))[0]


def bilinear(e1: Any, e2: Any, W: Any, V1: Any = None, V2: Any = None, b: Any = None) -> Variable:
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
    e1, e2 = (reshape(e, (len(e), int(np.prod(e.shape[1:])))) for e in (e1, e2))
    (n, j), k = e1.shape, e2.shape[1]
    if len(e2) != n or len(W.shape) != 3 or W.shape[:2] != (j, k):
        fail('bilinear', 'e1 (n, j), e2 (n, k) and W (j, k, l)', e1=e1, e2=e2, W=W)
    y = matmul(reshape(reshape(e1, (n, j, 1)) * reshape(e2, (n, 1, k)), (n, j * k)), reshape(W, (j * k, -1)))
    if V1 is None:
        return y
    if V1.shape != (j, W.shape[2]) or V2.shape != (k, W.shape[2]) or b.shape != W.shape[2:]:
        fail('bilinear', 'V1 (j, l), V2 (k, l) and b (l,) for W (j, k, l)', W=W, V1=V1, V2=V2, b=b)
    return y + matmul(e1, V1) + matmul(e2, V2) + b


class EmbedIDFunction(FunctionNode):
    """y = W[x]."""

    def __init__(self, ids: Any, ignore_label: int | None = None) -> None:
        self._ids = ids
        self._ignored = None if ignore_label is None else ids == ignore_label

    def forward(self, inputs: Any) -> Any:
        (W,) = inputs
        self._n = len(W)
        if self._ignored is None:
            return (W[self._ids],)
        return (W[self._ids * ~self._ignored] * ~self._ignored[..., None],)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        (gy,) = grad_outputs
        if self._ignored is None:
            return (AddRows.of(gy, ids=self._ids, n=self._n),)
        return (AddRows.of(gy * ~self._ignored[..., None], ids=self._ids * ~self._ignored, n=self._n),)


class AddRows(FunctionNode):
    """A table of zeros to which rows are added by number; the adjoint of EmbedIDFunction."""

    def __init__(self, ids: Any, n: int) -> None:
        self._ids, self._n = ids, n

    def forward(self, inputs: Any) -> Any:
        return (add_rows(self._ids, inputs[0], self._n),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        return (EmbedIDFunction.of(grad_outputs[0], ids=self._ids),)


def embed_id(x: Any, W: Any, ignore_label: int | None = None) -> Variable:
    """Look up rows of a table, such as word vectors by number.

    y = W[x]; zeros where x is the ignored number.

    Args:
        x: Variable or array of integers in [0, in), any shape.
        W: Variable or array, (in, out), floating dtype.
        ignore_label (int): a number that stands for nothing, or None.

    Returns:
        Variable, (*x.shape, out).

    Raises:
        InvalidType: when x is not integer or W is no table.
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
        raise InvalidType(
            f'embed_id: x must have an integer dtype and W two axes, but x is {ids.dtype} {ids.shape} and W is '
            f'{W.dtype} {W.shape}.'
        )
    check_ids('embed_id: x', ids, W.shape[0], ignore_label)
    return EmbedIDFunction(ids, ignore_label).apply((W,))[0]


def check_ids(what: str, ids: Any, n: int, ignore_label: int | None) -> None:
    """Raise unless all numbers are in [0, n) or ignored, naming the first that is not and its place."""
    if ids.size and not (0 <= int(ids.min()) and int(ids.max()) < n):
        xp = get_array_module(ids)
        wrong = (ids < 0) | (ids >= n)
        if ignore_label is not None:
            wrong &= ids != ignore_label
        if wrong.any():
            place = tuple(int(i) for i in xp.argwhere(wrong)[0])
            but = '' if ignore_label is None else f' or the ignored {ignore_label}'
            raise ValueError(f'{what} must be in [0, {n}){but}, but element {place} is {int(ids[place])}.')
