"""Functions that work element by element."""

import numpy as np
import scipy.special
from hypothesis import strategies as st

import chaingrad.functions as F
from tests.cases.case import Case
from tests.strategies import broadcastable_shapes, masks, same_shapes


def _condition(shapes):
    """A condition of the shape of one of the operands, or a single one."""
    return {'condition': st.sampled_from([*shapes, ()]).flatmap(masks)}


def _interpolate(p, x, y):
    return p * x + (1 - p) * y


def _polygamma(x, n):
    return F.polygamma(n, x)


def _zeta(q, x):
    return F.zeta(x, q)


_aligned = st.sampled_from([((2, 3), (3,)), ((2, 3, 4), (3,)), ((2, 3, 4), (3, 4)), ((2, 0), (0,)), ((3, 2), ())])


def _column(x, y, axis=1):
    return y.reshape(y.shape + (1,) * (x.ndim - axis - y.ndim))


def _where(x, y, condition):
    return F.where(condition, x, y)


CASES = [
    Case('arccos', F.arccos, np.arccos, low=-0.9, high=0.9),
    Case('arcsin', F.arcsin, np.arcsin, low=-0.9, high=0.9),
    Case('arctan', F.arctan, np.arctan),
    Case('arctan2', F.arctan2, np.arctan2, arity=2, low=(-2, 0.5), shapes=broadcastable_shapes(2)),
    Case('arctan2', F.arctan2, np.arctan2, arity=2, low=-2, high=-0.3, variant='negative x2'),
    Case('arctanh', F.arctanh, np.arctanh, low=-0.9, high=0.9),
    Case('bias', F.bias, lambda x, y: x + _column(x, y), arity=2, shapes=_aligned),
    Case(
        'bias',
        F.bias,
        lambda x, y, axis: x + y[:, None],
        arity=2,
        options={'axis': st.sampled_from([0, -2])},
        shapes=st.just(((2, 3), (2,))),
        variant='axis',
    ),
    Case('ceil', F.ceil, np.ceil, order=0, kinks=(-1, 0, 1), dtypes=('float32',)),
    Case(
        'clip',
        F.clip,
        lambda x, x_min, x_max: np.clip(x, x_min, x_max),
        options={'x_min': -0.75, 'x_max': 0.6},
        kinks=(-0.75, 0.6),
    ),
    Case(
        'clip',
        F.clip,
        lambda x, x_min, x_max: np.minimum(x, x_max),
        options={'x_min': None, 'x_max': 0.5},
        kinks=(0.5,),
        variant='upper bound only',
    ),
    Case('cos', F.cos, np.cos),
    Case('cosh', F.cosh, np.cosh),
    Case('digamma', F.digamma, scipy.special.digamma, low=0.5, tolerance=3),
    Case('erf', F.erf, scipy.special.erf),
    Case('erfc', F.erfc, scipy.special.erfc),
    Case('erfcinv', F.erfcinv, scipy.special.erfcinv, low=0.3, high=1.7, tolerance=2),
    Case('erfcx', F.erfcx, scipy.special.erfcx, tolerance=4),
    Case('erfinv', F.erfinv, scipy.special.erfinv, low=-0.7, high=0.7, tolerance=2),
    Case('exp', F.exp, np.exp),
    Case('expm1', F.expm1, np.expm1),
    Case('fix', F.fix, np.trunc, order=0, kinks=(-1, 0, 1), dtypes=('float32',)),
    Case('floor', F.floor, np.floor, order=0, kinks=(-1, 0, 1), dtypes=('float32',)),
    Case(
        'fmod',
        F.fmod,
        np.fmod,
        arity=2,
        low=(-2.9, 1.3),
        high=(-2.7, 1.4),
        shapes=broadcastable_shapes(2),
        dtypes=('float32',),
    ),
    Case('lgamma', F.lgamma, scipy.special.gammaln, low=0.5, tolerance=3),
    Case('linear_interpolate', F.linear_interpolate, _interpolate, arity=3, shapes=broadcastable_shapes(3)),
    Case('log', F.log, np.log, low=0.2),
    Case('log10', F.log10, np.log10, low=0.2),
    Case('log1p', F.log1p, np.log1p, low=-0.8),
    Case('log2', F.log2, np.log2, low=0.2),
    Case('log_ndtr', F.log_ndtr, scipy.special.log_ndtr, low=-30, high=5, tolerance=3),
    Case('maximum', F.maximum, np.maximum, arity=2, shapes=broadcastable_shapes(2), distinct=True),
    Case('minimum', F.minimum, np.minimum, arity=2, shapes=broadcastable_shapes(2), distinct=True),
    Case('ndtr', F.ndtr, scipy.special.ndtr),
    Case('ndtri', F.ndtri, scipy.special.ndtri, low=0.2, high=0.8, tolerance=2),
    Case(
        'polygamma',
        _polygamma,
        lambda x, n: scipy.special.polygamma(n, x),
        low=0.7,
        options={'n': st.sampled_from([0, 1, 2])},
        tolerance=10,
    ),
    Case(
        'polygamma',
        _polygamma,
        lambda x, n: scipy.special.polygamma(n, x),
        low=0.7,
        options={'n': np.array([[1], [2]])},
        shapes=same_shapes(1, min_dims=1, max_dims=1),
        tolerance=10,
        variant='n broadcasts',
    ),
    Case('rsqrt', F.rsqrt, lambda x: x**-0.5, low=0.3),
    Case('scale', F.scale, lambda x, y: x * _column(x, y), arity=2, shapes=_aligned),
    Case('sign', F.sign, np.sign, order=0, kinks=(0,)),
    Case('sin', F.sin, np.sin),
    Case('sinh', F.sinh, np.sinh),
    Case('sqrt', F.sqrt, np.sqrt, low=0.2),
    Case('square', F.square, lambda x: x * x),
    Case(
        'squared_difference',
        F.squared_difference,
        lambda a, b: (a - b) ** 2,
        arity=2,
        shapes=broadcastable_shapes(2),
        tolerance=4,
    ),
    Case('tan', F.tan, np.tan, low=-1.2, high=1.2),
    Case(
        'where',
        _where,
        lambda x, y, condition: np.where(condition, x, y),
        arity=2,
        options=_condition,
        shapes=broadcastable_shapes(2),
    ),
    Case('zeta', _zeta, lambda q, x: scipy.special.zeta(x, q), low=0.7, options={'x': 2.5}, tolerance=10),
]
