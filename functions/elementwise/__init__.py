"""Functions that work element by element."""

from chaingrad.functions.elementwise.addition import add
from chaingrad.functions.elementwise.affine import bias, linear_interpolate, scale
from chaingrad.functions.elementwise.comparison import clip, maximum, minimum, where
from chaingrad.functions.elementwise.errors import erf, erfc, erfcinv, erfcx, erfinv, log_ndtr, ndtr, ndtri
from chaingrad.functions.elementwise.exponential import (
    exp,
    expm1,
    log,
    log1p,
    log2,
    log10,
    rsqrt,
    sqrt,
    square,
    squared_difference,
)
from chaingrad.functions.elementwise.gamma import digamma, lgamma, polygamma, zeta
from chaingrad.functions.elementwise.identity import identity
from chaingrad.functions.elementwise.rounding import ceil, fix, floor, fmod, sign
from chaingrad.functions.elementwise.trigonometric import (
    arccos,
    arcsin,
    arctan,
    arctan2,
    arctanh,
    cos,
    cosh,
    sin,
    sinh,
    tan,
)

# fmt: off
__all__ = [
    'add', 'arccos', 'arcsin', 'arctan', 'arctan2', 'arctanh', 'bias', 'ceil', 'clip', 'cos', 'cosh', 'digamma', 'erf',
    'erfc', 'erfcinv', 'erfcx', 'erfinv', 'exp', 'expm1', 'fix', 'floor', 'fmod', 'identity', 'lgamma',
    'linear_interpolate', 'log', 'log10', 'log1p', 'log2', 'log_ndtr', 'maximum', 'minimum', 'ndtr', 'ndtri',
    'polygamma', 'rsqrt', 'scale', 'sign', 'sin', 'sinh', 'sqrt', 'square', 'squared_difference', 'tan', 'where',
    'zeta',
]
# fmt: on
