"""The base of initializers, Constant, NaN and generate_array."""

import numpy as np
import pytest

from chaingrad import Initializer, using_config
from chaingrad.autograd.initializer import Constant, NaN, generate_array, get_initializer


class Ramp(Initializer):
    """0, 1, 2, ..."""

    def __call__(self, array):
        array[...] = np.arange(array.size).reshape(array.shape)


def test_constant():
    a = np.zeros((2, 3))
    Constant(4)(a)
    np.testing.assert_array_equal(a, np.full((2, 3), 4.0))


def test_constant_of_an_array():
    a = np.zeros((2, 3), np.float32)
    Constant(np.arange(6).reshape(2, 3))(a)
    np.testing.assert_array_equal(a, np.arange(6).reshape(2, 3))
    Constant(np.array(7.0))(a)
    assert (a == 7).all()
    with pytest.raises(ValueError, match=r'\(2, 3\), but it is \(3,\)'):
        Constant(np.ones(3))(a)


def test_nan():
    a = np.zeros(3)
    NaN()(a)
    assert np.isnan(a).all()


def test_a_users_initializer():
    a = generate_array(Ramp(), (2, 2), np)
    np.testing.assert_array_equal(a, [[0, 1], [2, 3]])
    assert a.dtype == np.float32


def test_the_base_fills_nothing():
    with pytest.raises(NotImplementedError, match='Initializer: write __call__'):
        Initializer()(np.zeros(2))


@pytest.mark.parametrize(
    ('of_initializer', 'asked', 'made'),
    [
        (None, None, np.float32),
        (np.float64, None, np.float64),
        (None, np.float16, np.float16),
        (np.float64, 'float64', np.float64),
    ],
)
def test_dtype(of_initializer, asked, made):
    assert generate_array(Ramp(of_initializer), (2,), np, asked).dtype == made


def test_dtype_of_the_configuration():
    with using_config('dtype', np.dtype(np.float64)):
        assert generate_array(Ramp(), (2,), np).dtype == np.float64


def test_two_dtypes_are_refused():
    with pytest.raises(ValueError, match='float32.*float64'):
        generate_array(Ramp(np.float64), (2,), np, np.float32)


@pytest.mark.parametrize('shape', [3, (3,), [3], (), (2, 0)], ids=repr)
def test_shapes(shape):
    assert generate_array(Constant(1), shape, np).shape == np.empty(shape).shape


def test_any_callable_will_do():
    a = generate_array(lambda array: array.fill(2), (2,), np)
    np.testing.assert_array_equal(a, [2, 2])


def test_a_device_may_be_named():
    assert type(generate_array(Constant(1), (2,), np, device='@numpy')) is np.ndarray


def test_get_initializer():
    ramp = Ramp()
    assert get_initializer(ramp) is ramp
    assert get_initializer(None, ramp) is ramp
    for given in (3, 3.0, np.float32(3), np.ones(2)):
        assert isinstance(get_initializer(given), Constant)
    with pytest.raises(TypeError, match='list'):
        get_initializer([1.0])


def test_repr_says_how_it_was_made():
    assert repr(Constant(3)) == 'Constant(fill_value=3)'
    assert repr(Ramp(np.dtype('f'))) == "Ramp(dtype=dtype('float32'))"
