"""Windows as columns, convolution with a kernel of its own at every position, and the shift of channels."""

from __future__ import annotations

import math

from chaingrad.autograd.annotations import Arrays, Indexes, Operands, Shape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.variable import Variable, VariableOrArray, as_variable
from chaingrad.functions import checks
from chaingrad.functions.casting import downcast
from chaingrad.functions.kernels import windows
from chaingrad.functions.kernels.windows import Size, as_tuple


class Im2Col(FunctionNode):
    """y[n, (c, u, v), i, j] = x[n, c, i s + u d - p, j s + v d - p]."""

    def __init__(
        self,
        ksize: Size,
        stride: Size = 1,
        pad: Size = 0,
        cover_all: bool = False,
        dilate: Size = 1,
        *,
        out: Shape | None = None,
    ) -> None:
        self.geometry = windows.make_geometry('im2col', 2, ksize, stride, pad, dilate)
        self.cover_all = cover_all
        self.out = out

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        if x.ndim != 4:
            checks.fail('im2col', 'x.ndim == 4', x=x)
        n, c, *size = x.shape
        g = self.geometry
        self.size = tuple(size)
        out = self.out or windows.conv_outsizes(size, g.k, g.s, g.p, self.cover_all, g.d)
        checks.require_outputs('im2col', size, g.k, g.p, g.d, out)
        col = windows.im2col(get_array_module(x), x, g, out)
        return (col.reshape(n, c * math.prod(g.k), *out),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        return (Col2Im.of(gy, size=self.size, geometry=self.geometry),)


class Col2Im(FunctionNode):
    """The adjoint of Im2Col: every column is added to its window."""

    def __init__(self, size: Shape, geometry: windows.Geometry) -> None:
        self.size = size
        self.geometry = geometry

    def forward(self, inputs: Arrays) -> Arrays:
        (col,) = inputs
        n, rows, *out = col.shape
        k = self.geometry.k
        self.out = tuple(out)
        col = col.reshape(n, rows // math.prod(k), *k, *out)
        return (windows.col2im(get_array_module(col), col, self.geometry, self.size),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gx,) = grad_outputs
        g = self.geometry
        return (Im2Col.of(gx, ksize=g.k, stride=g.s, pad=g.p, dilate=g.d, out=self.out),)


class Shift(FunctionNode):
    """y[n, c, i, j] = x[n, c, i - u d, j - v d], with (u, v) a position in the kernel for every group of channels."""

    def __init__(self, ksize: Size = 3, dilate: Size = 1) -> None:
        self.k = as_tuple(ksize, 2)
        self.d = as_tuple(dilate, 2)

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        xp = get_array_module(x)
        kh, kw = self.k
        dy, dx = self.d
        h, w = x.shape[2:]
        ph = kh // 2 * abs(dy)
        pw = kw // 2 * abs(dx)
        image = windows.padded(xp, x, 2, (ph, pw), (h + 2 * ph, w + 2 * pw))
        y = xp.empty_like(x)
        positions = kh * kw
        group = x.shape[1] // positions
        order = list(range(positions))
        middle = (positions - 1) // 2  # not moved; it comes last, with the channels that are left over
        order[middle], order[-1] = order[-1], order[middle]
        for i, position in enumerate(order):
            stop = None if i == positions - 1 else (i + 1) * group
            channels = slice(i * group, stop)
            u = position // kw - kh // 2
            v = position % kw - kw // 2
            top = ph - u * dy
            left = pw - v * dx
            y[:, channels] = image[:, channels, top : top + h, left : left + w]
        return (y,)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        dy, dx = self.d
        return (Shift.of(gy, ksize=self.k, dilate=(-dy, -dx)),)


def im2col(
    x: VariableOrArray, ksize: Size, stride: Size = 1, pad: Size = 0, cover_all: bool = False, dilate: Size = 1
) -> Variable:
    """Copy the windows of images into columns.

    `y[n, (c, u, v), i, j] = x[n, c, i s + u d - p, j s + v d - p]`, zero outside the image.

    Args:
        x: Variable or array, (n, c, h, w), floating dtype.
        ksize (int or pair of ints): size of the window, rows and columns.
        stride, pad, dilate (int or pair of ints): as for `convolution_2d`.
        cover_all (bool): whether to use every input element.

    Returns:
        Variable, (n, c kh kw, out_h, out_w).

    Raises:
        InvalidType: when x does not have four axes, or the window is larger than the padded image.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.arange(6, dtype=np.float32).reshape(1, 1, 2, 3)
        >>> F.im2col(x, 2).array[0, :, 0]
        array([[0., 1.],
               [1., 2.],
               [3., 4.],
               [4., 5.]], dtype=float32)
    """
    return Im2Col(ksize, stride, pad, cover_all, dilate).apply((x,))[0]


def local_convolution_2d(
    x: VariableOrArray, W: VariableOrArray, b: VariableOrArray | None = None, stride: Size = 1
) -> Variable:
    """Convolve images with a kernel of its own at every position.

    `y[n, o, i, j] = sum over c, u, v of W[o, i, j, c, u, v] x[n, c, i s + u, j s + v] + b[o, i, j]`.

    Args:
        x: Variable or array, (n, c, h, w), floating dtype.
        W: Variable or array, kernels (o, out_h, out_w, c, kh, kw), floating dtype.
        b: Variable or array, (o, out_h, out_w), or None.
        stride (int or pair of ints): step of the window.

    Returns:
        Variable, (n, o, out_h, out_w).

    Raises:
        InvalidType: when shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x, W = np.ones((2, 3, 9, 9), np.float32), np.ones((4, 7, 7, 3, 3, 3), np.float32)
        >>> F.local_convolution_2d(x, W).shape
        (2, 4, 7, 7)

    Source:
        K. Gregor and Y. LeCun, Emergence of complex-like cells in a temporal product network with local receptive
        fields, 2010, section 2.
    """
    who = 'local_convolution_2d'
    x = as_variable(x)
    W = as_variable(W)
    checks.require_weighted(who, x, W, b)
    if x.ndim != 4 or W.ndim != 6 or x.shape[1] != W.shape[3]:
        checks.fail(who, 'x.ndim == 4, W.ndim == 6 and x.shape[1] == W.shape[3]', x=x, W=W)
    n, c, *size = x.shape
    o, *out = W.shape[:3]
    k = W.shape[4:]
    s = as_tuple(stride, 2, f'{who}: stride', 1)
    outsize = windows.conv_outsizes(size, k, s, (0, 0))
    if tuple(out) != outsize:
        checks.fail(who, f'W.shape[1:3] == {outsize}, the output size of x with stride {s},', x=x, W=W)
    if b is not None and b.shape != (o, *out):
        checks.fail(who, f'b.shape == {(o, *out)}', b=b, W=W)
    positions = math.prod(out)
    rows = c * math.prod(k)
    columns = Im2Col(k, s).apply((x,))[0].reshape((n, rows, positions)).transpose((2, 0, 1))
    weights = W.reshape((o, positions, rows)).transpose((1, 2, 0))
    y = downcast(columns @ weights, x.dtype).transpose((1, 2, 0)).reshape((n, o, *out))
    return y if b is None else y + b


def shift(x: VariableOrArray, ksize: Size = 3, dilate: Size = 1) -> Variable:
    """Shift each group of channels to another position of a window, in place of a depthwise convolution.

    The channels are split into `kh kw` groups, one for each position of the window; the group of the middle and the
    channels that are left over do not move. Elements from outside the image are zero.

    Args:
        x: Variable or array, (n, c, h, w), floating dtype.
        ksize (int or pair of ints): size of the window, odd.
        dilate (int or pair of ints): distance between neighbouring positions in the window.

    Returns:
        Variable of the shape of x.

    Raises:
        InvalidType: when x does not have four axes, has fewer channels than the window has positions, or ksize is even.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.ones((1, 9, 2, 2), np.float32)
        >>> F.shift(x).array[0, 0]  # moved from the upper left
        array([[1., 0.],
               [0., 0.]], dtype=float32)

    Source:
        B. Wu et al., Shift: a zero FLOP, zero parameter alternative to spatial convolutions, 2018, section 3.1.
    """
    kh, kw = windows.make_geometry('shift', 2, ksize, dilate=dilate).k
    x = as_variable(x)
    checks.require_floats('shift', x=x)
    if x.ndim != 4 or x.shape[1] < kh * kw:
        checks.fail('shift', f'x.ndim == 4 and x.shape[1] >= {kh * kw} (ksize {(kh, kw)})', x=x)
    if not kh % 2 == kw % 2 == 1:
        checks.fail('shift', f'an odd ksize (not {(kh, kw)})', x=x)
    return Shift((kh, kw), dilate).apply((x,))[0]
