"""MLPConvolution2D, a convolution followed by 1x1 convolutions: a small net at every position."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.activation.rectifier import relu
from chaingrad.functions.checks import refuse
from chaingrad.links.annotations import InitialValue, Size
from chaingrad.links.chain_list import ChainList
from chaingrad.links.connection.convolution_2d import Convolution2D

_WSCALE = 'wscale is not supported anymore. Use conv_init and bias_init to say what the parameters start from.'


class MLPConvolution2D(ChainList):
    """Two-dimensional convolution whose window is followed by a multilayer perceptron over channels.

    `MLPConvolution2D(out_channels, ksize)` takes the number of input channels from the first input.

    Args:
        in_channels (int): channels of the inputs; None to take it from the first one.
        out_channels (tuple): outputs of the convolution, and of each 1x1 convolution after it.
        ksize: sides of the window of the first convolution: an int, or a pair.
        stride: its steps: an int, or a pair.
        pad: its zeros around the image: an int, or a pair.
        activation: activation between the layers; there is none after the last one.
        args: nothing; old programs gave wscale here.
        conv_init: initializer for all weights; LeCunNormal when None.
        bias_init: initializer for all biases; zeros when None.

    Raises:
        TypeError: for further positional arguments.
        ValueError: for the keyword `wscale` of old programs.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.MLPConvolution2D(3, (8, 6, 4), 5, pad=2)
        >>> layer(np.zeros((1, 3, 9, 9), np.float32)).shape
        (1, 4, 9, 9)

    Source:
        Lin, Chen, Yan: Network in network (ICLR 2014), section 3.1.
    """

    def __init__(
        self,
        in_channels: Size | None,
        out_channels: Size,
        ksize: Size | None = None,
        stride: Size = 1,
        pad: Size = 0,
        activation: Callable[[Variable], Variable] = relu,
        *args: Any,
        conv_init: InitialValue = None,
        bias_init: InitialValue = None,
        **kwargs: Any,
    ) -> None:
        if args:
            raise TypeError(f'MLPConvolution2D: {_WSCALE}')
        refuse('MLPConvolution2D', kwargs, wscale=_WSCALE)
        if ksize is None:
            in_channels, out_channels, ksize = None, cast(Size, in_channels), out_channels
        n_in = cast(int | None, in_channels)
        widths = cast(tuple[int, ...], out_channels)
        initializers: dict[str, Any] = {'initialW': conv_init, 'initial_bias': bias_init}
        super().__init__(Convolution2D(n_in, widths[0], ksize, stride, pad, **initializers))
        for width, next_width in zip(widths, widths[1:]):
            self.append(Convolution2D(width, next_width, 1, **initializers))
        self.activation = activation

    def forward(self, x: VariableOrArray) -> Variable:
        """Apply the layer.

        Args:
            x: Variable or array, (n, in_channels, h, w), of the dtype of the weights.

        Returns:
            Variable (n, out_channels[-1], out_h, out_w).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        first, *others = self
        y = first(x)
        for layer in others:
            y = layer(self.activation(y))
        return y
