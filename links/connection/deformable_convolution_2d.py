"""DeformableConvolution2D, a convolution that learns where its windows look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chaingrad.autograd.initializer import get_initializer
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable
from chaingrad.functions.convolution.deformable import deformable_convolution_2d_sampler
from chaingrad.functions.kernels.windows import as_tuple
from chaingrad.links.chain import Chain
from chaingrad.links.connection.convolution_2d import Convolution2D
from chaingrad.links.initializers import LeCunNormal
from chaingrad.links.inputs import check_first_input
from chaingrad.links.link import Link


class DeformableConvolution2D(Chain):
    """Two-dimensional convolution whose window elements are moved by offsets that another convolution computes.

    y = deform_conv(x, offset_conv(x))

    Args:
        in_channels (int): channels of the inputs; None to take it from the first one.
        out_channels (int): channels of the outputs.
        ksize: sides of the window: an int, or a pair (rows, columns).
        stride: steps of the window: an int, or a pair.
        pad: zeros around the image: an int, or a pair.
        offset_nobias (bool): whether the offsets do without bias.
        offset_initialW: initializer, number or array for the offsets' weight; LeCunNormal when None. With 0 it begins
            as a plain convolution.
        offset_initial_bias: initializer, number or array (2 * rows * columns,) for the offsets' bias; zeros when None.
        deform_nobias (bool): whether the convolution does without bias.
        deform_initialW: initializer, number or array for its weight; LeCunNormal when None.
        deform_initial_bias: initializer, number or array (out_channels,) for its bias; zeros when None.

    Attributes:
        offset_conv (Convolution2D): computes the offsets.
        deform_conv (DeformableConvolution2DSampler): the convolution, with W and b.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.DeformableConvolution2D(3, 8, 3, pad=1)
        >>> layer(np.zeros((1, 3, 6, 6), np.float32)).shape
        (1, 8, 6, 6)

    Source:
        Dai et al.: Deformable convolutional networks (ICCV 2017), section 2.1.
    """

    def __init__(
        self,
        in_channels: int | None,
        out_channels: int,
        ksize: Any,
        stride: Any = 1,
        pad: Any = 0,
        offset_nobias: bool = False,
        offset_initialW: Any = None,
        offset_initial_bias: Any = None,
        deform_nobias: bool = False,
        deform_initialW: Any = None,
        deform_initial_bias: Any = None,
    ) -> None:
        super().__init__()
        rows, columns = as_tuple(ksize, 2)
        windows = ksize, stride, pad
        offset = offset_nobias, offset_initialW, offset_initial_bias
        deform = deform_nobias, deform_initialW, deform_initial_bias
        with self.init_scope():
            self.offset_conv = Convolution2D(in_channels, 2 * rows * columns, *windows, *offset)
            self.deform_conv = DeformableConvolution2DSampler(in_channels, out_channels, *windows, *deform)

    def forward(self, x: Any) -> Variable:
        """Apply the layer.

        Args:
            x: images (n, in_channels, h, w), of the dtype of the weights.

        Returns:
            Variable (n, out_channels, out_h, out_w).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        return self.deform_conv(x, self.offset_conv(x))


class DeformableConvolution2DSampler(Link):
    """The convolution of `DeformableConvolution2D`, which is given the offsets.

    Args:
        in_channels, out_channels, ksize, stride, pad, nobias, initialW, initial_bias: as in `Convolution2D`.
    """

    def __init__(
        self,
        in_channels: int | None,
        out_channels: int,
        ksize: Any,
        stride: Any = 1,
        pad: Any = 0,
        nobias: bool = False,
        initialW: Any = None,
        initial_bias: Any = None,
    ) -> None:
        super().__init__()
        self.in_channels, self.out_channels, self.nobias = in_channels, out_channels, nobias
        self.ksize, self.stride, self.pad = (as_tuple(v, 2) for v in (ksize, stride, pad))
        with self.init_scope():
            self.W = Parameter(get_initializer(initialW, LeCunNormal()))
            if in_channels is not None:
                self._initialize_params(in_channels)
            self.b = None if nobias else Parameter(get_initializer(initial_bias, 0), out_channels)

    def _initialize_params(self, in_channels: int) -> None:
        self.W.initialize((self.out_channels, in_channels, *self.ksize))

    def forward(self, x: Any, offset: Any) -> Variable:
        """Apply the layer.

        Args:
            x: images (n, in_channels, h, w), of the dtype of W.
            offset: offsets (n, 2 * rows * columns, out_h, out_w): dx of every element of the window, then dy.

        Returns:
            Variable (n, out_channels, out_h, out_w).
        """
        if self.W.array is None:
            check_first_input('DeformableConvolution2D', x, 4, self.W)
            self._initialize_params(x.shape[1])
        return deformable_convolution_2d_sampler(x, offset, self.W, self.b, self.stride, self.pad)

    @property
    def printable_specs(self) -> Iterator[tuple[str, Any]]:
        """Yield (argument, value) for `repr`."""
        return ((name, getattr(self, name)) for name in 'in_channels out_channels ksize stride pad nobias'.split())
