"""Convolutions and other layers beside Linear: options, from_params, what bad input gets."""

import numpy as np
import pytest

import chaingrad.functions as F
import chaingrad.links as L
from chaingrad.autograd.configuration import using_config
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable

rng = np.random.default_rng(0)


def floats(*shape):
    return rng.normal(size=shape).astype(np.float32)


# Convolutions


@pytest.mark.parametrize(('cls', 'ndim'), [(L.ConvolutionND, 2), (L.Convolution1D, 1), (L.Convolution3D, 3)])
def test_convolution_from_params(cls, ndim):
    W, b, x = floats(4, 2, *[2] * ndim), floats(4), floats(1, 4, *[5] * ndim)
    layer = cls.from_params(W, b, stride=2, pad=1, dilate=2, groups=2)
    assert type(layer) is cls and (layer.in_channels, layer.ksize, layer.ndim) == (4, (2,) * ndim, ndim)
    expected = F.convolution_nd(x, W, b, 2, 1, dilate=2, groups=2)
    np.testing.assert_allclose(layer(x).array, expected.array, rtol=1e-6)
    assert cls.from_params(W, nobias=True, groups=2).b is None
    assert f'ndim={ndim}, in_channels=4' in repr(layer)


def test_dilated_from_params():
    W, x = floats(4, 2, 3, 3), floats(1, 2, 9, 9)
    layer = L.DilatedConvolution2D.from_params(W, dilate=2)
    np.testing.assert_allclose(layer(x).array, F.dilated_convolution_2d(x, W, dilate=2).array, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    'layer',
    [
        L.Deconvolution2D(4, 3),
        L.DepthwiseConvolution2D(None, 2, 3),
        L.DilatedConvolution2D(4, 3),
        L.DeformableConvolution2D(None, 4, 3),
        L.LocalConvolution2D(None, 4, ksize=3),
        L.MLPConvolution2D((4, 2), 3),
        L.Inception(None, 1, 1, 1, 1, 1, 1),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_a_first_input_that_does_not_fit_gives_no_size(layer):
    for x, text in ((floats(3, 5, 5), r'x.ndim >= 4 must hold'), (floats(1, 3, 5, 5).astype('d'), 'float64')):
        with pytest.raises(InvalidType, match=text):
            layer(x)
    with pytest.raises(TypeError, match='it is list'):
        layer([[[[1.0]]]])
    assert not any(p.is_initialized for path, p in layer.namedparams() if path.endswith('W') and '/1/' not in path
                   and 'conv3' not in path and 'conv5' not in path)  # fmt: skip


def test_what_convolutions_refuse():
    with pytest.raises(ValueError, match='cudnn_deterministic'):
        L.Deconvolution2D(2, 3, 3, deterministic=True)
    with pytest.raises(TypeError, match="'wscale'"):
        L.Deconvolution2D(2, 3, 3, wscale=1)
    with pytest.raises(TypeError, match="'deterministic'"):
        L.LocalConvolution2D(2, 3, ksize=3, deterministic=True)
    with pytest.raises(ValueError, match='ksize must be given'):
        L.LocalConvolution2D(2, 3)
    for cls in (L.Convolution1D, L.Deconvolution1D):
        with pytest.raises(ValueError, match=f'{cls.__name__}: out_channels must be a multiple of groups'):
            cls(2, 3, 3, groups=2)
        lazy = cls(None, 4, 3, groups=2)
        with pytest.raises(ValueError, match='in_channels must be a multiple of groups, but it is 3 for 2'):
            lazy(floats(1, 3, 5))
    with pytest.raises(ValueError, match='an int or 2 ints'):
        L.ConvolutionND(2, 3, 4, (1, 2, 3))
    with pytest.raises(ValueError, match='wscale is not supported'):
        L.MLPConvolution2D(2, (3,), 3, wscale=1)
    with pytest.raises(TypeError, match='wscale is not supported'):
        L.MLPConvolution2D(2, (3,), 3, 1, 0, F.relu, 1)
    with pytest.raises(TypeError, match="'bias'"):
        L.MLPConvolution2D(2, (3,), 3, bias=1)


def test_mlp_convolution_initializers():
    layer = L.MLPConvolution2D(2, (3, 4), 3, conv_init=2, bias_init=1)
    assert all((conv.W.array == 2).all() and (conv.b.array == 1).all() for conv in layer)


# Inception


def test_inception_bn_options():
    x = floats(2, 4, 8, 8)
    assert L.InceptionBN(4, 0, 2, 3, 2, 5, 'max', stride=2)(x).shape == (2, 3 + 5 + 4, 4, 4)
    assert L.InceptionBN(4, 0, 2, 3, 2, 5, 'avg', 6)(x).shape == (2, 3 + 5 + 6, 8, 8)
    block = L.InceptionBN(4, 1, 2, 3, 2, 5, 'avg', 6, conv_init=0, dtype=np.float64)
    assert block.conv3n.gamma.dtype == np.float64 and not block.conv33b.W.array.any() and block.conv1.b is None
    with pytest.raises(NotImplementedError, match="'max' or 'avg', but it is 'min'"):
        L.InceptionBN(4, 1, 2, 3, 2, 5, 'min', 6)
    for options in ({'stride': 2, 'proj_pool': 6}, {}):
        with pytest.raises(ValueError, match='out1 must be 0'):
            L.InceptionBN(4, 1, 2, 3, 2, 5, 'max', **options)


# Products


def test_scale_and_bias_of_a_second_input():
    x, w, b = floats(2, 3, 4), floats(3), floats(4)
    np.testing.assert_allclose(L.Bias()(x, w).array, x + w[:, None])
    np.testing.assert_allclose(L.Bias(axis=2)(x, b).array, x + b)
    np.testing.assert_allclose(L.Scale()(x, w).array, x * w[:, None])
    layer = L.Scale(bias_term=True, bias_shape=(3,))
    layer.bias.b.array[...] = 1
    np.testing.assert_allclose(layer(x, w).array, x * w[:, None] + 1)
    with pytest.raises(ValueError, match='bias_shape must be given'):
        L.Scale(bias_term=True)
    with pytest.raises(ValueError, match='2 inputs are wanted, since W is no parameter of the link, but there are 1'):
        L.Scale()(x)
    with pytest.raises(ValueError, match='1 inputs are wanted, since b is a parameter'):
        L.Bias(1, (3,))(x, w)
    with pytest.raises(InvalidType, match=r'\(2, 3, 4\)'):
        L.Bias()(x, b)


def test_bilinear_options():
    a, b = floats(5, 3), floats(5, 2)
    V1, V2, c = floats(3, 4), floats(2, 4), floats(4)
    layer = L.Bilinear(3, 2, 4, initialW=0, initial_bias=(V1, V2, c))
    np.testing.assert_allclose(layer(a, b).array, a @ V1 + b @ V2 + c, rtol=1e-5, atol=1e-5)
    plain = L.Bilinear(3, 2, 4, nobias=True)
    expected = np.einsum('ij,ik,jkl->il', a, b, plain.W.array)
    np.testing.assert_allclose(plain(a, b).array, expected, rtol=1e-5, atol=1e-5)
    assert [path for path, _ in plain.namedparams()] == ['/W']
    layer.zero_grads()
    assert all((p.grad == 0).all() for p in layer.params())
    with pytest.raises(ValueError, match='tuple of three'):
        L.Bilinear(3, 2, 4, initial_bias=c)


def test_highway_passes_on_at_first():
    x = floats(4, 3)
    np.testing.assert_allclose(L.Highway(3, init_Wt=0, init_bt=-30)(x).array, x, rtol=1e-5)
    assert L.Highway(3, nobias=True).plain.b is None and (L.Highway(3).transform.b.array == -1).all()


# Activations


def test_maxout_options():
    W, b = floats(2, 4, 3), floats(2, 4)
    layer, x = L.Maxout(3, 2, 4, W, b), floats(5, 3)
    expected = (np.einsum('ni,kji->nkj', x, W) + b).max(2)
    np.testing.assert_allclose(layer(x).array, expected, rtol=1e-5, atol=1e-5)
    assert L.Maxout(3, 2, 4, initial_bias=None).linear.b is None
    with pytest.raises(ValueError, match=r'initialW.shape == \(2, 4, 3\) must hold, but it is \(8, 3\)'):
        L.Maxout(3, 2, 4, W.reshape(8, 3))
    with pytest.raises(ValueError, match='initial_bias'):
        L.Maxout(3, 2, 4, initial_bias=b.reshape(-1))


def test_prelu_and_swish_begin_as_documented():
    x = floats(3, 4)
    np.testing.assert_allclose(L.PReLU()(x).array, np.where(x < 0, x / 4, x))
    np.testing.assert_allclose(L.Swish(())(x).array, x / (1 + np.exp(-x)), rtol=1e-5)
    np.testing.assert_allclose(L.Swish(None, 0)(x).array, x / 2, rtol=1e-6)


def test_simplified_dropconnect_modes():
    layer, x = L.SimplifiedDropconnect(3, 2, 0.5), floats(400, 3)
    np.testing.assert_allclose(layer(x, train=False).array, x @ layer.W.array.T, rtol=1e-4, atol=1e-5)
    one = np.ones((400, 3), np.float32)
    np.testing.assert_allclose(layer(one).array.mean(0), one[0] @ layer.W.array.T, atol=0.2)
    assert np.ptp(layer(one, use_batchwise_mask=False).array, axis=0).max() < 1e-6
    with pytest.raises(InvalidType, match='mask'):
        layer(x, mask=np.ones((2, 3), bool))


def test_parameter_link():
    layer = L.Parameter(np.arange(3.0))
    y = layer()
    layer.cleargrads()
    F.sum(y * y).backward()
    np.testing.assert_array_equal(layer.W.grad, [0, 2, 4])
    with pytest.raises(ValueError, match="'on'"):
        layer('on')


# Normalization


def test_group_and_layer_normalization_refuse():
    with pytest.raises(ValueError, match='groups must divide'):
        L.GroupNormalization(3)(floats(2, 4))
    with pytest.raises(InvalidType, match='x.ndim >= 2'):
        L.LayerNormalization()(floats(4))


@pytest.mark.behaviour('layer-normalization-shapes')
@pytest.mark.parametrize('double', [False, True])
def test_layer_normalization_takes_two_axes_and_an_empty_batch(double):
    layer = L.LayerNormalization(initial_gamma=2, initial_beta=1)
    with pytest.raises(InvalidType, match=r'x.ndim == 2 must hold, but x is float32 \(3, 4, 5\)'):
        layer(floats(3, 4, 5))
    assert not layer.gamma.is_initialized
    x = Variable(floats(0, 20))
    y = layer(x)
    assert y.shape == (0, 20) and layer.gamma.shape == (20,) and 'size=20' in repr(layer)
    with pytest.raises(InvalidType, match='x.ndim == 2'):
        layer(floats(2, 20, 1))
    layer.cleargrads()
    y.grad = y.array.copy()
    y.backward(enable_double_backprop=double)
    assert x.grad.shape == (0, 20) and not layer.gamma.grad.any() and not layer.beta.grad.any()
    y = layer(floats(3, 20)).array
    np.testing.assert_allclose(y.mean(1), np.ones(3), rtol=1e-4)
    np.testing.assert_allclose(y.std(1), np.full(3, 2), rtol=1e-3)


@pytest.mark.parametrize(
    'layer',
    [L.BatchRenormalization(4, 2, 1), L.DecorrelatedBatchNormalization(4, 2)],
    ids=['renormalization', 'decorrelated'],
)
def test_running_averages_follow_and_are_used(layer):
    x = floats(50, 4) @ floats(4, 4)
    for _ in range(150):
        y = layer(x)
    with using_config('train', False):
        np.testing.assert_allclose(layer(x).array, y.array, rtol=0.05, atol=0.05)
    layer.start_finetuning()
    for _ in range(3):
        layer(x, finetune=True)
    assert layer.N == 3
    np.testing.assert_allclose(layer.avg_mean.reshape(-1), x.mean(0), rtol=1e-4, atol=1e-5)


def test_what_decorrelated_batch_normalization_refuses():
    with pytest.raises(ValueError, match='multiple of groups, but it is 6 for 4'):
        L.DecorrelatedBatchNormalization(6, 4)
    with pytest.raises(TypeError, match="'test'"):
        L.DecorrelatedBatchNormalization(4, 2)(floats(3, 4), test=True)
