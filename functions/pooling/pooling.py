"""Maximum and average pooling over one, two, three or any number of spatial axes."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions import checks
from chaingrad.functions.kernels.windows import Size
from chaingrad.functions.pooling.nodes import AveragePooling2D, AveragePoolingND, MaxPooling2D, MaxPoolingND


def _maximum(node, x, return_indices):
    y = node.apply((x,))[0]
    return (y, node.indexes.astype(np.int32)) if return_indices else y


def max_pooling_2d(
    x: VariableOrArray,
    ksize: Size,
    stride: Size | None = None,
    pad: Size = 0,
    cover_all: bool = True,
    return_indices: bool = False,
):
    """Pool images by the maximum of every window.

    `y[n, c, i, j] = max over u, v of x[n, c, i s + u - p, j s + v - p]`. Padding never is the maximum. Of equal
    elements the first in the window, row by row, receives the gradient.

    Args:
        x: Images (n, c, h, w), floating.
        ksize: Size of the window: an int, or a pair (rows, columns).
        stride: Step of the window; the size of the window when None.
        pad: Padding on every side: an int, or a pair.
        cover_all: Use every input element: the output size is rounded up. Mind the default.
        return_indices: Return the places of the maxima too.

    Returns:
        Variable (n, c, out_h, out_w); with `return_indices` also an int array of that shape: the place of each
        maximum in its window, counted row by row.

    Raises:
        InvalidType: When x has not four axes or is not floating, or the window is larger than the padded image.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3)
        >>> F.max_pooling_2d(x, 2).array[0, 0]
        array([[4., 5.],
               [7., 8.]], dtype=float32)
        >>> F.max_pooling_2d(x, 2, cover_all=False).array[0, 0]
        array([[4.]], dtype=float32)
    """
    return _maximum(MaxPooling2D(ksize, stride, pad, cover_all, return_indices), x, return_indices)


def max_pooling_nd(
    x: VariableOrArray,
    ksize: Size,
    stride: Size | None = None,
    pad: Size = 0,
    cover_all: bool = True,
    return_indices: bool = False,
):
    """Pool by the maximum of every window, with any number of spatial axes.

    Args:
        x: Array (n, c, d1, ..., dN), floating.
        ksize, stride, pad: Ints, or N ints each; stride None: as ksize.
        cover_all: Use every input element.
        return_indices: Return the places of the maxima too.

    Returns:
        Variable (n, c, l1, ..., lN), and the places of the maxima with `return_indices`; as `max_pooling_2d`.

    Raises:
        InvalidType: When x is not floating, or the window is larger than the padded input.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.arange(8, dtype=np.float32).reshape(1, 1, 2, 2, 2)
        >>> F.max_pooling_nd(x, 2).array.item()
        7.0
    """
    node = MaxPoolingND(checks.spatial_axes('max_pooling_nd', x), ksize, stride, pad, cover_all, return_indices)
    return _maximum(node, x, return_indices)


def max_pooling_1d(
    x: VariableOrArray,
    ksize: Size,
    stride: Size | None = None,
    pad: Size = 0,
    cover_all: bool = True,
    return_indices: bool = False,
):
    """Pool sequences by the maximum of every window: `max_pooling_nd` with one spatial axis.

    Args:
        x: Sequences (n, c, d), floating.
        ksize, stride, pad, cover_all, return_indices: As for `max_pooling_nd`.

    Returns:
        Variable (n, c, l), and the places of the maxima with `return_indices`.

    Raises:
        ValueError: When x has not one spatial axis.
        InvalidType: As `max_pooling_nd`.

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
):
    """Pool volumes by the maximum of every window: `max_pooling_nd` with three spatial axes.

    Args:
        x: Volumes (n, c, d, h, w), floating.
        ksize, stride, pad, cover_all, return_indices: As for `max_pooling_nd`.

    Returns:
        Variable (n, c, out_d, out_h, out_w), and the places of the maxima with `return_indices`.

    Raises:
        ValueError: When x has not three spatial axes.
        InvalidType: As `max_pooling_nd`.

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
        x: Images (n, c, h, w), floating.
        ksize: Size of the window: an int, or a pair (rows, columns).
        stride: Step of the window; the size of the window when None.
        pad: Padding on every side: an int, or a pair.

    Returns:
        Variable (n, c, out_h, out_w).

    Raises:
        InvalidType: When x has not four axes or is not floating, or the window is larger than the padded image.

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
        x: Array (n, c, d1, ..., dN), floating.
        ksize, stride, pad: Ints, or N ints each; stride None: as ksize.
        pad_value: 0: padding counts as zeros; None: the mean is that of the elements inside x.

    Returns:
        Variable (n, c, l1, ..., lN).

    Raises:
        InvalidType: When x is not floating, or the window is larger than the padded input.
        ValueError: When pad_value is neither 0 nor None.

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
        x: Sequences (n, c, d), floating.
        ksize, stride, pad, pad_value: As for `average_pooling_nd`.

    Returns:
        Variable (n, c, l).

    Raises:
        ValueError: When x has not one spatial axis, or pad_value is neither 0 nor None.
        InvalidType: As `average_pooling_nd`.

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
        x: Volumes (n, c, d, h, w), floating.
        ksize, stride, pad, pad_value: As for `average_pooling_nd`.

    Returns:
        Variable (n, c, out_d, out_h, out_w).

    Raises:
        ValueError: When x has not three spatial axes, or pad_value is neither 0 nor None.
        InvalidType: As `average_pooling_nd`.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.average_pooling_3d(np.ones((1, 1, 4, 4, 4), np.float32), 2).shape
        (1, 1, 2, 2, 2)
    """
    checks.spatial_axes('average_pooling_3d', x, 3)
    return average_pooling_nd(x, ksize, stride, pad, pad_value)
