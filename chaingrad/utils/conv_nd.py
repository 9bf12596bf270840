"""Windows of arrays with any number of spatial axes."""

from __future__ import annotations

from collections.abc import Sequence

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.functions.kernels import windows
from chaingrad.functions.kernels.windows import as_tuple

__all__ = ['as_tuple', 'col2im_nd_cpu', 'im2col_nd_cpu']


def im2col_nd_cpu(
    img: Array,
    ksize: Sequence[int],
    stride: Sequence[int],
    pad: Sequence[int],
    pval: float = 0,
    cover_all: bool = False,
    dilate: int | Sequence[int] = 1,
) -> Array:
    """Copy every window of a batch.

    Args:
        img: array, (n, c, d_1, ..., d_m).
        ksize: size of the window, m numbers.
        stride: stride along each axis.
        pad: padding on both sides of each axis.
        pval: value of the padding.
        cover_all: whether every element must be in some window.
        dilate: dilation, one number or m.

    Returns:
        Array, (n, c, k_1, ..., k_m, out_1, ..., out_m).

    Example:
        >>> import numpy as np
        >>> from chaingrad.utils.conv_nd import im2col_nd_cpu
        >>> im2col_nd_cpu(np.arange(4).reshape(1, 1, 4), (2,), (2,), (0,))[0, 0]
        array([[0, 2],
               [1, 3]])
    """
    d = as_tuple(dilate, len(ksize))
    out = windows.conv_outsizes(img.shape[2:], ksize, stride, pad, cover_all, d)
    if min(out) < 1:
        raise ValueError(
            f'im2col_nd_cpu: the window {tuple(ksize)} must fit into the padded img, which is {img.shape}.'
        )
    geometry = windows.Geometry(tuple(ksize), tuple(stride), tuple(pad), d)
    return windows.im2col(get_array_module(img), img, geometry, out, pval)


def col2im_nd_cpu(
    col: Array, stride: Sequence[int], pad: Sequence[int], dims: Sequence[int], dilate: int | Sequence[int] = 1
) -> Array:
    """Add every window to its position: the adjoint of `im2col_nd_cpu`.

    Args:
        col: array, (n, c, k_1, ..., k_m, out_1, ..., out_m).
        stride: stride along each axis.
        pad: padding on both sides of each axis.
        dims: (d_1, ..., d_m), the spatial shape of the result.
        dilate: dilation, one number or m.

    Returns:
        Array, (n, c, d_1, ..., d_m).

    Example:
        >>> import numpy as np
        >>> from chaingrad.utils.conv_nd import col2im_nd_cpu
        >>> col2im_nd_cpu(np.ones((1, 1, 2, 2)), (1,), (0,), (3,))
        array([[[1., 2., 1.]]])
    """
    d = as_tuple(dilate, len(dims))
    geometry = windows.Geometry(col.shape[2 : 2 + len(dims)], tuple(stride), tuple(pad), d)
    return windows.col2im(get_array_module(col), col, geometry, tuple(dims))
