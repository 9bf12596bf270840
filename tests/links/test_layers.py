"""The layers: shapes, laziness, defaults, from_params, text, what bad input gets."""

import numpy as np
import pytest

import chaingrad.links as L
from chaingrad.autograd.configuration import using_config
from chaingrad.autograd.initializer import Constant
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable
from chaingrad.functions.connection import linear
from chaingrad.links.reporter import Reporter
from chaingrad.links.sequential import Sequential

rng = np.random.default_rng(0)


def floats(*shape, dtype=np.float32):
    return rng.normal(size=shape).astype(dtype)


# Linear


def test_linear():
    layer = L.Linear(3, 2, initial_bias=np.array([1, 2]))
    x = floats(4, 3)
    np.testing.assert_allclose(layer(x).array, x @ layer.W.array.T + [1, 2], rtol=1e-5)
    assert layer.W.dtype == layer.b.dtype == np.float32
    assert abs(L.Linear(400, 300).W.array.std() - 0.05) < 0.001
    assert L.Linear(3, 2, nobias=True).b is None
    assert layer(floats(5, 4, 3), n_batch_axes=2).shape == (5, 4, 2)


def test_linear_takes_its_size_from_the_first_input():
    for layer in (L.Linear(2), L.Linear(None, 2)):
        assert (layer.in_size, layer.out_size) == (None, 2) and not layer.W.is_initialized
        assert layer(floats(4, 3, 5)).shape == (4, 2)
        assert layer.W.shape == (2, 15)
    layer = L.Linear(None, 2)
    layer(floats(6, 4, 3), n_batch_axes=2)
    assert layer.W.shape == (2, 3)
    with pytest.raises(ValueError, match='out_size must be given'):
        L.Linear(None)


@pytest.mark.parametrize('layer', [L.Linear(3, 2), L.Linear(None, 2)], ids=['sized', 'lazy'])
def test_what_linear_refuses(layer):
    with pytest.raises(InvalidType, match=r'float32 \(3,\).*(x\[None\])'):
        layer(floats(3))
    with pytest.raises(InvalidType, match=r"float64 \(4, 3\).*x.astype\('float32'\)"):
        layer(floats(4, 3, dtype=np.float64))
    assert layer.in_size == 3 or not layer.W.is_initialized
    if layer.in_size is None:
        with pytest.raises(TypeError, match='it is list. Use numpy.asarray'):
            layer([[1.0, 2.0, 3.0]])


def test_config_dtype():
    with using_config('dtype', np.float64):
        layer = L.Linear(None, 2)
        assert layer(floats(4, 3, dtype=np.float64)).dtype == np.float64


@pytest.mark.parametrize('dtype', [np.float32, np.float64])
def test_from_params(dtype):
    W, b, x = floats(2, 3, dtype=dtype), floats(2, dtype=dtype), floats(4, 3, dtype=dtype)
    layer = L.Linear.from_params(Variable(W), b)
    np.testing.assert_array_equal(layer(x).array, linear(x, W, b).array)
    assert layer.W.array is not W and layer.in_size == 3
    assert L.Linear.from_params(W, nobias=True).b is None
    assert (L.Linear.from_params(W).b.array == 0).all()
    table = L.EmbedID.from_params(W, ignore_label=-1)
    assert table.W.dtype == dtype and table.ignore_label == -1 and table.in_size == 2
    kernel = floats(4, 2, 3, 1, dtype=dtype)
    layer = L.Convolution2D.from_params(kernel, stride=2, pad=(1, 0), groups=2)
    assert (layer.in_channels, layer.out_channels, layer.ksize, layer.stride) == (4, 4, (3, 1), (2, 2))
    assert layer(floats(1, 4, 5, 5, dtype=dtype)).dtype == dtype
    with pytest.raises(NotImplementedError, match='Sequential'):
        Sequential.from_params(W)


# Convolution2D


def test_convolution_2d():
    layer = L.Convolution2D(2, 3, (2, 1), initialW=1, initial_bias=0.5)
    x = floats(4, 2, 5, 5)
    expected = (x[:, :, :-1] + x[:, :, 1:]).sum(1, keepdims=True) + 0.5
    np.testing.assert_allclose(layer(x).array, np.broadcast_to(expected, (4, 3, 4, 5)), rtol=1e-4, atol=1e-5)
    lazy = L.Convolution2D(3, 2)
    assert (lazy.in_channels, lazy.out_channels, lazy.ksize) == (None, 3, 2)
    assert lazy(x).shape == (4, 3, 4, 4) and lazy.W.shape == (3, 2, 2, 2)
    assert L.Convolution2D(4, 6, 3, dilate=2, groups=2, nobias=True)(floats(1, 4, 9, 9)).shape == (1, 6, 5, 5)
    assert 'ksize=(2, 1), stride=(1, 1)' in repr(layer)


def test_what_convolution_2d_refuses():
    with pytest.raises(ValueError, match='cudnn_deterministic'):
        L.Convolution2D(2, 3, 3, deterministic=True)
    with pytest.raises(TypeError, match="unexpected keyword argument 'wscale'"):
        L.Convolution2D(2, 3, 3, wscale=1)
    with pytest.raises(ValueError, match='out_channels must be a multiple of groups, but it is 3 for 2'):
        L.Convolution2D(2, 3, 3, groups=2)
    lazy = L.Convolution2D(None, 4, 3, groups=2)
    with pytest.raises(ValueError, match='in_channels must be a multiple of groups, but it is 3 for 2'):
        lazy(floats(1, 3, 5, 5))
    with pytest.raises(InvalidType, match=r'x.ndim >= 4 must hold, but x is float32 \(3, 5, 5\). Give a batch'):
        lazy(floats(3, 5, 5))
    assert not lazy.W.is_initialized


# EmbedID


def test_embed_id():
    layer = L.EmbedID(5, 3, ignore_label=-1)
    y = layer(np.array([[4, -1], [0, 4]]))
    assert y.shape == (2, 2, 3) and (y.array[0, 1] == 0).all() and (y.array[0, 0] == layer.W.array[4]).all()
    assert abs(L.EmbedID(100, 100).W.array.std() - 1) < 0.02
    with pytest.raises(InvalidType):
        layer(np.array([0.0]))


# BatchNormalization


def test_batch_normalization_follows_the_batches():
    layer, x = L.BatchNormalization(3, decay=0.75, eps=0), floats(8, 3, 2) * 3 + 1
    mean, var = x.mean((0, 2)), x.var((0, 2))
    y = layer(x)
    np.testing.assert_allclose(y.array, (x - mean[:, None]) / np.sqrt(var)[:, None], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(layer.avg_mean, 0.25 * mean, rtol=1e-5)
    np.testing.assert_allclose(layer.avg_var, 0.75 + 0.25 * var * 16 / 15, rtol=1e-5)
    before = layer.avg_mean.copy()
    with using_config('train', False):
        y = layer(x)
    expected = (x - before[:, None]) / np.sqrt(layer.avg_var)[:, None]
    np.testing.assert_allclose(y.array, expected, rtol=1e-4, atol=1e-5)
    assert layer.N == 0


def test_batch_normalization_finetunes():
    layer, batches = L.BatchNormalization(2), [floats(6, 2) for _ in range(3)]
    layer.avg_mean[...] = 99
    for _ in range(2):
        layer.start_finetuning()
        for x in batches:
            layer(x, finetune=True)
        assert layer.N == 3
        np.testing.assert_allclose(layer.avg_mean, np.mean([x.mean(0) for x in batches], axis=0), rtol=1e-4, atol=1e-6)


def test_batch_normalization_options():
    layer = L.BatchNormalization(
        (3,), use_gamma=False, use_beta=False, initial_avg_mean=2, initial_avg_var=Constant(4), dtype=np.float64
    )
    assert layer.gamma is None and layer.beta is None and not list(layer.params())
    assert (layer.avg_mean == 2).all() and (layer.avg_var == 4).all() and layer.avg_var.dtype == np.float64
    assert layer(floats(4, 3, dtype=np.float64)).shape == (4, 3)
    layer = L.BatchNormalization(2, initial_gamma=np.array([1, 2]), initial_beta=3, dtype=np.float64)
    assert layer.gamma.dtype == np.float64
    np.testing.assert_array_equal(layer.gamma.array, [1, 2])
    np.testing.assert_array_equal(layer.beta.array, [3, 3])


def test_batch_normalization_takes_its_size_from_the_first_input():
    layer = L.BatchNormalization(axis=(0, 2))
    assert layer.avg_mean is None and 'size=None' in repr(layer)
    x = floats(4, 3, 5)
    y = layer(x)
    assert layer.gamma.shape == layer.avg_mean.shape == (3,)
    np.testing.assert_allclose(y.array.mean((0, 2)), np.zeros(3), atol=1e-5)
    assert L.BatchNormalization(axis=0)(floats(4, 3, 5)).shape == (4, 3, 5)
    with pytest.raises(RuntimeError, match='size or axis must be given'):
        L.BatchNormalization()
    with pytest.raises(ValueError, match="using_config\\('train'"):
        layer(x, test=True)
    with pytest.raises(TypeError, match="'training'"):
        layer(x, training=True)


# Classifier


def test_classifier():
    predictor = Sequential(L.Linear(4, 3, initialW=0))
    model, reporter = L.Classifier(predictor), Reporter()
    reporter.add_observer('main', model)
    x, t = floats(6, 4), np.array([0, 0, 0, 1, 2, 0])
    with reporter:
        loss = model(x, t)
    assert loss is model.loss and float(loss.array) == pytest.approx(np.log(3))
    assert float(model.accuracy.array) == pytest.approx(4 / 6)
    assert list(reporter.observation) == ['main/loss', 'main/accuracy']
    model.compute_accuracy = False
    model(x, t)
    assert model.accuracy is None


def test_classifier_label_key():
    def predictor(a, b=10):
        return a + b

    def difference(y, t):
        return y - t

    assert L.Classifier(predictor, difference, difference, label_key=0)(5, 1, 2) == -2
    assert L.Classifier(predictor, difference, difference, label_key=-2)(1, 5, 2) == -2
    assert L.Classifier(predictor, difference, difference, label_key='t')(1, t=5) == 6
    with pytest.raises(ValueError, match='label key 2 is out of bounds: there are 2'):
        L.Classifier(predictor, label_key=2)(1, 2)
    with pytest.raises(ValueError, match="label key 't' is not among the keywords \\['x'\\]"):
        L.Classifier(predictor, label_key='t')(1, x=2)
    with pytest.raises(TypeError, match='int or str, but it is float'):
        L.Classifier(predictor, label_key=1.0)


@pytest.mark.parametrize(
    ('make', 'shape'),
    [
        (lambda: L.Linear(6, 4), (5, 6)),
        (lambda: L.Convolution2D(2, 3, 3), (2, 2, 5, 5)),
        (lambda: L.BatchNormalization(3), (5, 3)),
    ],
    ids=['Linear', 'Convolution2D', 'BatchNormalization'],
)
def test_every_parameter_gets_a_gradient(make, shape):
    layer = make()
    y = layer(floats(*shape))
    layer.cleargrads()
    y.grad = floats(*y.shape)
    y.backward()
    for param in layer.params():
        assert param.grad.shape == param.shape and np.isfinite(param.grad).all() and (param.grad != 0).any()
