"""The product of arrays that are not small; `autograd/matmul.py`, which imports no kernel, is given this one here."""

from __future__ import annotations

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.matmul import compute_large_by
from chaingrad.autograd.matmul import product as numpy_product
from chaingrad.functions.kernels.twins import with_twin


@with_twin
def product(a: Array, b: Array) -> Array:
    """Return a @ b."""
    return numpy_product(a, b)


compute_large_by(product)
