"""Normalizations."""

import numpy as np
from hypothesis import strategies as st

import chaingrad.functions as F
from tests.cases.case import Case


def _standard(x, axis, eps):
    mean, var = (f(x, axis=axis, keepdims=True) for f in (np.mean, np.var))
    return (x - mean) / np.sqrt(var + eps)


def _axes(x, gamma, axis):
    return (0, *range(gamma.ndim + 1, x.ndim)) if axis is None else axis


def _kept(x, a, axis):
    return a.reshape([1 if i in axis else n for i, n in enumerate(x.shape)])


def _batch(x, gamma, beta, eps=2e-5, axis=None):
    axis = _axes(x, gamma, axis)
    return _kept(x, gamma, axis) * _standard(x, axis, eps) + _kept(x, beta, axis)


def _fixed(x, gamma, beta, mean, var, eps=2e-5, axis=None):
    axis = _axes(x, gamma, axis)
    gamma, beta, mean, var = (_kept(x, a, axis) for a in (gamma, beta, mean, var))
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


RUNNING = np.array([0.3, -0.2]), np.array([0.5, 2.0])


def _renormalize(x, gamma, beta, rmax, dmax, eps):
    def statistics(a):
        return {'running_mean': RUNNING[0].astype(a.dtype), 'running_var': RUNNING[1].astype(a.dtype)}

    return F.batch_renormalization(x, gamma, beta, rmax, dmax, eps, **statistics(gamma))


def _renormalized(x, gamma, beta, rmax, dmax, eps):
    axis = (0, *range(2, x.ndim))
    s, running = np.sqrt(x.var(axis) + eps), np.sqrt(RUNNING[1] + eps)
    r = np.clip(s / running, 1 / rmax, rmax)
    d = np.clip((x.mean(axis) - RUNNING[0]) / running, -dmax, dmax)
    return _batch(x, gamma * r, beta + gamma * d, eps)


def _group(x, gamma, beta, groups, eps=1e-5):
    y = _standard(x.reshape(len(x), groups, -1), 2, eps).reshape(x.shape)
    shape = (1, -1, *[1] * (x.ndim - 2))
    return y * gamma.reshape(shape) + beta.reshape(shape)


def _response(x, n=5, k=2, alpha=1e-4, beta=0.75):
    y = np.empty_like(x)
    for i in range(x.shape[1]):
        near = x[:, max(i - n // 2, 0) : i + n // 2 + 1]
        y[:, i] = x[:, i] / (k + alpha * (near**2).sum(1)) ** beta
    return y


def _whiten(x, groups, eps):
    parts = []
    for part in np.split(x, groups, axis=1):
        rows = np.moveaxis(part, 1, 0).reshape(part.shape[1], -1)
        rows = rows - rows.mean(1, keepdims=True)
        values, vectors = np.linalg.eigh(rows @ rows.T / rows.shape[1] + eps * np.eye(len(rows)))
        y = vectors @ np.diag(values**-0.5) @ vectors.T @ rows
        parts.append(np.moveaxis(y.reshape(part.shape[1], len(x), *x.shape[2:]), 0, 1))
    return np.concatenate(parts, axis=1)


def _project(x, mean, projection, groups):
    c = x.shape[1] // groups
    parts = x.reshape(len(x), groups, c, -1) - mean[:, :, None]
    return np.einsum('gij,ngjl->ngil', projection, parts).reshape(x.shape)


def _image_shapes(arity, c=(1, 3), least=4):
    """Shapes of x and of `arity - 1` vectors with an element per channel; enough elements per mean."""
    return st.tuples(st.sampled_from([(2, 2), (3, 2, 2), (4,), (9, 2)]), st.integers(*c)).map(
        lambda drawn: ((max(drawn[0][0], least), drawn[1], *drawn[0][1:]), *((drawn[1],),) * (arity - 1))
    )


# float16 gradients: a difference of nearly equal terms, divided by the deviation
CASES = [
    Case('batch_normalization', F.batch_normalization, _batch, arity=3, shapes=_image_shapes(3), tolerance=5,
         options={'eps': st.sampled_from([0.1, 0.5])}),
    Case('batch_normalization', F.batch_normalization, _batch, arity=3, tolerance=5, variant='axis',
         shapes=st.just(((3, 2, 4, 5), (2, 5), (2, 5))), options={'axis': st.just((0, 2)), 'eps': 0.1}),
    Case('fixed_batch_normalization', F.fixed_batch_normalization, _fixed, arity=5, shapes=_image_shapes(5),
         low=(-2, -2, -2, -2, 0.5), tolerance=5),
    Case('fixed_batch_renormalization', F.fixed_batch_renormalization, _fixed, arity=5, shapes=_image_shapes(5),
         low=(-2, -2, -2, -2, 0.5), tolerance=5),
    Case('batch_renormalization', _renormalize, _renormalized, arity=3, shapes=_image_shapes(3, (2, 2)),
         options={'rmax': 1, 'dmax': 0, 'eps': 0.1}, tolerance=5),
    Case('batch_renormalization', _renormalize, _renormalized, arity=3, shapes=_image_shapes(3, (2, 2)), order=0,
         options={'rmax': st.sampled_from([1, 1.5]), 'dmax': st.sampled_from([0, 0.3]), 'eps': 0.1}, tolerance=5,
         variant='corrected, with corrections that count as constants'),
    Case('group_normalization', lambda x, gamma, beta, groups, eps: F.group_normalization(x, groups, gamma, beta, eps),
         _group, arity=3,
         shapes=st.sampled_from([((n, 4, *size), (4,), (4,)) for n in (1, 2) for size in ((3,), (2, 2))]),
         options={'groups': st.sampled_from([1, 2, 4]), 'eps': 0.1}, tolerance=5),
    Case('layer_normalization', F.layer_normalization, lambda x, gamma, beta, eps: _group(x, gamma, beta, 1, eps),
         arity=3, shapes=st.integers(1, 3).map(lambda n: ((n, 5), (5,), (5,))), options={'eps': 0.1}, tolerance=5),
    Case('local_response_normalization', F.local_response_normalization, _response,
         shapes=st.tuples(st.tuples(st.integers(1, 2), st.integers(1, 6), st.integers(1, 3))),
         options={'n': st.integers(1, 6), 'k': 1.5, 'alpha': st.sampled_from([1e-4, 0.3]), 'beta': 0.6}),
    Case('normalize', F.normalize, lambda x, eps=1e-5, axis=1: x / (np.sqrt((x**2).sum(axis, keepdims=True)) + eps),
         low=0.3, shapes=st.tuples(st.tuples(st.integers(1, 2), st.integers(1, 4), st.integers(1, 3))),
         options={'axis': st.sampled_from([0, 1, -1, (1, 2)]), 'eps': st.sampled_from([1e-5, 0.5])}),
    Case('decorrelated_batch_normalization', F.decorrelated_batch_normalization, _whiten,
         shapes=st.sampled_from([((9, 4, 2),), ((12, 4),)]), options={'groups': st.sampled_from([1, 2, 4]), 'eps': 0.1},
         tolerance=20),
    Case('fixed_decorrelated_batch_normalization', F.fixed_decorrelated_batch_normalization, _project, arity=3,
         shapes=st.sampled_from([((n, 4, 3), (2, 2), (2, 2, 2)) for n in (1, 9)]), options={'groups': 2}, tolerance=5),
]  # fmt: skip
