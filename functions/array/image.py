"""Functions of images: depth2space, space2depth, resize_images and the spatial transformer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.array_ops import get_item, reshape, transpose
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.matmul import matmul
from chaingrad.autograd.type_checking.type_check import InvalidType, reject
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array, as_variable
from chaingrad.functions.array.padding import pad
from chaingrad.functions.checks import USE_CUDNN, refuse, require_arrays
from chaingrad.functions.elementwise.comparison import clip


def _check_images(who: str, x: VariableOrArray, name: str = 'x') -> None:
    """Raise unless x is a batch of images of floating dtype."""
    require_arrays(who, **{name: x})
    if len(x.shape) != 4 or x.dtype.kind != 'f':
        reject(f'{who}: {name} must be (n, c, h, w) of floating dtype, but it is {x.dtype} {x.shape}.')


def depth2space(X: VariableOrArray, r: int) -> Variable:
    """Rearrange channels into squares of pixels; the inverse of `space2depth`.

    y[n, k, a r + i, b r + j] = X[n, (i r + j) c + k, a, b].

    Args:
        X: Variable or array, (n, c * r * r, h, w), floating dtype.
        r (int): height and width of a square.

    Returns:
        Variable, (n, c, h * r, w * r).

    Raises:
        InvalidType: when X is no batch of images, or its number of channels is no multiple of r * r.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.depth2space(np.arange(4.0).reshape(1, 4, 1, 1), 2)
        variable([[[[0., 1.],
                    [2., 3.]]]])

    Source:
        W. Shi et al., Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional
        Neural Network, CVPR 2016.
    """
    _check_images('depth2space', X, 'X')
    if r < 1 or X.shape[1] % (r * r):
        raise InvalidType(
            f'depth2space: the number of channels must be a multiple of r * r, but X is {X.dtype} {X.shape} and r is '
            f'{r}.'
        )
    n, channels, h, w = X.shape
    c = channels // r**2
    squares = transpose(reshape(X, (n, r, r, c, h, w)), (0, 3, 4, 1, 5, 2))
    return reshape(squares, (n, c, h * r, w * r))


def space2depth(X: VariableOrArray, r: int) -> Variable:
    """Rearrange squares of pixels into channels; the inverse of `depth2space`.

    y[n, (i r + j) c + k, a, b] = X[n, k, a r + i, b r + j].

    Args:
        X: Variable or array, (n, c, h * r, w * r), floating dtype.
        r (int): height and width of a square.

    Returns:
        Variable, (n, c * r * r, h, w).

    Raises:
        InvalidType: when X is no batch of images, or its height or width is no multiple of r.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.space2depth(np.arange(4.0).reshape(1, 1, 2, 2), 2).shape
        (1, 4, 1, 1)

    Source:
        W. Shi et al., Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional
        Neural Network, CVPR 2016.
    """
    _check_images('space2depth', X, 'X')
    if r < 1 or X.shape[2] % r or X.shape[3] % r:
        raise InvalidType(
            f'space2depth: height and width must be multiples of r, but X is {X.dtype} {X.shape} and r is {r}.'
        )
    n, c, h, w = X.shape
    squares = transpose(reshape(X, (n, c, h // r, r, w // r, r)), (0, 3, 5, 1, 2, 4))
    return reshape(squares, (n, c * r**2, h // r, w // r))


def resize_images(
    x: VariableOrArray, output_shape: tuple[int, int], *, mode: str = 'bilinear', align_corners: bool = True
) -> Variable:
    """Resize images.

    Args:
        x: Variable or array, (n, c, h, w), floating dtype.
        output_shape (tuple of ints): (out_h, out_w).
        mode (str): `'bilinear'` for weighted means of the four nearest pixels, `'nearest'` for the nearest one.
        align_corners (bool): whether the centres of the corner pixels of input and output coincide; else the outer
            borders do.

    Returns:
        Variable, (n, c, out_h, out_w).

    Raises:
        InvalidType: when x is no batch of images.
        ValueError: when the mode is unknown or output_shape is not two positive numbers.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.resize_images(np.array([[[[0.0, 2.0], [4.0, 6.0]]]]), (3, 3))
        variable([[[[0., 1., 2.],
                    [2., 3., 4.],
                    [4., 5., 6.]]]])
    """
    _check_images('resize_images', x)
    if mode not in ('bilinear', 'nearest'):
        raise ValueError(f"resize_images: mode must be 'bilinear' or 'nearest', but it is {mode!r}.")
    if not isinstance(output_shape, Sequence | np.ndarray):
        raise TypeError(
            f'resize_images: output_shape must be a pair (height, width), but it is {output_shape!r}. '
            f'Write ({output_shape}, {output_shape}) for a square.'
        )
    if len(output_shape) != 2 or min(output_shape) < 1 or min(x.shape[2:]) < 1:
        raise ValueError(
            f'resize_images: output_shape must be two positive numbers and x must have pixels, but output_shape is '
            f'{output_shape} and x is {x.dtype} {x.shape}.'
        )
    xp = get_array_module(as_array(x))
    h, w = x.shape[2:]
    out_h, out_w = output_shape
    rows = xp.asarray(_interpolation_array(h, out_h, mode, align_corners), x.dtype)
    columns = xp.asarray(_interpolation_array(w, out_w, mode, align_corners), x.dtype)
    return matmul(rows, matmul(x, columns, transb=True))


def _interpolation_array(n: int, m: int, mode: str, align_corners: bool) -> Array:
    """Return the matrix (m, n) that interpolates m values from n."""
    if align_corners:
        positions: Array = np.linspace(0, n - 1, m)
    else:
        positions = (np.arange(m) + 0.5) * (n / m) - 0.5
    positions = np.clip(positions, 0, n - 1)
    if mode == 'nearest':
        positions = np.rint(positions)
    lower = np.floor(positions).astype(int)
    upper = np.minimum(lower + 1, n - 1)
    fraction = positions - lower
    i = np.arange(m)
    matrix = np.zeros((m, n))
    np.add.at(matrix, (i, lower), 1 - fraction)
    np.add.at(matrix, (i, upper), fraction)
    return matrix


def spatial_transformer_grid(theta: VariableOrArray, output_shape: tuple[int, int], **kwargs: Any) -> Variable:
    """Return the points that an affine map takes the pixels of an image to.

    (u, v) = theta (x, y, 1), where x and y run from -1 to 1 over the output image.

    Args:
        theta: Variable or array, (n, 2, 3), floating dtype.
        output_shape (tuple of ints): (out_h, out_w).

    Returns:
        Variable, (n, 2, out_h, out_w): the x coordinates u, then the y coordinates v.

    Raises:
        InvalidType: when theta is no batch of affine maps.
        ValueError: when `use_cudnn=` of old programs is given.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> F.spatial_transformer_grid(np.array([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]), (1, 3))[0, 0]
        variable([[-1.,  0.,  1.]])

    Source:
        M. Jaderberg, K. Simonyan, A. Zisserman, K. Kavukcuoglu, Spatial Transformer Networks, NIPS 2015, equation 1.
    """
    refuse('spatial_transformer_grid', kwargs, use_cudnn=USE_CUDNN)
    require_arrays('spatial_transformer_grid', theta=theta)
    if theta.shape[1:] != (2, 3) or theta.dtype.kind != 'f':
        reject(
            f'spatial_transformer_grid: theta must be (n, 2, 3) of floating dtype, but it is {theta.dtype} '
            f'{theta.shape}.'
        )
    h, w = output_shape
    y, x = np.meshgrid(np.linspace(-1, 1, h), np.linspace(-1, 1, w), indexing='ij')
    points = np.stack([x.ravel(), y.ravel(), np.ones(h * w)])
    points = get_array_module(as_array(theta)).asarray(points, theta.dtype)
    return reshape(matmul(theta, points), (theta.shape[0], 2, h, w))


def spatial_transformer_sampler(x: VariableOrArray, grid: VariableOrArray, **kwargs: Any) -> Variable:
    """Sample images at points between the pixels.

    y = the weighted mean of the four nearest pixels; outside the image there are zeros.

    Args:
        x: Variable or array, (n, c, h, w), floating dtype.
        grid: Variable or array, (n, 2, out_h, out_w), of the same dtype: the x coordinates, then the y coordinates,
            both from -1 to 1 over the image.

    Returns:
        Variable, (n, c, out_h, out_w).

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        ValueError: when `use_cudnn=` of old programs is given.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.array([[[[0.0, 2.0], [4.0, 6.0]]]])
        >>> F.spatial_transformer_sampler(x, np.array([0.0, 0.0]).reshape(1, 2, 1, 1))
        variable([[[[3.]]]])

    Source:
        M. Jaderberg, K. Simonyan, A. Zisserman, K. Kavukcuoglu, Spatial Transformer Networks, NIPS 2015, equation 5.
    """
    refuse('spatial_transformer_sampler', kwargs, use_cudnn=USE_CUDNN)
    _check_images('spatial_transformer_sampler', x)
    require_arrays('spatial_transformer_sampler', grid=grid)
    if len(grid.shape) != 4 or grid.shape[:2] != (x.shape[0], 2) or grid.dtype != x.dtype:
        reject(
            f'spatial_transformer_sampler: grid must be ({x.shape[0]}, 2, out_h, out_w) of dtype {x.dtype}, as x is '
            f'{x.dtype} {x.shape}, but it is {grid.dtype} {grid.shape}.'
        )
    x, grid = as_variable(x), as_variable(grid)
    n, _, h, w = x.shape
    padded = pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), 'constant')  # the zeros outside
    pixels = transpose(padded, (0, 2, 3, 1))
    samples = x.xp.arange(n).reshape(n, 1, 1)
    column, left_weight, right_weight = _neighbours(grid[:, 0], w)
    row, upper_weight, lower_weight = _neighbours(grid[:, 1], h)

    def pixel(i: int, j: int) -> Variable:
        return get_item(pixels, (samples, row + i, column + j))

    upper = left_weight * pixel(0, 0) + right_weight * pixel(0, 1)
    lower = left_weight * pixel(1, 0) + right_weight * pixel(1, 1)
    return transpose(upper_weight * upper + lower_weight * lower, (0, 3, 1, 2))


def _neighbours(u: Variable, n: int) -> tuple[Array, Variable, Variable]:
    """Return for each coordinate the index of the pixel before it, and the weights of that pixel and the next.

    The coordinates run from -1 to 1 over n pixels; the index is that in an image with a border of one pixel.
    """
    position = clip((u + 1) * ((n - 1) / 2) + 1, 0, n + 1)
    index = u.xp.minimum(u.xp.floor(position.array), n).astype(int)
    weight = (position - index)[..., None]
    return index, 1 - weight, weight
