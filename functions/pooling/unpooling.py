"""Unpooling: every element spread over a window, or put where the maximum of the window was."""

from __future__ import annotations

from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions import checks
from chaingrad.functions.kernels.windows import Size
from chaingrad.functions.pooling.nodes import Unpooling2D, UnpoolingND, Upsampling2D


def unpooling_2d(
    x: VariableOrArray,
    ksize: Size,
    stride: Size | None = None,
    pad: Size = 0,
    outsize: Size | None = None,
    cover_all: bool = True,
) -> Variable:
    """Add every element of images to all elements of its window: the adjoint of a pooling by sums.

    `y[n, c, i s + u - p, j s + v - p] += x[n, c, i, j]`.

    Args:
        x: Images (n, c, h, w), floating.
        ksize: Size of the window: an int, or a pair (rows, columns).
        stride: Step of the window in the output; the size of the window when None.
        pad: Output elements cut off at every side: an int, or a pair.
        outsize: Pair of output sizes, where several would be pooled to the size of x; the smallest when None.
        cover_all: Whether the pooling that this undoes covers all elements. With True the smallest output ends with
            the first element of the last window; mind the default.

    Returns:
        Variable (n, c, out_h, out_w).

    Raises:
        InvalidType: When x has not four axes or is not floating, or outsize does not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.array([[[[1, 2], [3, 4]]]], np.float32)
        >>> F.unpooling_2d(x, 2, cover_all=False).array[0, 0]
        array([[1., 1., 2., 2.],
               [1., 1., 2., 2.],
               [3., 3., 4., 4.],
               [3., 3., 4., 4.]], dtype=float32)
        >>> F.unpooling_2d(x, 2).shape
        (1, 1, 3, 3)

    Source:
        A. Dosovitskiy et al., Learning to generate chairs with convolutional neural networks, 2015, section 3.2.
    """
    return Unpooling2D(ksize, stride, pad, outsize, cover_all).apply((x,))[0]


def unpooling_nd(
    x: VariableOrArray,
    ksize: Size,
    stride: Size | None = None,
    pad: Size = 0,
    outsize: Size | None = None,
    cover_all: bool = True,
) -> Variable:
    """Add every element to all elements of its window, with any number of spatial axes.

    Args:
        x: Array (n, c, d1, ..., dN), floating.
        ksize, stride, pad: Ints, or N ints each; stride None: as ksize.
        outsize: N output sizes, or None.
        cover_all: As for `unpooling_2d`.

    Returns:
        Variable (n, c, l1, ..., lN).

    Raises:
        InvalidType: When x is not floating, or outsize does not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.unpooling_nd(np.ones((1, 1, 2, 2, 2), np.float32), 2, outsize=(4, 4, 3)).shape
        (1, 1, 4, 4, 3)
    """
    ndim = checks.spatial_axes('unpooling_nd', x)
    return UnpoolingND(ndim, ksize, stride, pad, outsize, cover_all).apply((x,))[0]


def unpooling_1d(
    x: VariableOrArray,
    ksize: Size,
    stride: Size | None = None,
    pad: Size = 0,
    outsize: Size | None = None,
    cover_all: bool = True,
) -> Variable:
    """Add every element of sequences to all elements of its window: `unpooling_nd` with one spatial axis.

    Args:
        x: Sequences (n, c, d), floating.
        ksize, stride, pad, outsize, cover_all: As for `unpooling_nd`.

    Returns:
        Variable (n, c, l).

    Raises:
        ValueError: When x has not one spatial axis.
        InvalidType: As `unpooling_nd`.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.unpooling_1d(np.array([[[1, 2]]], np.float32), 2, cover_all=False).array
        array([[[1., 1., 2., 2.]]], dtype=float32)
    """
    checks.spatial_axes('unpooling_1d', x, 1)
    return unpooling_nd(x, ksize, stride, pad, outsize, cover_all)


def unpooling_3d(
    x: VariableOrArray,
    ksize: Size,
    stride: Size | None = None,
    pad: Size = 0,
    outsize: Size | None = None,
    cover_all: bool = True,
) -> Variable:
    """Add every element of volumes to all elements of its window: `unpooling_nd` with three spatial axes.

    Args:
        x: Volumes (n, c, d, h, w), floating.
        ksize, stride, pad, outsize, cover_all: As for `unpooling_nd`.

    Returns:
        Variable (n, c, out_d, out_h, out_w).

    Raises:
        ValueError: When x has not three spatial axes.
        InvalidType: As `unpooling_nd`.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.unpooling_3d(np.ones((1, 1, 2, 2, 2), np.float32), 2, cover_all=False).shape
        (1, 1, 4, 4, 4)
    """
    checks.spatial_axes('unpooling_3d', x, 3)
    return unpooling_nd(x, ksize, stride, pad, outsize, cover_all)


def upsampling_2d(
    x: VariableOrArray,
    indexes: VariableOrArray,
    ksize: Size,
    stride: Size | None = None,
    pad: Size = 0,
    outsize: Size | None = None,
    cover_all: bool = True,
) -> Variable:
    """Put every element of images where the maximum of its window was; all else is zero.

    Args:
        x: Images (n, c, h, w), floating.
        indexes: Places in the windows (n, c, h, w), as `max_pooling_2d(..., return_indices=True)` returns them.
        ksize, stride, pad, outsize, cover_all: As for `unpooling_2d`; those of the pooling.

    Returns:
        Variable (n, c, out_h, out_w).

    Raises:
        InvalidType: When shapes do not fit, or x is not floating.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.array([[[[1, 5, 2], [0, 3, 4]]]], np.float32)
        >>> y, indexes = F.max_pooling_2d(x, (2, 3), return_indices=True)
        >>> F.upsampling_2d(y, indexes, (2, 3), outsize=(2, 3)).array[0, 0]
        array([[0., 5., 0.],
               [0., 0., 0.]], dtype=float32)

    Source:
        V. Badrinarayanan et al., SegNet, 2017, section 3.
    """
    return Upsampling2D(as_array(indexes), ksize, stride, pad, outsize, cover_all).apply((x,))[0]
