"""Linear algebra beyond the rows of tests/cases/linalg.py: bad input, sparse matrices, large products."""

import numpy as np
import pytest

import chaingrad.functions as F
from chaingrad import Variable
from chaingrad.functions.linalg.sparse import CooMatrix, to_coo
from chaingrad.utils.type_check import InvalidType


def test_large_einsum_equals_numpy():
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(30, 40)), rng.normal(size=(40, 50)), rng.normal(size=(50, 20))
    np.testing.assert_allclose(F.einsum('ij,jk,kl->il', a, b, c).array, a @ b @ c, rtol=1e-10)


@pytest.mark.parametrize(
    'subscripts, shapes, error',
    [
        ('ij,jk->iz', [(2, 3), (3, 4)], ValueError),
        ('ij,jk->ii', [(2, 3), (3, 4)], ValueError),
        ('ij', [(2, 3), (3, 4)], ValueError),
        ('i1', [(2, 3)], ValueError),
        ('ijk', [(2, 3)], InvalidType),
        ('ij,jk', [(2, 3), (4, 4)], InvalidType),
    ],
)
def test_einsum_refuses_subscripts_that_do_not_fit(subscripts, shapes, error):
    with pytest.raises(error) as info:
        F.einsum(subscripts, *[np.ones(shape) for shape in shapes])
    assert len(info.value.args) == 1


def test_singular_matrices_are_value_errors():
    with pytest.raises(ValueError, match=r'\(2, 2\)'):
        F.inv(np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r'\(2, 2\)'):
        F.cholesky(-np.eye(2))
    with pytest.raises(ValueError, match=r'\(1, 2, 2\)'):
        F.batch_inv(np.zeros((1, 2, 2)))


@pytest.mark.parametrize('name', ['inv', 'det', 'cholesky'])
def test_matrices_must_be_square(name):
    with pytest.raises(InvalidType, match=r'\(2, 3\)'):
        getattr(F, name)(np.ones((2, 3)))


def test_fft_refuses_what_is_no_pair():
    with pytest.raises(TypeError, match='tuple'):
        F.fft(np.ones(3))


def test_to_coo_and_to_dense_are_inverse():
    rng = np.random.default_rng(0)
    for shape in ((3, 4), (2, 3, 4)):
        x = rng.normal(size=shape) * (rng.random(shape) < 0.5)
        coo = to_coo(x, ldnz=9)
        assert coo.data.shape == (*shape[:-2], 9)
        np.testing.assert_array_equal(coo.to_dense().array, x)


def test_sparse_matmul_refuses_operands_that_do_not_fit():
    sparse = to_coo(np.eye(2))
    dense = np.eye(3)
    for a, b in ((dense, dense), (sparse, sparse)):
        with pytest.raises(ValueError, match='CooMatrix'):
            F.sparse_matmul(a, b)
    with pytest.raises(InvalidType, match=r'\(2, 2\).*\(3, 3\)'):
        F.sparse_matmul(sparse, dense)


def test_coo_matrix_refuses_an_unknown_order():
    with pytest.raises(ValueError, match='order'):
        CooMatrix(np.ones(1), np.zeros(1, int), np.zeros(1, int), (1, 1), order='X')


def test_gradient_of_the_elements_of_a_sparse_matrix():
    coo = to_coo(np.array([[0.0, 2.0], [3.0, 0.0]]), requires_grad=True)
    F.sum(F.sparse_matmul(coo, np.array([[1.0, 2.0], [3.0, 4.0]]))).backward()
    assert coo.data.grad.tolist() == [7, 3]


def test_functions_of_numpy_take_variables():
    v = Variable(np.array([[2.0, 1.0], [0.0, 4.0]]))
    np.testing.assert_allclose(np.linalg.det(v).array, 8)
    np.testing.assert_allclose(np.linalg.inv(v).array @ v.array, np.eye(2))
    assert np.einsum('ij->j', v).array.tolist() == [2, 5]
    assert isinstance(np.tensordot(v, v, 1), Variable)
