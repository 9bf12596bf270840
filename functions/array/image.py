"""Functions of images: resize_images, depth2space, space2depth and the spatial transformer."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.array_ops import get_item, reshape, transpose
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.matmul import matmul
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable, as_array, as_variable
from chaingrad.functions.array.padding import pad
from chaingrad.functions.checks import refuse, require_arrays
from chaingrad.functions.elementwise.comparison import clip

_USE_CUDNN = (
    'The argument "use_cudnn" is not supported anymore. Use using_config(\'use_cudnn\', value) context where value '
    'can be `always`, `never`, or `auto`.'
)


def _check_images(who: str, x: Any, name: str = 'x') -> None:
    require_arrays(who, **{name: x})
    if len(x.shape) != 4 or x.dtype.kind != 'f':
        raise InvalidType(f'{who}: {name} must be (n, c, h, w) of floating dtype, but it is {x.dtype} {x.shape}.')


def depth2space(X: Any, r: int) -> Variable:
    """Spread channels over squares of pixels; the opposite of `space2depth`.

    y[n, k, a r + i, b r + j] = X[n, (i r + j) c + k, a, b].

    Args:
        X: Variable or array, (n, c * r * r, h, w), floating dtype.
        r (int): length of a square.

    Returns:
        Variable, (n, c, h * r, w * r).

    Raises:
        InvalidType: when X is no batch of images of so many channels.

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
    n, c, h, w = X.shape
    parts = transpose(reshape(X, (n, r, r, c // r**2, h, w)), (0, 3, 4, 1, 5, 2))
    return reshape(parts, (n, c // r**2, h * r, w * r))


def space2depth(X: Any, r: int) -> Variable:
    """Gather squares of pixels in channels; the opposite of `depth2space`.

    y[n, (i r + j) c + k, a, b] = X[n, k, a r + i, b r + j].

    Args:
        X: Variable or array, (n, c, h * r, w * r), floating dtype.
        r (int): length of a square.

    Returns:
        Variable, (n, c * r * r, h, w).

    Raises:
        InvalidType: when X is no batch of images of such a size.

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
    parts = transpose(reshape(X, (n, c, h // r, r, w // r, r)), (0, 3, 5, 1, 2, 4))
    return reshape(parts, (n, c * r**2, h // r, w // r))


def resize_images(x: Any, output_shape: Any, *, mode: str = 'bilinear', align_corners: bool = True) -> Variable:
    """Resize images.

    Args:
        x: Variable or array, (n, c, h, w), floating dtype.
        output_shape (tuple of ints): (out_h, out_w).
        mode (str): `'bilinear'` for weighted means of the four nearest pixels, `'nearest'` for the nearest one.
        align_corners (bool): whether the centres of the corner pixels stay in the corners; else the outer borders do.

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
    if len(output_shape) != 2 or min(output_shape) < 1 or min(x.shape[2:]) < 1:
        raise ValueError(
            f'resize_images: output_shape must be two positive numbers and x have pixels, but it is {output_shape} and '
            f'x is {x.dtype} {x.shape}.'
        )
    weights = [_interpolation(n, m, mode, align_corners) for n, m in zip(x.shape[2:], output_shape)]
    rows, columns = (get_array_module(as_array(x)).asarray(w, x.dtype) for w in weights)
    return matmul(rows, matmul(x, columns, transb=True))


def _interpolation(n: int, m: int, mode: str, align_corners: bool) -> Any:
    """Return the matrix (m, n) that takes m values from between n."""
    places = np.linspace(0, n - 1, m) if align_corners else (np.arange(m) + 0.5) * (n / m) - 0.5
    places = np.clip(places, 0, n - 1)
    lower = (np.rint(places) if mode == 'nearest' else np.floor(places)).astype(int)
    share = np.zeros(m) if mode == 'nearest' else places - lower
    matrix = np.zeros((m, n))
    np.add.at(matrix, (np.arange(m), lower), 1 - share)
    np.add.at(matrix, (np.arange(m), np.minimum(lower + 1, n - 1)), share)
    return matrix


def spatial_transformer_grid(theta: Any, output_shape: Any, **kwargs: Any) -> Variable:
    """Return the places that an affine map takes the pixels of an image to.

    (u, v) = theta (x, y, 1), where x and y run from -1 to 1 over the output image.

    Args:
        theta: Variable or array, (n, 2, 3), floating dtype.
        output_shape (tuple of ints): (out_h, out_w).

    Returns:
        Variable, (n, 2, out_h, out_w): the abscissae u, and the ordinates v.

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
    refuse('spatial_transformer_grid', kwargs, use_cudnn=_USE_CUDNN)
    require_arrays('spatial_transformer_grid', theta=theta)
    if theta.shape[1:] != (2, 3) or theta.dtype.kind != 'f':
        raise InvalidType(
            f'spatial_transformer_grid: theta must be (n, 2, 3) of floating dtype, but it is {theta.dtype} '
            f'{theta.shape}.'
        )
    h, w = output_shape
    y, x = np.meshgrid(np.linspace(-1, 1, h), np.linspace(-1, 1, w), indexing='ij')
    points = np.stack([x.ravel(), y.ravel(), np.ones(h * w)])
    points = get_array_module(as_array(theta)).asarray(points, theta.dtype)
    return reshape(matmul(theta, points), (theta.shape[0], 2, h, w))


def spatial_transformer_sampler(x: Any, grid: Any, **kwargs: Any) -> Variable:
    """Return values of images at places between the pixels.

    The weighted mean of the four nearest pixels; outside the image there are zeros.

    Args:
        x: Variable or array, (n, c, h, w), floating dtype.
        grid: Variable or array of the same dtype, (n, 2, out_h, out_w): the abscissae, and the ordinates, -1 to 1 over
            the image.

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
    refuse('spatial_transformer_sampler', kwargs, use_cudnn=_USE_CUDNN)
    _check_images('spatial_transformer_sampler', x)
    require_arrays('spatial_transformer_sampler', grid=grid)
    if len(grid.shape) != 4 or grid.shape[:2] != (x.shape[0], 2) or grid.dtype != x.dtype:
        raise InvalidType(
            f'spatial_transformer_sampler: grid must be ({x.shape[0]}, 2, out_h, out_w) of dtype {x.dtype}, as x is '
            f'{x.dtype} {x.shape}, but it is {grid.dtype} {grid.shape}.'
        )
    x, grid = as_variable(x), as_variable(grid)
    n, _, h, w = x.shape
    pixels = transpose(pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), 'constant'), (0, 2, 3, 1))
    samples = x.xp.arange(n).reshape(n, 1, 1)
    column, left, right = _between(grid[:, 0], w)
    row, upper, lower = _between(grid[:, 1], h)

    def pixel(i: int, j: int) -> Variable:
        return get_item(pixels, (samples, row + i, column + j))

    y = upper * (left * pixel(0, 0) + right * pixel(0, 1)) + lower * (left * pixel(1, 0) + right * pixel(1, 1))
    return transpose(y, (0, 3, 1, 2))


def _between(u: Variable, n: int) -> tuple[Any, Variable, Variable]:
    """Return the pixel before each place in an image with a border of one pixel, and the shares of it and the next."""
    u = clip((u + 1) * ((n - 1) / 2) + 1, 0, n + 1)
    before = u.xp.minimum(u.xp.floor(u.array), n).astype(int)
    share = (u - before)[..., None]
    return before, 1 - share, share
