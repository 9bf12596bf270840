"""Deconvolution (transposed convolution) over one, two, three or any number of spatial axes."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions import checks
from chaingrad.functions.convolution.convolution import with_bias
from chaingrad.functions.convolution.nodes import Deconvolution2DFunction, DeconvolutionND
from chaingrad.functions.kernels.windows import Size


def deconvolution_2d(
    x: VariableOrArray,
    W: VariableOrArray,
    b: VariableOrArray | None = None,
    stride: Size = 1,
    pad: Size = 0,
    outsize: Size | None = None,
    *,
    dilate: Size = 1,
    groups: int = 1,
    **kwargs: Any,
) -> Variable:
    """Add every input element, times a kernel, to a window of the output: the adjoint of `convolution_2d`.

    `y[n, c, i s + u d - p, j s + v d - p] += W[o, c, u, v] x[n, o, i, j]` for all o, i, j, u, v, plus b[c]. Along each
    axis the output has `stride (size - 1) + dilate (k - 1) + 1 - 2 pad` elements.

    Args:
        x: Variable or array, (n, o, h, w), floating dtype.
        W: Variable or array, kernels (o, c / groups, kh, kw), floating dtype: the input channels come first,
            as in the convolution of which this is the adjoint.
        b: Variable or array, (c,), or None.
        stride (int or pair of ints): step of the window in the output, along rows and columns.
        pad (int or pair of ints): number of output elements cut off on each side.
        outsize (int or pair of ints): output sizes, where several fit the input; None for the smallest.
        dilate (int or pair of ints): distance between neighbouring kernel elements.
        groups (int): number of groups of channels.

    Returns:
        Variable, (n, c, out_h, out_w).

    Raises:
        InvalidType: when shapes, dtypes or outsize do not fit.
        ValueError: for the keyword `deterministic` of old programs.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.array([[[[1, 2]]]], np.float32)
        >>> F.deconvolution_2d(x, np.ones((1, 1, 2, 2), np.float32), stride=2).array[0, 0]
        array([[1., 1., 2., 2.],
               [1., 1., 2., 2.]], dtype=float32)

    Source:
        V. Dumoulin and F. Visin, A guide to convolution arithmetic for deep learning, 2016, section 4.
    """
    checks.refuse('deconvolution_2d', kwargs, deterministic=checks.DETERMINISTIC)
    node = Deconvolution2DFunction(stride, pad, outsize, dilate=dilate, groups=groups)
    return node.apply(with_bias(x, W, b))[0]


def deconvolution_nd(
    x: VariableOrArray,
    W: VariableOrArray,
    b: VariableOrArray | None = None,
    stride: Size = 1,
    pad: Size = 0,
    outsize: Size | None = None,
    dilate: Size = 1,
    groups: int = 1,
) -> Variable:
    """Deconvolve over any number of spatial axes: the adjoint of `convolution_nd`.

    Args:
        x: Variable or array, (n, o, d1, ..., dN), floating dtype.
        W: Variable or array, kernels (o, c / groups, k1, ..., kN), floating dtype.
        b: Variable or array, (c,), or None.
        stride, pad, dilate (int or N ints): as for `deconvolution_2d`.
        outsize (int or N ints): output sizes; None for the smallest that fit.
        groups (int): number of groups of channels.

    Returns:
        Variable, (n, c, l1, ..., lN).

    Raises:
        InvalidType: when shapes, dtypes or outsize do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x, W = np.ones((1, 2, 2, 2, 2), np.float32), np.ones((2, 3, 3, 3, 3), np.float32)
        >>> F.deconvolution_nd(x, W, stride=2).shape
        (1, 3, 5, 5, 5)
    """
    ndim = checks.spatial_axes('deconvolution_nd', x)
    return DeconvolutionND(ndim, stride, pad, outsize, dilate, groups).apply(with_bias(x, W, b))[0]


def deconvolution_1d(
    x: VariableOrArray,
    W: VariableOrArray,
    b: VariableOrArray | None = None,
    stride: Size = 1,
    pad: Size = 0,
    outsize: Size | None = None,
    dilate: Size = 1,
    groups: int = 1,
) -> Variable:
    """Deconvolve sequences: `deconvolution_nd` with one spatial axis.

    Args:
        x: Variable or array, (n, o, d), floating dtype.
        W: Variable or array, kernels (o, c / groups, k), floating dtype.
        b: Variable or array, (c,), or None.
        stride, pad, outsize, dilate, groups: as for `deconvolution_nd`.

    Returns:
        Variable, (n, c, l).

    Raises:
        ValueError: when x does not have one spatial axis.
        InvalidType: when shapes, dtypes or outsize do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x, W = np.array([[[1, 2]]], np.float32), np.array([[[1, 1, 1]]], np.float32)
        >>> F.deconvolution_1d(x, W).array
        array([[[1., 3., 3., 2.]]], dtype=float32)
    """
    checks.spatial_axes('deconvolution_1d', x, 1)
    return deconvolution_nd(x, W, b, stride, pad, outsize, dilate, groups)


def deconvolution_3d(
    x: VariableOrArray,
    W: VariableOrArray,
    b: VariableOrArray | None = None,
    stride: Size = 1,
    pad: Size = 0,
    outsize: Size | None = None,
    dilate: Size = 1,
    groups: int = 1,
) -> Variable:
    """Deconvolve volumes: `deconvolution_nd` with three spatial axes.

    Args:
        x: Variable or array, (n, o, d, h, w), floating dtype.
        W: Variable or array, kernels (o, c / groups, kd, kh, kw), floating dtype.
        b: Variable or array, (c,), or None.
        stride, pad, outsize, dilate, groups: as for `deconvolution_nd`.

    Returns:
        Variable, (n, c, out_d, out_h, out_w).

    Raises:
        ValueError: when x does not have three spatial axes.
        InvalidType: when shapes, dtypes or outsize do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x, W = np.ones((1, 1, 2, 2, 2), np.float32), np.ones((1, 4, 2, 2, 2), np.float32)
        >>> F.deconvolution_3d(x, W, stride=2).shape
        (1, 4, 4, 4, 4)
    """
    checks.spatial_axes('deconvolution_3d', x, 3)
    return deconvolution_nd(x, W, b, stride, pad, outsize, dilate, groups)
