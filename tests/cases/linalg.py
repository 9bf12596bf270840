"""Products of matrices."""

import numpy as np
from hypothesis import strategies as st

import chaingrad.functions as F
from tests.cases.case import Case


def _matmul(a, b, transa=False, transb=False):
    a = a.swapaxes(-1, -2) if transa and a.ndim > 1 else a
    return np.matmul(a, b.swapaxes(-1, -2) if transb and b.ndim > 1 else b)


def _turned(m, n, turn):
    return (n, m) if turn else (m, n)


_flags = st.shared(st.tuples(st.booleans(), st.booleans()), key='transa, transb')


@st.composite
def _factors(draw):
    """Two matrices that fit as the flags say, perhaps with axes before that broadcast."""
    transa, transb = draw(_flags)
    m, k, n = (draw(st.integers(0, 4)) for _ in range(3))
    leads = st.sampled_from([((), ()), ((2,), (2,)), ((2,), ()), ((), (3,)), ((2, 1), (3,)), ((1,), (2,))])
    lead_a, lead_b = draw(leads)
    return (*lead_a, *_turned(m, k, transa)), (*lead_b, *_turned(k, n, transb))


_vectors = st.sampled_from(
    [((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((3,), (2, 3, 4)), ((2, 4, 3), (3,)), ((0,), (0,)), ((0,), (0, 2))]
)
_options = {'transa': _flags.map(lambda pair: pair[0]), 'transb': _flags.map(lambda pair: pair[1])}

CASES = [
    Case('matmul', F.matmul, _matmul, arity=2, options=_options, shapes=_factors()),
    Case('matmul', F.matmul, _matmul, arity=2, shapes=_vectors, variant='vectors'),
]
