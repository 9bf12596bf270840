"""Reductions over axes."""

import numpy as np
from hypothesis import strategies as st

import chaingrad.functions as F
from tests.cases.case import Case
from tests.strategies import axes_of, same_shapes


def _over_axes(shapes):
    return {'axis': axes_of(shapes[0]), 'keepdims': st.booleans()}



def _average(x, w, axis, keepdims):
    w = np.ones_like(x) * w
    return np.sum(x * w, axis, keepdims=keepdims) / np.sum(w, axis, keepdims=keepdims)


def _average_along(x, w, axis, keepdims):
    shape = [1] * x.ndim
    shape[axis] = -1
    return _average(x, w.reshape(shape), axis, keepdims)


def _call_average(x, w, axis, keepdims):
    return F.average(x, axis, w, keepdims)


_filled = same_shapes(1, min_side=1)
_two_filled = same_shapes(2, min_side=1)
_with_vector = st.tuples(st.integers(1, 3), st.integers(1, 3)).map(lambda shape: (shape, shape[1:]))

CASES = [
    Case('average', F.average, np.mean, options=_over_axes, shapes=_filled),
    Case('average', _call_average, _average, 2, (-2, 0.5), 2, _over_axes, shapes=_two_filled, variant='weights'),
    Case(
        'average',
        _call_average,
        _average_along,
        2,
        (-2, 0.5),
        2,
        {'axis': st.sampled_from([1, -1]), 'keepdims': st.booleans()},
        shapes=_with_vector,
        variant='weights along an axis',
    ),
    Case('max', F.max, np.max, options=_over_axes, shapes=_filled, distinct=True),
    Case('mean', F.mean, np.mean, options=_over_axes, shapes=_filled),
    Case('min', F.min, np.min, options=_over_axes, shapes=_filled, distinct=True),
    Case('sum', F.sum, np.sum, options=_over_axes),
]
