"""DepthwiseConvolution2D, a convolution of every channel by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chaingrad.autograd.initializer import get_initializer
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable
from chaingrad.functions.convolution.convolution import depthwise_convolution_2d
from chaingrad.functions.kernels.windows import as_tuple
from chaingrad.links.initializers import LeCunNormal
from chaingrad.links.inputs import check_first_input
from chaingrad.links.link import Link


class DepthwiseConvolution2D(Link):
    """Two-dimensional convolution of every channel with kernels of its own.

    y[n, c m + q] = convolution of x[n, c] with W[q, c], plus b[c m + q]

    Args:
        in_channels (int): channels of the inputs; None to take it from the first one.
        channel_multiplier (int): number m of outputs for each input channel.
        ksize: sides of the window: an int, or a pair (rows, columns).
        stride: steps of the window: an int, or a pair.
        pad: zeros around the image: an int, or a pair.
        nobias (bool): whether to do without b.
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

    def __init__(
        self,
        in_channels: int | None,
        channel_multiplier: int,
        ksize: Any,
        stride: Any = 1,
        pad: Any = 0,
        nobias: bool = False,
        initialW: Any = None,
        initial_bias: Any = None,
    ) -> None:
        super().__init__()
        self.in_channels, self.channel_multiplier, self.nobias = in_channels, channel_multiplier, nobias
        self.ksize, self.stride, self.pad = (as_tuple(v, 2) for v in (ksize, stride, pad))
        with self.init_scope():
            self.W = Parameter(get_initializer(initialW, LeCunNormal()))
            self.b = None if nobias else Parameter(get_initializer(initial_bias, 0))
        if in_channels is not None:
            self._initialize_params(in_channels)

    def _initialize_params(self, in_channels: int) -> None:
        self.W.initialize((self.channel_multiplier, in_channels, *self.ksize))
        if self.b is not None:
            self.b.initialize(self.channel_multiplier * in_channels)

    def forward(self, x: Any) -> Variable:
        """Apply the layer.

        Args:
            x: images (n, in_channels, h, w), of the dtype of W.

        Returns:
            Variable (n, in_channels * m, out_h, out_w).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        if self.W.array is None:
            check_first_input('DepthwiseConvolution2D', x, 4, self.W)
            self._initialize_params(x.shape[1])
        return depthwise_convolution_2d(x, self.W, self.b, self.stride, self.pad)

    @property
    def printable_specs(self) -> Iterator[tuple[str, Any]]:
        """Yield (argument, value) for `repr`."""
        names = 'in_channels channel_multiplier ksize stride pad nobias'
        return ((name, getattr(self, name)) for name in names.split())
