"""Linear algebra: products of matrices, inverses, Fourier transforms, sparse matrices."""

import numpy as np
from hypothesis import strategies as st

import chaingrad.functions as F
from chaingrad.functions.linalg.sparse import CooMatrix
from tests.cases.case import Case
from tests.strategies import same_shapes


def _matmul(a, b, transa=False, transb=False):
    a = a.swapaxes(-1, -2) if transa and a.ndim > 1 else a
    return np.matmul(a, b.swapaxes(-1, -2) if transb and b.ndim > 1 else b)


def _matrix_shape(m, n, transposed):
    return (n, m) if transposed else (m, n)


_flags = st.shared(st.tuples(st.booleans(), st.booleans()), key='transa, transb')


@st.composite
def _factor_shapes(draw):
    """Draw the shapes of two factors that fit with these flags, some with batch axes that broadcast."""
    transa, transb = draw(_flags)
    m, k, n = (draw(st.integers(0, 4)) for _ in range(3))
    leads = st.sampled_from([((), ()), ((2,), (2,)), ((2,), ()), ((), (3,)), ((2, 1), (3,)), ((1,), (2,))])
    lead_a, lead_b = draw(leads)
    return (*lead_a, *_matrix_shape(m, k, transa)), (*lead_b, *_matrix_shape(k, n, transb))


_vector_shapes = st.sampled_from(
    [((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((3,), (2, 3, 4)), ((2, 4, 3), (3,)), ((0,), (0,)), ((0,), (0, 2))]
)
_options = {'transa': _flags.map(lambda pair: pair[0]), 'transb': _flags.map(lambda pair: pair[1])}

_einsums = st.shared(
    st.sampled_from(
        [
            ('ij,jk->ik', (2, 3), (3, 4)),
            ('ij,jk', (2, 3), (3, 4)),
            ('ij,ij->', (2, 3), (2, 3)),
            ('ij,kj->ijk', (2, 3), (4, 3)),
            ('ik,jk->j', (2, 3), (4, 3)),
            ('i,j->ij', (0,), (3,)),
            ('...ij,jk->...ik', (2, 2, 3), (3, 4)),
            ('...i,...i->...', (2, 1, 3), (4, 3)),
            ('...i,i->i', (2, 3), (3,)),
            ('ii,i->i', (3, 3), (3,)),
            ('iij,j->i', (2, 2, 3), (3,)),
            ('iij,jk', (2, 2, 3), (3, 2)),
            (',ij->ji', (), (2, 3)),
            ('kj,lj->', (1, 3), (2, 3)),
        ]
    ),
    key='einsum',
)
_tensordots = st.shared(
    st.sampled_from(
        [
            (2, (2, 3, 4), (3, 4, 2)),
            (1, (2, 3), (3, 4)),
            (0, (2,), (3,)),
            (((0, 2), (1, 0)), (2, 3, 4), (4, 2, 5)),
            ((-1, 0), (2, 3), (3,)),
        ]
    ),
    key='tensordot',
)


_EXPLICIT = {'...i,i->i': 'ai,i->i'}  # NumPy does not sum over an ellipsis


def _with_subscripts(f):
    def call(a, b, subscripts):
        return f(subscripts, a, b)

    return call


def _of_invertible(f):
    """Apply a function to matrices made of x that have an inverse for all x within the bounds."""

    def call(x, **options):
        return f(x + 6 * np.eye(x.shape[-1], dtype=x.dtype), **options)

    return call


def _of_positive_definite(f):
    """Apply a function to symmetric positive definite matrices made of x."""

    def call(x):
        return f(x @ x.T + 4 * np.eye(x.shape[-1], dtype=x.dtype))

    return call


def _fft_in_numpy(f):
    def expected(real, imag):
        y = getattr(np.fft, f)(real + 1j * imag) if real.size else real + 1j * imag
        return y.real, y.imag

    return expected


_square_shapes = st.integers(1, 4).map(lambda n: ((n, n),))
_square_batch_shapes = st.tuples(st.integers(0, 3), st.integers(1, 3)).map(lambda n: ((n[0], n[1], n[1]),))
_pair_shapes = same_shapes(2, min_dims=1)

_is_sparse_batch = st.shared(st.booleans(), key='sparse batch')
_ROW, _COL = np.array([0, 0, 2, -1, 2]), np.array([1, 0, 1, -1, 1])


def _coo(data):
    lead = data.shape[:-1]
    row, col = (np.array(np.broadcast_to(a, (*lead, 5))) for a in (_ROW, _COL))
    return CooMatrix(data, row, col, (3, 2), requires_grad=True)


def _dense(data):
    y = np.zeros((*data.shape[:-1], 3, 2))
    for k, (i, j) in enumerate(zip(_ROW, _COL)):
        if i >= 0:
            y[..., i, j] += data[..., k]
    return y


def _sparse_shapes(data_first):
    def shapes(flags):
        is_batch, transa, transb = flags
        lead = (2,) if is_batch else ()
        if data_first:
            return (*lead, 5), (*lead, *_matrix_shape(3 if transa else 2, 4, transb))
        return (*lead, *_matrix_shape(4, 2 if transb else 3, transa)), (*lead, 5)

    return st.tuples(_is_sparse_batch, *_options.values()).map(shapes)


CASES = [
    Case(
        'batch_det',
        _of_invertible(F.batch_det),
        _of_invertible(np.linalg.det),
        shapes=_square_batch_shapes,
        tolerance=20,
    ),
    Case(
        'batch_inv',
        _of_invertible(F.batch_inv),
        _of_invertible(np.linalg.inv),
        shapes=_square_batch_shapes,
        tolerance=4,
    ),
    Case(
        'batch_matmul',
        F.batch_matmul,
        _matmul,
        arity=2,
        options=_options,
        shapes=_flags.map(lambda flags: ((2, *_matrix_shape(2, 3, flags[0])), (2, *_matrix_shape(3, 4, flags[1])))),
    ),
    Case(
        'batch_matmul',
        F.batch_matmul,
        lambda a, b: np.matmul(a, b[..., None]),
        arity=2,
        shapes=st.just(((2, 4, 3), (2, 3))),
        variant='vectors',
    ),
    Case(
        'cholesky',
        _of_positive_definite(F.cholesky),
        _of_positive_definite(np.linalg.cholesky),
        shapes=_square_shapes,
        tolerance=4,
    ),
    Case('det', _of_invertible(F.det), _of_invertible(np.linalg.det), shapes=_square_shapes, tolerance=20),
    Case(
        'einsum',
        _with_subscripts(F.einsum),
        _with_subscripts(lambda subscripts, a, b: np.einsum(_EXPLICIT.get(subscripts, subscripts), a, b)),
        arity=2,
        options={'subscripts': _einsums.map(lambda drawn: drawn[0])},
        shapes=_einsums.map(lambda drawn: drawn[1:]),
        tolerance=4,
    ),
    Case(
        'einsum',
        lambda a, b, c: F.einsum(a, [0, 1], b, [1, 2], c, [2, 2], [0]),
        lambda a, b, c: np.einsum('ij,jk,kk->i', a, b, c),
        arity=3,
        shapes=st.just(((2, 3), (3, 4), (4, 4))),
        tolerance=10,
        variant='lists of axes',
    ),
    Case('fft', lambda *x: F.fft(x), _fft_in_numpy('fft'), arity=2, shapes=_pair_shapes, tolerance=4),
    Case('ifft', lambda *x: F.ifft(x), _fft_in_numpy('ifft'), arity=2, shapes=_pair_shapes, tolerance=4),
    Case('inv', _of_invertible(F.inv), _of_invertible(np.linalg.inv), shapes=_square_shapes, tolerance=4),
    Case('matmul', F.matmul, _matmul, arity=2, options=_options, shapes=_factor_shapes()),
    Case('matmul', F.matmul, _matmul, arity=2, shapes=_vector_shapes, variant='vectors'),
    Case(
        'sparse_matmul',
        lambda data, b, transa, transb: F.sparse_matmul(_coo(data), b, transa, transb),
        lambda data, b, transa, transb: _matmul(_dense(data), b, transa, transb),
        arity=2,
        options=_options,
        shapes=_sparse_shapes(data_first=True),
    ),
    Case(
        'sparse_matmul',
        lambda a, data, transa, transb: F.sparse_matmul(a, _coo(data), transa, transb),
        lambda a, data, transa, transb: _matmul(a, _dense(data), transa, transb),
        arity=2,
        options=_options,
        shapes=_sparse_shapes(data_first=False),
        variant='dense first',
    ),
    Case(
        'tensordot',
        F.tensordot,
        np.tensordot,
        arity=2,
        options={'axes': _tensordots.map(lambda drawn: drawn[0])},
        shapes=_tensordots.map(lambda drawn: drawn[1:]),
        tolerance=4,
    ),
]
