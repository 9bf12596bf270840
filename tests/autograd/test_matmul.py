"""The matrix product: shapes, transpositions, precision, errors; gradients are rows of tests/cases/linalg.py."""

import ctypes

import numpy as np
import pytest

import chaingrad.functions as F
from chaingrad import Variable, grad
from chaingrad.autograd.type_checking.type_check import InvalidType


def array(*shape, dtype=np.float64):
    return np.random.default_rng(19).uniform(-1, 1, shape).astype(dtype)


@pytest.mark.parametrize(
    ('a', 'b'),
    [
        ((2, 3), (3, 4)),
        ((3,), (3,)),
        ((3,), (3, 4)),
        ((2, 3), (3,)),
        ((5, 2, 3), (3, 4)),
        ((2, 3), (5, 3, 4)),
        ((5, 2, 3), (5, 3, 4)),
        ((5, 1, 2, 3), (6, 3, 4)),
        ((3,), (5, 3, 4)),
        ((5, 2, 3), (3,)),
        ((0, 3), (3, 4)),
        ((2, 0), (0, 4)),
    ],
)
def test_shapes(a, b):
    x, y = Variable(array(*a)), Variable(array(*b))
    z = F.matmul(x, y)
    np.testing.assert_allclose(z.array, x.array @ y.array)
    np.testing.assert_allclose((x @ y).array, z.array)
    z.grad = np.ones_like(z.array)
    z.backward()
    assert (x.grad.shape, y.grad.shape) == (a, b)


@pytest.mark.parametrize('transa', [False, True])
@pytest.mark.parametrize('transb', [False, True])
def test_transpositions(transa, transb):
    a = array(*((3, 2) if transa else (2, 3)))
    b = array(*((4, 3) if transb else (3, 4)))
    y = F.matmul(a, b, transa, transb)
    np.testing.assert_allclose(y.array, (a.T if transa else a) @ (b.T if transb else b))


@pytest.mark.parametrize('flags', [(False, False), (True, False), (False, True), (True, True)])
def test_third_order(flags):
    """The rule is a matmul again, with other flags: all of them must be right together."""
    transa, transb = flags
    a, b = Variable(array(*((3, 2) if transa else (2, 3)))), Variable(array(*((4, 3) if transb else (3, 4))))
    gy, gga = Variable(array(2, 4)), Variable(array(*a.shape))
    (ga,) = grad([F.matmul(a, b, transa, transb)], [a], [gy], enable_double_backprop=True)
    gb, ggy = grad([ga], [b, gy], [gga], enable_double_backprop=True)
    A = gga.array.T if transa else gga.array
    B = b.array.T if transb else b.array
    np.testing.assert_allclose(ggy.array, A @ B)
    expected = A.T @ gy.array
    np.testing.assert_allclose(gb.array, expected.T if transb else expected)
    (g3,) = grad([gb], [gga])
    assert g3.shape == a.shape


def test_float16_is_multiplied_in_float32():
    a = np.full((1, 4096), 1, np.float16)
    y = F.matmul(a, a, transb=True)
    assert y.dtype == np.float16 and y.array == 4096


def test_shapes_that_do_not_fit():
    with pytest.raises(InvalidType) as caught:
        F.matmul(array(2, 3, dtype='f'), array(4, 5, dtype='f'))
    assert str(caught.value) == (
        'matmul: a.shape[-1] == b.shape[-2] must hold and the other axes must broadcast, '
        'but a is float32 (2, 3) and b is float32 (4, 5).'
    )


@pytest.mark.parametrize(('a', 'b', 'transa', 'transb'), [((2, 3), (4, 3), False, False), ((3, 2), (3, 4), True, True)])
def test_the_hint_comes_only_when_it_would_fit(a, b, transa, transb):
    with pytest.raises(InvalidType, match=f'Did you mean transb={not transb}'):
        F.matmul(array(*a), array(*b), transa, transb)


@pytest.mark.parametrize(('a', 'b'), [((3,), (4,)), ((2, 3), (4,)), ((5, 2, 3), (6, 3, 4)), ((), (2, 2)), ((2, 2), ())])
def test_other_shapes_that_do_not_fit(a, b):
    with pytest.raises(InvalidType, match='matmul') as caught:
        F.matmul(array(*a), array(*b))
    assert str(a) in str(caught.value) and str(b) in str(caught.value)


def test_dtypes_that_are_not_floating_must_be_equal():
    with pytest.raises(InvalidType, match=r'int32 \(2, 2\).*float64 \(2, 2\)'):
        F.matmul(np.ones((2, 2), 'i'), array(2, 2))


def test_only_the_wanted_gradient_is_computed():
    a, b = Variable(array(2, 3)), array(3, 4)
    y = F.matmul(a, b)
    assert y.creator._node_targets == (0,)
    (ga,) = grad([y], [a])
    np.testing.assert_allclose(ga.array, np.ones((2, 4)) @ b.T)


class _Block(ctypes.Structure):
    _fields_ = [('words', ctypes.c_uint32 * 16384)]


def fill_the_stack(word):
    """Leave 64 KiB of a 32-bit word on the stack: a structure passed by value is copied there."""
    ctypes.pythonapi.PyGILState_Check(_Block((ctypes.c_uint32 * 16384)(*[word] * 16384)))


def gradient_of_kernel(x, W):
    W = Variable(W)
    y = F.convolution_1d(x, W)
    fill_the_stack(0x7FA00000)
    return grad([y], [W], [np.ones_like(y.array)])[0]


@pytest.mark.parametrize(
    'multiply',
    [
        lambda x, v: F.matmul(x, v),
        lambda x, v: F.matmul(x[None], v[None]),
        lambda x, v: F.matmul(v, x, transa=True, transb=True),
        lambda x, v: F.linear(x, v.T),
        lambda x, v: F.einsum('ij,jk->ik', x, v),
        lambda x, v: F.convolution_1d(v.T[None], x[:, None]),
        lambda x, v: gradient_of_kernel(x.T[None], np.ones((1, len(v), len(x) - len(v) + 1), np.float32)),
    ],
    ids=['matmul', 'batch', 'row by matrix', 'linear', 'einsum', 'convolution', 'gradient'],
)
def test_what_lies_on_the_stack_gives_no_warning(multiply):
    """OpenBLAS 0.3.31 reads its stack unset for 5 columns on AVX-512: the flag is set, the result is right."""
    for n_columns in range(1, 20):
        for n_rows in (20, 75, 1003):
            x, v = array(n_rows, n_columns, dtype='f'), array(n_columns, 1, dtype='f')
            fill_the_stack(0x7FA00000)
            assert np.isfinite(multiply(x, v).array).all()
