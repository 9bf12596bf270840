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
    """Spread every input element over a window of the output: the adjoint of `convolution_2d`.

    `y[n, c, i s + u d - p, j s + v d - p] += W[o, c, u, v] x[n, o, i, j]` for all o, i, j, u, v, plus b[c]. Along each
    axis the output has `stride (size - 1) + dilate (k - 1) + 1 - 2 pad` elements.

    Args:
        x: Images (n, o, h, w), floating.
        W: Kernels (o, c / groups, kh, kw): in-channels first, as the convolution has them whose adjoint this is.
        b: Biases (c,) or None.
        stride: Step of the window in the output: an int, or a pair.
        pad: Output elements cut off at every side: an int, or a pair.
        outsize: Pair of output sizes, where several would make the same input; the smallest when None.
        dilate: Distance of neighbouring kernel elements: an int, or a pair.
        groups: Number of groups of channels.

    Returns:
        Variable (n, c, out_h, out_w).

    Raises:
        InvalidType: When shapes, dtypes or outsize do not fit.
        ValueError: For the keyword `deterministic` of old programs.

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
    """Spread every input element over a window of the output, with any number of spatial axes.

    Args:
        x: Array (n, o, d1, ..., dN), floating.
        W: Kernels (o, c / groups, k1, ..., kN).
        b: Biases (c,) or None.
        stride, pad, dilate: Ints, or N ints each.
        outsize: N output sizes; the smallest that fit when None.
        groups: Number of groups of channels.

    Returns:
        Variable (n, c, l1, ..., lN).

    Raises:
        InvalidType: When shapes, dtypes or outsize do not fit.

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
    """Spread every element of a sequence over a window: `deconvolution_nd` with one spatial axis.

    Args:
        x: Sequences (n, o, d), floating.
        W: Kernels (o, c / groups, k).
        b: Biases (c,) or None.
        stride, pad, outsize, dilate, groups: As for `deconvolution_nd`.

    Returns:
        Variable (n, c, l).

    Raises:
        ValueError: When x has not one spatial axis.
        InvalidType: When shapes, dtypes or outsize do not fit.

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
    """Spread every element of a volume over a window: `deconvolution_nd` with three spatial axes.

    Args:
        x: Volumes (n, o, d, h, w), floating.
        W: Kernels (o, c / groups, kd, kh, kw).
        b: Biases (c,) or None.
        stride, pad, outsize, dilate, groups: As for `deconvolution_nd`.

    Returns:
        Variable (n, c, out_d, out_h, out_w).

    Raises:
        ValueError: When x has not three spatial axes.
        InvalidType: When shapes, dtypes or outsize do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x, W = np.ones((1, 1, 2, 2, 2), np.float32), np.ones((1, 4, 2, 2, 2), np.float32)
        >>> F.deconvolution_3d(x, W, stride=2).shape
        (1, 4, 4, 4, 4)
    """
    checks.spatial_axes('deconvolution_3d', x, 3)
    return deconvolution_nd(x, W, b, stride, pad, outsize, dilate, groups)
