"""Measures of the quality of predictions; they have no gradient."""

import numpy as np
from hypothesis import strategies as st

import chaingrad.functions as F
from tests.cases.case import Case
from tests.strategies import labels, same_shapes


def _accuracy(y, t, ignore_label=None):
    valid = np.ones(t.shape, bool) if ignore_label is None else t != ignore_label
    return np.mean((y.argmax(1) == t)[valid]) if valid.any() else 0.0


def _targets(shapes):
    return {'t': labels((shapes[0][0], *shapes[0][2:]), shapes[0][1])}


def _targets_with_ignored(shapes):
    return {'t': labels((shapes[0][0], *shapes[0][2:]), shapes[0][1], ignore=-1), 'ignore_label': -1}


def _binary_accuracy(y, t):
    return np.mean((np.where(y >= 0, 1, 0) == t)[t != -1]) if (t != -1).any() else 0.0


def _summary(y, t, label_num=None, beta=1.0, ignore_label=-1):
    """Count the pairs of a prediction and a label in a loop."""
    pairs = [(p, q) for p, q in zip(y.argmax(1).ravel(), t.ravel()) if q != ignore_label]
    n = label_num if label_num is not None else max([q for _, q in pairs], default=-1) + 1
    table = []
    for k in range(n):
        hits = sum(p == q == k for p, q in pairs)
        predicted = sum(p == k for p, _ in pairs)
        support = sum(q == k for _, q in pairs)
        p = hits / predicted if predicted else np.nan
        r = hits / support if support else np.nan
        f = (1 + beta**2) * p * r / (beta**2 * p + r) if hits else np.nan
        table.append((p, r, f, support))
    columns = np.array(table).reshape(n, 4).T
    return (*columns[:3], columns[3].astype(int))


def _summary_options(shapes):
    return {
        **_targets_with_ignored(shapes),
        'label_num': st.sampled_from([None, shapes[0][1] + 1]),
    }


def _r2_score(pred, true, multioutput='uniform_average', sample_weight=None):
    w = np.ones(len(true)) if sample_weight is None else sample_weight
    w = w.reshape((-1,) + (1,) * (true.ndim - 1))
    mean = (w * true).sum(0) / w.sum()
    scores = 1 - (w * (pred - true) ** 2).sum(0) / (w * (true - mean) ** 2).sum(0)
    return scores.mean() if multioutput == 'uniform_average' else scores


def _r2_options(shapes):
    return {
        'multioutput': st.sampled_from(['uniform_average', 'raw_values']),
        'sample_weight': st.sampled_from([None, np.arange(1.0, shapes[0][0] + 1)]),
    }


_scores = same_shapes(1, min_dims=2, min_side=1)

CASES = [
    Case('accuracy', F.accuracy, _accuracy, options=_targets, order=0, shapes=_scores, distinct=True),
    Case(
        'accuracy',
        F.accuracy,
        _accuracy,
        options=_targets_with_ignored,
        order=0,
        shapes=_scores,
        distinct=True,
        variant='ignore_label',
    ),
    Case(
        'binary_accuracy',
        F.binary_accuracy,
        _binary_accuracy,
        options=lambda shapes: {'t': labels(shapes[0], 2, ignore=-1)},
        order=0,
    ),
    Case(
        'classification_summary',
        F.classification_summary,
        _summary,
        options=lambda shapes: {**_summary_options(shapes), 'beta': 2.0},
        order=0,
        shapes=_scores,
        distinct=True,
    ),
    *[
        Case(
            name,
            function,
            lambda y, t, column=column, **options: (_summary(y, t, **options)[column], _summary(y, t, **options)[3]),
            options=_summary_options,
            order=0,
            shapes=_scores,
            distinct=True,
        )
        for column, (name, function) in enumerate(
            [('precision', F.precision), ('recall', F.recall), ('f1_score', F.f1_score)]
        )
    ],
    Case(
        'r2_score',
        F.r2_score,
        _r2_score,
        arity=2,
        options=_r2_options,
        order=0,
        shapes=same_shapes(2, min_dims=1, min_side=2),
        distinct=True,
        dtypes=('float32',),
    ),
]
