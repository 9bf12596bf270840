"""Functions that draw random numbers. The rows give the mask; tests/functions/ looks at the drawing."""

import numpy as np

import chaingrad.functions as F
from tests.cases.case import Case
from tests.strategies import masks


def _dropout(x, ratio, mask):
    return F.dropout(x, ratio, mask=mask.astype(x.dtype) * np.asarray(1 / (1 - ratio), x.dtype))


CASES = [
    Case(
        'dropout',
        _dropout,
        lambda x, ratio, mask: x * mask / (1 - ratio),
        options=lambda shapes: {'ratio': 0.2, 'mask': masks(shapes[0])},
    ),
    Case('dropout', F.dropout, lambda x: x, config={'train': False}, variant='not training'),
]
