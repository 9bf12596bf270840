"""Convolution over any number of spatial axes: ConvolutionND, Convolution1D, Convolution3D."""

from __future__ import annotations

from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.convolution.convolution import convolution_nd
from chaingrad.links.annotations import InitialValue, Size
from chaingrad.links.connection.convolution_base import ConvolutionBase
from chaingrad.links.initializers.constant import initializers_from


class ConvolutionND(ConvolutionBase):
    """Convolution over ndim spatial axes.

    y[n, o, i...] = sum over c, u... of W[o, c, u...] x[n, c, i s + u d - p ...] + b[o]

    `ConvolutionND(ndim, out_channels, ksize)` takes the number of input channels from the first input.

    Args:
        ndim (int): number of spatial axes.
        in_channels (int): channels of the inputs; None to take it from the first one.
        out_channels (int): channels of the outputs.
        ksize: sides of the window: an int, or a tuple of ndim.
        stride: steps of the window s: an int, or a tuple.
        pad: zeros around the input p: an int, or a tuple.
        nobias (bool): leave out b.
        initialW: initializer, number or array for W; LeCunNormal when None.
        initial_bias: initializer, number or array (out_channels,) for b; zeros when None.
        cover_all (bool): use every element of the input, if necessary with more zeros at the end.
        dilate: distance d of neighbouring window elements: an int, or a tuple.
        groups (int): number of groups that channels are split into.

    Attributes:
        W (Parameter): weight (out_channels, in_channels / groups, *ksize).
        b (Parameter): bias (out_channels,), or None.

    Raises:
        ValueError: when channels cannot be split into the groups.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.ConvolutionND(3, 2, 4, 3, pad=1)
        >>> layer(np.zeros((1, 2, 5, 6, 7), np.float32)).shape
        (1, 4, 5, 6, 7)
    """

    _shown = (
        'ndim',
        'in_channels',
        'out_channels',
        'ksize',
        'stride',
        'pad',
        'nobias',
        'cover_all',
        'dilate',
        'groups',
    )
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
        initialW: InitialValue = None,
        initial_bias: InitialValue = None,
        cover_all: bool = False,
        dilate: Size = 1,
        groups: int = 1,
    ) -> None:
        super().__init__(ndim, in_channels, out_channels, ksize, stride, pad, nobias, dilate, groups)
        self.cover_all = cover_all
        self._make_params(initialW, initial_bias)

    def _weight_channels(self, in_channels: int) -> tuple[int, int]:
        return self.out_channels, in_channels // self.groups

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
        return convolution_nd(x, self.W, self.b, self.stride, self.pad, self.cover_all, self.dilate, self.groups)

    @classmethod
    def from_params(
        cls,
        W: VariableOrArray,
        b: VariableOrArray | None = None,
        stride: Size = 1,
        pad: Size = 0,
        nobias: bool = False,
        *,
        cover_all: bool = False,
        dilate: Size = 1,
        groups: int = 1,
    ) -> ConvolutionND:
        """Make the layer from arrays.

        Args:
            W: Variable or array, (out_channels, in_channels / groups, *ksize).
            b: Variable or array, (out_channels,); zeros when None.
            stride: steps of the window.
            pad: zeros around the input.
            nobias: leave out b.
            cover_all: use every element of the input.
            dilate: distance of neighbouring window elements.
            groups: number of groups.

        Returns:
            The layer, a ConvolutionND (or Convolution1D, Convolution3D where called on those).
        """
        (out_channels, in_channels, *ksize), initialW, initial_bias = initializers_from(W, b)
        ndim = (len(ksize),) if cls is ConvolutionND else ()  # Convolution1D and Convolution3D take no ndim
        return cls(
            *ndim,
            in_channels * groups,
            out_channels,
            tuple(ksize),
            stride,
            pad,
            nobias,
            initialW,
            initial_bias,
            cover_all,
            dilate,
            groups,
        )


class Convolution1D(ConvolutionND):
    """Convolution over one axis: a `ConvolutionND` with ndim 1.

    Args:
        in_channels, out_channels, ksize, stride, pad, nobias, initialW, initial_bias, cover_all, dilate, groups: as in
            `ConvolutionND`.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> L.Convolution1D(2, 4, 3)(np.zeros((1, 2, 9), np.float32)).shape
        (1, 4, 7)
    """

    def __init__(
        self,
        in_channels: int | None,
        out_channels: int,
        ksize: Size,
        stride: Size = 1,
        pad: Size = 0,
        nobias: bool = False,
        initialW: InitialValue = None,
        initial_bias: InitialValue = None,
        cover_all: bool = False,
        dilate: Size = 1,
        groups: int = 1,
    ) -> None:
        super().__init__(
            1, in_channels, out_channels, ksize, stride, pad, nobias, initialW, initial_bias, cover_all, dilate, groups
        )


class Convolution3D(ConvolutionND):
    """Convolution over three axes: a `ConvolutionND` with ndim 3.

    Args:
        in_channels, out_channels, ksize, stride, pad, nobias, initialW, initial_bias, cover_all, dilate, groups: as in
            `ConvolutionND`.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> L.Convolution3D(2, 4, 3)(np.zeros((1, 2, 4, 5, 6), np.float32)).shape
        (1, 4, 2, 3, 4)
    """

    def __init__(
        self,
        in_channels: int | None,
        out_channels: int,
        ksize: Size,
        stride: Size = 1,
        pad: Size = 0,
        nobias: bool = False,
        initialW: InitialValue = None,
        initial_bias: InitialValue = None,
        cover_all: bool = False,
        dilate: Size = 1,
        groups: int = 1,
    ) -> None:
        super().__init__(
            3, in_channels, out_channels, ksize, stride, pad, nobias, initialW, initial_bias, cover_all, dilate, groups
        )
