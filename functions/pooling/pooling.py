"""Maximum and average pooling over one, two, three or any number of spatial axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions import checks
from chaingrad.functions.kernels.windows import Size
from chaingrad.functions.pooling.nodes import AveragePooling2D, AveragePoolingND, MaxPooling2D, MaxPoolingND


def _apply(node: MaxPoolingND, x: VariableOrArray) -> Any:
    """Return the Variable that a max pooling computes, or with `return_indices` a tuple of it and the indexes."""
    (y,) = node.apply((x,))
    if not node.return_indices:
        return y
    return y, node.indexes.astype(np.int32)


def max_pooling_2d(
    x: VariableOrArray,
    ksize: Size,
    stride: Size | None = None,
    pad: Size = 0,
    cover_all: bool = True,
    return_indices: bool = False,
) -> Any:
    """Pool images by the maximum of every window.

    `y[n, c, i, j] = max over u, v of x[n, c, i s + u - p, j s + v - p]`. Padding is never the maximum. Of equal
    elements the first in the window, row by row, receives the gradient.

    Args:
        x: Variable or array, (n, c, h, w), floating dtype.
        ksize (int or pair of ints): size of the window, rows and columns.
        stride (int or pair of ints): step of the window; None for the size of the window.
        pad (int or pair of ints): padding on each side.
        cover_all (bool): whether to use every input element: the output size is rounded up. Mind the default.
        return_indices (bool): whether to return the positions of the maxima too.

    Returns:
        Variable, (n, c, out_h, out_w); with `return_indices` also an int array of that shape: the position of each
        maximum in its window, counted row by row.

    Raises:
        InvalidType: when x does not have four axes or a floating dtype, or the window is larger than the padded image.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3)
        >>> F.max_pooling_2d(x, 2).array[0, 0]
        array([[4., 5.],
               [7., 8.]], dtype=float32)
        >>> F.max_pooling_2d(x, 2, cover_all=False).array[0, 0]
        array([[4.]], dtype=float32)
    """
    return _apply(MaxPooling2D(ksize, stride, pad, cover_all, return_indices), x)


def max_pooling_nd(
    x: VariableOrArray,
    ksize: Size,
    stride: Size | None = None,
    pad: Size = 0,
    cover_all: bool = True,
    return_indices: bool = False,
) -> Any:
    """Pool by the maximum of every window, with any number of spatial axes.

    Args:
        x: Variable or array, (n, c, d1, ..., dN), floating dtype.
        ksize, stride, pad (int or N ints): as for `max_pooling_2d`.
        cover_all (bool): whether to use every input element.
        return_indices (bool): whether to return the positions of the maxima too.

    Returns:
        Variable, (n, c, l1, ..., lN), and the positions of the maxima with `return_indices`; as `max_pooling_2d`.

    Raises:
        InvalidType: when x has no floating dtype, or the window is larger than the padded input.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.arange(8, dtype=np.float32).reshape(1, 1, 2, 2, 2)
        >>> F.max_pooling_nd(x, 2).array.item()
        7.0
    """
    ndim = checks.spatial_axes('max_pooling_nd', x)
    return _apply(MaxPoolingND(ndim, ksize, stride, pad, cover_all, return_indices), x)


def max_pooling_1d(
    x: VariableOrArray,
    ksize: Size,
    stride: Size | None = None,
    pad: Size = 0,
    cover_all: bool = True,
    return_indices: bool = False,
) -> Any:
    """Pool sequences by the maximum of every window: `max_pooling_nd` with one spatial axis.

    Args:
        x: Variable or array, (n, c, d), floating dtype.
        ksize, stride, pad, cover_all, return_indices: as for `max_pooling_nd`.

    Returns:
        Variable, (n, c, l), and the positions of the maxima with `return_indices`.

    Raises:
        ValueError: when x does not have one spatial axis.
        InvalidType: as `max_pooling_nd`.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.max_pooling_1d(np.array([[[3, 1, 4, 1, 5]]], np.float32), 2).array
        array([[[3., 4., 5.]]], dtype=float32)
    """
    checks.spatial_axes('max_pooling_1d', x, 1)
    return max_pooling_nd(x, ksize, stride, pad, cover_all, return_indices)


def max_pooling_3d(
    x: VariableOrArray,
    ksize: Size,
    stride: Size | None = None,
    pad: Size = 0,
    cover_all: bool = True,
    return_indices: bool = False,
) -> Any:
    """Pool volumes by the maximum of every window: `max_pooling_nd` with three spatial axes.

    Args:
        x: Variable or array, (n, c, d, h, w), floating dtype.
        ksize, stride, pad, cover_all, return_indices: as for `max_pooling_nd`.

    Returns:
        Variable, (n, c, out_d, out_h, out_w), and the positions of the maxima with `return_indices`.

    Raises:
        ValueError: when x does not have three spatial axes.
        InvalidType: as `max_pooling_nd`.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.max_pooling_3d(np.ones((1, 1, 4, 4, 4), np.float32), 2).shape
        (1, 1, 2, 2, 2)
    """
    checks.spatial_axes('max_pooling_3d', x, 3)
    return max_pooling_nd(x, ksize, stride, pad, cover_all, return_indices)


def average_pooling_2d(x: VariableOrArray, ksize: Size, stride: Size | None = None, pad: Size = 0) -> Variable:
    """Pool images by the mean of every window.

    `y[n, c, i, j] = mean over u, v of x[n, c, i s + u - p, j s + v - p]`. Padding counts as zeros. What does not fill
    a window is left out.

    Args:
        x: Variable or array, (n, c, h, w), floating dtype.
        ksize (int or pair of ints): size of the window, rows and columns.
        stride (int or pair of ints): step of the window; None for the size of the window.
        pad (int or pair of ints): padding on each side.

    Returns:
        Variable, (n, c, out_h, out_w).

    Raises:
        InvalidType: when x does not have four axes or a floating dtype, or the window is larger than the padded image.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
        >>> F.average_pooling_2d(x, 2).array[0, 0]
        array([[ 2.5,  4.5],
               [10.5, 12.5]], dtype=float32)
    """
    return AveragePooling2D(ksize, stride, pad, False).apply((x,))[0]


def average_pooling_nd(
    x: VariableOrArray, ksize: Size, stride: Size | None = None, pad: Size = 0, pad_value: int | None = 0
) -> Variable:
    """Pool by the mean of every window, with any number of spatial axes.

    Args:
        x: Variable or array, (n, c, d1, ..., dN), floating dtype.
        ksize, stride, pad (int or N ints): as for `max_pooling_2d`.
        pad_value (int or None): 0 to count padding as zeros; None for the mean of the elements inside x.

    Returns:
        Variable, (n, c, l1, ..., lN).

    Raises:
        InvalidType: when x has no floating dtype, or the window is larger than the padded input.
        ValueError: when pad_value is neither 0 nor None.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.array([[[2, 4]]], np.float32)
        >>> F.average_pooling_nd(x, 2, pad=1).array, F.average_pooling_nd(x, 2, pad=1, pad_value=None).array
        (array([[[1., 2.]]], dtype=float32), array([[[2., 4.]]], dtype=float32))
    """
    ndim = checks.spatial_axes('average_pooling_nd', x)
    return AveragePoolingND(ndim, ksize, stride, pad, False, pad_value).apply((x,))[0]


def average_pooling_1d(
    x: VariableOrArray, ksize: Size, stride: Size | None = None, pad: Size = 0, pad_value: int | None = 0
) -> Variable:
    """Pool sequences by the mean of every window: `average_pooling_nd` with one spatial axis.

    Args:
        x: Variable or array, (n, c, d), floating dtype.
        ksize, stride, pad, pad_value: as for `average_pooling_nd`.

    Returns:
        Variable, (n, c, l).

    Raises:
        ValueError: when x does not have one spatial axis, or pad_value is neither 0 nor None.
        InvalidType: as `average_pooling_nd`.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.average_pooling_1d(np.array([[[3, 1, 4, 2]]], np.float32), 2).array
        array([[[2., 3.]]], dtype=float32)
    """
    checks.spatial_axes('average_pooling_1d', x, 1)
    return average_pooling_nd(x, ksize, stride, pad, pad_value)


def average_pooling_3d(
    x: VariableOrArray, ksize: Size, stride: Size | None = None, pad: Size = 0, pad_value: int | None = 0
) -> Variable:
    """Pool volumes by the mean of every window: `average_pooling_nd` with three spatial axes.

    Args:
        x: Variable or array, (n, c, d, h, w), floating dtype.
        ksize, stride, pad, pad_value: as for `average_pooling_nd`.

    Returns:
        Variable, (n, c, out_d, out_h, out_w).

    Raises:
        ValueError: when x does not have three spatial axes, or pad_value is neither 0 nor None.
        InvalidType: as `average_pooling_nd`.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.average_pooling_3d(np.ones((1, 1, 4, 4, 4), np.float32), 2).shape
        (1, 1, 2, 2, 2)
    """
    checks.spatial_axes('average_pooling_3d', x, 3)
    return average_pooling_nd(x, ksize, stride, pad, pad_value)
