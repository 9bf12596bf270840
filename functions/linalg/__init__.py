"""Linear algebra: products, inverses, Fourier transforms, sparse matrices."""

from chaingrad.functions.linalg.einsum import batch_matmul, einsum, tensordot
from chaingrad.functions.linalg.fourier import fft, ifft
from chaingrad.functions.linalg.inverse import batch_det, batch_inv, cholesky, det, inv
from chaingrad.functions.linalg.sparse import sparse_matmul

# fmt: off
__all__ = [
    'batch_det', 'batch_inv', 'batch_matmul', 'cholesky', 'det', 'einsum', 'fft', 'ifft', 'inv', 'sparse_matmul',
    'tensordot',
]
# fmt: on
