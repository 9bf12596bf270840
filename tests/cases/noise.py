"""Functions that draw random numbers.

The rows pass the mask or seed the generator; `tests/functions/test_noise.py` tests the distributions.
"""

import numpy as np
from hypothesis import strategies as st

import chaingrad.functions as F
from tests.cases.case import Case
from tests.strategies import axis_of, masks, same_shapes, seeds


def _dropout(x, ratio, mask):
    return F.dropout(x, ratio, mask=mask.astype(x.dtype) * np.asarray(1 / (1 - ratio), x.dtype))


def _normal(shapes):
    return {'eps': seeds.map(lambda seed: np.random.default_rng(seed).standard_normal(shapes[0]))}


def _seeded(function):
    """Seed the random generator before the function is called."""

    def call(*xs, seed, **options):
        np.random.seed(seed)
        return function(*xs, **options)

    return call


def _gumbel_softmax(x, tau, axis):
    y = (x + np.random.gumbel(size=x.shape)) / tau
    y = np.exp(y - y.max(axis, keepdims=True))
    return y / y.sum(axis, keepdims=True)


def _zoneout(h, x, ratio):
    return np.where(np.random.rand(*x.shape) < ratio, h, x)


@st.composite
def _layer(draw, bias):
    n = draw(st.integers(0, 3))
    n_in = draw(st.integers(1, 3))
    n_out = draw(st.integers(1, 3))
    return ((n, n_in), (n_out, n_in), (n_out,))[: 3 if bias else 2]


def _weight_masks(batchwise):
    return lambda shapes: {
        'ratio': 0.2,
        'mask': masks((shapes[0][0], *shapes[1]) if batchwise else shapes[1]),
        'use_batchwise_mask': batchwise,
    }


def _dropconnect(x, W, b=0, ratio=0, mask=True, use_batchwise_mask=True, train=True):
    return (W * mask / (1 - ratio) * x[:, None]).sum(2) + b


CASES = [
    Case(
        'dropout',
        _dropout,
        lambda x, ratio, mask: x * mask / (1 - ratio),
        options=lambda shapes: {'ratio': 0.2, 'mask': masks(shapes[0])},
    ),
    Case('dropout', F.dropout, lambda x: x, config={'train': False}, variant='not training'),
    Case(
        'gaussian',
        lambda mean, ln_var, eps: F.gaussian(mean, ln_var, eps=eps.astype(mean.dtype)),
        lambda mean, ln_var, eps: mean + np.exp(ln_var / 2) * eps,
        arity=2,
        options=_normal,
    ),
    Case(
        'gaussian',
        _seeded(F.gaussian),
        _seeded(lambda mean, ln_var: mean + np.exp(ln_var / 2) * np.random.standard_normal(mean.shape)),
        arity=2,
        options={'seed': seeds},
        variant='random eps',
    ),
    Case(
        'gumbel_softmax',
        _seeded(F.gumbel_softmax),
        _seeded(_gumbel_softmax),
        options=lambda shapes: {'tau': 0.7, 'axis': axis_of(shapes[0]), 'seed': seeds},
        shapes=same_shapes(1, min_dims=1, min_side=1),
    ),
    Case(
        'simplified_dropconnect',
        F.simplified_dropconnect,
        _dropconnect,
        arity=2,
        options=_weight_masks(True),
        shapes=_layer(False),
    ),
    Case(
        'simplified_dropconnect',
        F.simplified_dropconnect,
        _dropconnect,
        arity=3,
        options=_weight_masks(True),
        shapes=_layer(True),
        variant='bias',
    ),
    Case(
        'simplified_dropconnect',
        F.simplified_dropconnect,
        _dropconnect,
        arity=3,
        options=_weight_masks(False),
        shapes=_layer(True),
        variant='one mask',
    ),
    Case(
        'simplified_dropconnect',
        F.simplified_dropconnect,
        _dropconnect,
        arity=3,
        options={'train': False},
        shapes=_layer(True),
        variant='not training',
    ),
    Case(
        'zoneout',
        _seeded(F.zoneout),
        _seeded(_zoneout),
        arity=2,
        options={'ratio': 0.4, 'seed': seeds},
    ),
    Case(
        'zoneout',
        F.zoneout,
        lambda h, x, ratio: ratio * h + (1 - ratio) * x,
        arity=2,
        options={'ratio': 0.3},
        config={'train': False},
        variant='not training',
    ),
]
