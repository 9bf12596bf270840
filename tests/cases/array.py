"""Functions that move elements: reshape, transpose, indexing, joining and splitting; and cast."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import chaingrad.functions as F
from tests.cases.case import Case
from tests.strategies import axis_of, permutation_of, same_shapes, shapes


def _index_arrays(shape):
    """An index with an array in it, which may name an element twice; broadcast with an integer or a slice."""
    n = shape[0]
    rows = hnp.arrays(np.int64, hnp.array_shapes(min_dims=1, max_dims=2, max_side=4), elements=st.integers(-n, n - 1))
    if len(shape) == 1:
        return st.one_of(rows, rows.map(lambda r: r.ravel().tolist()))
    columns = st.integers(-shape[-1], shape[-1] - 1)
    return st.one_of(rows, st.tuples(rows, st.just(Ellipsis), columns), st.tuples(rows, st.just(slice(None, None, -1))))


@st.composite
def _broadcast(draw):
    """A shape and one that it broadcasts to."""
    target = draw(shapes(max_dims=3, min_side=1))
    source = tuple(n if draw(st.booleans()) else 1 for n in target)
    return source[draw(st.integers(0, len(source))) :], target


_broadcasts = st.shared(_broadcast(), key='broadcast')


@st.composite
def _reshaped(draw, shape):
    """A shape of as many elements, perhaps with -1 in it."""
    whole = draw(st.permutations(shape))
    target = draw(st.sampled_from([tuple(whole), (*whole, 1), (int(np.prod(shape)),), (1, *whole)]))
    if 0 not in shape and draw(st.booleans()):
        at = draw(st.integers(0, len(target) - 1)) if target else None
        target = tuple(-1 if i == at else n for i, n in enumerate(target))
    return target


@st.composite
def _concatenable(draw):
    """Shapes of three arrays that differ along one axis, with that axis."""
    shape = draw(shapes(min_dims=1, min_side=1))
    axis = draw(axis_of(shape))
    lengths = [draw(st.integers(0, 3)) for _ in range(3)]
    at = axis % len(shape)
    return tuple((*shape[:at], n, *shape[at + 1 :]) for n in lengths), axis


_concatenables = st.shared(_concatenable(), key='concatenable')


def _split_options(shapes):
    n = shapes[0][1]
    divisors = [k for k in range(1, n + 1) if n % k == 0]
    indexes = st.lists(st.integers(0, n), min_size=1, max_size=3).map(sorted)
    return {'sections': st.one_of(st.sampled_from(divisors), indexes), 'axis': st.sampled_from([1, 1 - len(shapes[0])])}


def _split(x, sections, axis):
    return np.split(x, sections, axis)


def _ones_dropped(shapes):
    ones = [i for i, n in enumerate(shapes[0]) if n == 1]
    return {'axis': st.sampled_from([None, *ones, *[i - len(shapes[0]) for i in ones], tuple(ones)])}


_filled = same_shapes(1, min_dims=1, min_side=1)
_matrices = same_shapes(3, min_dims=2)

CASES = [
    Case(
        'broadcast_to',
        F.broadcast_to,
        np.broadcast_to,
        options={'shape': _broadcasts.map(lambda pair: pair[1])},
        shapes=_broadcasts.map(lambda pair: (pair[0],)),
    ),
    Case(
        'cast',
        F.cast,
        lambda x, typ: x.astype(typ),
        options={'typ': 'float64'},
        dtype='expected',
        dtypes=(),
    ),
    Case('concat', lambda *xs: F.concat(xs), lambda *xs: np.concatenate(xs, 1), 3, shapes=_matrices),
    Case(
        'concat',
        lambda *xs, axis: F.concat(xs, axis),
        lambda *xs, axis: np.concatenate(xs, axis),
        arity=3,
        options={'axis': _concatenables.map(lambda pair: pair[1])},
        shapes=_concatenables.map(lambda pair: pair[0]),
        variant='axis',
    ),
    Case(
        'expand_dims',
        F.expand_dims,
        np.expand_dims,
        options=lambda shapes: {'axis': st.integers(-len(shapes[0]) - 1, len(shapes[0]))},
    ),
    Case(
        'get_item',
        F.get_item,
        lambda x, slices: x[slices],
        options=lambda shapes: {'slices': hnp.basic_indices(shapes[0], allow_newaxis=True)},
    ),
    Case(
        'get_item',
        F.get_item,
        lambda x, slices: x[slices],
        options=lambda shapes: {'slices': _index_arrays(shapes[0])},
        shapes=_filled,
        variant='index arrays',
    ),
    Case(
        'get_item',
        F.get_item,
        lambda x, slices: x[slices],
        options=lambda shapes: {'slices': hnp.arrays(bool, shapes[0])},
        shapes=_filled,
        variant='mask',
    ),
    Case('reshape', F.reshape, np.reshape, options=lambda shapes: {'shape': _reshaped(shapes[0])}),
    Case(
        'split_axis',
        lambda x, sections, axis: F.split_axis(x, sections, axis),
        _split,
        options=_split_options,
        shapes=same_shapes(1, min_dims=2, min_side=1),
    ),
    Case(
        'squeeze',
        F.squeeze,
        np.squeeze,
        options=_ones_dropped,
        shapes=same_shapes(1, max_side=2),
    ),
    Case('stack', lambda *xs: F.stack(xs), lambda *xs: np.stack(xs), 3),
    Case(
        'stack',
        lambda *xs, axis: F.stack(xs, axis),
        lambda *xs, axis: np.stack(xs, axis),
        arity=3,
        options=lambda shapes: {'axis': st.integers(-len(shapes[0]) - 1, len(shapes[0]))},
        variant='axis',
    ),
    Case(
        'sum_to',
        F.sum_to,
        lambda x, shape: _sum_to(x, shape),
        options={'shape': _broadcasts.map(lambda pair: pair[0])},
        shapes=_broadcasts.map(lambda pair: (pair[1],)),
    ),
    Case('transpose', F.transpose, np.transpose, options=lambda shapes: {'axes': permutation_of(shapes[0])}),
]


def _sum_to(x, shape):
    lead = x.ndim - len(shape)
    axes = tuple(i for i in range(x.ndim) if i < lead or shape[i - lead] == 1)
    return x.sum(axes).reshape(shape)
