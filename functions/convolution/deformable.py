"""Convolution that samples its input at learned positions."""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.annotations import Shape
from chaingrad.autograd.variable import Variable, VariableOrArray, as_variable
from chaingrad.functions import checks
from chaingrad.functions.casting import downcast
from chaingrad.functions.kernels import windows
from chaingrad.functions.kernels.windows import Size, as_tuple


def deformable_convolution_2d_sampler(
    x: VariableOrArray,
    offset: VariableOrArray,
    W: VariableOrArray,
    b: VariableOrArray | None = None,
    stride: Size = 1,
    pad: Size = 0,
) -> Variable:
    """Convolve images, reading every element of every window at a position moved by an offset.

    Element (u, v) of the window at (i, j) is read at row `i s + u - p + dy` and column `j s + v - p + dx`, by bilinear
    interpolation; outside the image is zero. Differentiable in the offsets too, except where a position is a
    whole number: there the derivative jumps, and that of the cell that begins there is taken.

    Args:
        x: Variable or array, (n, c, h, w), floating dtype.
        offset: Variable or array, (n, 2 kh kw, out_h, out_w), of the same dtype: first dx of all elements of the
            window, then dy.
        W: Variable or array, kernels (o, c, kh, kw), floating dtype.
        b: Variable or array, (o,), or None.
        stride, pad (int or pair of ints): as for `convolution_2d`.

    Returns:
        Variable, (n, o, out_h, out_w).

    Raises:
        InvalidType: when shapes or dtypes do not fit.

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
    who = 'deformable_convolution_2d_sampler'
    x = as_variable(x)
    offset = as_variable(offset)
    W = as_variable(W)
    checks.require_weighted(who, x, W, b, offset=offset)
    if x.ndim != 4 or W.ndim != 4 or x.shape[1] != W.shape[1]:
        checks.fail(who, 'x.ndim == W.ndim == 4 and x.shape[1] == W.shape[1]', x=x, W=W)
    n, c, h, w = x.shape
    o, _, kh, kw = W.shape
    s = as_tuple(stride, 2, f'{who}: stride', 1)
    p = as_tuple(pad, 2, f'{who}: pad', 0)
    out = windows.conv_outsizes((h, w), (kh, kw), s, p)
    checks.require_outputs(who, (h, w), (kh, kw), p, (1, 1), out)
    if offset.shape != (n, 2 * kh * kw, *out):
        checks.fail(who, f'offset.shape == {(n, 2 * kh * kw, *out)}', offset=offset, x=x, W=W)
    if b is not None and b.shape != (o,):
        checks.fail(who, f'b.shape == ({o},)', b=b, W=W)
    rows, columns = _sampling_positions(offset, (kh, kw), s, p)
    samples = _bilinear_samples(x, rows, columns).reshape((n, kh * kw, *out, c))
    windows_matrix = samples.transpose((0, 2, 3, 1, 4)).reshape((-1, kh * kw * c))
    y = downcast(windows_matrix @ W.transpose((2, 3, 1, 0)).reshape((kh * kw * c, o)), x.dtype)
    if b is not None:
        y = y + b
    return y.reshape((n, *out, o)).transpose((0, 3, 1, 2))


def _sampling_positions(offset: Variable, k: Shape, s: Shape, p: Shape) -> tuple[Variable, Variable]:
    """Return the row and the column at which every element of every window is read: (n, kh kw, out_h, out_w) each."""
    xp = offset.xp
    kh, kw = k
    _, _, out_h, out_w = offset.shape
    element = xp.arange(kh * kw).reshape(1, kh * kw, 1, 1)
    rows = element // kw + (xp.arange(out_h) * s[0] - p[0]).reshape(1, 1, -1, 1)
    columns = element % kw + (xp.arange(out_w) * s[1] - p[1]).reshape(1, 1, 1, -1)
    dx = offset[:, : kh * kw]
    dy = offset[:, kh * kw :]
    return dy + rows.astype(offset.dtype), dx + columns.astype(offset.dtype)


def _bilinear_samples(x: Variable, rows: Variable, columns: Variable) -> Variable:
    """Return x (n, c, h, w) at rows and columns (n, ...), zero outside: (elements of rows, c)."""
    xp, dtype = x.xp, x.dtype
    n, c, h, w = x.shape
    top = xp.clip(xp.floor(rows.array), -2, h + 1)
    left = xp.clip(xp.floor(columns.array), -2, w + 1)
    down = rows - top  # the distance from the upper row, which is the weight of the lower one
    right = columns - left
    pixels = x.transpose((0, 2, 3, 1)).reshape((n * h * w, c))
    first_pixel = xp.arange(n).reshape(n, 1, 1, 1) * (h * w)
    corners = []
    for dy in (0, 1):
        for dx in (0, 1):
            i = (top + dy).astype(np.intp)
            j = (left + dx).astype(np.intp)
            inside = ((i >= 0) & (i < h) & (j >= 0) & (j < w)).astype(dtype)
            row_weight = down if dy else 1 - down
            column_weight = right if dx else 1 - right
            weight = row_weight * column_weight * inside
            index = first_pixel + xp.clip(i, 0, h - 1) * w + xp.clip(j, 0, w - 1)
            corners.append(pixels[index.reshape(-1)] * weight.reshape((-1, 1)))
    return corners[0] + corners[1] + corners[2] + corners[3]
