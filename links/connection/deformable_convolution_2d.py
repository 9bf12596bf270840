"""DeformableConvolution2D, a convolution that learns the positions of its window elements."""

from __future__ import annotations

from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.convolution.deformable import deformable_convolution_2d_sampler
from chaingrad.functions.kernels.windows import as_tuple
from chaingrad.links.annotations import InitialValue, Size
from chaingrad.links.chain import Chain
from chaingrad.links.connection.convolution_2d import Convolution2D
from chaingrad.links.connection.convolution_base import ConvolutionBase


class DeformableConvolution2D(Chain):
    """Two-dimensional convolution whose window elements are moved by offsets that another convolution computes.

    y = deform_conv(x, offset_conv(x))

    Args:
        in_channels (int): channels of the inputs; None to take it from the first one.
        out_channels (int): channels of the outputs.
        ksize: sides of the window: an int, or a pair (rows, columns).
        stride: steps of the window: an int, or a pair.
        pad: zeros around the image: an int, or a pair.
        offset_nobias (bool): leave out the bias of the offsets.
        offset_initialW: initializer, number or array for the offsets' weight; LeCunNormal when None. With 0 it starts
            as a plain convolution.
        offset_initial_bias: initializer, number or array (2 * rows * columns,) for the offsets' bias; zeros when None.
        deform_nobias (bool): leave out the bias of the convolution.
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
        ksize: Size,
        stride: Size = 1,
        pad: Size = 0,
        offset_nobias: bool = False,
        offset_initialW: InitialValue = None,
        offset_initial_bias: InitialValue = None,
        deform_nobias: bool = False,
        deform_initialW: InitialValue = None,
        deform_initial_bias: InitialValue = None,
    ) -> None:
        super().__init__()
        rows, columns = as_tuple(ksize, 2)
        with self.init_scope():
            self.offset_conv = Convolution2D(
                in_channels, 2 * rows * columns, ksize, stride, pad, offset_nobias, offset_initialW, offset_initial_bias
            )
            self.deform_conv = DeformableConvolution2DSampler(
                in_channels, out_channels, ksize, stride, pad, deform_nobias, deform_initialW, deform_initial_bias
            )

    def forward(self, x: VariableOrArray) -> Variable:
        """Apply the layer.

        Args:
            x: Variable or array, (n, in_channels, h, w), of the dtype of the weights.

        Returns:
            Variable (n, out_channels, out_h, out_w).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        return self.deform_conv(x, self.offset_conv(x))


class DeformableConvolution2DSampler(ConvolutionBase):
    """The convolution of `DeformableConvolution2D`, which is given the offsets.

    Args:
        in_channels, out_channels, ksize, stride, pad, nobias, initialW, initial_bias: as in `Convolution2D`.
    """

    _shown = ('in_channels', 'out_channels', 'ksize', 'stride', 'pad', 'nobias')

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
    ) -> None:
        super().__init__(2, in_channels, out_channels, ksize, stride, pad, nobias)
        self._make_params(initialW, initial_bias)

    def _weight_channels(self, in_channels: int) -> tuple[int, int]:
        return self.out_channels, in_channels

    def forward(self, x: VariableOrArray, offset: VariableOrArray) -> Variable:
        """Apply the layer.

        Args:
            x: Variable or array, (n, in_channels, h, w), floating dtype.
            offset: offsets (n, 2 * rows * columns, out_h, out_w): dx of every element of the window, then dy.

        Returns:
            Variable (n, out_channels, out_h, out_w).
        """
        if self.W.array is None:
            self._initialize_from(x)
        return deformable_convolution_2d_sampler(x, offset, self.W, self.b, self.stride, self.pad)
