"""Convolution over one, two, three or any number of spatial axes, dilated, grouped and depthwise."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.array_ops import Reshape, Transpose
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions import checks
from chaingrad.functions.convolution.nodes import Convolution2DFunction, ConvolutionND
from chaingrad.functions.kernels.windows import Size


def with_bias(x: VariableOrArray, W: VariableOrArray, b: VariableOrArray | None) -> tuple[VariableOrArray, ...]:
    """Return the inputs of a node whose bias may be None."""
    return (x, W) if b is None else (x, W, b)


def convolution_2d(
    x: VariableOrArray,
    W: VariableOrArray,
    b: VariableOrArray | None = None,
    stride: Size = 1,
    pad: Size = 0,
    cover_all: bool = False,
    *,
    dilate: Size = 1,
    groups: int = 1,
    cudnn_fast: bool = False,
    **kwargs: Any,
) -> Variable:
    """Convolve images with kernels.

    `y[n, o, i, j] = sum over c, u, v of W[o, c, u, v] x[n, c, i s + u d - p, j s + v d - p] + b[o]`, a
    cross-correlation: the kernels are not flipped. Along each axis there are
    `(size + 2 pad - dilate (k - 1) - 1) // stride + 1` outputs; with `cover_all` the division rounds up, so that every
    input element is used.

    Args:
        x: Variable or array, (n, c, h, w), floating dtype.
        W: Variable or array, kernels (o, c / groups, kh, kw), floating dtype.
        b: Variable or array, (o,), or None.
        stride (int or pair of ints): step of the window, along rows and columns.
        pad (int or pair of ints): number of zeros on each side of the image.
        cover_all (bool): whether to use every input element, if need be with more zeros at the end.
        dilate (int or pair of ints): distance between neighbouring kernel elements in the input.
        groups (int): number of groups; the output channels of a group see only the input channels of that group.
        cudnn_fast (bool): accepted and without effect.

    Returns:
        Variable, (n, o, out_h, out_w).

    Raises:
        InvalidType: when shapes or dtypes do not fit, or the kernel is larger than the padded image.
        ValueError: for the keyword `deterministic` of old programs.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
        >>> W = np.array([[[[-1, 1]]]], np.float32)  # difference of neighbours in a row
        >>> F.convolution_2d(x, W, stride=(2, 1)).array[0, 0]
        array([[1., 1., 1.],
               [1., 1., 1.]], dtype=float32)

    Source:
        V. Dumoulin and F. Visin, A guide to convolution arithmetic for deep learning, 2016, section 2; the names of
        sizes and paddings are theirs.
    """
    checks.refuse('convolution_2d', kwargs, deterministic=checks.DETERMINISTIC)
    node = Convolution2DFunction(stride, pad, cover_all, dilate=dilate, groups=groups)
    return node.apply(with_bias(x, W, b))[0]


def convolution_nd(
    x: VariableOrArray,
    W: VariableOrArray,
    b: VariableOrArray | None = None,
    stride: Size = 1,
    pad: Size = 0,
    cover_all: bool = False,
    dilate: Size = 1,
    groups: int = 1,
) -> Variable:
    """Convolve over any number of spatial axes.

    The formula is that of `convolution_2d`, with one index per spatial axis.

    Args:
        x: Variable or array, (n, c, d1, ..., dN), floating dtype.
        W: Variable or array, kernels (o, c / groups, k1, ..., kN), floating dtype.
        b: Variable or array, (o,), or None.
        stride (int or N ints): step of the window.
        pad (int or N ints): number of zeros on each side.
        cover_all (bool): whether to use every input element, if need be with more zeros at the end.
        dilate (int or N ints): distance between neighbouring kernel elements.
        groups (int): number of groups of channels.

    Returns:
        Variable, (n, o, l1, ..., lN).

    Raises:
        InvalidType: when shapes or dtypes do not fit, or the kernel is larger than the padded input.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x, W = np.ones((1, 2, 5, 5, 5), np.float32), np.ones((3, 2, 3, 3, 3), np.float32)
        >>> F.convolution_nd(x, W, stride=2).shape
        (1, 3, 2, 2, 2)
    """
    ndim = checks.spatial_axes('convolution_nd', x)
    return ConvolutionND(ndim, stride, pad, cover_all, dilate, groups).apply(with_bias(x, W, b))[0]


def convolution_1d(
    x: VariableOrArray,
    W: VariableOrArray,
    b: VariableOrArray | None = None,
    stride: Size = 1,
    pad: Size = 0,
    cover_all: bool = False,
    dilate: Size = 1,
    groups: int = 1,
) -> Variable:
    """Convolve sequences with kernels: `convolution_nd` with one spatial axis.

    Args:
        x: Variable or array, (n, c, d), floating dtype.
        W: Variable or array, kernels (o, c / groups, k), floating dtype.
        b: Variable or array, (o,), or None.
        stride, pad, cover_all, dilate, groups: as for `convolution_nd`.

    Returns:
        Variable, (n, o, l).

    Raises:
        ValueError: when x does not have one spatial axis.
        InvalidType: when shapes or dtypes do not fit, or the kernel is larger than the padded input.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.array([[[1, 2, 4, 8]]], np.float32)
        >>> F.convolution_1d(x, np.array([[[-1, 1]]], np.float32)).array
        array([[[1., 2., 4.]]], dtype=float32)
    """
    checks.spatial_axes('convolution_1d', x, 1)
    return convolution_nd(x, W, b, stride, pad, cover_all, dilate, groups)


def convolution_3d(
    x: VariableOrArray,
    W: VariableOrArray,
    b: VariableOrArray | None = None,
    stride: Size = 1,
    pad: Size = 0,
    cover_all: bool = False,
    dilate: Size = 1,
    groups: int = 1,
) -> Variable:
    """Convolve volumes with kernels: `convolution_nd` with three spatial axes.

    Args:
        x: Variable or array, (n, c, d, h, w), floating dtype.
        W: Variable or array, kernels (o, c / groups, kd, kh, kw), floating dtype.
        b: Variable or array, (o,), or None.
        stride, pad, cover_all, dilate, groups: as for `convolution_nd`.

    Returns:
        Variable, (n, o, out_d, out_h, out_w).

    Raises:
        ValueError: when x does not have three spatial axes.
        InvalidType: when shapes or dtypes do not fit, or the kernel is larger than the padded input.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x, W = np.ones((1, 1, 3, 3, 3), np.float32), np.ones((1, 1, 3, 3, 3), np.float32)
        >>> F.convolution_3d(x, W).array.item()
        27.0
    """
    checks.spatial_axes('convolution_3d', x, 3)
    return convolution_nd(x, W, b, stride, pad, cover_all, dilate, groups)


def dilated_convolution_2d(
    x: VariableOrArray,
    W: VariableOrArray,
    b: VariableOrArray | None = None,
    stride: Size = 1,
    pad: Size = 0,
    dilate: Size = 1,
    cover_all: bool = False,
) -> Variable:
    """Convolve images with dilated kernels: `convolution_2d` with another order of arguments.

    Args:
        x: Variable or array, (n, c, h, w), floating dtype.
        W: Variable or array, kernels (o, c, kh, kw), floating dtype.
        b: Variable or array, (o,), or None.
        stride, pad, dilate (int or pair of ints): as for `convolution_2d`.
        cover_all (bool): whether to use every input element.

    Returns:
        Variable, (n, o, out_h, out_w).

    Raises:
        InvalidType: when shapes or dtypes do not fit, or the dilated kernel is larger than the padded image.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x, W = np.ones((1, 1, 5, 5), np.float32), np.ones((1, 1, 3, 3), np.float32)
        >>> F.dilated_convolution_2d(x, W, dilate=2).array
        array([[[[9.]]]], dtype=float32)

    Source:
        F. Yu and V. Koltun, Multi-scale context aggregation by dilated convolutions, 2016, section 2.
    """
    return convolution_2d(x, W, b, stride, pad, cover_all, dilate=dilate)


def depthwise_convolution_2d(
    x: VariableOrArray, W: VariableOrArray, b: VariableOrArray | None = None, stride: Size = 1, pad: Size = 0
) -> Variable:
    """Convolve every channel by itself with `m` kernels.

    `y[n, c m + q] = convolution of x[n, c] with W[q, c], plus b[c m + q]`.

    Args:
        x: Variable or array, (n, c, h, w), floating dtype.
        W: Variable or array, kernels (m, c, kh, kw), floating dtype.
        b: Variable or array, (c m,), or None.
        stride, pad (int or pair of ints): as for `convolution_2d`.

    Returns:
        Variable, (n, c m, out_h, out_w).

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.ones((1, 3, 4, 4), np.float32)
        >>> F.depthwise_convolution_2d(x, np.ones((2, 3, 3, 3), np.float32)).shape
        (1, 6, 2, 2)

    Source:
        L. Sifre, Rigid-motion scattering for image classification, 2014, section 6.2.
    """
    checks.require_arrays('depthwise_convolution_2d', x=x, W=W)
    if W.ndim != 4 or x.ndim != 4:
        checks.fail('depthwise_convolution_2d', 'x.ndim == W.ndim == 4', x=x, W=W)
    m, c = W.shape[:2]
    if x.shape[1] != c:
        checks.fail('depthwise_convolution_2d', 'x.shape[1] == W.shape[1]', x=x, W=W)
    kernels = Transpose.of(W, axes=(1, 0, 2, 3))
    return convolution_2d(x, Reshape.of(kernels, shape=(c * m, 1, *W.shape[2:])), b, stride, pad, groups=c)
