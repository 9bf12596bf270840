"""Pooling of images of any size to vectors of one size."""

from __future__ import annotations

from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions import checks
from chaingrad.functions.array.joining import concat
from chaingrad.functions.pooling.nodes import MaxPooling2D


def spatial_pyramid_pooling_2d(x: VariableOrArray, pyramid_height: int, pooling: str | None = None) -> Variable:
    """Pool images by the maximum over 1, 4, 16, ... bins, and join the results.

    Level l cuts the image into `2^l` times `2^l` bins of equal size, with padding where it cannot be cut evenly. The
    length of the output does not depend on the size of the images.

    Args:
        x: Variable or array, (n, c, h, w), floating dtype.
        pyramid_height (int): number of levels.
        pooling (str): 'max', the only kind.

    Returns:
        Variable, (n, c (4^pyramid_height - 1) / 3, 1, 1).

    Raises:
        ValueError: when pooling is not 'max'.
        InvalidType: when x does not have four axes or a floating dtype, or is too small for the last level.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
        >>> F.spatial_pyramid_pooling_2d(x, 2, 'max').array.ravel()
        array([15.,  5.,  7., 13., 15.], dtype=float32)

    Source:
        K. He et al., Spatial pyramid pooling in deep convolutional networks for visual recognition, 2014, section 2.
    """
    who = 'spatial_pyramid_pooling_2d'
    if pooling != 'max':
        raise ValueError(f"{who}: pooling must be 'max', but it is {pooling!r}.")
    if checks.spatial_axes(who, x) != 2:
        checks.fail(who, 'x.ndim == 4', x=x)
    n, c, *size = x.shape
    levels = []
    for level in range(pyramid_height):
        bins = 2**level
        ksize = tuple([-(-m // bins) for m in size])
        pad = tuple([(k * bins - m) // 2 for k, m in zip(ksize, size)])
        if any((bins - 1) * k - p >= m for k, p, m in zip(ksize, pad, size)):
            checks.fail(who, f'x.shape[2:] large enough for {bins} bins of equal size', 'Use fewer levels.', x=x)
        y = MaxPooling2D(ksize, None, pad, True).apply((x,))[0]
        levels.append(y.reshape((n, c * y.shape[2] * y.shape[3], 1, 1)))
    return concat(levels)
