"""DepthwiseConvolution2D, a convolution of every channel by itself."""

from __future__ import annotations

from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.convolution.convolution import depthwise_convolution_2d
from chaingrad.links.annotations import InitialValue, Size
from chaingrad.links.connection.convolution_base import ConvolutionBase


class DepthwiseConvolution2D(ConvolutionBase):
    """Two-dimensional convolution of every channel with kernels of its own.

    y[n, c m + q] = convolution of x[n, c] with W[q, c], plus b[c m + q]

    Args:
        in_channels (int): channels of the inputs; None to take it from the first one.
        channel_multiplier (int): number m of outputs for each input channel.
        ksize: sides of the window: an int, or a pair (rows, columns).
        stride: steps of the window: an int, or a pair.
        pad: zeros around the image: an int, or a pair.
        nobias (bool): leave out b.
        initialW: initializer, number or array for W; LeCunNormal when None.
        initial_bias: initializer, number or array (in_channels * m,) for b; zeros when None.

    Attributes:
        W (Parameter): weight (m, in_channels, rows, columns).
        b (Parameter): bias (in_channels * m,), or None.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.DepthwiseConvolution2D(3, 2, 3, pad=1)
        >>> layer(np.zeros((1, 3, 8, 8), np.float32)).shape
        (1, 6, 8, 8)

    Source:
        Chollet: Xception (CVPR 2017), section 3.
    """

    _shown = ('in_channels', 'channel_multiplier', 'ksize', 'stride', 'pad', 'nobias')

    def __init__(
        self,
        in_channels: int | None,
        channel_multiplier: int,
        ksize: Size,
        stride: Size = 1,
        pad: Size = 0,
        nobias: bool = False,
        initialW: InitialValue = None,
        initial_bias: InitialValue = None,
    ) -> None:
        out_channels = None if in_channels is None else in_channels * channel_multiplier
        super().__init__(2, in_channels, out_channels, ksize, stride, pad, nobias)
        self.channel_multiplier = channel_multiplier
        self._make_params(initialW, initial_bias)

    def _weight_channels(self, in_channels: int) -> tuple[int, int]:
        return self.channel_multiplier, in_channels

    def _initialize_params(self, in_channels: int) -> None:
        super()._initialize_params(in_channels)
        b = vars(self).get('b')  # which is not there yet when in_channels is given
        if b is not None:
            b.initialize(in_channels * self.channel_multiplier)

    def forward(self, x: VariableOrArray) -> Variable:
        """Apply the layer.

        Args:
            x: Variable or array, (n, in_channels, h, w), floating dtype.

        Returns:
            Variable (n, in_channels * m, out_h, out_w).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        if self.W.array is None:
            self._initialize_from(x)
        return depthwise_convolution_2d(x, self.W, self.b, self.stride, self.pad)
