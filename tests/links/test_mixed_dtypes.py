"""Links whose input has another floating dtype than their parameters: the output has that of the input."""

from __future__ import annotations

import numpy as np
import pytest

import chaingrad.links as L
from chaingrad.utils.type_check import InvalidType

IMAGES = (2, 4, 5, 5)
CONNECTIONS = [  # link that makes its W from the first input, what it is given besides its bias, shape of the input
    (L.Linear, (None, 3), (2, 4)),
    (L.SimplifiedDropconnect, (None, 3), (2, 4)),
    (L.Convolution2D, (None, 3, 3), IMAGES),
    (L.DilatedConvolution2D, (None, 3, 3), IMAGES),
    (L.DepthwiseConvolution2D, (None, 2, 3), IMAGES),
    (L.Deconvolution2D, (None, 3, 3), IMAGES),
    (L.LocalConvolution2D, (None, 3, None, 3), IMAGES),
]
OF_ANY_BIAS = [
    (L.Convolution1D, (None, 3, 3), IMAGES[:3]),
    (L.ConvolutionND, (2, None, 3, 3), IMAGES),
    (L.Convolution3D, (None, 3, 2), (2, 3, 3, 3, 3)),
    (L.Deconvolution1D, (None, 3, 3), IMAGES[:3]),
    (L.DeconvolutionND, (2, None, 3, 3), IMAGES),
    (L.Deconvolution3D, (None, 3, 2), (2, 3, 3, 3, 3)),
]
NORMALIZATIONS = [
    (L.BatchNormalization, (4,), IMAGES),
    (L.BatchRenormalization, (4,), IMAGES),
    (L.GroupNormalization, (2,), IMAGES),
    (L.LayerNormalization, (), (2, 4)),
    (L.DecorrelatedBatchNormalization, (4, 2), IMAGES),
]


def table(rows):
    return [pytest.param(*row, id=row[0].__name__) for row in rows]


def check(layer, shape, dtype):
    """Compare the layer for an input of a dtype with itself for the same input in float32, and the gradients too."""
    x = np.random.default_rng(0).standard_normal(shape).astype('float16')
    layer(x.astype(dtype))  # makes the parameters
    results = []
    for given in (x.astype(dtype), x.astype('float32')):
        np.random.seed(1)  # the same weights are dropped
        y = layer(given)
        assert y.dtype == given.dtype
        layer.cleargrads()
        y.grad = (np.arange(y.size) % 7 - 2).reshape(y.shape).astype(y.dtype)
        y.backward()
        results.append([y.array, *[param.grad for param in layer.params()]])
        assert all(param.grad.dtype == param.dtype for param in layer.params())
    for actual, expected in zip(*results, strict=True):
        np.testing.assert_allclose(actual, expected, rtol=5e-3, atol=5e-3 * abs(expected).max())


@pytest.mark.behaviour('connections-mixed-dtypes')
@pytest.mark.parametrize('dtype', ['float16', 'float64'])
@pytest.mark.parametrize(('link', 'arguments', 'shape'), table(CONNECTIONS + OF_ANY_BIAS))
def test_weights_of_another_dtype(link, arguments, shape, dtype):
    check(link(*arguments, nobias=True), shape, dtype)


@pytest.mark.behaviour('connections-mixed-dtypes')
@pytest.mark.parametrize('dtype', ['float16', 'float64'])
@pytest.mark.parametrize(('link', 'arguments', 'shape'), table(OF_ANY_BIAS))
def test_bias_of_another_dtype(link, arguments, shape, dtype):
    check(link(*arguments), shape, dtype)


@pytest.mark.behaviour('connections-mixed-dtypes')
@pytest.mark.parametrize(('link', 'arguments', 'shape'), table(CONNECTIONS))
def test_bias_must_have_the_dtype_of_the_input(link, arguments, shape):
    layer = link(*arguments)
    with pytest.raises(InvalidType, match='float16'):
        layer(np.zeros(shape, 'float16'))
    assert not layer.W.is_initialized


@pytest.mark.filterwarnings('ignore:backward. no gradient flows')
@pytest.mark.behaviour('normalization-mixed-dtypes')
@pytest.mark.parametrize('dtype', ['float16', 'float64'])
@pytest.mark.parametrize(('link', 'arguments', 'shape'), table(NORMALIZATIONS))
def test_normalization_of_another_dtype(link, arguments, shape, dtype):
    check(link(*arguments), shape, dtype)
