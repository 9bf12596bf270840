"""Initializers: scales, generators, kinds of matrices, errors."""

import numpy as np
import pytest

from chaingrad.links import initializers as I

SCALES = [
    (I.Normal(0.3), 'normal', 0.3),
    (I.LeCunNormal(2), 'normal', 2 * (1 / 90) ** 0.5),
    (I.GlorotNormal(), 'normal', (2 / (90 + 900)) ** 0.5),
    (I.HeNormal(), 'normal', (2 / 90) ** 0.5),
    (I.HeNormal(fan_option='fan_out'), 'normal', (2 / 900) ** 0.5),
    (I.Uniform(0.3), 'uniform', 0.3),
    (I.LeCunUniform(), 'uniform', (3 / 90) ** 0.5),
    (I.GlorotUniform(), 'uniform', (6 / (90 + 900)) ** 0.5),
    (I.HeUniform(0.5), 'uniform', 0.5 * (6 / 90) ** 0.5),
]


@pytest.mark.parametrize(('initializer', 'kind', 'scale'), SCALES, ids=[type(row[0]).__name__ for row in SCALES])
@pytest.mark.parametrize('dtype', [np.float16, np.float32, np.float64])
def test_scale(initializer, kind, scale, dtype):
    array = np.empty((100, 10, 3, 3), dtype)
    initializer(array)
    assert abs(array.astype(float).mean()) < 0.02 * scale
    if kind == 'normal':
        assert array.astype(float).std() == pytest.approx(scale, rel=0.02)
    else:
        assert abs(array).max() <= scale * 1.001 and abs(array).max() > 0.99 * scale


RANDOM = [I.Normal, I.LeCunNormal, I.GlorotNormal, I.HeNormal, I.Uniform, I.LeCunUniform, I.GlorotUniform, I.HeUniform]


@pytest.mark.parametrize('kind', [*RANDOM, I.Orthogonal])
def test_generators(kind):
    def made(**options):
        return I.generate_array(kind(**options), (4, 3), np)

    np.random.seed(7)
    of_global = made()
    state = np.random.get_state()[1].copy()
    np.testing.assert_array_equal(made(rng=np.random.RandomState(7)), of_global)
    np.testing.assert_array_equal(made(rng=np.random.default_rng(1)), made(rng=np.random.default_rng(1)))
    np.testing.assert_array_equal(np.random.get_state()[1], state)
    assert made(dtype=np.float64).dtype == np.float64 and of_global.dtype == np.float32


def test_global_draws_are_the_reference_s():
    """One call of the array module's generator, so that old seeds give old weights."""
    np.random.seed(3)
    W = I.generate_array(I.LeCunNormal(), (4, 9), np)
    np.random.seed(3)
    np.testing.assert_array_equal(W, np.random.normal(0.0, (1 / 9) ** 0.5, (4, 9)).astype(np.float32))


def test_constants():
    for kind, value in ((I.Zero, 0), (I.One, 1), (lambda dtype: I.Constant(2.5, dtype), 2.5), (I.NaN, np.nan)):
        array = I.generate_array(kind(dtype=np.float16), (2,), np)
        np.testing.assert_array_equal(array, np.full(2, value, np.float16))
        assert array.dtype == np.float16
    assert I.Zero().fill_value == 0 and I.One().fill_value == 1


def test_get_fans():
    assert I.get_fans((2, 3)) == (3, 2)
    assert I.get_fans((2, 3, 4, 5)) == (60, 40)
    for shape in ((3,), (), [2, 3]):
        with pytest.raises(ValueError, match='two or more'):
            I.get_fans(shape)
    with pytest.raises(ValueError, match=r'it is \(3,\)'):
        I.LeCunNormal()(np.empty(3))
    I.LeCunNormal()(np.empty((3, 0)))


def test_identity():
    array = np.empty((3, 3))
    I.Identity(2)(array)
    np.testing.assert_array_equal(array, 2 * np.eye(3))
    for shape in ((3,), (2, 3), (2, 2, 2)):
        with pytest.raises(ValueError, match='square matrix'):
            I.Identity()(np.empty(shape))


@pytest.mark.parametrize('shape', [(3, 5), (5, 3), (4, 4), (3, 2, 4), (1,), ()])
def test_orthogonal(shape):
    array = np.empty(shape)
    I.Orthogonal(1.5)(array)
    flat = array.reshape(len(array) if array.ndim else 1, -1)
    gram = flat @ flat.T if len(flat) <= flat.shape[1] else flat.T @ flat
    np.testing.assert_allclose(gram, 1.5**2 * np.eye(len(gram)), atol=1e-12)


def test_orthogonal_modes():
    I.Orthogonal(mode='projection')(np.empty((2, 3)))
    I.Orthogonal(mode='embedding')(np.empty((3, 2)))
    I.Orthogonal(mode='basis')(np.empty((2, 2)))
    for mode, shape in (('projection', (3, 2)), ('embedding', (2, 3)), ('basis', (2, 3))):
        with pytest.raises(ValueError, match=f"{mode}.*Use mode='auto'"):
            I.Orthogonal(mode=mode)(np.empty(shape))
    with pytest.raises(ValueError, match="'typo'"):
        I.Orthogonal(mode='typo')
    with pytest.raises(ValueError, match='empty'):
        I.Orthogonal()(np.empty((0, 2)))
    with pytest.raises(ValueError, match="'fan_in' or 'fan_out', but it is 'typo'"):
        I.HeNormal(fan_option='typo')


def test_sampling_filters():
    up = I.generate_array(I.UpsamplingDeconvFilter(), (2, 2, 4, 4), np, np.float64)
    side = np.array([0.25, 0.75, 0.75, 0.25])
    np.testing.assert_allclose(up[0, 0], np.outer(side, side))
    np.testing.assert_array_equal(up[0, 1], np.zeros((4, 4)))
    np.testing.assert_array_equal(up[1, 1], up[0, 0])
    down = I.generate_array(I.DownsamplingConvFilter(), (3, 1, 5), np, np.float64)
    np.testing.assert_allclose(down[1, 0], np.array([1, 2, 3, 2, 1]) / 9)
    for shape, text in (((2, 3, 4, 4), r'shape\[1\]'), ((2, 2, 4, 3), 'equal sides'), ((2, 2), 'window')):
        with pytest.raises(ValueError, match=text):
            I.UpsamplingDeconvFilter()(np.empty(shape))
    with pytest.raises(ValueError, match="'linear', but it is 'cubic'"):
        I.DownsamplingConvFilter('cubic')
