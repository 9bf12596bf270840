"""Sums, products and their neighbours: what the operators of Variable do, and its named functions."""

import functools

import numpy as np
from hypothesis import strategies as st

import chaingrad.functions as F
from tests.cases.case import Case
from tests.strategies import broadcastable_shapes, same_shapes


def _product(xs):
    return functools.reduce(lambda a, b: a * b, xs)


CASES = [
    Case('absolute', F.absolute, np.abs, kinks=(0,)),
    Case('add', F.add, np.add, arity=2, shapes=broadcastable_shapes(2)),
    Case('add', F.add, lambda *xs: functools.reduce(np.add, xs), arity=4, variant='four operands'),
    Case('forget', lambda x: F.forget(F.exp, x), np.exp, order=0),
    Case('identity', F.identity, lambda x: x),
    Case('identity', lambda a, b: _product(F.identity(a, b)), lambda a, b: a * b, arity=2, variant='two'),
]

# The operators have no names of their own in chaingrad.functions; tests/autograd/test_arithmetic.py runs these rows.
_numbers = {'c': st.sampled_from([-2, 3, 0.5, -1.5])}
OPERATORS = [
    Case('+', lambda a, b: a + b, np.add, arity=2, shapes=broadcastable_shapes(2)),
    Case('-', lambda a, b: a - b, np.subtract, arity=2, shapes=broadcastable_shapes(2)),
    Case('*', lambda a, b: a * b, np.multiply, arity=2, shapes=broadcastable_shapes(2)),
    Case('/', lambda a, b: a / b, np.divide, arity=2, low=(-2, 0.5), high=(2, 2), shapes=broadcastable_shapes(2)),
    Case('**', lambda a, b: a**b, np.power, arity=2, low=(0.5, -2), shapes=broadcastable_shapes(2)),
    Case('negative', lambda x: -x, np.negative),
    Case('x + c', lambda x, c: x + c, lambda x, c: x + c, options=_numbers),
    Case('c + x', lambda x, c: c + x, lambda x, c: c + x, options=_numbers),
    Case('x - c', lambda x, c: x - c, lambda x, c: x - c, options=_numbers),
    Case('c - x', lambda x, c: c - x, lambda x, c: c - x, options=_numbers),
    Case('x * c', lambda x, c: x * c, lambda x, c: x * c, options=_numbers),
    Case('c * x', lambda x, c: c * x, lambda x, c: c * x, options=_numbers),
    Case('x / c', lambda x, c: x / c, lambda x, c: x / c, options=_numbers),
    Case('c / x', lambda x, c: c / x, lambda x, c: c / x, options=_numbers, low=0.5),
    Case(
        'x ** c',
        lambda x, c: x**c,
        lambda x, c: x**c,
        low=0.5,
        options={'c': st.sampled_from([0, 1, 2, 3, -1, 0.5, 2.5])},
    ),
    Case('c ** x', lambda x, c: c**x, lambda x, c: c**x, options={'c': st.sampled_from([2, 0.5, 3])}),
    Case('x ** 2 of negative numbers', lambda x: x**2, lambda x: x**2, low=-2, high=-0.1),
    Case('abs', abs, np.abs, kinks=(0,)),
    Case('@', lambda a, b: a @ b, np.matmul, arity=2, shapes=st.just(((2, 3), (3, 4)))),
    Case('x + x', lambda x: x + x, lambda x: 2 * x),
    Case('x * x * x', lambda x: x * x * x, lambda x: x**3),
    Case('a diamond', lambda x: (x * 2 + 1) * (x - x * x), lambda x: (x * 2 + 1) * (x - x * x)),
    Case('x[0] + x', lambda x: x[0] + x, lambda x: x[0] + x, shapes=same_shapes(1, min_dims=1, min_side=1)),
    Case('x.T', lambda x: x.T, lambda x: x.T),
]
