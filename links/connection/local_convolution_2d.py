"""LocalConvolution2D, a convolution with kernels of its own at every position."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.annotations import Shape
from chaingrad.autograd.initializer import get_initializer
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.checks import refuse
from chaingrad.functions.convolution.windows import local_convolution_2d
from chaingrad.functions.kernels.windows import as_tuple, conv_outsizes
from chaingrad.links.annotations import InitialValue, Size
from chaingrad.links.checks import check_first_input
from chaingrad.links.initializers import LeCunNormal
from chaingrad.links.link import Link


class LocalConvolution2D(Link):
    """Two-dimensional convolution whose kernels differ from position to position.

    y[n, o, i, j] = sum over c, u, v of W[o, i, j, c, u, v] x[n, c, i s + u, j s + v] + b[o, i, j]

    Args:
        in_channels (int): channels of the inputs; None to take it from the first one.
        out_channels (int): channels of the outputs.
        in_size: size of the images: an int, or a pair (h, w); None to take it from the first input.
        ksize: sides of the window: an int, or a pair (rows, columns).
        stride: steps of the window s: an int, or a pair.
        nobias (bool): leave out b.
        initialW: initializer, number or array for W; LeCunNormal when None.
        initial_bias: initializer, number or array (out_channels, out_h, out_w) for b; zeros when None.

    Attributes:
        W (Parameter): weight (out_channels, out_h, out_w, in_channels, rows, columns).
        b (Parameter): bias (out_channels, out_h, out_w), or None.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.LocalConvolution2D(3, 4, ksize=3)
        >>> layer(np.zeros((1, 3, 6, 6), np.float32)).shape
        (1, 4, 4, 4)
        >>> layer.W.shape
        (4, 4, 4, 3, 3, 3)
    """

    W: Parameter
    b: Parameter | None

    _shown = ('in_channels', 'out_channels', 'in_size', 'ksize', 'stride', 'nobias')

    def __init__(
        self,
        in_channels: int | None,
        out_channels: int,
        in_size: Size | None = None,
        ksize: Size | None = None,
        stride: Size = 1,
        nobias: bool = False,
        initialW: InitialValue = None,
        initial_bias: InitialValue = None,
        **kwargs: Any,
    ) -> None:
        refuse('LocalConvolution2D', kwargs)
        super().__init__()
        if ksize is None:
            raise ValueError('LocalConvolution2D: ksize must be given. Write LocalConvolution2D(3, 8, ksize=5).')
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.in_size = None if in_size is None else as_tuple(in_size, 2)
        self.ksize = as_tuple(ksize, 2)
        self.stride = as_tuple(stride, 2)
        self.nobias = nobias
        with self.init_scope():
            self.W = Parameter(get_initializer(initialW, LeCunNormal()))
            self.b = None if nobias else Parameter(get_initializer(initial_bias, 0))
        if in_channels is not None and self.in_size is not None:
            self._initialize_params(in_channels, self.in_size)

    def _initialize_params(self, in_channels: int, in_size: Shape) -> None:
        positions = conv_outsizes(in_size, self.ksize, self.stride, (0, 0))
        self.W.initialize((self.out_channels, *positions, in_channels, *self.ksize))
        if self.b is not None:
            self.b.initialize((self.out_channels, *positions))

    def forward(self, x: VariableOrArray) -> Variable:
        """Apply the layer.

        Args:
            x: Variable or array, (n, in_channels, h, w), floating dtype.

        Returns:
            Variable (n, out_channels, out_h, out_w).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        if self.W.array is None:
            check_first_input('LocalConvolution2D', x, 4, self.b)
            self._initialize_params(x.shape[1], x.shape[2:])
        return local_convolution_2d(x, self.W, self.b, self.stride)
