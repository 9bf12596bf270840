"""What an array holds in a line of text, and the colour of a gradient."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array

FULL = 6
"""Up to how many elements an array is shown in full."""

BARS = '▁▂▃▄▅▆▇█'
ASCII_BARS = '_.-:=+*#'
BINS = 9
RED = '#d62728'
NO_GRADIENT = '#f2f2f2'
PALE, STRONG = (255, 245, 235), (230, 110, 20)


def size_of(shape: Any, dtype: Any) -> str:
    """Return shape and dtype, float32 left out: `(32, 10)`, `(32,) int32`."""
    if shape is None:
        return 'no shape yet'
    kind = '' if dtype == np.float32 else f' {dtype}'
    return f'({", ".join(map(str, shape))}{"," if len(shape) == 1 else ""}){kind}' if shape else f'scalar{kind}'


def numbers_of(array: Any) -> Array:
    """Return the array of a Variable or of a GPU as a NumPy array."""
    array = getattr(array, 'array', array)
    return np.asarray(array.get() if hasattr(array, 'get') else array)


def is_bad(array: Any) -> bool:
    """Say whether NaN or infinity is in an array."""
    numbers = numbers_of(array)
    return numbers.dtype.kind in 'fc' and not bool(np.isfinite(numbers).all())


def describe(array: Any, bars: str = BARS) -> str:
    """Return the elements of a small array; of a large one mean, standard deviation, share of zeros, histogram.

    NaN and infinity are counted and left out of the statistics.

    Args:
        array: array or Variable.
        bars: characters for the bars of the histogram, the lowest first.

    Example:
        >>> import numpy as np
        >>> from chaingrad.autograd.drawing.statistics import ASCII_BARS, describe
        >>> describe(np.array([1.5, 2.0]))
        '1.5 2'
        >>> describe(np.arange(100.0), ASCII_BARS)
        'mean 49.5 sd 28.9 zeros 1% [#########]'
    """
    numbers = numbers_of(array)
    if numbers.size <= FULL:
        return ' '.join([_number(x) for x in numbers.ravel().tolist()]) or 'empty'
    if numbers.dtype.kind not in 'fiub':
        return f'{numbers.size} elements'
    numbers = numbers.astype(float)
    finite = numbers[np.isfinite(numbers)]
    words = []
    if finite.size < numbers.size:
        nans = int(np.isnan(numbers).sum())
        words += [f'{n} {name}' for n, name in ((nans, 'NaN'), (numbers.size - finite.size - nans, 'inf')) if n]
    if finite.size:
        zeros = float(np.mean(finite == 0))
        words += [f'mean {_number(finite.mean())} sd {_number(finite.std())}']
        words += [f'zeros {100 * zeros:.0f}%'] if zeros else []
        words += [f'[{_histogram(finite, bars)}]']
    return ' '.join(words)


def _number(x: Any) -> str:
    return f'{x:.3g}' if isinstance(x, float) else str(x)


def _histogram(numbers: Array, bars: str) -> str:
    low, high = float(numbers.min()), float(numbers.max())
    if low == high:
        return bars[-1]
    counts, _ = np.histogram(numbers, BINS, (low, high))
    heights = counts / counts.max() * (len(bars) - 1)
    return ''.join([bars[math.ceil(height)] for height in heights])


def magnitude(gradients: Iterable[Any]) -> float | None:
    """Return the root mean square of all elements; None where there is no gradient, NaN where one is NaN."""
    arrays = [numbers_of(g) for g in gradients if g is not None]
    count = sum([a.size for a in arrays])
    if not count:
        return None
    return math.sqrt(sum([float(np.square(a, dtype=float).sum()) for a in arrays]) / count)


def colour(size: float | None, sizes: Iterable[float | None]) -> str:
    """Return the colour of a gradient of some magnitude among those of a picture, on a logarithmic scale."""
    if size is None:
        return NO_GRADIENT
    if not math.isfinite(size):
        return RED
    logs = [math.log10(s) for s in sizes if s is not None and math.isfinite(s) and s > 0]
    if size == 0 or not logs:
        share = 0.0
    else:
        low, high = min(logs), max(logs)
        share = (math.log10(size) - low) / (high - low) if high > low else 1.0
    mixed = [round(p + (s - p) * share) for p, s in zip(PALE, STRONG)]
    return '#{:02x}{:02x}{:02x}'.format(*mixed)
