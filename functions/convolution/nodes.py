"""The nodes of convolution: the convolution, its adjoint (deconvolution) and the weight's gradient.

Each is linear in both its arrays and its derivatives are the other two, so every order of derivative is there.
"""

from __future__ import annotations

from typing import Any, ClassVar

from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.reduction import Sum
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.autograd.variable import Variable
from chaingrad.functions import checks
from chaingrad.functions.kernels import convolution as kernels
from chaingrad.functions.kernels import windows

_X_GRAD = (
    'requires_x_grad argument is not supported anymore. Just remove the argument. Note that whether to compute the '
    'gradient w.r.t. x is automatically decided during backpropagation.'
)


class _Windowed(FunctionNode):
    """What the three nodes share: the geometry, and where their kin are."""

    who = 'convolution'
    kin: ClassVar[tuple[Any, Any, Any]]  # convolution, deconvolution, weight's gradient

    def _set_geometry(self, ndim, stride, pad, dilate, groups) -> None:
        self.ndim = ndim
        self.geometry = kernels.Geometry(
            *windows.sizes(self.who, ndim, stride=stride, pad=pad, dilate=dilate), int(groups)
        )

    def _kin(self, index: int, *inputs: Any, **options: Any) -> Any:
        """Apply one of `kin` with this geometry."""
        s, p, d, groups = self.geometry
        if self.kin[0] is ConvolutionND:
            options['ndim'] = self.ndim
        return self.kin[index].of(*inputs, stride=s, pad=p, dilate=d, groups=groups, **options)

    def _check(self, x, W, b, channels: int) -> None:
        """Refuse what does not fit; `channels` is the axis of W that meets the channels of x (0 for the adjoint)."""
        who, groups, ndim = self.who, self.geometry.groups, self.ndim
        if not (x.dtype == W.dtype and x.dtype.kind == 'f' and (b is None or b.dtype == x.dtype)):
            checks.require_floats(who, x=x, W=W, b=b)
        if x.ndim != ndim + 2 or W.ndim != ndim + 2:
            axes = ', '.join('dhw'[-ndim:] if ndim <= 3 else ['*size'])
            checks.fail(who, f'x.ndim == W.ndim == {ndim + 2}', f'x is (n, c, {axes}).', x=x, W=W)
        held = f'x.shape[1] == W.shape[{channels}]' + (f' * groups (groups={groups})' if channels else '')
        if x.shape[1] != W.shape[channels] * (groups if channels else 1):
            checks.fail(who, held, 'Do the in-channels of W fit x?', x=x, W=W)
        if W.shape[0] % groups:
            checks.fail(who, f'W.shape[0] % groups == 0 (groups={groups})', x=x, W=W)
        count = W.shape[0] if channels else W.shape[1] * groups
        if b is not None and b.shape != (count,):
            checks.fail(who, f'b.shape == ({count},)', 'b has one element per out-channel.', b=b, W=W)

    def _bias_gradient(self, gy):
        return Sum.of(gy, axis=(0, *range(2, self.ndim + 2)))


class ConvolutionND(_Windowed):
    """y[n, o, i] = sum over c, j of W[o, c, j] x[n, c, i s + j d - p], plus b[o]."""

    who = 'convolution_nd'

    def __init__(self, ndim, stride=1, pad=0, cover_all=False, dilate=1, groups=1, *, out=None):
        self._set_geometry(ndim, stride, pad, dilate, groups)
        self.cover_all, self.out = cover_all, out

    def forward(self, inputs):
        x, W = inputs[:2]
        b = inputs[2] if len(inputs) == 3 else None
        self._check(x, W, b, 1)
        self.retain_inputs((0, 1))
        s, p, d, _ = self.geometry
        size, k = x.shape[2:], W.shape[2:]
        out = self.out or windows.conv_outsizes(size, k, s, p, self.cover_all, d)
        checks.require_outputs(self.who, size, k, s, p, d, out)
        return (kernels.convolve(x, W, b, self.geometry, out),)

    def backward(self, indexes, grad_outputs):
        x, W = self.get_retained_inputs()
        (gy,) = grad_outputs
        gx = gW = gb = None
        if 0 in indexes and 1 in indexes and not isinstance(gy, Variable):
            gx, gW = kernels.convolve_gradients(x, W, gy, self.geometry)  # both from the same windows
        elif 0 in indexes:
            gx = self._kin(1, gy, W, outsize=x.shape[2:])
        if 1 in indexes and gW is None:
            gW = self._kin(2, x, gy, ksize=W.shape[2:])
        if 2 in indexes:
            gb = self._bias_gradient(gy)
        return tuple([(gx, gW, gb)[i] for i in indexes])


class DeconvolutionND(_Windowed):
    """The adjoint of a convolution: y[n, c, i s + j d - p] gathers W[o, c, j] x[n, o, i], plus b[c]."""

    who = 'deconvolution_nd'

    def __init__(self, ndim, stride=1, pad=0, outsize=None, dilate=1, groups=1):
        self._set_geometry(ndim, stride, pad, dilate, groups)
        self.outsize = None if outsize is None else windows.as_tuple(outsize, ndim)

    def forward(self, inputs):
        x, W = inputs[:2]
        b = inputs[2] if len(inputs) == 3 else None
        self._check(x, W, b, 0)
        self.retain_inputs((0, 1))
        s, p, d, _ = self.geometry
        size = self.outsize or windows.deconv_outsizes(x.shape[2:], W.shape[2:], s, p, d=d)
        self._check_outsize(x.shape[2:], W.shape[2:], size)
        return (kernels.convolve_adjoint(x, W, b, self.geometry, size),)

    def _check_outsize(self, given, k, size) -> None:
        """Refuse an outsize from which the convolution would not make the input's size."""
        s, p, d, _ = self.geometry
        if min(size) < 1:
            raise InvalidType(
                f'{self.who}: the output must have at least one element along every axis, but for the input {given}, '
                f'ksize {k}, stride {s} and pad {p} it is {size}. Use less padding.'
            )
        exact, covering = (windows.conv_outsizes(size, k, s, p, cover, d) for cover in (False, True))
        if any(a not in choice for a, choice in zip(given, zip(exact, covering))):
            raise InvalidType(
                f'{self.who}: a convolution with ksize {k}, stride {s}, pad {p} and dilate {d} must make the input '
                f'from an array of outsize, but from outsize {size} it makes {exact} and the input is {given}. '
                'Leave outsize out, or choose one that fits.'
            )

    def backward(self, indexes, grad_outputs):
        x, W = self.get_retained_inputs()
        (gy,) = grad_outputs
        gx = gW = gb = None
        if 0 in indexes and 1 in indexes and not isinstance(gy, Variable):
            gx, gW = kernels.deconvolve_gradients(x, W, gy, self.geometry)
        elif 0 in indexes:
            gx = self._kin(0, gy, W, out=x.shape[2:])
        if 1 in indexes and gW is None:
            gW = self._kin(2, gy, x, ksize=W.shape[2:])
        if 2 in indexes:
            gb = self._bias_gradient(gy)
        return tuple([(gx, gW, gb)[i] for i in indexes])


class ConvolutionNDGradW(_Windowed):
    """gW[o, c, j] = sum over n, i of gy[n, o, i] x[n, c, i s + j d - p]."""

    def __init__(self, ndim, ksize, stride=1, pad=0, dilate=1, groups=1):
        self._set_geometry(ndim, stride, pad, dilate, groups)
        self.ksize = windows.as_tuple(ksize, ndim)

    def forward(self, inputs):
        self.retain_inputs((0, 1))
        x, gy = inputs
        return (kernels.convolve_weight(x, gy, self.geometry, self.ksize),)

    def backward(self, indexes, grad_outputs):
        x, gy = self.get_retained_inputs()
        (ggW,) = grad_outputs
        return (
            self._kin(1, gy, ggW, outsize=x.shape[2:]) if 0 in indexes else None,
            self._kin(0, x, ggW, out=gy.shape[2:]) if 1 in indexes else None,
        )


class Convolution2DFunction(ConvolutionND):
    """y[n, o, i] = sum over c, j of W[o, c, j] x[n, c, i s + j d - p], plus b[o], with two spatial axes."""

    who = 'convolution_2d'

    def __init__(self, stride=1, pad=0, cover_all=False, *, dilate=1, groups=1, cudnn_fast=False, out=None, **kwargs):
        checks.refuse(self.who, kwargs, deterministic=checks.DETERMINISTIC, requires_x_grad=_X_GRAD)
        super().__init__(2, stride, pad, cover_all, dilate, groups, out=out)


class Deconvolution2DFunction(DeconvolutionND):
    """The adjoint of a convolution with two spatial axes."""

    who = 'deconvolution_2d'

    def __init__(self, stride=1, pad=0, outsize=None, *, dilate=1, groups=1, **kwargs):
        checks.refuse(self.who, kwargs, deterministic=checks.DETERMINISTIC, requires_x_grad=_X_GRAD)
        super().__init__(2, stride, pad, outsize, dilate, groups)


class Convolution2DGradW(ConvolutionNDGradW):
    """gW[o, c, j] = sum over n, i of gy[n, o, i] x[n, c, i s + j d - p], with two spatial axes."""

    def __init__(self, ksize, stride=1, pad=0, dilate=1, groups=1):
        super().__init__(2, ksize, stride, pad, dilate, groups)


for _kin in (
    (ConvolutionND, DeconvolutionND, ConvolutionNDGradW),
    (Convolution2DFunction, Deconvolution2DFunction, Convolution2DGradW),
):
    for _cls in _kin:
        _cls.kin = _kin
