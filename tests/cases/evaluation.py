"""Functions that measure; they have no gradient."""

import numpy as np

import chaingrad.functions as F
from tests.cases.case import Case
from tests.strategies import labels, same_shapes


def _accuracy(y, t, ignore_label=None):
    valid = np.ones(t.shape, bool) if ignore_label is None else t != ignore_label
    return np.mean((y.argmax(1) == t)[valid]) if valid.any() else 0.0


def _targets(shapes):
    return {'t': labels((shapes[0][0], *shapes[0][2:]), shapes[0][1])}


def _targets_to_ignore(shapes):
    return {'t': labels((shapes[0][0], *shapes[0][2:]), shapes[0][1], ignore=-1), 'ignore_label': -1}


_scores = same_shapes(1, min_dims=2, min_side=1)

CASES = [
    Case('accuracy', F.accuracy, _accuracy, options=_targets, order=0, shapes=_scores, distinct=True),
    Case(
        'accuracy',
        F.accuracy,
        _accuracy,
        options=_targets_to_ignore,
        order=0,
        shapes=_scores,
        distinct=True,
        variant='ignore_label',
    ),
]
