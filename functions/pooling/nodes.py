"""The nodes of pooling. Maximum: the indexes found forward make a gather and a scatter, each the other's adjoint;
average: a sum over windows and its adjoint, unpooling. So every order of derivative is there."""

from __future__ import annotations

from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.configuration import config
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.functions import checks
from chaingrad.functions.kernels import pooling, windows


def geometry(who, ndim, ksize, stride, pad) -> pooling.Geometry:
    """Return window sizes, strides (None: as the window) and paddings as tuples."""
    stride = ksize if stride is None else stride
    return pooling.Geometry(*windows.sizes(who, ndim, ksize=ksize, stride=stride, pad=pad))


class PoolingND(FunctionNode):
    """What the poolings share: geometry, checks and output sizes."""

    who = 'pooling'

    def __init__(self, ndim, ksize, stride=None, pad=0, cover_all=True, return_indices=False):
        self.ndim, self.cover_all, self.return_indices = ndim, cover_all, return_indices
        self.geometry = geometry(self.who, ndim, ksize, stride, pad)

    def _out(self, x) -> tuple[int, ...]:
        """Check x and return the output sizes."""
        _check_input(self.who, x, self.ndim)
        self.size = x.shape[2:]
        k, s, p = self.geometry
        out = windows.conv_outsizes(self.size, k, s, p, self.cover_all)
        checks.require_outputs(self.who, self.size, k, s, p, self.geometry.d, out)
        return out


def _check_input(who, x, ndim) -> None:
    if x.dtype.kind != 'f':
        checks.require_floats(who, x=x)
    if x.ndim != ndim + 2:
        checks.fail(who, f'x.ndim == {ndim + 2}', 'x is (n, c, *size).', x=x)


class MaxPoolingND(PoolingND):
    """y[n, c, i] = the maximum over j of x[n, c, i s + j - p]."""

    who = 'max_pooling_nd'
    indexes = None

    def forward(self, inputs):
        (x,) = inputs
        out = self._out(x)
        y, self.indexes = pooling.max_pool(x, self.geometry, out, self.return_indices or config.enable_backprop)
        return (y,)

    def backward(self, indexes, grad_outputs):
        (gy,) = grad_outputs
        return (ScatterWindows.of(gy, indexes=self.indexes, geometry=self.geometry, size=self.size),)


class ScatterWindows(FunctionNode):
    """x[n, c, i s + j - p] += y[n, c, i] for the place j of the window that the index of y names."""

    def __init__(self, indexes, geometry, size):
        self.indexes, self.geometry, self.size = indexes, geometry, size

    def forward(self, inputs):
        (gy,) = inputs
        return (pooling.scatter(gy, self.indexes, self.geometry, self.size),)

    def backward(self, indexes, grad_outputs):
        (gx,) = grad_outputs
        return (GatherWindows.of(gx, indexes=self.indexes, geometry=self.geometry, size=self.size),)


class GatherWindows(ScatterWindows):
    """y[n, c, i] = x[n, c, i s + j - p] for the place j of the window that the index of y names."""

    def forward(self, inputs):
        (x,) = inputs
        return (pooling.gather(x, self.indexes, self.geometry),)

    def backward(self, indexes, grad_outputs):
        (gy,) = grad_outputs
        return (ScatterWindows.of(gy, indexes=self.indexes, geometry=self.geometry, size=self.size),)


class AveragePoolingND(PoolingND):
    """y[n, c, i] = the mean over j of x[n, c, i s + j - p], with or without the padding."""

    who = 'average_pooling_nd'

    def __init__(self, ndim, ksize, stride=None, pad=0, cover_all=False, pad_value=0):
        super().__init__(ndim, ksize, stride, pad, cover_all)
        if pad_value not in (0, None):
            raise ValueError(f'{self.who}: pad_value must be 0 (count the padding) or None, but it is {pad_value!r}.')
        self.pad_value = pad_value

    def forward(self, inputs):
        (x,) = inputs
        out = self._out(x)
        if self.pad_value is None:
            xp = get_array_module(x)
            self.scale = xp.asarray(1 / pooling.counts(self.size, self.geometry, out, x.dtype))
        else:
            self.scale = 1 / windows.prod(self.geometry.k)
        y = pooling.sum_pool(x, self.geometry, out)
        y *= self.scale
        return (y,)

    def backward(self, indexes, grad_outputs):
        (gy,) = grad_outputs
        return (SpreadWindows.of(gy * self.scale, geometry=self.geometry, size=self.size),)


class SpreadWindows(FunctionNode):
    """x[n, c, i s + j - p] += y[n, c, i] for all places j of the window."""

    def __init__(self, geometry, size):
        self.geometry, self.size = geometry, size

    def forward(self, inputs):
        (y,) = inputs
        self.out = y.shape[2:]
        return (pooling.spread(y, self.geometry, self.size),)

    def backward(self, indexes, grad_outputs):
        (gx,) = grad_outputs
        return (SumWindows.of(gx, geometry=self.geometry, out=self.out),)


class SumWindows(FunctionNode):
    """y[n, c, i] = the sum over j of x[n, c, i s + j - p]."""

    def __init__(self, geometry, out):
        self.geometry, self.out = geometry, out

    def forward(self, inputs):
        (x,) = inputs
        self.size = x.shape[2:]
        return (pooling.sum_pool(x, self.geometry, self.out),)

    def backward(self, indexes, grad_outputs):
        (gy,) = grad_outputs
        return (SpreadWindows.of(gy, geometry=self.geometry, size=self.size),)


class _Outsize:
    """What the functions share that make x larger: the size of their output."""

    def _set_size(self, x) -> None:
        """Check x and outsize, and set `size`."""
        g = self.geometry
        _check_input(self.who, x, len(g.k))
        cover = self.cover_all
        self.size = self.size or windows.deconv_outsizes(x.shape[2:], *g, cover)
        made = windows.conv_outsizes(self.size, *g, cover) if min(self.size) > 0 else None
        if made != x.shape[2:]:
            raise InvalidType(
                f'{self.who}: a pooling with ksize {g.k}, stride {g.s}, pad {g.p} and cover_all={cover} must make the '
                f'size of x from outsize, but from outsize {tuple(self.size)} it makes {made} and x is {x.dtype} '
                f'{x.shape}. Leave outsize out, or choose one that fits.'
            )


class UnpoolingND(_Outsize, SpreadWindows):
    """y[n, c, i s + j - p] += x[n, c, i] for all places j of the window."""

    who = 'unpooling_nd'

    def __init__(self, ndim, ksize, stride=None, pad=0, outsize=None, cover_all=True):
        size = None if outsize is None else windows.as_tuple(outsize, ndim)
        super().__init__(geometry(self.who, ndim, ksize, stride, pad), size)
        self.cover_all = cover_all

    def forward(self, inputs):
        self._set_size(inputs[0])
        return super().forward(inputs)


class Upsampling2D(_Outsize, ScatterWindows):
    """y[n, c, i s + j - p] += x[n, c, i] for the place j of the window that the index of x names."""

    who = 'upsampling_2d'

    def __init__(self, indexes, ksize, stride=None, pad=0, outsize=None, cover_all=True):
        size = None if outsize is None else windows.as_tuple(outsize, 2)
        super().__init__(indexes, geometry(self.who, 2, ksize, stride, pad), size)
        self.cover_all = cover_all

    def forward(self, inputs):
        (x,) = inputs
        self._set_size(x)
        if self.indexes.shape != x.shape:
            checks.fail(self.who, 'x.shape == indexes.shape', x=x, indexes=self.indexes)
        return super().forward(inputs)


class MaxPooling2D(MaxPoolingND):
    """y[n, c, i] = the maximum over j of x[n, c, i s + j - p], with two spatial axes."""

    who = 'max_pooling_2d'

    def __init__(self, ksize, stride=None, pad=0, cover_all=True, return_indices=False):
        super().__init__(2, ksize, stride, pad, cover_all, return_indices)


class AveragePooling2D(AveragePoolingND):
    """y[n, c, i] = the mean over j of x[n, c, i s + j - p], padding counted, with two spatial axes."""

    who = 'average_pooling_2d'

    def __init__(self, ksize, stride=None, pad=0, cover_all=False):
        super().__init__(2, ksize, stride, pad, cover_all)


class Unpooling2D(UnpoolingND):
    """y[n, c, i s + j - p] += x[n, c, i] for all places j of the window, with two spatial axes."""

    who = 'unpooling_2d'

    def __init__(self, ksize, stride=None, pad=0, outsize=None, cover_all=True):
        super().__init__(2, ksize, stride, pad, outsize, cover_all)
