"""The nodes of convolution: the convolution, its adjoint (deconvolution) and the weight's gradient.

Each is linear in both its arrays, and its derivatives are the other two; so every order of derivative is there.
"""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operand, Operands, Shape
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import Sum
from chaingrad.autograd.tracebacks import short_traceback
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.functions import checks
from chaingrad.functions.casting import downcast, upcast
from chaingrad.functions.kernels import convolution as kernels
from chaingrad.functions.kernels import windows
from chaingrad.functions.kernels.windows import Size, as_tuple

_X_GRAD = (
    'requires_x_grad argument is not supported anymore. Just remove the argument. Note that whether to compute the '
    'gradient w.r.t. x is automatically decided during backpropagation.'
)


class _ConvolutionNode(FunctionNode):
    """The base of the three nodes: the geometry, the checks, and how each makes the others.

    W may have another floating dtype than x and y, and the gradient of W has that of W.
    """

    who = 'convolution'
    _bias_of_any_dtype = True  # whether b may have another floating dtype than x

    def _set_options(self, ndim: int, stride: Size, pad: Size, dilate: Size, groups: int) -> None:
        self.ndim = ndim
        self.stride = as_tuple(stride, ndim, f'{self.who}: stride', 1)
        self.pad = as_tuple(pad, ndim, f'{self.who}: pad', 0)
        self.dilate = as_tuple(dilate, ndim, f'{self.who}: dilate', 1)
        self.groups = int(groups)

    @property
    def _options(self) -> dict[str, Any]:
        return {'stride': self.stride, 'pad': self.pad, 'dilate': self.dilate, 'groups': self.groups}

    def _geometry(self, ksize: Shape) -> windows.Geometry:
        return windows.Geometry(ksize, self.stride, self.pad, self.dilate, self.groups)

    def _convolve(self, x: Operand, W: Operand, out: Shape) -> Operand:
        return ConvolutionND.of(x, W, ndim=self.ndim, out=out, **self._options)

    def _deconvolve(self, x: Operand, W: Operand, outsize: Shape) -> Operand:
        return DeconvolutionND.of(x, W, ndim=self.ndim, outsize=outsize, **self._options)

    def _weight_gradient(self, x: Operand, gy: Operand, W: Operand) -> Operand:
        return ConvolutionNDGradW.of(x, gy, ndim=self.ndim, ksize=W.shape[2:], dtype=W.dtype, **self._options)

    def _bias_gradient(self, gy: Operand) -> Operand:
        return downcast(Sum.of(gy, axis=(0, *range(2, self.ndim + 2))), self._bias_dtype)

    def _check_arrays(self, x: Array, W: Array, b: Array | None) -> None:
        """Raise InvalidType unless dtypes and numbers of axes fit."""
        if not (x.dtype == W.dtype and x.dtype.kind == 'f' and (b is None or b.dtype == x.dtype)):
            if self._bias_of_any_dtype:
                checks.require_floating(self.who, x=x, W=W, b=b)
            else:
                checks.require_weighted(self.who, x, W, b)
        self._bias_dtype = x.dtype if b is None else b.dtype
        ndim = self.ndim
        if x.ndim != ndim + 2 or W.ndim != ndim + 2:
            axes = ', '.join('dhw'[-ndim:]) if ndim <= 3 else '*size'
            checks.fail(self.who, f'x.ndim == W.ndim == {ndim + 2}', f'x is (n, c, {axes}).', x=x, W=W)

    def _check_channels(self, x: Array, W: Array, b: Array | None, outputs: int) -> None:
        """Raise InvalidType unless W can be split into groups and b has an element for each output channel."""
        if W.shape[0] % self.groups:
            checks.fail(self.who, f'W.shape[0] % groups == 0 (groups={self.groups})', x=x, W=W)
        if b is not None and b.shape != (outputs,):
            checks.fail(self.who, f'b.shape == ({outputs},)', 'b has one element per out-channel.', b=b, W=W)


class ConvolutionND(_ConvolutionNode):
    """y[n, o, i] = sum over c, j of W[o, c, j] x[n, c, i s + j d - p], plus b[o]."""

    who = 'convolution_nd'

    def __init__(
        self,
        ndim: int,
        stride: Size = 1,
        pad: Size = 0,
        cover_all: bool = False,
        dilate: Size = 1,
        groups: int = 1,
        *,
        out: Shape | None = None,
    ) -> None:
        self._set_options(ndim, stride, pad, dilate, groups)
        self.cover_all = cover_all
        self.out = out

    def forward(self, inputs: Arrays) -> Arrays:
        x, W = inputs[:2]
        b = inputs[2] if len(inputs) == 3 else None
        self._check_arrays(x, W, b)
        if x.shape[1] != W.shape[1] * self.groups:
            condition = f'x.shape[1] == W.shape[1] * groups (groups={self.groups})'
            checks.fail(self.who, condition, 'Do the in-channels of W fit x?', x=x, W=W)
        self._check_channels(x, W, b, W.shape[0])
        self.retain_inputs((0, 1))
        size = x.shape[2:]
        g = self._geometry(W.shape[2:])
        out = self.out or windows.conv_outsizes(size, g.k, g.s, g.p, self.cover_all, g.d)
        checks.require_outputs(self.who, size, g.k, g.p, g.d, out)
        return (kernels.convolve(x, W, b, g, out),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        x, W = self.get_retained_inputs()
        (gy,) = grad_outputs
        gx = gW = gb = None
        if self._array_pass and 1 in indexes:
            g = self._geometry(W.shape[2:])
            gx, gW, gb = kernels.convolve_gradients(x, W, gy, g, 0 in indexes, 2 in indexes)  # from the same columns
            if gb is not None:
                gb = downcast(gb, self._bias_dtype)
            return tuple([(gx, gW, gb)[i] for i in indexes])
        if 0 in indexes:
            gx = self._deconvolve(gy, W, x.shape[2:])
        if 1 in indexes:
            gW = self._weight_gradient(x, gy, W)
        if 2 in indexes:
            gb = self._bias_gradient(gy)
        gradients = (gx, gW, gb)
        return tuple([gradients[i] for i in indexes])


class DeconvolutionND(_ConvolutionNode):
    """The adjoint of a convolution: y[n, c, i s + j d - p] += W[o, c, j] x[n, o, i], plus b[c]."""

    who = 'deconvolution_nd'
    least_size = 0  # the least length of the output along an axis

    def __init__(
        self,
        ndim: int,
        stride: Size = 1,
        pad: Size = 0,
        outsize: Size | None = None,
        dilate: Size = 1,
        groups: int = 1,
    ) -> None:
        self._set_options(ndim, stride, pad, dilate, groups)
        self.outsize = None if outsize is None else as_tuple(outsize, ndim)

    def forward(self, inputs: Arrays) -> Arrays:
        x, W = inputs[:2]
        b = inputs[2] if len(inputs) == 3 else None
        self._check_arrays(x, W, b)
        if x.shape[1] != W.shape[0]:
            checks.fail(self.who, 'x.shape[1] == W.shape[0]', 'Do the in-channels of W fit x?', x=x, W=W)
        self._check_channels(x, W, b, W.shape[1] * self.groups)
        self.retain_inputs((0, 1))
        g = self._geometry(W.shape[2:])
        size = self.outsize or windows.deconv_outsizes(x.shape[2:], g.k, g.s, g.p, d=g.d)
        self._check_outsize(x.shape[2:], g, size)
        return (kernels.convolve_adjoint(x, W, b, g, size),)

    def _check_outsize(self, given: Shape, g: windows.Geometry, size: Shape) -> None:
        """Refuse an outsize from which the convolution would not make the input's size."""
        if min(size) < self.least_size:
            raise InvalidType(
                f'{self.who}: the output must have at least {self.least_size} elements along every axis, but for the '
                f'input {given}, ksize {g.k}, stride {g.s} and pad {g.p} it is {size}. Use less padding.'
            )
        exact = windows.conv_outsizes(size, g.k, g.s, g.p, False, g.d)
        covering = windows.conv_outsizes(size, g.k, g.s, g.p, True, g.d)
        if any(n not in allowed for n, allowed in zip(given, zip(exact, covering))):
            raise InvalidType(
                f'{self.who}: a convolution with ksize {g.k}, stride {g.s}, pad {g.p} and dilate {g.d} must make the '
                f'input from an array of outsize, but from outsize {size} it makes {exact} and the input is {given}. '
                'Leave outsize out, or choose one that fits.'
            )

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        x, W = self.get_retained_inputs()
        (gy,) = grad_outputs
        gx = gW = gb = None
        if self._array_pass and 0 in indexes and 1 in indexes:
            gx, gW = kernels.deconvolve_gradients(x, W, gy, self._geometry(W.shape[2:]))  # both from the same columns
        elif 0 in indexes:
            gx = self._convolve(gy, W, x.shape[2:])
        if 1 in indexes and gW is None:
            gW = self._weight_gradient(gy, x, W)
        if 2 in indexes:
            gb = self._bias_gradient(gy)
        gradients = (gx, gW, gb)
        return tuple([gradients[i] for i in indexes])


class ConvolutionNDGradW(_ConvolutionNode):
    """gW[o, c, j] = sum over n, i of gy[n, o, i] x[n, c, i s + j d - p]."""

    def __init__(
        self,
        ndim: int,
        ksize: Size,
        stride: Size = 1,
        pad: Size = 0,
        dilate: Size = 1,
        groups: int = 1,
        dtype: Any = None,
    ) -> None:
        self._set_options(ndim, stride, pad, dilate, groups)
        self.ksize = as_tuple(ksize, ndim)
        self._dtype = dtype  # of W; that of x where None

    def forward(self, inputs: Arrays) -> Arrays:
        self.retain_inputs((0, 1))
        x, gy = inputs
        dtype = x.dtype if self._dtype is None else self._dtype
        if dtype != x.dtype:  # else a narrow x would round the gradient of a wide W
            x = upcast(x)
        return (downcast(kernels.convolve_weight(x, gy, self._geometry(self.ksize)), dtype),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        x, gy = self.get_retained_inputs()
        (ggW,) = grad_outputs
        gx = ggy = None
        if 0 in indexes:
            gx = self._deconvolve(gy, ggW, x.shape[2:])
        if 1 in indexes:
            ggy = self._convolve(x, ggW, gy.shape[2:])
        gradients = (gx, ggy)
        return tuple([gradients[i] for i in indexes])


class _TwoAxes:
    """The nodes with two spatial axes make each other, so that graphs show their names."""

    _options: dict[str, Any]
    _bias_of_any_dtype = False

    def _convolve(self, x: Operand, W: Operand, out: Shape) -> Operand:
        return Convolution2DFunction.of(x, W, out=out, **self._options)

    def _deconvolve(self, x: Operand, W: Operand, outsize: Shape) -> Operand:
        return Deconvolution2DFunction.of(x, W, outsize=outsize, **self._options)

    def _weight_gradient(self, x: Operand, gy: Operand, W: Operand) -> Operand:
        return Convolution2DGradW.of(x, gy, ksize=W.shape[2:], dtype=W.dtype, **self._options)


class Convolution2DFunction(_TwoAxes, ConvolutionND):
    """y[n, o, i] = sum over c, j of W[o, c, j] x[n, c, i s + j d - p], plus b[o], with two spatial axes."""

    who = 'convolution_2d'

    def __init__(
        self,
        stride: Size = 1,
        pad: Size = 0,
        cover_all: bool = False,
        *,
        dilate: Size = 1,
        groups: int = 1,
        cudnn_fast: bool = False,
        out: Shape | None = None,
        **kwargs: Any,
    ) -> None:
        checks.refuse(self.who, kwargs, deterministic=checks.DETERMINISTIC, requires_x_grad=_X_GRAD)
        with short_traceback():
            super().__init__(2, stride, pad, cover_all, dilate, groups, out=out)


class Deconvolution2DFunction(_TwoAxes, DeconvolutionND):
    """The adjoint of a convolution with two spatial axes."""

    who = 'deconvolution_2d'
    least_size = 1

    def __init__(
        self,
        stride: Size = 1,
        pad: Size = 0,
        outsize: Size | None = None,
        *,
        dilate: Size = 1,
        groups: int = 1,
        **kwargs: Any,
    ) -> None:
        checks.refuse(self.who, kwargs, deterministic=checks.DETERMINISTIC, requires_x_grad=_X_GRAD)
        with short_traceback():
            super().__init__(2, stride, pad, outsize, dilate, groups)


class Convolution2DGradW(_TwoAxes, ConvolutionNDGradW):
    """gW[o, c, j] = sum over n, i of gy[n, o, i] x[n, c, i s + j d - p], with two spatial axes."""

    def __init__(
        self, ksize: Size, stride: Size = 1, pad: Size = 0, dilate: Size = 1, groups: int = 1, dtype: Any = None
    ) -> None:
        super().__init__(2, ksize, stride, pad, dilate, groups, dtype)
