"""Distributions of what the functions of noise.py draw; their values and gradients are rows of tests/cases/noise.py."""

import numpy as np
import pytest

import chaingrad.functions as F
from chaingrad import using_config
from chaingrad.autograd.type_checking.type_check import InvalidType


def test_gaussian_has_the_given_mean_and_variance():
    y, eps = F.gaussian(np.full(100_000, 3.0), np.full(100_000, np.log(4.0)), return_eps=True)
    assert abs(y.array.mean() - 3) < 0.05 and abs(y.array.var() - 4) < 0.1
    np.testing.assert_allclose(y.array, 3 + 2 * eps)
    np.testing.assert_array_equal(F.gaussian(np.zeros(3), np.zeros(3), eps=np.arange(3.0)).array, np.arange(3.0))


def test_gumbel_softmax_has_the_given_probabilities():
    p = np.array([0.2, 0.5, 0.3])
    y = F.gumbel_softmax(np.log(np.tile(p, (50_000, 1))), tau=1e-3).array
    np.testing.assert_allclose(y.mean(0), p, atol=0.02)
    np.testing.assert_allclose(y.sum(1), 1)


def test_zoneout_keeps_the_given_ratio_of_the_state():
    y = F.zoneout(np.zeros(100_000), np.ones(100_000), ratio=0.3).array
    assert set(np.unique(y)) == {0.0, 1.0} and abs(y.mean() - 0.7) < 0.01
    with using_config('train', False):
        np.testing.assert_allclose(F.zoneout(np.zeros(3), np.ones(3), ratio=0.3).array, 0.7)


@pytest.mark.parametrize('batchwise', [True, False])
def test_dropconnect_drops_the_given_ratio_of_weights(batchwise):
    x, W = np.ones((50, 1)), np.ones((400, 1))
    y = F.simplified_dropconnect(x, W, ratio=0.2, use_batchwise_mask=batchwise).array
    np.testing.assert_allclose(np.unique(y), [0, 1.25])
    assert abs(y.mean() - 1) < 0.1
    assert (y == y[0]).all() != batchwise  # one mask for all samples, or one for each


def test_old_keywords_are_refused():
    with pytest.raises(ValueError, match='using_config'):
        F.zoneout(np.zeros(2), np.zeros(2), train=True)
    with pytest.raises(TypeError, match='unknown'):
        F.zoneout(np.zeros(2), np.zeros(2), unknown=1)


@pytest.mark.parametrize(
    ('call', 'words'),
    [
        (lambda x: F.gumbel_softmax(x, tau=0), ['tau', '0']),
        (lambda x: F.zoneout(x, x, ratio=1.5), ['ratio', '1.5']),
        (lambda x: F.simplified_dropconnect(x, x, ratio=1.0), ['ratio', '1.0']),
        (lambda x: F.zoneout(x, x[:1]), ['(2, 3)', '(1, 3)']),
        (lambda x: F.gaussian(x, x[:1]), ['(2, 3)', '(1, 3)']),
        (lambda x: F.gaussian(x, x.astype('f')), ['float64', 'float32']),
        (lambda x: F.simplified_dropconnect(x, x, mask=np.ones((2, 3), bool)), ['(2, 2, 3)', '(2, 3)']),
    ],
)
def test_errors_say_what_was_given(call, words):
    with pytest.raises((ValueError, InvalidType)) as caught:
        call(np.zeros((2, 3)))
    assert len(caught.value.args) == 1 and all(word in str(caught.value) for word in words)
