"""`config.dtype = mixed16`: float16 arrays, float32 parameters of normalization, updates in float32."""

from __future__ import annotations

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import datasets, mixed16, optimizers, using_config

pytestmark = pytest.mark.behaviour('mixed16')


@pytest.fixture
def in_mixed16():
    with using_config('dtype', mixed16):
        yield


@pytest.mark.usefixtures('in_mixed16')
@pytest.mark.parametrize(
    ('link', 'shape'),
    [
        (L.Linear, (3, 4)),
        (L.Convolution2D, (None, 4, 3)),
        (L.DepthwiseConvolution2D, (3, 2, 3)),
        (L.EmbedID, (3, 4)),
        (L.LSTM, (3, 4)),
        (L.NStepGRU, (1, 3, 4, 0.0)),
        (L.PReLU, ((3,),)),
        (L.Scale, (1, (3,))),
    ],
    ids=lambda value: getattr(value, '__name__', ''),
)
def test_parameters_are_float16(link, shape):
    layer = link(*shape)
    if link is L.Convolution2D:
        layer(np.zeros((1, 3, 4, 4), 'float16'))
    assert {param.dtype for param in layer.params()} == {np.dtype('float16')}


@pytest.mark.parametrize(
    'link',
    [
        lambda: L.BatchNormalization(4),
        lambda: L.BatchNormalization(axis=(0, 2)),
        lambda: L.BatchRenormalization(4),
        lambda: L.LayerNormalization(12),
        lambda: L.GroupNormalization(2),
        lambda: L.GroupNormalization(2, 4, initial_gamma=chaingrad.initializers.Normal()),
        lambda: L.DecorrelatedBatchNormalization(4, groups=2),
    ],
)
def test_normalizations_are_float32(link):
    with using_config('dtype', mixed16):
        layer = link()
    x = np.random.default_rng(0).standard_normal((5, 4, 3)).astype('float16')
    y = layer(x if not isinstance(layer, L.LayerNormalization) else x.reshape(5, 12))
    assert y.dtype == np.float16
    assert {param.dtype for param in layer.params()} <= {np.dtype('float32')}
    averages = [getattr(layer, name) for name in ('avg_mean', 'avg_var', 'avg_projection') if hasattr(layer, name)]
    assert {average.dtype for average in averages} <= {np.dtype('float32')}


@pytest.mark.usefixtures('in_mixed16')
def test_a_dtype_that_is_given_counts():
    assert L.BatchNormalization(4, dtype=np.float16).gamma.dtype == np.float16
    assert L.InceptionBN(3, 2, 4, 5, 1, 6, 'avg', 7).conv1n.gamma.dtype == np.float32


@pytest.mark.usefixtures('in_mixed16')
def test_datasets_are_float16():
    assert datasets.get_digits()[0][0][0].dtype == np.float16


def small_steps(optimizer):
    """Return W after 100 steps that are far below the resolution of float16."""
    model = L.Linear(2, 1, nobias=True, initialW=1)
    optimizer.setup(model)
    for _ in range(100):
        model.W.grad = np.full_like(model.W.array, 0.25)
        optimizer.update()
    assert model.W.dtype == np.float16
    return model.W.array


@pytest.mark.usefixtures('in_mixed16')
def test_updates_are_computed_in_float32():
    np.testing.assert_array_equal(small_steps(optimizers.SGD(lr=2**-12)), np.float16(1 - 100 * 2**-14))
    optimizer = optimizers.SGD(lr=2**-12)
    optimizer.use_fp32_update(False)
    np.testing.assert_array_equal(small_steps(optimizer), 1)  # every step is rounded away


def test_only_mixed16_switches_updates_in_float32_on():
    with using_config('dtype', np.float16):
        np.testing.assert_array_equal(small_steps(optimizers.SGD(lr=2**-12)), 1)


@pytest.mark.usefixtures('in_mixed16')
def test_a_model_learns():
    train = datasets.get_digits(ndim=3)[0]
    x, t = (np.stack(column) for column in zip(*train[:200]))
    model = chaingrad.Sequential(
        L.Convolution2D(None, 8, 3), L.BatchNormalization(8), F.relu, L.Linear(None, 10)
    )  # fmt: skip
    optimizer = optimizers.MomentumSGD(lr=0.05).setup(model)
    losses = []
    for _ in range(30):
        y = model(x)
        assert y.dtype == np.float16
        losses.append(F.softmax_cross_entropy(y, t))
        model.cleargrads()
        losses[-1].backward()
        optimizer.update()
    assert losses[0].item() > 2 and losses[-1].item() < 0.2
    assert [param.dtype.name for _, param in sorted(model.namedparams())] == [
        'float16', 'float16', 'float32', 'float32', 'float16', 'float16'
    ]  # fmt: skip
