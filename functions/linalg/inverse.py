"""det, inv, batch_det, batch_inv and cholesky."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operands
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.matmul import MatMul
from chaingrad.autograd.numpy_protocol import provide
from chaingrad.autograd.type_checking.type_check import InvalidType, reject
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.checks import require_arrays
from chaingrad.functions.linalg.base import transpose_matrices


class Inv(FunctionNode):
    """y = x ** -1 of every matrix."""

    _retained_outputs = (0,)

    def forward(self, inputs: Arrays) -> Arrays:
        return (_linalg_array('inv', inputs[0]),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        (y,) = self.get_retained_outputs()
        return (-MatMul.of(MatMul.of(y, gy, transa=True), y, transb=True),)  # -y^T gy y^T


class BatchDet(FunctionNode):
    """y = the determinant of every matrix."""

    _retained_inputs = (0,)
    _retained_outputs = (0,)

    def forward(self, inputs: Arrays) -> Arrays:
        return (np.asarray(_linalg_array('det', inputs[0])),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        (x,) = self.get_retained_inputs()
        (y,) = self.get_retained_outputs()
        return ((gy * y).reshape((*y.shape, 1, 1)) * transpose_matrices(Inv.of(x)),)  # gy det(x) x^-T


class Cholesky(FunctionNode):
    """y = the lower triangular matrix for which y y^T = x."""

    _retained_outputs = (0,)

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        xp = get_array_module(x)
        lower = xp.tril(xp.ones(x.shape, x.dtype))
        self._half_lower = lower - xp.eye(len(x), dtype=x.dtype) / 2
        return (_linalg_array('cholesky', x),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        # gx = (s + s^T) / 2, s = y^-T phi(y^T gy) y^-1, where phi takes the lower triangle and halves the diagonal.
        (gy,) = grad_outputs
        (y,) = self.get_retained_outputs()
        inverse = Inv.of(y)
        phi = MatMul.of(y, gy, transa=True) * self._half_lower
        s = MatMul.of(MatMul.of(inverse, phi, transa=True), inverse)
        return (0.5 * (s + s.T),)


def _linalg_array(name: str, x: Array) -> Array:
    """Call a function of `linalg`, for float16 in float32; raise ValueError for a matrix that it refuses."""
    xp = get_array_module(x)
    wide = x.astype(np.float32) if x.dtype == np.float16 else x
    try:
        return getattr(xp.linalg, name)(wide).astype(x.dtype, copy=False)
    except np.linalg.LinAlgError as error:
        if name == 'cholesky':
            what = 'be positive definite'
        else:
            what = 'have an inverse, which the gradient of det needs too'
        raise _MatrixError(
            f'{name}: every matrix must {what}, but this is not so for one in {x.dtype} {x.shape}.'
        ) from error


class _MatrixError(InvalidType, np.linalg.LinAlgError):
    """Error for a singular matrix, or for one that is not positive definite."""


def _check_square(who: str, a: VariableOrArray, ndim: int) -> None:
    """Raise unless a is a square matrix (ndim 2) or a batch of square matrices (ndim 3), of floating dtype."""
    require_arrays(who, a=a)
    if len(a.shape) != ndim or a.shape[-1] != a.shape[-2] or a.dtype.kind != 'f':
        what = 'a square matrix' if ndim == 2 else '(n, m, m), a batch of square matrices,'
        reject(f'{who}: a must be {what} of floating dtype, but it is {a.dtype} {a.shape}.')


def det(a: VariableOrArray) -> Variable:
    """Return the determinant of a matrix.

    Its gradient, det(a) a^-T, is computed only for matrices that have an inverse.

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
    _check_square('det', a, 2)
    return BatchDet().apply((a,))[0]


def batch_det(a: VariableOrArray) -> Variable:
    """Return the determinants of a batch of matrices.

    The gradient, det(a) a^-T, is computed only for matrices that have an inverse.

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
    _check_square('batch_det', a, 3)
    return BatchDet().apply((a,))[0]


def inv(a: VariableOrArray) -> Variable:
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
    _check_square('inv', a, 2)
    return Inv().apply((a,))[0]


def batch_inv(a: VariableOrArray) -> Variable:
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
    _check_square('batch_inv', a, 3)
    return Inv().apply((a,))[0]


def cholesky(a: VariableOrArray) -> Variable:
    """Return the Cholesky decomposition of a symmetric positive definite matrix.

    y y^T = a, where y is lower triangular. Only the lower triangle of a is read; the gradient is symmetric.

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
    _check_square('cholesky', a, 2)
    return Cholesky().apply((a,))[0]


def _numpy_inv(a: VariableOrArray) -> Variable:
    return Inv().apply((a,))[0]


def _numpy_det(a: VariableOrArray) -> Variable:
    return BatchDet().apply((a,))[0]


# NumPy's functions take any number of axes before those of the matrices.
provide(np.linalg.inv, _numpy_inv)
provide(np.linalg.det, _numpy_det)
provide(np.linalg.cholesky, cholesky)
