"""Reductions over axes."""

import numpy as np
from hypothesis import strategies as st

import chaingrad.functions as F
from tests.cases.case import Case
from tests.strategies import axes_of, axis_of, masks, same_shapes


def _over_axes(shapes):
    return {'axis': axes_of(shapes[0]), 'keepdims': st.booleans()}


def _along(shapes):
    return {'axis': st.one_of(st.none(), axis_of(shapes[0])) if shapes[0] else st.none()}


def _logsumexp(x, axis):
    return np.log(np.sum(np.exp(x), axis))


def _with_zeros(f):
    """Set some elements to 0: the rules of products must not divide by them."""

    def call(x, zeros, **options):
        x = x * zeros.astype(x.dtype)
        return f(np.asarray(x) if isinstance(x, np.generic) else x, **options)

    return call


def _zeros_and_axes(shapes):
    return {'zeros': masks(shapes[0]), **_over_axes(shapes)}


def _zeros_and_axis(shapes):
    return {'zeros': masks(shapes[0]), **_along(shapes)}


def _average(x, w, axis, keepdims):
    w = np.ones_like(x) * w
    return np.sum(x * w, axis, keepdims=keepdims) / np.sum(w, axis, keepdims=keepdims)


def _average_along(x, w, axis, keepdims):
    shape = [1] * x.ndim
    shape[axis] = -1
    return _average(x, w.reshape(shape), axis, keepdims)


def _call_average(x, w, axis, keepdims):
    return F.average(x, axis, w, keepdims)


_not_empty = same_shapes(1, min_side=1)
_two_not_empty = same_shapes(2, min_side=1)
_with_vector = st.tuples(st.integers(1, 3), st.integers(1, 3)).map(lambda shape: (shape, shape[1:]))

_arg_options = {'options': _along, 'order': 0, 'shapes': _not_empty, 'distinct': True, 'dtype': 'expected'}

CASES = [
    Case('average', F.average, np.mean, options=_over_axes, shapes=_not_empty),
    Case('average', _call_average, _average, 2, (-2, 0.5), 2, _over_axes, shapes=_two_not_empty, variant='weights'),
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
    Case(
        'average',
        _call_average,
        lambda x, w, axis, keepdims: _average(x, w.T, axis, keepdims),
        arity=2,
        low=(-2, 0.5),
        options={'axis': st.sampled_from([(1, 0), (-1, -2)]), 'keepdims': st.booleans()},
        shapes=st.just(((2, 3), (3, 2))),
        variant='weights along axes in another order',
    ),
    Case('argmax', F.argmax, lambda x, axis: np.argmax(x, axis).astype('int32'), **_arg_options),
    Case('argmin', F.argmin, lambda x, axis: np.argmin(x, axis).astype('int32'), **_arg_options),
    Case(
        'batch_l2_norm_squared',
        F.batch_l2_norm_squared,
        lambda x: (x**2).sum(tuple(range(1, x.ndim))),
        shapes=same_shapes(1, min_dims=2),
    ),
    Case('cumprod', F.cumprod, np.cumprod, options=_along, tolerance=4),
    Case(
        'cumprod',
        _with_zeros(F.cumprod),
        _with_zeros(np.cumprod),
        options=_zeros_and_axis,
        tolerance=4,
        variant='zeros',
    ),
    Case('cumsum', F.cumsum, np.cumsum, options=_along),
    Case('logsumexp', F.logsumexp, _logsumexp, options=lambda shapes: {'axis': axes_of(shapes[0])}, shapes=_not_empty),
    Case('max', F.max, np.max, options=_over_axes, shapes=_not_empty, distinct=True),
    Case('mean', F.mean, np.mean, options=_over_axes, shapes=_not_empty),
    Case('min', F.min, np.min, options=_over_axes, shapes=_not_empty, distinct=True),
    Case('prod', F.prod, np.prod, options=_over_axes, tolerance=4),
    Case('prod', _with_zeros(F.prod), _with_zeros(np.prod), options=_zeros_and_axes, tolerance=4, variant='zeros'),
    Case('sum', F.sum, np.sum, options=_over_axes),
]
