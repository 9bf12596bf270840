"""Functions that move elements: reshape, transpose, indexing, joining and splitting; and cast."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import chaingrad.functions as F
from tests.cases.case import Case
from tests.strategies import axis_of, broadcastable_shapes, labels, permutation_of, same_shapes, shapes


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
    permuted = draw(st.permutations(shape))
    target = draw(st.sampled_from([tuple(permuted), (*permuted, 1), (int(np.prod(shape)),), (1, *permuted)]))
    if target and 0 not in shape and draw(st.booleans()):
        axis = draw(st.integers(0, len(target) - 1))
        target = (*target[:axis], -1, *target[axis + 1 :])
    return target


@st.composite
def _concatenable(draw):
    """Shapes of three arrays that differ along one axis, with that axis."""
    shape = draw(shapes(min_dims=1, min_side=1))
    axis = draw(axis_of(shape))
    lengths = [draw(st.integers(0, 3)) for _ in range(3)]
    i = axis % len(shape)
    return tuple((*shape[:i], n, *shape[i + 1 :]) for n in lengths), axis


_concatenables = st.shared(_concatenable(), key='concatenable')


def _split_options(shapes):
    n = shapes[0][1]
    divisors = [k for k in range(1, n + 1) if n % k == 0]
    indexes = st.lists(st.integers(0, n), min_size=1, max_size=3).map(sorted)
    return {'sections': st.one_of(st.sampled_from(divisors), indexes), 'axis': st.sampled_from([1, 1 - len(shapes[0])])}


def _split(x, sections, axis):
    return np.split(x, sections, axis)


def _squeezable(shapes):
    ones = [i for i, n in enumerate(shapes[0]) if n == 1]
    return {'axis': st.sampled_from([None, *ones, *[i - len(shapes[0]) for i in ones], tuple(ones)])}


def _two_axes(shapes):
    return {'axis1': axis_of(shapes[0]), 'axis2': axis_of(shapes[0])}


@st.composite
def _moves(draw, shape):
    """Axes and their new positions."""
    n = draw(st.integers(1, len(shape)))
    source = draw(st.permutations(range(len(shape))))[:n]
    destination = draw(st.permutations(range(len(shape))))[:n]
    if n == 1:
        return source[0], destination[0]
    if draw(st.booleans()):
        source = [i - len(shape) for i in source]
    return tuple(source), tuple(destination)


def _axis(shapes):
    return {'axis': axis_of(shapes[0])}


@st.composite
def _permutations(draw, shapes):
    """An axis and a permutation of its indexes."""
    axis = draw(axis_of(shapes[0]))
    return axis, np.array(draw(st.permutations(range(shapes[0][axis]))), int)


def _permutate(x, order, inv):
    axis, indices = order
    return F.permutate(x, indices, axis, inv)


def _take(x, order, inv):
    axis, indices = order
    return x.take(np.argsort(indices) if inv else indices, axis)


@st.composite
def _repeats(draw, shape):
    """The arguments `repeats` and `axis` of repeat."""
    axis = draw(st.sampled_from([None, *range(-len(shape), len(shape))]))
    n = int(np.prod(shape)) if axis is None else shape[axis]
    counts = st.lists(st.integers(0, 3), min_size=n, max_size=n).map(tuple)
    return draw(st.one_of(st.integers(0, 3), counts)), axis


@st.composite
def _steps(draw, n):
    """Shape, strides and offset within n elements."""
    shape = draw(shapes(min_dims=1, max_dims=2, min_side=0, max_side=3))
    strides = tuple(draw(st.integers(0, 2)) for _ in shape)
    last = sum(max(m - 1, 0) * s for m, s in zip(shape, strides))
    return (shape, strides, draw(st.integers(0, n - 1 - last))) if last < n else ((n,), (1,), 0)


def _strided(x, steps):
    shape, strides, start = steps
    positions = sum(np.ix_(*[np.arange(m) * s for m, s in zip(shape, strides)]), np.array(start))
    return x[positions.astype(int)]


def _depth2space(x, r):
    n, c, h, w = x.shape
    y = np.zeros((n, c // r**2, h * r, w * r))
    for k, a, b, i, j in np.ndindex(c // r**2, h, w, r, r):
        y[:, k, a * r + i, b * r + j] = x[:, (i * r + j) * (c // r**2) + k, a, b]
    return y


def _space2depth(x, r):
    n, c, h, w = x.shape
    y = np.zeros((n, c * r**2, h // r, w // r))
    for k, a, b, i, j in np.ndindex(c, h // r, w // r, r, r):
        y[:, (i * r + j) * c + k, a, b] = x[:, k, a * r + i, b * r + j]
    return y


def _resized(x, output_shape, mode, align_corners):
    (h, w), (n, m) = x.shape[2:], output_shape
    y = np.zeros((*x.shape[:2], n, m))
    for i, j in np.ndindex(n, m):
        if align_corners:
            v = i * (h - 1) / max(n - 1, 1)
            u = j * (w - 1) / max(m - 1, 1)
        else:
            v = (i + 0.5) * h / n - 0.5
            u = (j + 0.5) * w / m - 0.5
        v = min(max(v, 0), h - 1)
        u = min(max(u, 0), w - 1)
        y[:, :, i, j] = x[:, :, round(v), round(u)] if mode == 'nearest' else _pixel(x, v, u)
    return y


def _pixel(x, v, u):
    """The value of images at (v, u): weighted means of four pixels, zeros outside."""
    y = np.zeros(x.shape[:2])
    for a, b in np.ndindex(*x.shape[2:]):
        y += x[:, :, a, b] * max(0, 1 - abs(v - a)) * max(0, 1 - abs(u - b))
    return y


def _sampled(x, grid):
    n, c, h, w = x.shape
    y = np.zeros((n, c, *grid.shape[2:]))
    for k, i, j in np.ndindex(n, *grid.shape[2:]):
        u, v = grid[k, :, i, j]
        y[k, :, i, j] = _pixel(x[k : k + 1], (v + 1) * (h - 1) / 2, (u + 1) * (w - 1) / 2)[0]
    return y


def _grid(theta, output_shape):
    h, w = output_shape
    y = np.zeros((len(theta), 2, h, w))
    for i, j in np.ndindex(h, w):
        point = np.array([np.linspace(-1, 1, w)[j], np.linspace(-1, 1, h)[i], 1])
        y[:, :, i, j] = theta @ point
    return y


def _padded(*xs, length=None, padding=0):
    y = np.full((len(xs), max(map(len, xs)) if length is None else length, *xs[0].shape[1:]), float(padding))
    for i, x in enumerate(xs):
        y[i, : len(x)] = x
    return y


def _time_steps(*xs):
    return [np.stack([x[t] for x in xs if len(x) > t]) for t in range(max(map(len, xs)))]


def _scattered(a, b, slices):
    y = a.copy()
    np.add.at(y, slices, b)
    return y


def _sum_to(x, shape):
    lead = x.ndim - len(shape)
    axes = tuple(i for i in range(x.ndim) if i < lead or shape[i - lead] == 1)
    return x.sum(axes).reshape(shape)


_SCATTERS = [
    ((3,), np.array([0, 0, 2]), (3,)),
    ((3, 2), np.array([[0, 0], [2, -1]]), (2, 2, 2)),
    ((3, 2), (slice(None, None, -1), 1), (3,)),
    ((3, 2), (np.array([1, 1]), np.array([0, 0])), ()),
    ((2, 2), np.array([[True, False], [False, True]]), (2,)),
    ((0, 2), slice(None), (0, 2)),
]
_scatter = st.shared(st.integers(0, len(_SCATTERS) - 1), key='scatter')
_images = st.tuples(*[st.integers(a, b) for a, b in ((0, 2), (1, 2), (1, 4), (1, 4))]).map(lambda shape: (shape,))
_sequences = st.sampled_from(
    [((3, 2), (2, 2), (2, 2)), ((3,), (1,), (0,)), ((0,), (0,), (0,)), ((2, 1), (2, 1), (1, 1))]
)
_pad_widths = st.sampled_from([0, 1, (1, 2), ((1, 0), (0, 2)), 3])

_not_empty = same_shapes(1, min_dims=1, min_side=1)
_matrices = same_shapes(3, min_dims=2)

CASES = [
    Case(
        'as_strided',
        lambda x, steps: F.as_strided(x.copy() if isinstance(x, np.ndarray) else x * 1, *steps),
        _strided,
        options=lambda shapes: {'steps': _steps(shapes[0][0])},
        shapes=st.integers(1, 6).map(lambda n: ((n,),)),
    ),
    Case(
        'broadcast',
        lambda *xs: F.stack(F.broadcast(*xs)),
        lambda *xs: np.stack(np.broadcast_arrays(*xs)),
        arity=3,
        shapes=broadcastable_shapes(3),
    ),
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
    Case(
        'cast',
        lambda x: F.cast(F.cast(x, 'longdouble'), x.dtype),  # exact, so that it can be differentiated numerically
        lambda x: x,
        variant='to another dtype and back',
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
    Case('copy', F.copy, lambda x, dst: x, options={'dst': st.sampled_from([-1, '@numpy'])}),
    Case(
        'depth2space',
        F.depth2space,
        _depth2space,
        options={'r': 2},
        shapes=st.sampled_from([((2, 4, 2, 3),), ((1, 8, 1, 2),), ((0, 4, 1, 1),)]),
    ),
    Case(
        'diagonal',
        F.diagonal,
        np.diagonal,
        options=lambda shapes: {
            'offset': st.integers(-2, 2),
            **dict(zip(('axis1', 'axis2'), [(0, 1), (1, 0), (-1, 0)][int(np.prod(shapes[0])) % 3])),
        },
        shapes=same_shapes(1, min_dims=2),
    ),
    Case('dstack', lambda *xs: F.dstack(xs), lambda *xs: np.dstack(xs), 2),
    Case(
        'expand_dims',
        F.expand_dims,
        np.expand_dims,
        options=lambda shapes: {'axis': st.integers(-len(shapes[0]) - 1, len(shapes[0]))},
    ),
    Case('flatten', F.flatten, np.ravel),
    Case('flip', F.flip, np.flip, options=_axis, shapes=same_shapes(1, min_dims=1)),
    Case('fliplr', F.fliplr, np.fliplr, shapes=same_shapes(1, min_dims=2)),
    Case('flipud', F.flipud, np.flipud, shapes=same_shapes(1, min_dims=1)),
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
        shapes=_not_empty,
        variant='index arrays',
    ),
    Case(
        'get_item',
        F.get_item,
        lambda x, slices: x[slices],
        options=lambda shapes: {'slices': hnp.arrays(bool, shapes[0])},
        shapes=_not_empty,
        variant='mask',
    ),
    Case('hstack', lambda *xs: F.hstack(xs), lambda *xs: np.hstack(xs), 2),
    Case(
        'moveaxis',
        lambda x, move: F.moveaxis(x, *move),
        lambda x, move: np.moveaxis(x, *move),
        options=lambda shapes: {'move': _moves(shapes[0])},
        shapes=same_shapes(1, min_dims=1),
    ),
    Case(
        'pad',
        lambda x, width, value: F.pad(x, width, 'constant', constant_values=value),
        lambda x, width, value: np.pad(x, width, 'constant', constant_values=value),
        options={'width': _pad_widths, 'value': st.sampled_from([0, 1.5, (1, 2)])},
        shapes=same_shapes(1, min_dims=2, max_dims=2),
    ),
    Case(
        'pad',
        F.pad,
        np.pad,
        options={'pad_width': _pad_widths, 'mode': st.sampled_from(['edge', 'reflect', 'symmetric', 'wrap'])},
        shapes=same_shapes(1, min_dims=2, max_dims=2, min_side=1),
        variant='copies',
    ),
    Case('pad_sequence', lambda *xs: F.pad_sequence(xs), _padded, arity=3, shapes=_sequences),
    Case(
        'pad_sequence',
        lambda *xs, **options: F.pad_sequence(xs, **options),
        _padded,
        arity=3,
        options={'length': 5, 'padding': -1},
        shapes=_sequences,
        variant='length',
    ),
    Case(
        'permutate',
        _permutate,
        _take,
        options=lambda shapes: {'order': _permutations(shapes), 'inv': st.booleans()},
        shapes=same_shapes(1, min_dims=1),
    ),
    Case(
        'repeat',
        lambda x, arguments: F.repeat(x, *arguments),
        lambda x, arguments: np.repeat(x, *arguments),
        options=lambda shapes: {'arguments': _repeats(shapes[0])},
        shapes=same_shapes(1, max_dims=2),
    ),
    Case(
        'reshape', F.reshape, lambda x, shape: x.reshape(shape), options=lambda shapes: {'shape': _reshaped(shapes[0])}
    ),
    Case(
        'resize_images',
        F.resize_images,
        _resized,
        options={
            'output_shape': st.tuples(st.integers(1, 5), st.integers(1, 5)),
            'mode': st.sampled_from(['bilinear', 'nearest']),
            'align_corners': st.booleans(),
        },
        shapes=_images,
        tolerance=4,
    ),
    Case(
        'rollaxis',
        F.rollaxis,
        np.rollaxis,
        options=lambda shapes: {'axis': axis_of(shapes[0]), 'start': st.integers(-len(shapes[0]), len(shapes[0]))},
        shapes=same_shapes(1, min_dims=1),
    ),
    Case(
        'scatter_add',
        lambda a, b, slices: F.scatter_add(a, slices, b),
        _scattered,
        arity=2,
        options={'slices': _scatter.map(lambda i: _SCATTERS[i][1])},
        shapes=_scatter.map(lambda i: _SCATTERS[i][::2]),
    ),
    Case(
        'select_item',
        F.select_item,
        lambda x, t: x[np.arange(len(t)), t],
        options=lambda shapes: {'t': labels(shapes[0][:1], shapes[0][1])},
        shapes=st.tuples(st.integers(0, 4), st.integers(1, 3)).map(lambda shape: (shape,)),
    ),
    Case(
        'separate',
        F.separate,
        lambda x, axis: list(np.moveaxis(x, axis, 0)),
        options=_axis,
        shapes=_not_empty,
    ),
    Case(
        'space2depth',
        F.space2depth,
        _space2depth,
        options={'r': 2},
        shapes=st.sampled_from([((2, 1, 4, 2),), ((1, 3, 2, 2),), ((0, 1, 2, 2),)]),
    ),
    Case(
        'spatial_transformer_grid',
        F.spatial_transformer_grid,
        _grid,
        options={'output_shape': st.sampled_from([(1, 1), (2, 3), (3, 1)])},
        shapes=st.integers(0, 2).map(lambda n: ((n, 2, 3),)),
        tolerance=4,
    ),
    Case(
        'spatial_transformer_sampler',
        F.spatial_transformer_sampler,
        _sampled,
        arity=2,
        low=(-2, 0.2),
        high=(2, 0.9),
        shapes=st.sampled_from([((2, 3, 3, 3), (2, 2, 2, 2)), ((1, 1, 3, 3), (1, 2, 1, 2))]),
        dtypes=('float32',),
        tolerance=4,
    ),
    Case(
        'spatial_transformer_sampler',
        F.spatial_transformer_sampler,
        _sampled,
        arity=2,
        low=(-2, -2.4),
        high=(2, -1.2),
        shapes=st.just(((1, 2, 3, 3), (1, 2, 2, 2))),
        kinks=(-2,),
        dtypes=('float32',),
        variant='at the border and outside',
    ),
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
        options=_squeezable,
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
        _sum_to,
        options={'shape': _broadcasts.map(lambda pair: pair[0])},
        shapes=_broadcasts.map(lambda pair: (pair[1],)),
    ),
    Case('swapaxes', F.swapaxes, np.swapaxes, options=_two_axes, shapes=same_shapes(1, min_dims=1)),
    Case(
        'tile',
        F.tile,
        np.tile,
        options={'reps': st.one_of(st.integers(0, 3), st.lists(st.integers(0, 2), max_size=4).map(tuple))},
        shapes=same_shapes(1, max_dims=2),
    ),
    Case('transpose', F.transpose, np.transpose, options=lambda shapes: {'axes': permutation_of(shapes[0])}),
    Case(
        'transpose_sequence',
        lambda *xs: F.transpose_sequence(xs),
        _time_steps,
        arity=3,
        shapes=st.sampled_from([((3, 2), (2, 2), (2, 2)), ((3,), (1,), (1,)), ((2, 1), (2, 1), (1, 1))]),
    ),
    Case('vstack', lambda *xs: F.vstack(xs), lambda *xs: np.vstack(xs), 2),
]
