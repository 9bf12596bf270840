"""Convolution that samples its input at learned places."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.variable import Variable, as_variable
from chaingrad.functions import checks
from chaingrad.functions.convolution.convolution import Size
from chaingrad.functions.kernels import windows


def deformable_convolution_2d_sampler(x, offset, W, b=None, stride: Size = 1, pad: Size = 0) -> Variable:
    """Convolve images, reading every element of every window at a place moved by an offset.

    Element (u, v) of the window at (i, j) is read at row `i s + u - p + dy` and column `j s + v - p + dx`, by bilinear
    interpolation; outside the image is zero. Differentiable in the offsets too, except where a place is a whole
    number: there the derivative jumps, and the one of the cell that begins there is taken.

    Args:
        x: Images (n, c, h, w), floating.
        offset: Offsets (n, 2 kh kw, out_h, out_w): first dx of all elements of the window, then dy.
        W: Kernels (o, c, kh, kw).
        b: Biases (o,) or None.
        stride, pad: Ints or pairs.

    Returns:
        Variable (n, o, out_h, out_w).

    Raises:
        InvalidType: When shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3)
        >>> W = np.ones((1, 1, 1, 1), np.float32)
        >>> offset = np.zeros((1, 2, 3, 3), np.float32)
        >>> offset[:, 0] = 0.5  # half a column to the right
        >>> F.deformable_convolution_2d_sampler(x, offset, W).array[0, 0]
        array([[0.5, 1.5, 1. ],
               [3.5, 4.5, 2.5],
               [6.5, 7.5, 4. ]], dtype=float32)

    Source:
        J. Dai et al., Deformable convolutional networks, 2017, equations (2) to (4).
    """
    who, x, offset, W = 'deformable_convolution_2d_sampler', as_variable(x), as_variable(offset), as_variable(W)
    checks.require_floats(who, x=x, offset=offset, W=W, b=b)
    if x.ndim != 4 or W.ndim != 4 or x.shape[1] != W.shape[1]:
        checks.fail(who, 'x.ndim == W.ndim == 4 and x.shape[1] == W.shape[1]', x=x, W=W)
    (n, c, h, w), (o, _, *k) = x.shape, W.shape
    (s, p), places = windows.sizes(who, 2, stride=stride, pad=pad), k[0] * k[1]
    out = windows.conv_outsizes((h, w), k, s, p)
    checks.require_outputs(who, (h, w), k, s, p, (1, 1), out)
    if offset.shape != (n, 2 * places, *out):
        checks.fail(who, f'offset.shape == {(n, 2 * places, *out)}', offset=offset, x=x, W=W)
    if b is not None and b.shape != (o,):
        checks.fail(who, f'b.shape == ({o},)', b=b, W=W)
    xp, dtype = x.xp, x.dtype
    element = xp.arange(places).reshape(1, places, 1, 1)
    rows = element // k[1] + (xp.arange(out[0]) * s[0] - p[0]).reshape(1, 1, -1, 1)
    columns = element % k[1] + (xp.arange(out[1]) * s[1] - p[1]).reshape(1, 1, 1, -1)
    at_y, at_x = offset[:, places:] + rows.astype(dtype), offset[:, :places] + columns.astype(dtype)
    top, left = (xp.clip(xp.floor(a.array), -2, m + 1) for a, m in ((at_y, h), (at_x, w)))
    down, right = at_y - top, at_x - left
    pixels = x.transpose((0, 2, 3, 1)).reshape((n * h * w, c))
    first = xp.arange(n).reshape(n, 1, 1, 1) * (h * w)
    total = 0
    for dy, dx in np.ndindex(2, 2):
        i, j = (top + dy).astype(np.intp), (left + dx).astype(np.intp)
        inside = ((i >= 0) & (i < h) & (j >= 0) & (j < w)).astype(dtype)
        weight = (down if dy else 1 - down) * (right if dx else 1 - right) * inside
        index = first + xp.clip(i, 0, h - 1) * w + xp.clip(j, 0, w - 1)
        total = pixels[index.reshape(-1)] * weight.reshape((-1, 1)) + total
    samples = total.reshape((n, places, *out, c)).transpose((0, 2, 3, 1, 4)).reshape((-1, places * c))
    y = samples @ W.transpose((2, 3, 1, 0)).reshape((places * c, o))
    y = y if b is None else y + b
    return y.reshape((n, *out, o)).transpose((0, 3, 1, 2))
