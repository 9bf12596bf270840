"""The twin of `kernels/products.py`: two matrices, or equally long stacks of them, transposed or not.

Two libraries whose threads wait for work in one process take the processor from each other: NumPy's product right after
a kernel of oneDNN loses milliseconds. So every product that NumPy's BLAS would give to several threads comes here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.functions.kernels import thread_pool
from chaingrad.functions.kernels.onednn import arrays
from chaingrad.functions.kernels.onednn.arrays import address, fits
from chaingrad.functions.kernels.onednn.descriptors import (
    FLOAT32,
    W,
    X,
    Y,
    api,
    described,
    factor_type,
    primitive_description,
)
from chaingrad.functions.kernels.onednn.plans import Plan, is_usable, kept

LEAST_PRODUCTS = 1_000_001  # multiplications and additions that pay with one thread: up to a million OpenBLAS is fast
LEAST_SHARED = 262_144  # from which OpenBLAS uses several threads where there are any
LARGE_RESULT = 2_000_000  # elements of x W^T from which `dnnl_sgemm` is faster than a primitive
ITEM = 4  # bytes of a float32


def product(a: Array, b: Array) -> Any:
    """Return a @ b."""
    if not fits(a, b) or not 2 <= a.ndim == b.ndim or a.shape[-1] != b.shape[-2] or not is_usable():
        return NotImplemented
    least = LEAST_PRODUCTS if thread_pool.count() == 1 else LEAST_SHARED
    if not arrays.pays(a.size * b.shape[-1], least):
        return NotImplemented
    factors = factor_type()
    if a.ndim > 2 or factors != FLOAT32 or b.strides[0] == ITEM and len(a) * b.shape[1] < LARGE_RESULT:
        return _stacks(a, b, factors)
    return _matrices(a, b)


def _layout(a: Array) -> tuple[bytes, int]:
    """Return whether a matrix is transposed, and the distance of its rows (or columns), 0 where neither fits."""
    rows, columns = a.shape
    step, one = a.strides
    if not a.flags.aligned:
        return b'N', 0
    if one == ITEM and step >= columns * ITEM and step % ITEM == 0:
        return b'N', step // ITEM
    if step == ITEM and one >= rows * ITEM and one % ITEM == 0:
        return b'T', one // ITEM
    return b'N', 0


def _matrices(a: Array, b: Array) -> Any:
    trans_a, step_a = _layout(a)
    trans_b, step_b = _layout(b)
    if not step_a:
        a, trans_a, step_a = arrays.contiguous(a), b'N', a.shape[1]
    if not step_b:
        b, trans_b, step_b = arrays.contiguous(b), b'N', b.shape[1]
    (m, k), n = a.shape, b.shape[1]
    y = np.empty((m, n), np.float32)
    multiply = api().calls.dnnl_sgemm
    failed = multiply(trans_a, trans_b, m, n, k, 1.0, address(a), step_a, address(b), step_b, 0.0, address(y), n)
    return NotImplemented if failed else y


@kept
def _plan(a: Shape, b: Shape, a_strides: Shape, b_strides: Shape, factors: int) -> Plan:
    a_given, b_given, y = described(a, a_strides), described(b, b_strides), described((*a[:-1], b[-1]))
    rounded = (a_given, b_given)
    if factors != FLOAT32:
        rounded = (described(a, a_strides, factors), described(b, b_strides, factors))
    primitive = primitive_description('matmul', *rounded, None, y)
    return Plan(primitive, [(X, a_given), (W, b_given)], [(Y, y)])


def _steps(a: Array) -> tuple[Array, Shape]:
    """Return a stack of matrices and its strides in elements; a copy where they do not fit."""
    matrix = a.strides[-2:]
    positive = all(s > 0 and s % ITEM == 0 for s in a.strides)
    if not (positive and ITEM in matrix and max(matrix) >= ITEM * a.shape[-1 if matrix[1] == ITEM else -2]):
        a = arrays.contiguous(a)
    elif not a.flags.aligned:
        a = arrays.contiguous(a)
    return a, tuple([s // ITEM for s in a.strides])


def _stacks(a: Array, b: Array, factors: int) -> Any:
    if a.ndim > 5 or a.shape[:-2] != b.shape[:-2]:
        return NotImplemented
    a, a_strides = _steps(a)
    b, b_strides = _steps(b)
    plan = _plan(a.shape, b.shape, a_strides, b_strides, factors)
    if plan is None:
        return NotImplemented
    y = np.empty((*a.shape[:-1], b.shape[-1]), np.float32)
    plan(address(a), address(b), address(y))
    return y
