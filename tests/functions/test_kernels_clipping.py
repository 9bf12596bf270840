"""The larger and the smaller of an array and a number, with clip and with maximum and minimum."""

import numpy as np
import pytest

from chaingrad.functions.kernels import clipping


@pytest.mark.parametrize('dtype', ['e', 'f', 'd'])
@pytest.mark.parametrize('shape', [(), (0,), (3, 5), (3, clipping._LONG)])
@pytest.mark.parametrize('bound', [0, -0.25, 2])
def test_equal_to_maximum_and_minimum(dtype, shape, bound):
    x = np.random.default_rng(9).standard_normal(shape).astype(dtype)
    if x.ndim and x.size:
        x.flat[:3] = np.nan, np.inf, -np.inf
    for found, expected in (
        (clipping.at_least(x, bound), np.maximum(x, x.dtype.type(bound))),
        (clipping.at_most(x, bound), np.minimum(x, x.dtype.type(bound))),
    ):
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)


def test_long_arrays_of_another_layout():
    x = np.random.default_rng(9).standard_normal((200, 300)).astype('f').T[::2]
    np.testing.assert_array_equal(clipping.at_least(x, 0), np.maximum(x, np.float32(0)))
