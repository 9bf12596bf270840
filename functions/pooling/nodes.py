"""The nodes of pooling. Maximum: the indexes found in forward make a gather and a scatter, each the other's adjoint.
Average: a sum over windows and its adjoint, unpooling. So every order of derivative is there."""

from __future__ import annotations

import math
from typing import Any

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operands, Shape
from chaingrad.autograd.backends.array_module import get_array_module
from chaingrad.autograd.configuration import config
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.functions import checks
from chaingrad.functions.kernels import pooling, windows
from chaingrad.functions.kernels.windows import Geometry, Size, as_tuple


def pooling_geometry(who: str, ndim: int, ksize: Size, stride: Size | None, pad: Size) -> Geometry:
    """Return the geometry of a pooling, whose stride is the size of the window unless it is given."""
    return windows.make_geometry(who, ndim, ksize, ksize if stride is None else stride, pad)


def _check_input(who: str, x: Array, ndim: int) -> None:
    if x.dtype.kind != 'f':
        checks.require_floats(who, x=x)
    if x.ndim != ndim + 2:
        checks.fail(who, f'x.ndim == {ndim + 2}', 'x is (n, c, *size).', x=x)


class PoolingND(FunctionNode):
    """The base of the poolings: geometry, checks and output sizes."""

    who = 'pooling'

    def __init__(
        self,
        ndim: int,
        ksize: Size,
        stride: Size | None = None,
        pad: Size = 0,
        cover_all: bool = True,
        return_indices: bool = False,
    ) -> None:
        self.ndim = ndim
        self.cover_all = cover_all
        self.return_indices = return_indices
        self.geometry = pooling_geometry(self.who, ndim, ksize, stride, pad)

    def _outsizes(self, x: Array) -> Shape:
        """Check x and return the output sizes."""
        _check_input(self.who, x, self.ndim)
        self.size = x.shape[2:]
        g = self.geometry
        out = windows.conv_outsizes(self.size, g.k, g.s, g.p, self.cover_all)
        checks.require_outputs(self.who, self.size, g.k, g.p, g.d, out)
        return out


class MaxPoolingND(PoolingND):
    """y[n, c, i] = the maximum over j of x[n, c, i s + j - p]."""

    who = 'max_pooling_nd'
    indexes: Any = None  # an array, where forward was asked for it

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        indexed = self.return_indices or config.enable_backprop
        y, self.indexes = pooling.max_pool(x, self.geometry, self._outsizes(x), indexed)
        return (y,)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        return (ScatterWindows.of(gy, indexes=self.indexes, geometry=self.geometry, size=self.size),)


class ScatterWindows(FunctionNode):
    """x[n, c, i s + j - p] += y[n, c, i] for the position j in the window that the index of y names."""

    def __init__(self, indexes: Array, geometry: Geometry, size: Shape) -> None:
        self.indexes = indexes
        self.geometry = geometry
        self.size = size

    def forward(self, inputs: Arrays) -> Arrays:
        (gy,) = inputs
        return (pooling.scatter(gy, self.indexes, self.geometry, self.size),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gx,) = grad_outputs
        return (GatherWindows.of(gx, indexes=self.indexes, geometry=self.geometry),)


class GatherWindows(FunctionNode):
    """y[n, c, i] = x[n, c, i s + j - p] for the position j in the window that the index of y names."""

    def __init__(self, indexes: Array, geometry: Geometry) -> None:
        self.indexes = indexes
        self.geometry = geometry

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        self.size = x.shape[2:]
        return (pooling.gather(x, self.indexes, self.geometry),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        return (ScatterWindows.of(gy, indexes=self.indexes, geometry=self.geometry, size=self.size),)


class AveragePoolingND(PoolingND):
    """y[n, c, i] = the mean over j of x[n, c, i s + j - p], with or without the padding."""

    who = 'average_pooling_nd'

    def __init__(
        self,
        ndim: int,
        ksize: Size,
        stride: Size | None = None,
        pad: Size = 0,
        cover_all: bool = False,
        pad_value: int | None = 0,
    ) -> None:
        super().__init__(ndim, ksize, stride, pad, cover_all)
        if pad_value not in (0, None):
            raise ValueError(f'{self.who}: pad_value must be 0 (count the padding) or None, but it is {pad_value!r}.')
        self.pad_value = pad_value

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        out = self._outsizes(x)
        if self.pad_value is None:
            xp = get_array_module(x)
            self.scale = xp.asarray(1 / pooling.counts(self.size, self.geometry, out, x.dtype))
        else:
            self.scale = 1 / math.prod(self.geometry.k)
        y = pooling.sum_pool(x, self.geometry, out)
        y *= self.scale
        return (y,)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        return (SumWindowsAdjoint.of(gy * self.scale, geometry=self.geometry, size=self.size),)


class SumWindows(FunctionNode):
    """y[n, c, i] = the sum over j of x[n, c, i s + j - p]."""

    def __init__(self, geometry: Geometry, out: Shape) -> None:
        self.geometry = geometry
        self.out = out

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        self.size = x.shape[2:]
        return (pooling.sum_pool(x, self.geometry, self.out),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        return (SumWindowsAdjoint.of(gy, geometry=self.geometry, size=self.size),)


class SumWindowsAdjoint(FunctionNode):
    """x[n, c, i s + j - p] += y[n, c, i] for all positions j in the window."""

    def __init__(self, geometry: Geometry, size: Shape) -> None:
        self.geometry = geometry
        self.size = size

    def forward(self, inputs: Arrays) -> Arrays:
        (y,) = inputs
        self.out = y.shape[2:]
        return (pooling.sum_pool_adjoint(y, self.geometry, self.size),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gx,) = grad_outputs
        return (SumWindows.of(gx, geometry=self.geometry, out=self.out),)


def _unpooled_size(who: str, x: Array, g: Geometry, outsize: Shape | None, cover_all: bool) -> Shape:
    """Check x and return the spatial shape of its unpooling: outsize where it is given, else the smallest."""
    _check_input(who, x, len(g.k))
    size = outsize or windows.deconv_outsizes(x.shape[2:], g.k, g.s, g.p, cover_all)
    pooled = windows.conv_outsizes(size, g.k, g.s, g.p, cover_all) if min(size) >= 0 else None
    if pooled != x.shape[2:]:
        raise InvalidType(
            f'{who}: a pooling with ksize {g.k}, stride {g.s}, pad {g.p} and cover_all={cover_all} must make the size '
            f'of x from outsize, but from outsize {size} it makes {pooled} and x is {x.dtype} {x.shape}. Leave outsize '
            'out, or choose one that fits.'
        )
    return size


class UnpoolingND(SumWindowsAdjoint):
    """y[n, c, i s + j - p] += x[n, c, i] for all positions j in the window."""

    who = 'unpooling_nd'

    def __init__(
        self,
        ndim: int,
        ksize: Size,
        stride: Size | None = None,
        pad: Size = 0,
        outsize: Size | None = None,
        cover_all: bool = True,
    ) -> None:
        self.geometry = pooling_geometry(self.who, ndim, ksize, stride, pad)
        self.outsize = None if outsize is None else as_tuple(outsize, ndim)
        self.cover_all = cover_all

    def forward(self, inputs: Arrays) -> Arrays:
        self.size = _unpooled_size(self.who, inputs[0], self.geometry, self.outsize, self.cover_all)
        return super().forward(inputs)


class Upsampling2D(ScatterWindows):
    """y[n, c, i s + j - p] += x[n, c, i] for the position j in the window that the index of x names."""

    who = 'upsampling_2d'

    def __init__(
        self,
        indexes: Array,
        ksize: Size,
        stride: Size | None = None,
        pad: Size = 0,
        outsize: Size | None = None,
        cover_all: bool = True,
    ) -> None:
        self.indexes = indexes
        self.geometry = pooling_geometry(self.who, 2, ksize, stride, pad)
        self.outsize = None if outsize is None else as_tuple(outsize, 2)
        self.cover_all = cover_all

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        self.size = _unpooled_size(self.who, x, self.geometry, self.outsize, self.cover_all)
        if self.indexes.shape != x.shape:
            checks.fail(self.who, 'x.shape == indexes.shape', x=x, indexes=self.indexes)
        return super().forward(inputs)


class MaxPooling2D(MaxPoolingND):
    """y[n, c, i] = the maximum over j of x[n, c, i s + j - p], with two spatial axes."""

    who = 'max_pooling_2d'

    def __init__(
        self,
        ksize: Size,
        stride: Size | None = None,
        pad: Size = 0,
        cover_all: bool = True,
        return_indices: bool = False,
    ) -> None:
        super().__init__(2, ksize, stride, pad, cover_all, return_indices)


class AveragePooling2D(AveragePoolingND):
    """y[n, c, i] = the mean over j of x[n, c, i s + j - p], padding counted, with two spatial axes."""

    who = 'average_pooling_2d'

    def __init__(self, ksize: Size, stride: Size | None = None, pad: Size = 0, cover_all: bool = False) -> None:
        super().__init__(2, ksize, stride, pad, cover_all)


class Unpooling2D(UnpoolingND):
    """y[n, c, i s + j - p] += x[n, c, i] for all positions j in the window, with two spatial axes."""

    who = 'unpooling_2d'

    def __init__(
        self,
        ksize: Size,
        stride: Size | None = None,
        pad: Size = 0,
        outsize: Size | None = None,
        cover_all: bool = True,
    ) -> None:
        super().__init__(2, ksize, stride, pad, outsize, cover_all)
