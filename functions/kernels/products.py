"""The product of arrays that are not small; `autograd/matmul.py`, which imports no kernel, is given this one here."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.matmul import compute_large_by
from chaingrad.autograd.matmul import product as numpy_product
from chaingrad.functions.kernels.twins import with_twin

# x W^T of few rows: for processors with AVX-512, OpenBLAS computes W x^T in 60 to 95 % of the time, and turning the
# result costs less than that saves; with the kernels for others both take the same time.
FEW_ROWS, LEAST_COLUMNS = 128, 200


@with_twin
def product(a: Array, b: Array) -> Array:
    """Return a @ b."""
    if _is_turned_with_gain(a, b):
        return np.ascontiguousarray(numpy_product(b.T, a.T).T)
    return numpy_product(a, b)


def _is_turned_with_gain(x: Array, b: Array) -> bool:
    """Return whether b is W^T of a matrix W in order, with more rows than x has, which are few and long."""
    if type(x) is not np.ndarray or x.dtype != np.float32 or x.ndim != 2 or b.ndim != 2:
        return False
    in_order = x.flags.c_contiguous and b.flags.f_contiguous
    return in_order and len(x) <= min(FEW_ROWS, b.shape[1]) and len(b) >= LEAST_COLUMNS


compute_large_by(product)
