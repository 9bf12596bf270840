"""det, inv, their forms for batches, and cholesky."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.matmul import MatMul
from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable
from chaingrad.functions.checks import require_arrays


class Inv(FunctionNode):
    """y = x ** -1 of every matrix."""

    _retained_outputs = (0,)

    def forward(self, inputs: Any) -> Any:
        return (_linalg('inv', inputs[0]),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        (y,) = self.get_retained_outputs()
        return (-MatMul.of(MatMul.of(y, grad_outputs[0], transa=True), y, transb=True),)


class BatchDet(FunctionNode):
    """y = the determinant of every matrix."""

    _retained_inputs = (0,)
    _retained_outputs = (0,)

    def forward(self, inputs: Any) -> Any:
        return (np.asarray(_linalg('det', inputs[0])),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        (x,) = self.get_retained_inputs()
        (y,) = self.get_retained_outputs()
        inverse = Inv.of(x)
        order = (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2)
        return ((grad_outputs[0] * y).reshape((*y.shape, 1, 1)) * inverse.transpose(order),)


class Cholesky(FunctionNode):
    """y = the lower triangular matrix for which y y^T = x."""

    _retained_outputs = (0,)

    def forward(self, inputs: Any) -> Any:
        (x,) = inputs
        xp = get_array_module(x)
        half = xp.tril(xp.ones(x.shape, x.dtype))
        self._half = half - xp.eye(len(x), dtype=x.dtype) / 2
        return (_linalg('cholesky', x),)

    def backward(self, indexes: Any, grad_outputs: Any) -> Any:
        (y,) = self.get_retained_outputs()
        inverse = Inv.of(y)
        s = MatMul.of(y, grad_outputs[0], transa=True) * self._half
        s = MatMul.of(MatMul.of(inverse, s, transa=True), inverse)
        return (0.5 * (s + s.T),)


def _linalg(name: str, x: Any) -> Any:
    """Call a function of `linalg`, float16 in float32; a matrix that does not allow it is a ValueError."""
    xp = get_array_module(x)
    wide = x.astype(np.float32) if x.dtype == np.float16 else x
    try:
        return getattr(xp.linalg, name)(wide).astype(x.dtype, copy=False)
    except np.linalg.LinAlgError as error:
        what = 'be positive definite' if name == 'cholesky' else 'have an inverse, which the gradient of det needs too'
        raise _NoSuchMatrix(
            f'{name}: every matrix must {what}, but {x.dtype} {x.shape} has one that is not so.'
        ) from error


class _NoSuchMatrix(InvalidType, np.linalg.LinAlgError):
    """Error for a singular matrix, or for one that is not positive definite."""


def _check(who: str, a: Any, ndim: int) -> None:
    """Raise unless a holds square matrices of floating dtype."""
    require_arrays(who, a=a)
    if len(a.shape) != ndim or a.shape[-1] != a.shape[-2] or a.dtype.kind != 'f':
        raise InvalidType(
            f'{who}: a must be {"a square matrix" if ndim == 2 else "(n, m, m), a batch of square matrices,"} of '
            f'floating dtype, but it is {a.dtype} {a.shape}.'
        )


def det(a: Any) -> Variable:
    """Return the determinant of a matrix.

    Its gradient, det(a) a^-T, is computed for matrices that have an inverse only.

    Args:
        a: Variable or array, (m, m), floating dtype.

    Returns:
        Variable of no axes.

    Raises:
        InvalidType: when a is no square matrix of floating dtype.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.det(np.array([[2.0, 0.0], [1.0, 3.0]]))
        variable(6.)
    """
    _check('det', a, 2)
    return BatchDet().apply((a,))[0]


def batch_det(a: Any) -> Variable:
    """Return the determinants of a batch of matrices.

    The gradient, det(a) a^-T, is computed for matrices that have an inverse only.

    Args:
        a: Variable or array, (n, m, m), floating dtype.

    Returns:
        Variable, (n,).

    Raises:
        InvalidType: when a is no batch of square matrices of floating dtype.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.batch_det(np.array([[[2.0, 0.0], [1.0, 3.0]]]))
        variable([6.])
    """
    _check('batch_det', a, 3)
    return BatchDet().apply((a,))[0]


def inv(a: Any) -> Variable:
    """Return the inverse of a matrix.

    Args:
        a: Variable or array, (m, m), floating dtype.

    Returns:
        Variable, (m, m).

    Raises:
        InvalidType: when a is no square matrix of floating dtype.
        ValueError: when a has no inverse.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.inv(np.array([[2.0, 0.0], [0.0, 4.0]]))
        variable([[0.5 , 0.  ],
                  [0.  , 0.25]])
    """
    _check('inv', a, 2)
    return Inv().apply((a,))[0]


def batch_inv(a: Any) -> Variable:
    """Return the inverses of a batch of matrices.

    Args:
        a: Variable or array, (n, m, m), floating dtype.

    Returns:
        Variable, (n, m, m).

    Raises:
        InvalidType: when a is no batch of square matrices of floating dtype.
        ValueError: when one has no inverse.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.batch_inv(np.array([[[2.0, 0.0], [0.0, 4.0]]]))
        variable([[[0.5 , 0.  ],
                   [0.  , 0.25]]])
    """
    _check('batch_inv', a, 3)
    return Inv().apply((a,))[0]


def cholesky(a: Any) -> Variable:
    """Return the Cholesky decomposition of a symmetric positive definite matrix.

    The lower triangular y for which y y^T = a. Only the lower triangle of a is read; the gradient is symmetric.

    Args:
        a: Variable or array, (m, m), floating dtype.

    Returns:
        Variable, (m, m).

    Raises:
        InvalidType: when a is no square matrix of floating dtype.
        ValueError: when a is not positive definite.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.cholesky(np.array([[4.0, 2.0], [2.0, 5.0]]))
        variable([[2., 0.],
                  [1., 2.]])

    Source:
        I. Murray, Differentiation of the Cholesky decomposition, 2016, equation 8.
    """
    _check('cholesky', a, 2)
    return Cholesky().apply((a,))[0]


provide(np.linalg.inv, lambda a: Inv().apply((a,))[0])
provide(np.linalg.det, lambda a: BatchDet().apply((a,))[0])
provide(np.linalg.cholesky, cholesky)
