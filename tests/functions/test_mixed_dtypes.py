"""Functions whose inputs have two floating dtypes: value, dtypes and derivatives of both orders, against float64."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
from chaingrad import Variable
from chaingrad.utils import CooMatrix
from chaingrad.utils.type_check import InvalidType

PAIRS = [('float16', 'float32'), ('float32', 'float16'), ('float32', 'float64'), ('float64', 'float32')]
TOLERANCE = {'float16': 1e-2, 'float32': 2e-5, 'float64': 1e-9}
ROW, COLUMN = np.array([0, 1, 1]), np.array([2, 0, 1])
MASK = np.arange(24).reshape(2, 3, 4) % 3 > 0
MEAN, VARIANCE = np.array([0.5, -1.0, 0.25]), np.array([1.5, 0.5, 2.0])  # exact in every dtype


def renormalization(x, gamma, beta):
    mean, variance = MEAN.astype(gamma.dtype), VARIANCE.astype(gamma.dtype)
    return F.batch_renormalization(x, gamma, beta, 1.5, 0.5, running_mean=mean, running_var=variance)


def fixed_decorrelated(x, mean, projection):
    return F.fixed_decorrelated_batch_normalization(x, mean, projection, groups=1)


def sparse(x, data):
    return F.sparse_matmul(x, CooMatrix(data, ROW, COLUMN, (2, 4)))


def of_sparse(x, data):
    return F.sparse_matmul(CooMatrix(data, ROW, COLUMN, (2, 4)), x)


convolution_2d = partial(F.convolution_2d, stride=2, pad=1)
masked = partial(F.simplified_dropconnect, mask=MASK)
masked_alike = partial(F.simplified_dropconnect, mask=MASK[0], use_batchwise_mask=False)
X4, X5, C = (2, 3, 5, 4), (1, 2, 3, 4, 3), (3,)
CONNECTIONS = [  # name, function of x, W and b, the three shapes
    ('linear', F.linear, (2, 4), (3, 4), C),
    ('linear of batch axes', partial(F.linear, n_batch_axes=2), (2, 2, 4), (3, 4), C),
    ('convolution_2d', convolution_2d, X4, (2, 3, 3, 2), (2,)),
    ('convolution_2d of groups', partial(F.convolution_2d, groups=3), X4, (3, 1, 2, 2), C),
    ('dilated_convolution_2d', partial(F.dilated_convolution_2d, dilate=2), X4, (2, 3, 2, 2), (2,)),
    ('depthwise_convolution_2d', F.depthwise_convolution_2d, X4, (2, 3, 3, 2), (6,)),
    ('deconvolution_2d', partial(F.deconvolution_2d, stride=2), X4, (3, 2, 2, 3), (2,)),
    ('local_convolution_2d', F.local_convolution_2d, (2, 2, 3, 3), (2, 2, 2, 2, 2, 2), (2, 2, 2)),
    ('simplified_dropconnect', masked, (2, 4), (3, 4), C),
    ('simplified_dropconnect, one mask', masked_alike, (2, 4), (3, 4), C),
    ('simplified_dropconnect at rest', partial(F.simplified_dropconnect, train=False), (2, 4), (3, 4), C),
]
OF_ANY_BIAS = [
    ('convolution_1d', F.convolution_1d, (2, 3, 6), (2, 3, 2), (2,)),
    ('convolution_3d', F.convolution_3d, X5, (2, 2, 2, 2, 2), (2,)),
    ('convolution_nd', partial(F.convolution_nd, pad=1), X4, (2, 3, 2, 2), (2,)),
    ('deconvolution_1d', F.deconvolution_1d, (2, 3, 6), (3, 2, 2), (2,)),
    ('deconvolution_3d', F.deconvolution_3d, X5, (2, 3, 2, 2, 2), C),
    ('deconvolution_nd', partial(F.deconvolution_nd, stride=2), X4, (3, 2, 2, 2), (2,)),
]
NORMALIZATIONS = [
    ('batch_normalization', F.batch_normalization, X4, C, C),
    ('batch_normalization of vectors', F.batch_normalization, (5, 3), C, C),
    ('fixed_batch_normalization', F.fixed_batch_normalization, X4, C, C, C, C),
    ('batch_renormalization', renormalization, X4, C, C),
    ('group_normalization', lambda x, gamma, beta: F.group_normalization(x, 2, gamma, beta), (2, 4, 3), (4,), (4,)),
    ('layer_normalization', F.layer_normalization, (3, 4), (4,), (4,)),
    ('fixed_decorrelated_batch_normalization', fixed_decorrelated, (4, 3), (1, 3), (1, 3, 3)),
]
PRODUCTS = [
    ('matmul', F.matmul, (2, 3, 4), (4, 5)),
    ('matmul, transposed', partial(F.matmul, transa=True, transb=True), (4, 2), (3, 4)),
    ('matmul of vectors', F.matmul, (4,), (4,)),
    ('@', lambda a, b: a @ b, (2, 4), (4, 3)),
    ('batch_matmul', F.matmul, (2, 3, 4), (2, 4, 5)),
    ('tensordot', F.tensordot, (2, 3, 4), (3, 4, 2)),
    ('tensordot over axes', partial(F.tensordot, axes=((0, 2), (1, 0))), (2, 3, 4), (4, 2)),
    ('sparse_matmul', sparse, (3, 2), (3,)),
    ('sparse_matmul of a sparse first', of_sparse, (4, 3), (3,)),
]


def table(rows):
    return [pytest.param(function, shapes, id=name) for name, function, *shapes in rows]


def arrays(shapes, dtypes):
    rng = np.random.default_rng(7)
    positive = [np.sign(a) * (abs(a) + 0.25) if i == 0 else abs(a) + 0.25  # the last may be a variance
                for i, a in enumerate([rng.standard_normal(shape) for shape in shapes])]  # fmt: skip
    return [a.astype(dtype) for a, dtype in zip(positive, dtypes)]


def derivatives(function, inputs, dtype):
    """Return value, gradients and gradients of gradients of a function; its output gradients are made in a dtype."""
    xs = [Variable(a) for a in inputs]
    y = function(*xs)
    rng = np.random.default_rng(8)
    gy = Variable(rng.standard_normal(y.shape).astype(dtype).astype(y.dtype))
    y.grad = gy.array
    y.backward()
    first = [x.grad for x in xs]
    gxs = chaingrad.grad([function(*xs)], xs, [gy], enable_double_backprop=True)
    for gx, g in zip(gxs, first):  # the pass on Variables agrees with that on arrays
        np.testing.assert_allclose(gx.array, g, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype] * abs(g).max())
    ggxs = [Variable(rng.standard_normal(x.shape).astype(dtype).astype(x.dtype)) for x in xs]
    second = chaingrad.grad(gxs, [*xs, gy], ggxs)
    return y, first, [g.array for g in second if g is not None], [x.dtype for x in (*xs, gy)]


def check(function, shapes, dtypes, dtype_of_y):
    """Compare a function of inputs of these dtypes with itself in float64."""
    inputs = arrays(shapes, dtypes)
    narrow = min(dtypes, key=lambda dtype: np.dtype(dtype).itemsize)
    y, first, second, in_dtypes = derivatives(function, inputs, narrow)
    expected = derivatives(function, [a.astype('float64') for a in inputs], narrow)
    assert y.dtype == dtype_of_y
    assert [g.dtype for g in first] == in_dtypes[:-1]
    np.testing.assert_allclose(y.array, expected[0].array, rtol=TOLERANCE[y.dtype.name], atol=TOLERANCE[y.dtype.name])
    for actual, oracle in zip([*first, *second], [*expected[1], *expected[2]], strict=True):
        atol = TOLERANCE[narrow] * max(1, abs(oracle).max())
        np.testing.assert_allclose(actual, oracle, rtol=TOLERANCE[narrow], atol=atol)


@pytest.mark.behaviour('connections-mixed-dtypes')
@pytest.mark.parametrize('dtypes', PAIRS, ids='-'.join)
@pytest.mark.parametrize(('function', 'shapes'), table(CONNECTIONS + OF_ANY_BIAS))
def test_weights_of_another_dtype(function, shapes, dtypes):
    of_x, of_W = dtypes
    check(function, shapes[:2], (of_x, of_W), of_x)
    check(function, shapes, (of_x, of_W, of_x), of_x)


@pytest.mark.behaviour('connections-mixed-dtypes')
@pytest.mark.parametrize('dtypes', PAIRS, ids='-'.join)
@pytest.mark.parametrize(('function', 'shapes'), table(OF_ANY_BIAS))
def test_bias_of_any_dtype(function, shapes, dtypes):
    of_x, other = dtypes
    check(function, shapes, (of_x, of_x, other), of_x)


@pytest.mark.behaviour('connections-mixed-dtypes')
@pytest.mark.parametrize(('function', 'shapes'), table(CONNECTIONS))
def test_bias_of_another_dtype_is_refused(function, shapes):
    with pytest.raises(InvalidType, match='float16'):
        function(*arrays(shapes, ('float32', 'float32', 'float16')))


@pytest.mark.behaviour('normalization-mixed-dtypes')
@pytest.mark.parametrize('dtypes', PAIRS, ids='-'.join)
@pytest.mark.parametrize(('function', 'shapes'), table(NORMALIZATIONS))
def test_normalization_of_another_dtype(function, shapes, dtypes):
    of_x, of_parameters = dtypes
    check(function, shapes, (of_x, *[of_parameters] * (len(shapes) - 1)), of_x)


@pytest.mark.behaviour('products-mixed-dtypes')
@pytest.mark.parametrize('dtypes', PAIRS, ids='-'.join)
@pytest.mark.parametrize(('function', 'shapes'), table(PRODUCTS))
def test_product_of_two_dtypes(function, shapes, dtypes):
    check(function, shapes, dtypes, np.promote_types(*dtypes))


def test_wide_weights_get_gradients_without_the_rounding_of_a_narrow_input():
    """Sums of a batch are beyond float16, and the gradient of a float32 W does not go through it."""
    x = np.full((128, 1), 300, 'float16')
    W = Variable(np.ones((1, 1), 'float32'))
    y = F.linear(x, W)
    y.grad = np.full_like(y.array, 2)
    y.backward()
    assert W.grad.item() == 128 * 600  # the largest float16 is 65504
    W = Variable(np.ones((1, 1, 1, 1), 'float32'))
    y = F.convolution_2d(x[:, :, None, None], W)
    y.grad = np.full_like(y.array, 2)
    y.backward()
    assert W.grad.item() == 128 * 600


@pytest.mark.behaviour('class-weight-dtype')
@pytest.mark.parametrize('dtypes', PAIRS, ids='-'.join)
@pytest.mark.parametrize('reduce', ['mean', 'no'])
def test_class_weight_of_another_dtype(dtypes, reduce):
    of_x, of_weight = dtypes
    weight = np.array([0.5, 2.0, 1.0], of_weight)
    t = np.array([0, 2, -1, 1])

    def loss(x):
        return F.softmax_cross_entropy(x, t, class_weight=weight, reduce=reduce)

    check(loss, [(4, 3)], (of_x,), of_x)
    x = arrays([(4, 3)], ['float64'])[0].astype(of_x)
    p = np.exp(x.astype('float64'))
    p /= p.sum(1, keepdims=True)
    expected = [-w * np.log(row[k]) if k >= 0 else 0 for row, k, w in zip(p, t, weight[t].astype('float64'))]
    expected = np.sum(expected) / 3 if reduce == 'mean' else expected
    np.testing.assert_allclose(loss(x).array, expected, rtol=TOLERANCE[of_x], atol=TOLERANCE[of_x])
