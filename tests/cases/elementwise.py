"""Functions that work element by element."""

import numpy as np
from hypothesis import strategies as st

import chaingrad.functions as F
from tests.cases.case import Case
from tests.strategies import broadcastable_shapes, masks


def _condition(shapes):
    """A condition of the shape of one of the operands, or one for all elements."""
    return {'condition': st.sampled_from([*shapes, ()]).flatmap(masks)}


def _where(x, y, condition):
    return F.where(condition, x, y)


CASES = [
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
        variant='from above only',
    ),
    Case('cos', F.cos, np.cos),
    Case('exp', F.exp, np.exp),
    Case('log', F.log, np.log, low=0.2),
    Case('maximum', F.maximum, np.maximum, arity=2, shapes=broadcastable_shapes(2), distinct=True),
    Case('minimum', F.minimum, np.minimum, arity=2, shapes=broadcastable_shapes(2), distinct=True),
    Case('sin', F.sin, np.sin),
    Case('sqrt', F.sqrt, np.sqrt, low=0.2),
    Case(
        'where',
        _where,
        lambda x, y, condition: np.where(condition, x, y),
        arity=2,
        options=_condition,
        shapes=broadcastable_shapes(2),
    ),
]
