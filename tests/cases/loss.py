"""Loss functions."""

import numpy as np
from hypothesis import strategies as st

import chaingrad.functions as F
from tests.cases.case import Case
from tests.strategies import labels, same_shapes, seeds


def _softmax_cross_entropy(
    x, t, normalize=True, class_weight=None, ignore_label=-1, reduce='mean', enable_double_backprop=False
):
    valid = t != ignore_label
    log_p = x - np.log(np.exp(x).sum(1, keepdims=True))
    chosen = np.where(valid, t, 0)
    losses = -np.take_along_axis(log_p, np.expand_dims(chosen, 1), 1).squeeze(1) * valid
    if class_weight is not None:
        losses = losses * class_weight[chosen]
    if reduce == 'no':
        return losses
    return losses.sum() / max((valid.sum() if normalize else len(x)), 1)


def _soft_target_loss(x, t, reduce='mean'):
    losses = -(t * (x - np.log(np.exp(x).sum(1, keepdims=True)))).sum(1)
    return losses if reduce == 'no' else losses.mean()


def _sigmoid_cross_entropy(x, t, normalize=True, reduce='mean'):
    valid = t != -1
    losses = valid * (np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0) - x * t)
    if reduce == 'no':
        return losses
    return losses.sum() / max((valid.sum() if normalize else len(x)), 1)


def _targets(shapes, ignore=-1):
    shape = shapes[0]
    return labels((shape[0], *shape[2:]), shape[1], ignore)


def _classes(**options):
    return lambda shapes: {'t': _targets(shapes), 'enable_double_backprop': True, **options}


def _class_weights(shapes):
    weights = seeds.map(lambda seed: np.random.default_rng(seed).uniform(0.5, 2, shapes[0][1]))
    return {**_classes(reduce=st.sampled_from(['mean', 'no']))(shapes), 'class_weight': weights}


def _bits(**options):
    return lambda shapes: {'t': labels(shapes[0], 2, ignore=-1), **options}


def _weighted(x, t, class_weight, **options):
    return F.softmax_cross_entropy(x, t, class_weight=class_weight.astype(x.dtype), **options)


def _probabilities(shapes):
    def make(seed):
        p = np.random.default_rng(seed).uniform(0.1, 1, shapes[0])
        return p / p.sum(1, keepdims=True)

    return {'t': seeds.map(make), 'reduce': st.sampled_from(['mean', 'no'])}


def _soft(x, t, reduce):
    return F.softmax_cross_entropy(x, t.astype(x.dtype), reduce=reduce, enable_double_backprop=True)


_scores = same_shapes(1, min_dims=2, min_side=1)
_filled = same_shapes(1, min_dims=1, min_side=1)

CASES = [
    Case(
        'mean_squared_error',
        F.mean_squared_error,
        lambda x0, x1: np.mean((x0 - x1) ** 2),
        arity=2,
        shapes=same_shapes(2, min_side=1),
    ),
    Case('sigmoid_cross_entropy', F.sigmoid_cross_entropy, _sigmoid_cross_entropy, options=_bits(), shapes=_filled),
    Case(
        'sigmoid_cross_entropy',
        F.sigmoid_cross_entropy,
        _sigmoid_cross_entropy,
        options=_bits(normalize=False),
        shapes=_filled,
        variant='not normalized',
    ),
    Case(
        'sigmoid_cross_entropy',
        F.sigmoid_cross_entropy,
        _sigmoid_cross_entropy,
        options=_bits(reduce='no'),
        shapes=_filled,
        variant='not reduced',
    ),
    Case(
        'softmax_cross_entropy',
        F.softmax_cross_entropy,
        _softmax_cross_entropy,
        options=lambda shapes: {'t': _targets(shapes)},
        order=1,
        shapes=_scores,
    ),
    Case(
        'softmax_cross_entropy',
        F.softmax_cross_entropy,
        _softmax_cross_entropy,
        options=_classes(normalize=st.booleans()),
        shapes=_scores,
        variant='twice',
    ),
    Case(
        'softmax_cross_entropy',
        F.softmax_cross_entropy,
        _softmax_cross_entropy,
        options=_classes(reduce='no'),
        shapes=_scores,
        variant='not reduced',
    ),
    Case(
        'softmax_cross_entropy',
        _weighted,
        _softmax_cross_entropy,
        options=_class_weights,
        shapes=_scores,
        variant='class_weight',
    ),
    Case(
        'softmax_cross_entropy',
        _soft,
        _soft_target_loss,
        options=_probabilities,
        shapes=_scores,
        variant='probabilities',
    ),
]
