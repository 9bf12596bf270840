"""Deconvolution (transposed convolution): Deconvolution2D, DeconvolutionND, Deconvolution1D, Deconvolution3D."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.checks import refuse
from chaingrad.functions.convolution.deconvolution import deconvolution_2d, deconvolution_nd
from chaingrad.functions.kernels.windows import as_tuple
from chaingrad.links.annotations import InitialValue, Size
from chaingrad.links.checks import DETERMINISTIC
from chaingrad.links.connection.convolution_base import ConvolutionBase


class DeconvolutionND(ConvolutionBase):
    """Deconvolution over ndim spatial axes: every element of the input is scattered over a window of the output.

    y[n, c, i s + u d - p ...] += W[o, c, u...] x[n, o, i...],  plus b[c]

    `DeconvolutionND(ndim, out_channels, ksize)` takes the number of input channels from the first input.

    Args:
        ndim (int): number of spatial axes.
        in_channels (int): channels of the inputs; None to take it from the first one.
        out_channels (int): channels of the outputs.
        ksize: sides of the window: an int, or a tuple of ndim.
        stride: steps of the window s in the output: an int, or a tuple.
        pad: elements of the output cut off at each side p: an int, or a tuple.
        nobias (bool): leave out b.
        outsize: sizes of the output, where several would give the same input; the smallest when None.
        initialW: initializer, number or array for W; LeCunNormal when None.
        initial_bias: initializer, number or array (out_channels,) for b; zeros when None.
        dilate: distance d of neighbouring window elements: an int, or a tuple.
        groups (int): number of groups that channels are split into.

    Attributes:
        W (Parameter): weight (in_channels, out_channels / groups, *ksize).
        b (Parameter): bias (out_channels,), or None.

    Raises:
        ValueError: when channels cannot be split into the groups.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.DeconvolutionND(1, 2, 4, 3, stride=2)
        >>> layer(np.zeros((1, 2, 5), np.float32)).shape
        (1, 4, 11)
    """

    _shown = ('in_channels', 'out_channels', 'ksize', 'stride', 'pad', 'nobias', 'outsize', 'dilate', 'groups')
    _bias_of_any_dtype = True

    def __init__(
        self,
        ndim: int,
        in_channels: int | None,
        out_channels: Size,
        ksize: Size | None = None,
        stride: Size = 1,
        pad: Size = 0,
        nobias: bool = False,
        outsize: Size | None = None,
        initialW: InitialValue = None,
        initial_bias: InitialValue = None,
        dilate: Size = 1,
        groups: int = 1,
    ) -> None:
        super().__init__(ndim, in_channels, out_channels, ksize, stride, pad, nobias, dilate, groups)
        self.outsize = None if outsize is None else as_tuple(outsize, ndim)
        self._make_params(initialW, initial_bias)

    def _weight_channels(self, in_channels: int) -> tuple[int, int]:
        return in_channels, self.out_channels // self.groups

    def forward(self, x: VariableOrArray) -> Variable:
        """Apply the layer.

        Args:
            x: Variable or array, (n, in_channels, *sizes), floating dtype.

        Returns:
            Variable (n, out_channels, *out_sizes).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        if self.W.array is None:
            self._initialize_from(x)
        return self._apply(x)

    def _apply(self, x: VariableOrArray) -> Variable:
        return deconvolution_nd(x, self.W, self.b, self.stride, self.pad, self.outsize, self.dilate, self.groups)


class Deconvolution2D(DeconvolutionND):
    """Two-dimensional deconvolution: a `DeconvolutionND` with ndim 2.

    `Deconvolution2D(out_channels, ksize)` takes the number of input channels from the first input.

    Args:
        in_channels, out_channels, ksize, stride, pad, nobias, outsize, initialW, initial_bias, dilate, groups: as in
            `DeconvolutionND`.

    Raises:
        ValueError: when channels cannot be split into the groups; for the keyword `deterministic` of old programs.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.Deconvolution2D(3, 8, 4, stride=2, pad=1)
        >>> layer(np.zeros((1, 3, 16, 16), np.float32)).shape
        (1, 8, 32, 32)

    Source:
        Zeiler, Krishnan, Taylor, Fergus: Deconvolutional networks (CVPR 2010).
    """

    _bias_of_any_dtype = False

    def __init__(
        self,
        in_channels: int | None,
        out_channels: Size,
        ksize: Size | None = None,
        stride: Size = 1,
        pad: Size = 0,
        nobias: bool = False,
        outsize: Size | None = None,
        initialW: InitialValue = None,
        initial_bias: InitialValue = None,
        *,
        dilate: Size = 1,
        groups: int = 1,
        **kwargs: Any,
    ) -> None:
        refuse('Deconvolution2D', kwargs, deterministic=DETERMINISTIC)
        super().__init__(
            2, in_channels, out_channels, ksize, stride, pad, nobias, outsize, initialW, initial_bias, dilate, groups
        )

    def _apply(self, x: VariableOrArray) -> Variable:
        return deconvolution_2d(
            x, self.W, self.b, self.stride, self.pad, self.outsize, dilate=self.dilate, groups=self.groups
        )


class Deconvolution1D(DeconvolutionND):
    """Deconvolution over one axis: a `DeconvolutionND` with ndim 1.

    Args:
        in_channels, out_channels, ksize, stride, pad, nobias, outsize, initialW, initial_bias, dilate, groups: as in
            `DeconvolutionND`.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> L.Deconvolution1D(2, 4, 3)(np.zeros((1, 2, 7), np.float32)).shape
        (1, 4, 9)
    """

    def __init__(
        self,
        in_channels: int | None,
        out_channels: int,
        ksize: Size,
        stride: Size = 1,
        pad: Size = 0,
        nobias: bool = False,
        outsize: Size | None = None,
        initialW: InitialValue = None,
        initial_bias: InitialValue = None,
        dilate: Size = 1,
        groups: int = 1,
    ) -> None:
        super().__init__(
            1, in_channels, out_channels, ksize, stride, pad, nobias, outsize, initialW, initial_bias, dilate, groups
        )


class Deconvolution3D(DeconvolutionND):
    """Deconvolution over three axes: a `DeconvolutionND` with ndim 3.

    Args:
        in_channels, out_channels, ksize, stride, pad, nobias, outsize, initialW, initial_bias, dilate, groups: as in
            `DeconvolutionND`.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> L.Deconvolution3D(2, 4, 3)(np.zeros((1, 2, 2, 3, 4), np.float32)).shape
        (1, 4, 4, 5, 6)
    """

    def __init__(
        self,
        in_channels: int | None,
        out_channels: int,
        ksize: Size,
        stride: Size = 1,
        pad: Size = 0,
        nobias: bool = False,
        outsize: Size | None = None,
        initialW: InitialValue = None,
        initial_bias: InitialValue = None,
        dilate: Size = 1,
        groups: int = 1,
    ) -> None:
        super().__init__(
            3, in_channels, out_channels, ksize, stride, pad, nobias, outsize, initialW, initial_bias, dilate, groups
        )
