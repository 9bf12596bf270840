"""Functions with weights, except convolutions."""

import numpy as np
from hypothesis import strategies as st

import chaingrad.functions as F
from tests.cases.case import Case
from tests.strategies import labels


def _linear(x, W, b=0, n_batch_axes=1):
    batch = x.shape[:n_batch_axes]
    return (x.reshape(*batch, W.shape[1]) @ W.T + b).reshape(*batch, W.shape[0])


@st.composite
def _layer(draw, bias, batch_axes=1):
    """Shapes of x, W and b; the axes of x after the batch are taken as one."""
    inner = draw(st.sampled_from([(3,), (1,), (2, 2), (1, 3)])) if batch_axes == 1 else (3,)
    batch = tuple(draw(st.integers(0, 3)) for _ in range(batch_axes))
    out = draw(st.integers(1, 4))
    return ((*batch, *inner), (out, int(np.prod(inner))), (out,))[: 3 if bias else 2]


def _ids(count, shape, ignore):
    return labels(shape, count) if ignore is None else labels(shape, count, ignore)


def _embed_options(ignore):
    id_shapes = st.sampled_from([(), (3,), (2, 3), (0,)])
    return lambda shapes: {'x': id_shapes.flatmap(lambda shape: _ids(shapes[0][0], shape, ignore))}


def _embed(W, x):
    return W[x]


def _embed_ignoring(W, x, ignore_label):
    return np.where((x == ignore_label)[..., None], 0, W[np.where(x == ignore_label, 0, x)])


def _bilinear(e1, e2, W, V1=None, V2=None, b=None):
    e1 = e1.reshape(len(e1), int(np.prod(e1.shape[1:])))
    e2 = e2.reshape(len(e2), int(np.prod(e2.shape[1:])))
    y = np.einsum('ij,ik,jkl->il', e1, e2, W)
    return y if b is None else y + e1 @ V1 + e2 @ V2 + b


@st.composite
def _bilinear_shapes(draw, linear):
    n = draw(st.integers(0, 3))
    j, k, m = (draw(st.integers(1, 3)) for _ in range(3))
    first = draw(st.sampled_from([(n, j), (n, j, 1)]))
    return (first, (n, k), (j, k, m), (j, m), (k, m), (m,))[: 6 if linear else 3]


_table = st.tuples(st.integers(2, 4), st.integers(1, 3)).map(lambda shape: (shape,))

CASES = [
    Case('bilinear', F.bilinear, _bilinear, arity=3, shapes=_bilinear_shapes(False)),
    Case('bilinear', F.bilinear, _bilinear, arity=6, shapes=_bilinear_shapes(True), variant='linear terms'),
    Case('embed_id', lambda W, x: F.embed_id(x, W), _embed, options=_embed_options(None), shapes=_table),
    Case(
        'embed_id',
        lambda W, x, ignore_label: F.embed_id(x, W, ignore_label),
        _embed_ignoring,
        options=lambda shapes: {**_embed_options(-1)(shapes), 'ignore_label': -1},
        shapes=_table,
        variant='ignore_label',
    ),
    Case('linear', F.linear, _linear, arity=2, shapes=_layer(False)),
    Case('linear', F.linear, _linear, arity=3, shapes=_layer(True), variant='bias'),
    Case(
        'linear',
        F.linear,
        _linear,
        arity=3,
        options={'n_batch_axes': 2},
        shapes=_layer(True, 2),
        variant='n_batch_axes',
    ),
]
