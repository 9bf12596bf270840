"""DilatedConvolution2D, a Convolution2D with another order of arguments."""

from __future__ import annotations

from chaingrad.autograd.variable import VariableOrArray
from chaingrad.links.annotations import InitialValue, Size
from chaingrad.links.connection.convolution_2d import Convolution2D
from chaingrad.links.initializers.constant import initializers_from


class DilatedConvolution2D(Convolution2D):
    """Two-dimensional convolution whose window elements lie apart; `Convolution2D(..., dilate=d)` does the same.

    y[n, o, i, j] = sum over c, u, v of W[o, c, u, v] x[n, c, i s + u d - p, j s + v d - p] + b[o]

    `DilatedConvolution2D(out_channels, ksize)` takes the number of input channels from the first input.

    Args:
        in_channels (int): channels of the inputs; None to take it from the first one.
        out_channels (int): channels of the outputs.
        ksize: sides of the window: an int, or a pair (rows, columns).
        stride: steps of the window s: an int, or a pair.
        pad: zeros around the image p: an int, or a pair.
        dilate: distance d of neighbouring window elements in the input: an int, or a pair.
        nobias (bool): leave out b.
        initialW: initializer, number or array for W; LeCunNormal when None.
        initial_bias: initializer, number or array (out_channels,) for b; zeros when None.

    Attributes:
        W (Parameter): weight (out_channels, in_channels, rows, columns).
        b (Parameter): bias (out_channels,), or None.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.DilatedConvolution2D(3, 8, 3, dilate=2)
        >>> layer(np.zeros((1, 3, 9, 9), np.float32)).shape
        (1, 8, 5, 5)

    Source:
        Yu, Koltun: Multi-scale context aggregation by dilated convolutions (ICLR 2016).
    """

    def __init__(
        self,
        in_channels: int | None,
        out_channels: Size,
        ksize: Size | None = None,
        stride: Size = 1,
        pad: Size = 0,
        dilate: Size = 1,
        nobias: bool = False,
        initialW: InitialValue = None,
        initial_bias: InitialValue = None,
    ) -> None:
        super().__init__(in_channels, out_channels, ksize, stride, pad, nobias, initialW, initial_bias, dilate=dilate)

    @classmethod
    def from_params(
        cls,
        W: VariableOrArray,
        b: VariableOrArray | None = None,
        stride: Size = 1,
        pad: Size = 0,
        nobias: bool = False,
        *,
        dilate: Size = 1,
    ) -> DilatedConvolution2D:
        """Make the layer from arrays.

        Args:
            W: Variable or array, (out_channels, in_channels, rows, columns).
            b: Variable or array, (out_channels,); zeros when None.
            stride: steps of the window.
            pad: zeros around the image.
            nobias: leave out b.
            dilate: distance of neighbouring window elements.

        Returns:
            DilatedConvolution2D.
        """
        (out_channels, in_channels, *ksize), initialW, initial_bias = initializers_from(W, b)
        return cls(in_channels, out_channels, tuple(ksize), stride, pad, dilate, nobias, initialW, initial_bias)
