"""Unpooling: every element copied to a whole window, or to the position of the maximum of its window."""

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
        x: Variable or array, (n, c, h, w), floating dtype.
        ksize (int or pair of ints): size of the window, rows and columns.
        stride (int or pair of ints): step of the window in the output; None for the size of the window.
        pad (int or pair of ints): number of output elements cut off on each side.
        outsize (int or pair of ints): output sizes, where several are pooled to the size of x; None for the
            smallest.
        cover_all (bool): whether the pooling that this undoes covers all elements. If so, the smallest output ends
            with the first element of the last window; mind the default.

    Returns:
        Variable, (n, c, out_h, out_w).

    Raises:
        InvalidType: when x does not have four axes or a floating dtype, or outsize does not fit.

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
        x: Variable or array, (n, c, d1, ..., dN), floating dtype.
        ksize, stride, pad (int or N ints): as for `unpooling_2d`.
        outsize (int or N ints): output sizes; None for the smallest.
        cover_all: as for `unpooling_2d`.

    Returns:
        Variable, (n, c, l1, ..., lN).

    Raises:
        InvalidType: when x has no floating dtype, or outsize does not fit.

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
        x: Variable or array, (n, c, d), floating dtype.
        ksize, stride, pad, outsize, cover_all: as for `unpooling_nd`.

    Returns:
        Variable, (n, c, l).

    Raises:
        ValueError: when x does not have one spatial axis.
        InvalidType: as `unpooling_nd`.

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
        x: Variable or array, (n, c, d, h, w), floating dtype.
        ksize, stride, pad, outsize, cover_all: as for `unpooling_nd`.

    Returns:
        Variable, (n, c, out_d, out_h, out_w).

    Raises:
        ValueError: when x does not have three spatial axes.
        InvalidType: as `unpooling_nd`.

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
    """Move every element of images to the position of the maximum of its window; all else is zero.

    Args:
        x: Variable or array, (n, c, h, w), floating dtype.
        indexes: Variable or array, (n, c, h, w): positions in the windows, as
            `max_pooling_2d(..., return_indices=True)` returns them.
        ksize, stride, pad, outsize, cover_all: those of the pooling, as for `unpooling_2d`.

    Returns:
        Variable, (n, c, out_h, out_w).

    Raises:
        InvalidType: when shapes do not fit, or x has no floating dtype.

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
