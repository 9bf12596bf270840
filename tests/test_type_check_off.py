"""`config.type_check = False`: no function checks dtypes or shapes, and NumPy has its way."""

from __future__ import annotations

import numpy as np
import pytest

import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import Variable, using_config
from chaingrad.utils import to_coo
from chaingrad.utils.type_check import InvalidType

pytestmark = pytest.mark.behaviour('type-check-off')

NARROW = np.array([[1.0, 2.0], [3.0, 5.0]], 'float32')
WIDE = np.array([[0.5, 0.25], [4.0, 8.0]])
WHOLE = np.array([[1, 2], [3, 4]])
ROW = np.array([10.0, 20.0])
LABELS = np.array([1, 0])


def v(array):
    return Variable(array, requires_grad=array.dtype.kind == 'f')


DTYPES = [  # name, call, what NumPy makes of it
    ('+', lambda: v(NARROW) + v(WIDE), NARROW + WIDE),
    ('*', lambda: v(NARROW) * v(WIDE), NARROW * WIDE),
    ('**', lambda: v(NARROW) ** v(WIDE), NARROW**WIDE),
    ('maximum', lambda: F.maximum(NARROW, WIDE), np.maximum(NARROW, WIDE)),
    ('where', lambda: F.where(WIDE > 2, v(NARROW), v(WIDE)), np.where(WIDE > 2, NARROW, WIDE)),
    ('add', lambda: F.add(v(NARROW), v(WIDE), v(WIDE)), NARROW + 2 * WIDE),
    ('matmul of integers', lambda: F.matmul(v(WIDE), WHOLE), WIDE @ WHOLE),
    ('einsum', lambda: F.einsum('ij,ij->', WIDE, NARROW), np.einsum('ij,ij->', WIDE, NARROW)),
    ('sparse_matmul of integers', lambda: F.sparse_matmul(to_coo(WIDE), WHOLE), WIDE @ WHOLE),
    ('sin of integers', lambda: F.sin(WHOLE), np.sin(WHOLE)),
    ('exp of integers', lambda: F.exp(WHOLE), np.exp(WHOLE)),
    ('relu of integers', lambda: F.relu(-WHOLE), 0 * WHOLE),
    ('concat', lambda: F.concat((v(NARROW), v(WIDE))), np.concatenate((NARROW, WIDE), 1)),
    ('stack', lambda: F.stack((v(NARROW), v(WIDE))), np.stack((NARROW, WIDE))),
    ('linear_interpolate', lambda: F.linear_interpolate(WIDE, NARROW, WIDE), WIDE * NARROW + (1 - WIDE) * WIDE),
    ('squared_error', lambda: F.squared_error(v(WIDE), v(NARROW)), (WIDE - NARROW) ** 2),
    ('bias of linear', lambda: F.linear(WIDE, WIDE, NARROW[0]), WIDE @ WIDE.T + NARROW[0]),
    ('average', lambda: F.average(WIDE, weights=NARROW), np.average(WIDE, weights=NARROW)),
    ('squared_difference', lambda: F.squared_difference(WIDE, NARROW), (WIDE - NARROW) ** 2),
]
SHAPES = [
    ('add', lambda: F.add(v(WIDE), v(ROW), v(WIDE)), 2 * WIDE + ROW),
    ('bias of linear', lambda: F.linear(WIDE, WIDE, np.ones(1)), WIDE @ WIDE.T + 1),
    ('squared_error', lambda: F.squared_error(v(WIDE), v(ROW)), (WIDE - ROW) ** 2),
    ('absolute_error', lambda: F.absolute_error(v(WIDE), v(ROW)), abs(WIDE - ROW)),
    (
        'bias of a convolution',
        lambda: F.convolution_2d(WIDE[None, None], np.ones((2, 1, 1, 1)), np.ones(1)),
        np.stack([WIDE, WIDE])[None] + 1,
    ),
]
RAW = [  # name, call, the error that is NumPy's own
    ('+', lambda: v(WIDE) + v(np.ones(3)), ValueError),
    ('matmul', lambda: F.matmul(WIDE, np.ones((3, 2))), ValueError),
    ('linear', lambda: L.Linear(3, 2)(NARROW), ValueError),
    ('select_item', lambda: F.select_item(WIDE, WIDE[0] - 0.25), IndexError),
    ('stack', lambda: F.stack((WIDE, ROW)), ValueError),
    ('linear of vectors', lambda: F.linear(ROW, np.ones((2, 3))), ValueError),
]


def table(rows):
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


@pytest.mark.parametrize(('call', 'expected'), table(DTYPES + SHAPES))
def test_numpy_has_its_way(call, expected):
    with pytest.raises(InvalidType):
        call()
    with using_config('type_check', False):
        y = call()
    assert y.dtype == np.asarray(expected).dtype
    np.testing.assert_allclose(y.array, expected, rtol=1e-6)


@pytest.mark.parametrize(('call', 'error'), table(RAW))
def test_errors_are_those_of_numpy(call, error):
    with pytest.raises(InvalidType):
        call()
    with using_config('type_check', False), pytest.raises(error) as caught:
        call()
    assert caught.type is error


def test_what_is_no_check_of_types_stays():
    with using_config('type_check', False):
        with pytest.raises(TypeError, match='list'):
            F.sin([1.0])
        with pytest.raises(ValueError, match=r'\[0, 2\)'):
            F.softmax_cross_entropy(WIDE, LABELS + 1)
        with pytest.raises(InvalidType, match='kernel must not be larger'):
            F.convolution_2d(WIDE[None, None], np.ones((1, 1, 3, 3)))
        with pytest.raises(InvalidType, match='axis'):
            F.sum(WIDE, 2)
