"""Activation functions."""

import numpy as np
from hypothesis import strategies as st

import chaingrad.functions as F
from tests.cases.case import Case
from tests.strategies import axis_of, same_shapes


def _softmax(x, axis=1):
    y = np.exp(x)
    return y / y.sum(axis, keepdims=True)


def _along_axis(shapes):
    return {'axis': axis_of(shapes[0])}


def _elu(x, alpha=1.0):
    return np.where(x >= 0, x, alpha * (np.exp(x) - 1))


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _maxout(x, pool_size, axis):
    axis %= x.ndim
    return x.reshape((*x.shape[:axis], x.shape[axis] // pool_size, pool_size, *x.shape[axis + 1 :])).max(axis + 1)


def _prelu(x, W):
    return np.where(x >= 0, x, x * _channels(x, W))


def _channels(x, W):
    return W.reshape(W.shape + (1,) * (x.ndim - W.ndim - 1))


def _slopes(shapes):
    return {'r': st.just(np.linspace(0.125, 0.3, int(np.prod(shapes[0]))).reshape(shapes[0]))}


def _rrelu(x, r, return_r=False):
    return F.rrelu(x, r=r.astype(x.dtype), return_r=return_r)


_pooled = {'pool_size': 2, 'axis': st.sampled_from([1, -1])}
_per_channel = st.sampled_from([((2, 3), (3,)), ((2, 3), ()), ((2, 3, 4), (3,)), ((2, 3, 4), (3, 4)), ((0, 3), (3,))])
_vectors = same_shapes(1, min_dims=1)
_matrices = same_shapes(1, min_dims=2)

CASES = [
    Case('clipped_relu', F.clipped_relu, lambda x, z: np.clip(x, 0, z), options={'z': 0.8}, kinks=(0, 0.8)),
    Case('clipped_relu', F.clipped_relu, lambda x: np.clip(x, 0, 20), high=30, kinks=(0, 20), variant='default'),
    Case(
        'crelu',
        F.crelu,
        lambda x, axis: np.concatenate((np.maximum(x, 0), np.maximum(-x, 0)), axis),
        options=_along_axis,
        shapes=_vectors,
        kinks=(0,),
    ),
    Case('elu', F.elu, _elu, options={'alpha': st.sampled_from([1.0, 0.3])}, kinks=(0,)),
    Case('hard_sigmoid', F.hard_sigmoid, lambda x: np.clip(0.2 * x + 0.5, 0, 1), low=-4, high=4, kinks=(-2.5, 2.5)),
    Case('leaky_relu', F.leaky_relu, lambda x: np.where(x > 0, x, 0.2 * x), kinks=(0,)),
    Case(
        'leaky_relu',
        F.leaky_relu,
        lambda x, slope: np.where(x > 0, x, slope * x),
        options={'slope': -0.5},
        kinks=(0,),
        variant='slope',
    ),
    Case('log_softmax', F.log_softmax, lambda x: np.log(_softmax(x)), shapes=_matrices),
    Case(
        'log_softmax',
        F.log_softmax,
        lambda x, axis: np.log(_softmax(x, axis)),
        options=_along_axis,
        shapes=_vectors,
        variant='axis',
    ),
    Case(
        'maxout',
        F.maxout,
        _maxout,
        options=_pooled,
        shapes=st.sampled_from([((2, 4),), ((2, 6, 4),), ((0, 4),), ((3, 2),)]),
        distinct=True,
    ),
    Case('prelu', F.prelu, _prelu, arity=2, shapes=_per_channel, kinks=(0,)),
    Case('relu', F.relu, lambda x: np.maximum(x, 0), kinks=(0,)),
    Case('relu6', F.relu6, lambda x: np.clip(x, 0, 6), low=-3, high=9, kinks=(0, 6)),
    Case('rrelu', _rrelu, lambda x, r: np.where(x >= 0, x, r * x), options=_slopes, kinks=(0,), tolerance=2),
    Case(
        'rrelu',
        F.rrelu,
        lambda x, l, u: np.where(x >= 0, x, 0.3 * x),
        options={'l': 0.1, 'u': 0.5},
        kinks=(0,),
        config={'train': False},
        variant='not training',
    ),
    Case('selu', F.selu, lambda x: 1.0507009873554805 * _elu(x, 1.6732632423543772), kinks=(0,)),
    Case('sigmoid', F.sigmoid, lambda x: 1 / (1 + np.exp(-x))),
    Case('softmax', F.softmax, _softmax, shapes=_matrices),
    Case('softmax', F.softmax, _softmax, options=_along_axis, shapes=_vectors, variant='axis'),
    Case(
        'softplus',
        F.softplus,
        lambda x, beta: np.log(1 + np.exp(beta * x)) / beta,
        options={'beta': st.sampled_from([1.0, 0.5, 3])},
    ),
    Case('swish', F.swish, lambda x, beta: x * _sigmoid(x * _channels(x, beta)), arity=2, shapes=_per_channel),
    Case('swish', F.swish, lambda x, beta: x * _sigmoid(beta * x), options={'beta': 1.5}, variant='beta is a number'),
    Case('tanh', F.tanh, lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))),
]
