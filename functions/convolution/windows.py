"""Windows as columns, convolution with a kernel of its own at every place, and the shift of channels."""

from __future__ import annotations

from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.variable import Variable, as_variable
from chaingrad.functions import checks
from chaingrad.functions.convolution.convolution import Size
from chaingrad.functions.kernels import windows


class Im2Col(FunctionNode):
    """y[n, (c, u, v), i, j] = x[n, c, i s + u d - p, j s + v d - p]."""

    def __init__(self, ksize, stride=1, pad=0, cover_all=False, dilate=1, *, out=None):
        given = {'ksize': ksize, 'stride': stride, 'pad': pad, 'dilate': dilate}
        self.k, self.s, self.p, self.d = windows.sizes('im2col', 2, **given)
        self.cover_all, self.out = cover_all, out

    def forward(self, inputs):
        (x,) = inputs
        if x.ndim != 4:
            checks.fail('im2col', 'x.ndim == 4', x=x)
        self.size = x.shape[2:]
        out = self.out or windows.conv_outsizes(self.size, self.k, self.s, self.p, self.cover_all, self.d)
        checks.require_outputs('im2col', self.size, self.k, self.s, self.p, self.d, out)
        col = windows.im2col(get_array_module(x), x, self.k, self.s, self.p, self.d, out)
        return (col.reshape(x.shape[0], x.shape[1] * windows.prod(self.k), *out),)

    def backward(self, indexes, grad_outputs):
        (gy,) = grad_outputs
        return (Col2Im.of(gy, size=self.size, ksize=self.k, stride=self.s, pad=self.p, dilate=self.d),)


class Col2Im(FunctionNode):
    """The adjoint of Im2Col: every column is added to its window."""

    def __init__(self, size, ksize, stride, pad, dilate):
        self.size, self.k, self.s, self.p, self.d = size, ksize, stride, pad, dilate

    def forward(self, inputs):
        (col,) = inputs
        self.out = col.shape[2:]
        columns = col.reshape(col.shape[0], col.shape[1] // windows.prod(self.k), *self.k, *self.out)
        return (windows.col2im(get_array_module(col), columns, self.size, self.s, self.p, self.d),)

    def backward(self, indexes, grad_outputs):
        (gx,) = grad_outputs
        return (Im2Col.of(gx, ksize=self.k, stride=self.s, pad=self.p, dilate=self.d, out=self.out),)


class Shift(FunctionNode):
    """y[n, c, i, j] = x[n, c, i - u d, j - v d], with (u, v) a place of the kernel for every group of channels."""

    def __init__(self, ksize=3, dilate=1):
        self.k, self.d = windows.as_tuple(ksize, 2), windows.as_tuple(dilate, 2)

    def forward(self, inputs):
        (x,) = inputs
        xp, (kh, kw), (h, w) = get_array_module(x), self.k, x.shape[2:]
        p = (kh // 2 * abs(self.d[0]), kw // 2 * abs(self.d[1]))
        image = windows.padded(xp, x, 2, p, (h + 2 * p[0], w + 2 * p[1]))
        y, count = xp.empty_like(x), kh * kw
        group = x.shape[1] // count
        order = list(range(count))
        middle = (count - 1) // 2  # unmoved; it is put last, where the channels that are left over join it
        order[middle], order[-1] = order[-1], order[middle]
        for i, place in enumerate(order):
            channels = slice(i * group, None if i == count - 1 else (i + 1) * group)
            top = p[0] - (place // kw - kh // 2) * self.d[0]
            left = p[1] - (place % kw - kw // 2) * self.d[1]
            y[:, channels] = image[:, channels, top : top + h, left : left + w]
        return (y,)

    def backward(self, indexes, grad_outputs):
        (gy,) = grad_outputs
        return (Shift.of(gy, ksize=self.k, dilate=tuple([-d for d in self.d])),)


def im2col(x, ksize: Size, stride: Size = 1, pad: Size = 0, cover_all: bool = False, dilate: Size = 1) -> Variable:
    """Lay the windows of images out as columns.

    `y[n, (c, u, v), i, j] = x[n, c, i s + u d - p, j s + v d - p]`, zero outside the image.

    Args:
        x: Images (n, c, h, w), floating.
        ksize: Size of the window: an int, or a pair.
        stride, pad, dilate: Ints or pairs, as for `convolution_2d`.
        cover_all: Use every input element.

    Returns:
        Variable (n, c kh kw, out_h, out_w).

    Raises:
        InvalidType: When x has not four axes, or the window is larger than the padded image.

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


def local_convolution_2d(x, W, b=None, stride: Size = 1) -> Variable:
    """Convolve images with kernels that differ from place to place.

    `y[n, o, i, j] = sum over c, u, v of W[o, i, j, c, u, v] x[n, c, i s + u, j s + v] + b[o, i, j]`.

    Args:
        x: Images (n, c, h, w), floating.
        W: Kernels (o, out_h, out_w, c, kh, kw).
        b: Biases (o, out_h, out_w) or None.
        stride: An int, or a pair.

    Returns:
        Variable (n, o, out_h, out_w).

    Raises:
        InvalidType: When shapes or dtypes do not fit.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x, W = np.ones((2, 3, 9, 9), np.float32), np.ones((4, 7, 7, 3, 3, 3), np.float32)
        >>> F.local_convolution_2d(x, W).shape
        (2, 4, 7, 7)

    Source:
        K. Gregor and Y. LeCun, Emergence of complex-like cells in a temporal product network with local receptive
        fields, 2010, section 2.
    """
    who, x, W = 'local_convolution_2d', as_variable(x), as_variable(W)
    checks.require_floats(who, x=x, W=W, b=b)
    if x.ndim != 4 or W.ndim != 6 or x.shape[1] != W.shape[3]:
        checks.fail(who, 'x.ndim == 4, W.ndim == 6 and x.shape[1] == W.shape[3]', x=x, W=W)
    (n, c, *size), (o, *out) = x.shape, W.shape[:3]
    k, (s,) = W.shape[4:], windows.sizes(who, 2, stride=stride)
    made = windows.conv_outsizes(size, k, s, (0, 0))
    if tuple(out) != made:
        checks.fail(who, f'W.shape[1:3] == {made}, the output size of x with stride {s},', x=x, W=W)
    if b is not None and b.shape != (o, *out):
        checks.fail(who, f'b.shape == {(o, *out)}', b=b, W=W)
    places, rows = out[0] * out[1], c * k[0] * k[1]
    columns = Im2Col(k, s).apply((x,))[0].reshape((n, rows, places)).transpose((2, 0, 1))
    weights = W.reshape((o, places, rows)).transpose((1, 2, 0))
    y = (columns @ weights).transpose((1, 2, 0)).reshape((n, o, *out))
    return y if b is None else y + b


def shift(x, ksize: Size = 3, dilate: Size = 1) -> Variable:
    """Move groups of channels by one place of a window each, in place of a depthwise convolution.

    The channels are split into `kh kw` groups; group after group moves by another place of the window, the group of
    the middle and the channels that are left over stay. What comes in from outside is zero.

    Args:
        x: Images (n, c, h, w), floating.
        ksize: Size of the window, odd: an int, or a pair.
        dilate: How far apart the places of the window are: an int, or a pair.

    Returns:
        Variable of the shape of x.

    Raises:
        InvalidType: When x has not four axes, has fewer channels than the window has places, or ksize is even.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.ones((1, 9, 2, 2), np.float32)
        >>> F.shift(x).array[0, 0]  # moved from the upper left
        array([[1., 0.],
               [0., 0.]], dtype=float32)

    Source:
        B. Wu et al., Shift: a zero FLOP, zero parameter alternative to spatial convolutions, 2018, section 3.1.
    """
    ((kh, kw), _) = windows.sizes('shift', 2, ksize=ksize, dilate=dilate)
    x = as_variable(x)
    checks.require_floats('shift', x=x)
    if x.ndim != 4 or x.shape[1] < kh * kw:
        checks.fail('shift', f'x.ndim == 4 and x.shape[1] >= {kh * kw} (ksize {(kh, kw)})', x=x)
    if not kh % 2 == kw % 2 == 1:
        checks.fail('shift', f'an odd ksize (not {(kh, kw)})', x=x)
    return Shift((kh, kw), dilate).apply((x,))[0]
