"""Convolutions, deconvolutions, and functions of windows that have weights."""

import itertools

import numpy as np
from hypothesis import strategies as st

import chaingrad.functions as F
from tests.cases.case import Case
from tests.strategies import window_geometries

BATCHES = st.sampled_from([1, 2, 9])  # from 8 on the batch is innermost in memory


def _per_axis(value, ndim):
    return tuple(value) if hasattr(value, '__len__') else (value,) * ndim


def _patches(x, k, stride, pad, dilate, cover_all=False):
    """Return every window of x, (n, c, *k, *out)."""
    ndim = len(k)
    s, p, d = (_per_axis(a, ndim) for a in (stride, pad, dilate))
    last_starts = [m + 2 * q - e * (a - 1) - 1 for m, q, a, e in zip(x.shape[2:], p, k, d)]
    out = [-(-last // t) + 1 if cover_all else last // t + 1 for last, t in zip(last_starts, s)]
    x = np.pad(x, [(0, 0), (0, 0), *((q, q + t) for q, t in zip(p, s))])
    y = np.zeros((*x.shape[:2], *k, *out))
    for i in itertools.product(*map(range, out)):
        slices = tuple(slice(a * t, a * t + (m - 1) * e + 1, e) for a, t, m, e in zip(i, s, k, d))
        y[(..., *i)] = x[(slice(None), slice(None), *slices)]
    return y


def _convolve(x, W, b=None, stride=1, pad=0, cover_all=False, dilate=1, groups=1):
    ys = []
    for xg, Wg in zip(np.split(x, groups, axis=1), np.split(W, groups)):
        windows = _patches(xg, W.shape[2:], stride, pad, dilate, cover_all)
        ys.append(np.tensordot(Wg, windows, (range(1, W.ndim), range(1, W.ndim))).swapaxes(0, 1))
    y = np.concatenate(ys, axis=1)
    return y if b is None else y + b.reshape(-1, *[1] * (x.ndim - 2))


def _deconvolve(x, W, b=None, stride=1, pad=0, outsize=None, dilate=1, groups=1):
    ndim, k = x.ndim - 2, W.shape[2:]
    s, p, d = (_per_axis(a, ndim) for a in (stride, pad, dilate))
    full = [t * (m - 1) + e * (a - 1) + 1 for m, a, t, e in zip(x.shape[2:], k, s, d)]
    size = outsize or [m - 2 * q for m, q in zip(full, p)]
    y = np.zeros((len(x), W.shape[1] * groups, *(max(m, n + 2 * q) for m, n, q in zip(full, size, p))))
    parts = np.split(x, groups, axis=1), np.split(W, groups), np.split(y, groups, axis=1)
    for xg, Wg, yg in zip(*parts):
        for j in itertools.product(*map(range, k)):
            slices = tuple(slice(a * e, a * e + t * (m - 1) + 1, t) for a, e, t, m in zip(j, d, s, x.shape[2:]))
            value = np.tensordot(Wg[(slice(None), slice(None), *j)], xg, (0, 1))
            yg[(slice(None), slice(None), *slices)] += value.swapaxes(0, 1)
    y = y[(slice(None), slice(None), *(slice(q, q + n) for q, n in zip(p, size)))]
    return y if b is None else y + b.reshape(-1, *[1] * ndim)


def _shared(name, ndim):
    return st.shared(window_geometries(ndim, dilate=True), key=f'geometry of {name}')


@st.composite
def _shapes(draw, name, ndim, adjoint=False, bias=True):
    """Shapes of x, W and b for the geometry and the groups that the options have."""
    g = draw(_shared(name, ndim))
    groups = draw(st.shared(st.integers(1, 2), key=f'groups of {name}')) if name not in _UNGROUPED else 1
    n, c, o = draw(BATCHES), draw(st.integers(1, 2)), draw(st.integers(1, 3))
    if adjoint:
        axes = zip(g['ksize'], g['stride'], g['pad'], g['dilate'])
        least = [1 + max(0, -((d * (k - 1) - 2 * p) // s)) for k, s, p, d in axes]  # an output of one element
        size = tuple(n + draw(st.integers(0, 2)) for n in least)
        shapes = (n, o * groups, *size), (o * groups, c, *g['ksize']), (c * groups,)
    else:
        shapes = (n, c * groups, *g['size']), (o * groups, c, *g['ksize']), (o * groups,)
    return shapes if bias else shapes[:2]


_UNGROUPED = {'dilated_convolution_2d', 'depthwise_convolution_2d'}


def _option(name, ndim, key):
    return _shared(name, ndim).map(lambda g: g[key])


def _options(name, ndim, *names):
    options = {key: _option(name, ndim, key) for key in names if key in ('stride', 'pad', 'dilate')}
    if 'groups' in names:
        options['groups'] = st.shared(st.integers(1, 2), key=f'groups of {name}')
    if 'cover_all' in names:
        options['cover_all'] = st.booleans()
    return options


def _convolution(name, ndim, bias=True, variant=''):
    return Case(
        name,
        getattr(F, name),
        _convolve,
        arity=3 if bias else 2,
        shapes=_shapes(name, ndim, bias=bias),
        options=_options(name, ndim, 'stride', 'pad', 'dilate', 'groups', 'cover_all'),
        variant=variant,
    )


def _deconvolution(name, ndim, bias=True, variant=''):
    return Case(
        name,
        getattr(F, name),
        _deconvolve,
        arity=3 if bias else 2,
        shapes=_shapes(name, ndim, adjoint=True, bias=bias),
        options=_options(name, ndim, 'stride', 'pad', 'dilate', 'groups'),
        variant=variant,
    )


def _dilated(x, W, b=None, stride=1, pad=0, dilate=1, cover_all=False):
    return _convolve(x, W, b, stride, pad, cover_all, dilate)


def _depthwise(x, W, b=None, stride=1, pad=0):
    m, c, *k = W.shape
    return _convolve(x, W.swapaxes(0, 1).reshape(c * m, 1, *k), b, stride, pad, groups=c)


@st.composite
def _depthwise_shapes(draw):
    g = draw(_shared('depthwise_convolution_2d', 2))
    n, c, m = draw(BATCHES), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    size = tuple(max(a, k) for a, k in zip(g['size'], g['ksize']))
    return (n, c, *size), (m, c, *g['ksize']), (c * m,)


def _im2col(x, ksize, stride=1, pad=0, cover_all=False, dilate=1):
    y = _patches(x, ksize, stride, pad, dilate, cover_all)
    return y.reshape(len(x), -1, *y.shape[4:])


def _local(x, W, b=None, stride=1):
    windows = _patches(x, W.shape[4:], stride, 0, 1)
    y = np.einsum('ncuvij,oijcuv->noij', windows, W)
    return y if b is None else y + b


@st.composite
def _local_shapes(draw):
    s = draw(st.shared(st.integers(1, 2), key='stride of local_convolution_2d'))
    n, c, o, kh, kw, oh, ow = (draw(st.integers(1, 2)) for _ in range(7))
    return (n, c, (oh - 1) * s + kh, (ow - 1) * s + kw), (o, oh, ow, c, kh, kw), (o, oh, ow)


def _shift(x, ksize=3, dilate=1):
    (kh, kw), y = _per_axis(ksize, 2), np.zeros_like(x)
    order = [(u, v) for u in range(kh) for v in range(kw)]
    middle = len(order) // 2
    order[middle], order[-1] = order[-1], order[middle]
    each = x.shape[1] // len(order)
    for channel in range(x.shape[1]):
        u, v = order[min(channel // each, len(order) - 1)]
        dy, dx = (u - kh // 2) * dilate, (v - kw // 2) * dilate
        for i, j in np.ndindex(x.shape[2:]):
            if 0 <= i - dy < x.shape[2] and 0 <= j - dx < x.shape[3]:
                y[:, channel, i, j] = x[:, channel, i - dy, j - dx]
    return y


def _sampled(x, offset, W, b=None, stride=1, pad=0):
    """Read every position by bilinear interpolation, one after the other."""
    (n, _, h, w), k = x.shape, W.shape[2:]
    y = np.zeros((n, len(W), *offset.shape[2:]))
    for m, i, j in np.ndindex(n, *offset.shape[2:]):
        for element, (u, v) in enumerate(np.ndindex(*k)):
            row = i * stride + u - pad + offset[m, k[0] * k[1] + element, i, j]
            column = j * stride + v - pad + offset[m, element, i, j]
            for a, d in itertools.product(range(int(np.floor(row)), int(np.floor(row)) + 2), range(-9, 12)):
                weight = max(0, 1 - abs(row - a)) * max(0, 1 - abs(column - d))
                if 0 <= a < h and 0 <= d < w and weight:
                    y[m, :, i, j] += weight * W[:, :, u, v] @ x[m, :, a, d]
    return y if b is None else y + b.reshape(-1, 1, 1)


def _with_fractions(x, offset, W, b, stride, pad, rounded):
    """Offsets are whole numbers plus what the row draws, which keeps off whole numbers: there the derivative jumps."""
    return F.deformable_convolution_2d_sampler(x, offset + rounded.astype(offset.dtype), W, b, stride, pad)


def _deformable_options(shapes):
    rng = np.random.default_rng(sum(shapes[1]))
    return {'stride': 2, 'pad': 1, 'rounded': rng.integers(-2, 3, shapes[1]).astype('float64')}


CASES = [
    _convolution('convolution_2d', 2),
    _convolution('convolution_2d', 2, bias=False, variant='nobias'),
    _convolution('convolution_1d', 1),
    _convolution('convolution_3d', 3),
    _convolution('convolution_nd', 4, bias=False),
    _deconvolution('deconvolution_2d', 2),
    _deconvolution('deconvolution_2d', 2, bias=False, variant='nobias'),
    _deconvolution('deconvolution_1d', 1),
    _deconvolution('deconvolution_3d', 3),
    _deconvolution('deconvolution_nd', 4, bias=False),
    Case(
        'deconvolution_2d',
        F.deconvolution_2d,
        _deconvolve,
        arity=2,
        shapes=st.tuples(st.sampled_from([(2, 2, 3, 3), (9, 2, 3, 3)]), st.just((2, 1, 3, 3))),
        options={'stride': 2, 'pad': 1, 'outsize': st.sampled_from([(5, 5), (5, 6), (6, 6)])},
        variant='outsize',
    ),
    Case(
        'dilated_convolution_2d',
        F.dilated_convolution_2d,
        _dilated,
        arity=3,
        shapes=_shapes('dilated_convolution_2d', 2),
        options=_options('dilated_convolution_2d', 2, 'stride', 'pad', 'dilate', 'cover_all'),
    ),
    Case(
        'depthwise_convolution_2d',
        F.depthwise_convolution_2d,
        _depthwise,
        arity=3,
        shapes=_depthwise_shapes(),
        options=_options('depthwise_convolution_2d', 2, 'stride', 'pad'),
    ),
    Case(
        'im2col',
        F.im2col,
        _im2col,
        shapes=_shapes('im2col', 2, bias=False).map(lambda shapes: shapes[:1]),
        options=_options('im2col', 2, 'stride', 'pad', 'dilate', 'cover_all')
        | {'ksize': _option('im2col', 2, 'ksize')},
    ),
    Case(
        'local_convolution_2d',
        F.local_convolution_2d,
        _local,
        arity=3,
        shapes=_local_shapes(),
        options={'stride': st.shared(st.integers(1, 2), key='stride of local_convolution_2d')},
    ),
    Case(
        'shift',
        F.shift,
        _shift,
        shapes=st.tuples(st.tuples(BATCHES, st.integers(9, 12), st.integers(1, 4), st.integers(1, 4))),
        options={'ksize': st.sampled_from([3, (3, 1), (1, 3), 1]), 'dilate': st.integers(1, 2)},
    ),
    Case(
        'deformable_convolution_2d_sampler',
        _with_fractions,
        lambda x, offset, W, b, stride, pad, rounded: _sampled(x, offset + rounded, W, b, stride, pad),
        arity=4,
        low=(-2, 0.1, -2, -2),
        high=(2, 0.9, 2, 2),
        shapes=st.sampled_from([((n, 2, 4, 5), (n, 12, 2, 3), (2, 2, 3, 2), (2,)) for n in (1, 2)]),
        options=_deformable_options,
        tolerance=10,
    ),
]
