"""Hypothesis strategies: shapes, axes, bounded arrays, memory layouts, geometries of windows.

Hypothesis draws shapes, options, layouts and a seed. The elements of arrays come from a generator with that seed: that
is fast, and shrinking single elements would show nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chaingrad.functions.kernels import layout as memory

LAYOUTS = ('contiguous', 'fortran', 'strided', 'reversed', 'window')
seeds = st.integers(0, 2**32 - 1)


def shapes(min_dims: int = 0, max_dims: int = 3, min_side: int = 0, max_side: int = 4) -> Any:
    """Draw a shape; a length of 0 (an empty array) is drawn where `min_side` allows it."""
    return hnp.array_shapes(min_dims=min_dims, max_dims=max_dims, min_side=min_side, max_side=max_side)


def same_shapes(arity: int, min_dims: int = 0, max_dims: int = 3, min_side: int = 0, max_side: int = 4) -> Any:
    """Draw one shape for all inputs, as a tuple."""
    return shapes(min_dims, max_dims, min_side, max_side).map(lambda shape: (shape,) * arity)


def broadcastable_shapes(arity: int = 2, min_side: int = 0, max_side: int = 3, max_dims: int = 3) -> Any:
    """Draw shapes that broadcast together, as a tuple."""
    pairs = hnp.mutually_broadcastable_shapes(
        num_shapes=arity, min_dims=0, max_dims=max_dims, min_side=min_side, max_side=max_side
    )
    return pairs.map(lambda drawn: tuple(drawn.input_shapes))


def axis_of(shape: tuple[int, ...]) -> Any:
    """Draw one axis of a shape, counted from the front or from the back."""
    return st.integers(-len(shape), len(shape) - 1)


def axes_of(shape: tuple[int, ...]) -> Any:
    """Draw axis=None, one axis, or a tuple of different axes."""
    if not shape:
        return st.none()
    return st.one_of(st.none(), axis_of(shape), hnp.valid_tuple_axes(len(shape)))


def permutation_of(shape: tuple[int, ...]) -> Any:
    """Draw None or an order of the axes."""
    return st.one_of(st.none(), st.permutations(range(len(shape))).map(tuple))


def labels(shape: tuple[int, ...], classes: int, ignore: int | None = None) -> Any:
    """Draw an int32 array of class numbers; if `ignore` is given, some of them are `ignore`."""

    def make(seed: int) -> Any:
        rng = np.random.default_rng(seed)
        t = rng.integers(0, classes, shape).astype(np.int32)
        if ignore is not None:
            t[rng.random(shape) < 0.3] = ignore
        return t

    return seeds.map(make)


def masks(shape: tuple[int, ...]) -> Any:
    """Draw a boolean array."""
    return seeds.map(lambda seed: np.random.default_rng(seed).random(shape) < 0.5)


@st.composite
def window_geometries(draw: Any, ndim: int = 2, dilate: bool = False) -> Any:
    """Draw the geometry of a convolution: dict(size, ksize, stride, pad, dilate), each a tuple of `ndim` ints.

    A window fits at least once into the padded size, and never lies entirely in the padding.
    """
    geometry: dict[str, tuple[int, ...]] = {}
    geometry['ksize'] = tuple(draw(st.integers(1, 3)) for _ in range(ndim))
    geometry['stride'] = tuple(draw(st.integers(1, 3)) for _ in range(ndim))
    geometry['dilate'] = tuple(draw(st.integers(1, 2)) if dilate else 1 for _ in range(ndim))
    geometry['pad'] = tuple(draw(st.integers(0, k - 1)) for k in geometry['ksize'])
    spans = [(k - 1) * d + 1 for k, d in zip(geometry['ksize'], geometry['dilate'])]
    least = [max(1, span - 2 * p) for span, p in zip(spans, geometry['pad'])]
    geometry['size'] = tuple(n + draw(st.integers(0, 3)) for n in least)
    return geometry


def values(
    rng: np.random.Generator,
    shape: tuple[int, ...],
    low: float = -2.0,
    high: float = 2.0,
    kinks: tuple[float, ...] = (),
    gap: float = 0.05,
) -> Any:
    """Return a float64 array with elements in [low, high], none of them within `gap` of a kink."""
    x = np.asarray(rng.uniform(low, high, shape))
    for kink in kinks:
        near = np.abs(x - kink) < gap
        x = np.where(near, np.where(x < kink, kink - gap, kink + gap) + np.copysign(np.abs(x - kink), x - kink), x)
    return x


def distinct_values(rng: np.random.Generator, shapes: tuple[tuple[int, ...], ...], low: float, high: float) -> Any:
    """Return float64 arrays; any two elements, of the same array or not, differ by at least 0.01."""
    sizes = [int(np.prod(shape)) for shape in shapes]
    step = max((high - low) / max(sum(sizes), 1), 0.02)
    pool = low + step * (rng.permutation(sum(sizes)) + rng.uniform(0.0, 0.25, sum(sizes)))
    parts = np.split(pool, np.cumsum(sizes)[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes)]


def with_layout(x: Any, layout: str) -> Any:
    """Return an array that equals x but has another memory layout."""
    if layout == 'fortran':
        return np.array(x, order='F')
    if layout == 'strided':  # every second element along each axis
        big = np.full([2 * n for n in x.shape], np.nan, x.dtype)
        view = big[(slice(None, None, 2),) * x.ndim] if x.ndim else big
    elif layout == 'reversed':  # negative strides
        back = (slice(None, None, -1),) * x.ndim
        return np.array(x[back])[back] if x.ndim else np.array(x)
    elif layout == 'window':  # a part of a larger array
        big = np.full([n + 2 for n in x.shape], np.nan, x.dtype)
        view = big[(slice(1, -1),) * x.ndim] if x.ndim else big
    else:
        return np.array(x)
    view[...] = x
    return view


def channels_last(x: Any) -> Any:
    """Return an array (n, channels, ...) that equals x and whose channels are next to one another in memory."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1)


def batch_last(x: Any) -> Any:
    """Return an array that equals x and whose first axis is the innermost in memory."""
    return np.moveaxis(memory.batch_last(np, x), -1, 0)


layouts = st.sampled_from(LAYOUTS)
