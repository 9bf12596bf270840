"""The matrix product."""

from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Arrays, Indexes, Operands, Shape
from chaingrad.autograd.array_ops import downcast, sum_to_shape
from chaingrad.autograd.configuration import config
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.type_checking.type_check import InvalidType, reject
from chaingrad.autograd.variable import Variable, VariableOrArray


class MatMul(FunctionNode):
    """y = op(a) @ op(b), where op may transpose the last two axes; of two floating dtypes y has the wider."""

    _retained_inputs = (0, 1)

    def __init__(self, transa: bool = False, transb: bool = False) -> None:
        self.transa = transa
        self.transb = transb

    def forward(self, inputs: Arrays) -> Arrays:
        a, b = inputs
        return (matmul_array(_turned(a, self.transa), _turned(b, self.transb)),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        a, b = self.get_retained_inputs()
        a_shape, b_shape, transa, transb = a.shape, b.shape, self.transa, self.transb
        if b.ndim == 1:  # vectors become matrices: a row on the left, a column on the right
            b, gy, transb = b.reshape(-1, 1), gy.reshape((*gy.shape, 1)), False
        if a.ndim == 1:
            a, gy, transa = (a.reshape(1, -1), gy.reshape((*gy.shape[:-1], 1, gy.shape[-1])), False)
        gradients: list[Any] = []
        for i in indexes:
            if i == 0:
                g = MatMul.of(b, gy, transa=transb, transb=True) if transa else MatMul.of(gy, b, transb=not transb)
                gradients.append(_reduced(g, a, a_shape))
            else:
                g = MatMul.of(gy, a, transa=True, transb=transa) if transb else MatMul.of(a, gy, transa=not transa)
                gradients.append(_reduced(g, b, b_shape))
        return tuple(gradients)

    def _explain(self, arrays: tuple[Any, ...], error: Exception) -> None:
        is_of_shapes = isinstance(error, ValueError | TypeError) and len(arrays) == 2
        if config.type_check and is_of_shapes and all(hasattr(x, 'dtype') for x in arrays):
            a, b = arrays
            where = ('a.shape[-2]' if self.transa else 'a.shape[-1]') + ' == '
            where += 'b.shape[-1]' if self.transb or b.ndim == 1 else 'b.shape[-2]'
            fits = a.ndim > 1 < b.ndim and _turned(a, self.transa).shape[-1] == _turned(b, not self.transb).shape[-2]
            raise InvalidType(
                f'matmul: {where} must hold and the other axes must broadcast, but a is {a.dtype} {a.shape} and b is '
                f'{b.dtype} {b.shape}.{f" Did you mean transb={not self.transb}?" if fits else ""}'
            )
        super()._explain(arrays, error)


def _turned(x: Any, trans: bool) -> Any:
    return x.swapaxes(-1, -2) if trans and x.ndim > 1 else x


def _reduced(g: Any, matrix: Any, shape: Shape) -> Any:
    """Return the gradient of an operand, which was used as a matrix, in its dtype and shape."""
    g = sum_to_shape(g, matrix.shape)
    if g.dtype is not matrix.dtype:
        g = downcast(g, matrix.dtype)
    return g if g.shape == shape else g.reshape(shape)


def matmul_array(a: Any, b: Any) -> Any:
    """Return a @ b of arrays; float16 is multiplied in float32."""
    dtype = a.dtype
    if dtype is not b.dtype and dtype != b.dtype:
        if dtype.kind == b.dtype.kind == 'f':
            dtype = np.promote_types(dtype, b.dtype)
            return matmul_array(a.astype(dtype, copy=False), b.astype(dtype, copy=False))
        given = f"a is {a.dtype} {a.shape} and b is {b.dtype} {b.shape}. Convert one with F.cast(x, '{a.dtype}')."
        reject(f'matmul: both operands must have the same dtype, but {given}')
    if dtype.char == 'e':
        return matmul_array(a.astype(np.float32), b.astype(np.float32)).astype(np.float16)
    if a.size * b.size >= LARGE:
        return _large_product(a, b)
    if 5 not in a.shape and a.ndim <= 2 >= b.ndim and a.ndim and b.ndim:
        return a.dot(b)
    return product(a, b)


def product(a: Any, b: Any) -> Any:
    """Return a @ b of arrays of one dtype. `dot` costs half of `@` on small matrices."""
    if 5 in a.shape and a.dtype == np.float32:
        # For five columns the AVX-512 kernel of OpenBLAS 0.3.31 reads unset parts of its stack: by chance it reports an
        # invalid value that is in neither operand nor result.
        with np.errstate(invalid='ignore'):
            return a @ b
    return a.dot(b) if a.ndim <= 2 >= b.ndim and a.ndim and b.ndim else a @ b


LARGE = 8_000_000  # elements of a times elements of b from which a product is left to `_large_product`
_large_product: Any = product


def compute_large_by(kernel: Any) -> None:
    """Let a kernel of `functions/`, which this room does not import, compute the products of larger arrays."""
    global _large_product
    _large_product = kernel


def matmul(a: VariableOrArray, b: VariableOrArray, transa: bool = False, transb: bool = False) -> Variable:
    """Return the matrix product of two arrays.

    Vectors are a row on the left and a column on the right; axes before the last two broadcast.

    Args:
        a: Variable or array, (..., m, k), or (..., k, m) with transa, or (k,).
        b: Variable or array, (..., k, n), or (..., n, k) with transb, or (k,).
        transa (bool): whether to transpose the last two axes of a.
        transb (bool): whether to transpose the last two axes of b.

    Returns:
        Variable, (..., m, n); without m or n where a or b is a vector.

    Raises:
        InvalidType: when shapes do not fit, or two dtypes differ and are not both floating; of two floating dtypes
            the result has the wider.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.matmul(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]]), transb=True)
        variable([[11.]])
    """
    return MatMul(transa, transb).apply((a, b))[0]
