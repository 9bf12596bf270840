"""Windows of images: their number, im2col and its adjoint, with the reference's arguments."""

from __future__ import annotations

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.functions.kernels import windows
from chaingrad.functions.kernels.windows import get_conv_outsize, get_deconv_outsize

__all__ = [
    'col2im',
    'col2im_cpu',
    'col2im_gpu',
    'get_conv_outsize',
    'get_deconv_outsize',
    'im2col',
    'im2col_cpu',
    'im2col_gpu',
]


def im2col_cpu(
    img: Array,
    kh: int,
    kw: int,
    sy: int,
    sx: int,
    ph: int,
    pw: int,
    pval: float = 0,
    cover_all: bool = False,
    dy: int = 1,
    dx: int = 1,
    out_h: int | None = None,
    out_w: int | None = None,
) -> Array:
    """Copy every window of a batch of images.

    `col[n, c, i, j, a, b] = img[n, c, a * sy + i * dy - ph, b * sx + j * dx - pw]`

    Args:
        img: array, (n, c, h, w).
        kh: height of the window.
        kw: width of the window.
        sy: stride along the height.
        sx: stride along the width.
        ph: padding above and below.
        pw: padding on the left and right.
        pval: value of the padding.
        cover_all: whether every element must be in some window.
        dy: dilation along the height.
        dx: dilation along the width.
        out_h: number of windows along the height; None for as many as fit.
        out_w: number of windows along the width; None for as many as fit.

    Returns:
        Array, (n, c, kh, kw, out_h, out_w).

    Example:
        >>> import numpy as np
        >>> from chaingrad.utils.conv import im2col_cpu
        >>> im2col_cpu(np.arange(6).reshape(1, 1, 2, 3), 1, 2, 1, 1, 0, 0)[0, 0, 0]
        array([[[0, 1],
                [3, 4]],
               [[1, 2],
                [4, 5]]])
    """
    h, w = img.shape[2:]
    out_h = get_conv_outsize(h, kh, sy, ph, cover_all, dy) if out_h is None else out_h
    out_w = get_conv_outsize(w, kw, sx, pw, cover_all, dx) if out_w is None else out_w
    _require_windows('im2col', (out_h, out_w), (kh, kw), img.shape)
    xp = get_array_module(img)
    return windows.im2col(xp, img, windows.Geometry((kh, kw), (sy, sx), (ph, pw), (dy, dx)), (out_h, out_w), pval)


def im2col(
    img: Array,
    kh: int,
    kw: int,
    sy: int,
    sx: int,
    ph: int,
    pw: int,
    cover_all: bool = False,
    dy: int = 1,
    dx: int = 1,
    out_h: int | None = None,
    out_w: int | None = None,
) -> Array:
    """Copy every window of a batch of images, padded with zeros, on any device; see `im2col_cpu`.

    Example:
        >>> import numpy as np
        >>> from chaingrad.utils.conv import im2col
        >>> im2col(np.ones((1, 2, 5, 5), 'f'), 3, 3, 2, 2, 1, 1).shape
        (1, 2, 3, 3, 3, 3)
    """
    return im2col_cpu(img, kh, kw, sy, sx, ph, pw, 0, cover_all, dy, dx, out_h, out_w)


def col2im(col: Array, sy: int, sx: int, ph: int, pw: int, h: int, w: int, dy: int = 1, dx: int = 1) -> Array:
    """Add every window to its position in a batch of images: the adjoint of `im2col`.

    Args:
        col: array, (n, c, kh, kw, out_h, out_w).
        sy: stride along the height.
        sx: stride along the width.
        ph: padding above and below.
        pw: padding on the left and right.
        h: height of the images.
        w: width of the images.
        dy: dilation along the height.
        dx: dilation along the width.

    Returns:
        Array, (n, c, h, w).

    Example:
        >>> import numpy as np
        >>> from chaingrad.utils.conv import col2im
        >>> col2im(np.ones((1, 1, 1, 2, 1, 2)), 1, 1, 0, 0, 1, 3)
        array([[[[1., 2., 1.]]]])
    """
    geometry = windows.Geometry(col.shape[2:4], (sy, sx), (ph, pw), (dy, dx))
    return windows.col2im(get_array_module(col), col, geometry, (h, w))


im2col_gpu = im2col
col2im_cpu = col2im_gpu = col2im


def _require_windows(caller: str, out: Shape, k: Shape, shape: Shape) -> None:
    """Raise ValueError unless there is at least one window along each axis."""
    if min(out) < 1:
        raise ValueError(f'{caller}: the window {k} must fit into the padded image, but img is {shape}. Pad it.')
