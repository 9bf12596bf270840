"""Poolings, unpoolings, and poolings of regions of interest."""

import numpy as np
from hypothesis import strategies as st

import chaingrad.functions as F
from tests.cases.case import Case
from tests.cases.convolution import BATCHES, _per_axis
from tests.strategies import window_geometries


def _outsize(size, k, s, p, cover_all):
    return tuple((m + 2 * q - a + (t - 1 if cover_all else 0)) // t + 1 for m, a, t, q in zip(size, k, s, p))


def _windows(size, ksize, stride, pad, cover_all):
    """Yield every output position, where its window starts, and the slices of the input that are under it."""
    k, p = (_per_axis(a, len(size)) for a in (ksize, pad))
    s = _per_axis(ksize if stride is None else stride, len(size))
    for i in np.ndindex(*_outsize(size, k, s, p, cover_all)):
        first = [a * t - q for a, t, q in zip(i, s, p)]
        yield i, first, tuple(slice(max(f, 0), max(f + a, 0)) for f, a in zip(first, k))


def _pool(reduce):
    def pool(x, ksize, stride=None, pad=0, cover_all=False, **options):
        windows = list(_windows(x.shape[2:], ksize, stride, pad, cover_all))
        last_position = windows[-1][0]
        y = np.zeros((*x.shape[:2], *(n + 1 for n in last_position)))
        for i, _, slices in windows:
            part = x[(..., *slices)].reshape(*x.shape[:2], -1)
            y[(..., *i)] = reduce(part, np.prod(_per_axis(ksize, x.ndim - 2)), **options)
        return y

    return pool


def _mean(part, count, pad_value=0):
    return part.sum(-1) / (count if pad_value == 0 else part.shape[-1])


def _maximum(part, count):
    return part.max(-1)


def _unpool(x, ksize, stride=None, pad=0, outsize=None, cover_all=True, indexes=None):
    ndim = x.ndim - 2
    k, p = _per_axis(ksize, ndim), _per_axis(pad, ndim)
    s = k if stride is None else _per_axis(stride, ndim)
    less = [t - 1 if cover_all else 0 for t in s]
    size = outsize or [t * (m - 1) + a - 2 * q - e for m, a, t, q, e in zip(x.shape[2:], k, s, p, less)]
    y = np.zeros((*x.shape[:2], *size))
    for i, first, slices in _windows(size, k, s, p, cover_all):
        if indexes is None:
            y[(..., *slices)] += x[(..., *i)].reshape(*x.shape[:2], *[1] * ndim)
            continue
        for n, c in np.ndindex(*x.shape[:2]):
            element = [f + j for f, j in zip(first, np.unravel_index(indexes[(n, c, *i)], k))]
            if all(0 <= a < m for a, m in zip(element, size)):
                y[(n, c, *element)] += x[(n, c, *i)]
    return y


def _no_empty_window(g):
    """Return whether with cover_all every window has an element of the input."""
    out = _outsize(g['size'], g['ksize'], g['stride'], g['pad'], True)
    return all((o - 1) * s - p < m for o, s, p, m in zip(out, g['stride'], g['pad'], g['size']))


def _shared(name, ndim):
    return st.shared(window_geometries(ndim).filter(_no_empty_window), key=f'geometry of {name}')


def _options(name, ndim):
    return {key: _shared(name, ndim).map(lambda g, key=key: g[key]) for key in ('ksize', 'stride', 'pad')}


@st.composite
def _shapes(draw, name, ndim):
    return ((draw(BATCHES), draw(st.integers(1, 2)), *draw(_shared(name, ndim))['size']),)


def _max_pooling(name, ndim):
    options = _options(name, ndim) | {'cover_all': st.booleans()}
    return Case(name, getattr(F, name), _pool(_maximum), shapes=_shapes(name, ndim), options=options, distinct=True)


def _average_pooling(name, ndim, **options):
    options = _options(name, ndim) | options
    return Case(name, getattr(F, name), _pool(_mean), shapes=_shapes(name, ndim), options=options)


@st.composite
def _large_shapes(draw, ndim):
    return ((draw(BATCHES), draw(st.integers(1, 2)), *(draw(st.integers(2, 3)) for _ in range(ndim))),)


def _unpooling(name, ndim):
    kinds = [{'ksize': 2}, {'ksize': 3, 'stride': 2, 'pad': 1}, {'ksize': 2, 'stride': 3}, {'ksize': 3, 'stride': 1}]
    kind = st.shared(st.sampled_from(kinds), key=f'kind of {name}')
    options = {key: kind.map(lambda k, key=key, default=default: k.get(key, default)) for key, default in
               (('ksize', None), ('stride', None), ('pad', 0))}  # fmt: skip
    return Case(
        name,
        getattr(F, name),
        _unpool,
        shapes=_large_shapes(ndim),
        options=options | {'cover_all': st.booleans()},
    )


def _upsampling_options(shapes):
    indexes = np.random.default_rng(sum(shapes[0])).integers(0, 6, shapes[0]).astype(np.int32)
    return {'indexes': indexes, 'ksize': (2, 3), 'stride': st.sampled_from([None, 2]), 'cover_all': st.booleans()}


def _pyramid(x, pyramid_height, pooling):
    rows = []
    for bins in (2**level for level in range(pyramid_height)):
        k = [-(-m // bins) for m in x.shape[2:]]
        y = _pool(_maximum)(x, k, None, [(a * bins - m) // 2 for a, m in zip(k, x.shape[2:])], True)
        rows.append(y.reshape(len(x), -1, 1, 1))
    return np.concatenate(rows, axis=1)


# Regions of interest, bin after bin and sample after sample


def _bin(start, end, p, count, size, closed):
    start, end = round(start), round(end)
    step = max(end - start + closed, 1) / count
    first = np.floor(p * step) + start
    stop = np.ceil((p + 1) * step) + start
    return slice(int(np.clip(first, 0, size)), int(np.clip(stop, 0, size)))


def _bins(reduce, closed=0):
    def pool(x, rois, roi_indices, outsize, spatial_scale):
        y = np.zeros((len(rois), x.shape[1], *outsize))
        for r, p, q in np.ndindex(len(rois), *outsize):
            top, left, bottom, right = rois[r].astype('float64') * spatial_scale
            rows = _bin(top, bottom, p, outsize[0], x.shape[2], closed)
            columns = _bin(left, right, q, outsize[1], x.shape[3], closed)
            part = x[roi_indices[r], :, rows, columns]
            y[r, :, p, q] = reduce(part.reshape(x.shape[1], -1), axis=1) if part.size else 0
        return y

    return pool


def _neighbours(position, size):
    """Return the two elements around a position, with their weights; None further than one element outside."""
    if not -1 <= position <= size:
        return None
    position = min(max(position, 0), size - 1)
    low = min(int(position), max(size - 2, 0))
    share = position - low
    return (low, 1 - share), (min(low + 1, size - 1), share)


def _read(image, row, column):
    """Read (c, h, w) by bilinear interpolation; None further than one element outside."""
    rows = _neighbours(row, image.shape[1])
    columns = _neighbours(column, image.shape[2])
    if rows is None or columns is None:
        return None
    return sum(a * b * image[:, i, j] for i, a in rows for j, b in columns)


def _positions(start, end, i, count, ratio):
    """Return the positions of the samples of bin i along an axis."""
    length = max(end - start, 1)
    ratio = ratio or int(np.ceil(length / count))
    return [start + (i + (t + 0.5) / ratio) * length / count for t in range(ratio)]


def _align(maximum):
    def pool(x, rois, roi_indices, outsize, spatial_scale, sampling_ratio=None):
        ratios = _per_axis(sampling_ratio, 2)
        y = np.zeros((len(rois), x.shape[1], *outsize))
        for r, p, q in np.ndindex(len(rois), *outsize):
            top, left, bottom, right = rois[r].astype('float64') * spatial_scale
            rows = _positions(top, bottom, p, outsize[0], ratios[0])
            columns = _positions(left, right, q, outsize[1], ratios[1])
            samples = [_read(x[roi_indices[r]], a, b) for a in rows for b in columns]
            valid = [v for v in samples if v is not None]
            if valid:
                y[r, :, p, q] = np.max(valid, axis=0) if maximum else sum(valid) / len(samples)
        return y

    return pool


ROIS = [[0.3, 1.2, 3.9, 5.1], [1, 0, 2, 2], [-2, -1, 1.4, 9], [2.2, 2.6, 2.4, 2.7], [20, 20, 30, 30]]
_scales, _outsizes = st.sampled_from([1.0, 0.7]), st.sampled_from([(1, 1), (2, 3)])


def _regions(name, expected, distinct=False, **options):
    def call(x, rois, **others):
        return getattr(F, name)(x, rois.astype(x.dtype), **others)

    def wanted(x, rois, **others):
        return expected(x, rois, **others)

    rois = {'rois': np.array(ROIS, np.float16), 'roi_indices': np.array([0, 1, 1, 0, 1])}
    return Case(
        name,
        call,
        wanted,
        shapes=st.just(((2, 2, 5, 6),)),
        options=rois | {'outsize': _outsizes, 'spatial_scale': _scales} | options,
        distinct=distinct,
        tolerance=2,
    )


def _roi_pooling(x, rois, roi_indices, outsize, spatial_scale):
    """The old form: index and columns first, the end included."""
    rois = np.concatenate([roi_indices[:, None], rois[:, [1, 0, 3, 2]]], axis=1).astype(x.dtype)
    return F.roi_pooling_2d(x, rois, *outsize, spatial_scale)


_old = {'rois': np.array(ROIS, np.float16), 'roi_indices': np.array([0, 1, 1, 0, 1])}
_ratios = {'sampling_ratio': st.sampled_from([None, 2, (1, None)])}

CASES = [
    _max_pooling('max_pooling_2d', 2),
    _max_pooling('max_pooling_1d', 1),
    _max_pooling('max_pooling_3d', 3),
    _max_pooling('max_pooling_nd', 2),
    _average_pooling('average_pooling_2d', 2),
    _average_pooling('average_pooling_1d', 1, pad_value=st.sampled_from([0, None])),
    _average_pooling('average_pooling_3d', 3, pad_value=st.sampled_from([0, None])),
    _average_pooling('average_pooling_nd', 2, pad_value=st.sampled_from([0, None])),
    _unpooling('unpooling_2d', 2),
    _unpooling('unpooling_1d', 1),
    _unpooling('unpooling_3d', 3),
    _unpooling('unpooling_nd', 2),
    Case('upsampling_2d', F.upsampling_2d, _unpool, shapes=_large_shapes(2), options=_upsampling_options),
    Case(
        'spatial_pyramid_pooling_2d',
        F.spatial_pyramid_pooling_2d,
        _pyramid,
        shapes=st.tuples(st.tuples(BATCHES, st.just(2), st.sampled_from([4, 7, 8]), st.sampled_from([4, 6, 8]))),
        options={'pyramid_height': st.integers(1, 3), 'pooling': 'max'},
        distinct=True,
    ),
    _regions('roi_max_pooling_2d', _bins(np.max), distinct=True),
    _regions('roi_average_pooling_2d', _bins(np.mean)),
    _regions('roi_average_align_2d', _align(False), **_ratios),
    _regions('roi_max_align_2d', _align(True), distinct=True, **_ratios),
    Case(
        'roi_pooling_2d',
        _roi_pooling,
        _bins(np.max, closed=1),
        shapes=st.just(((2, 2, 5, 6),)),
        options=_old | {'outsize': _outsizes, 'spatial_scale': _scales},
        distinct=True,
    ),
]
