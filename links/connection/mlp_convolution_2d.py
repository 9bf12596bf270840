"""MLPConvolution2D, a convolution followed by 1x1 convolutions: a small net at every place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chaingrad.autograd.variable import Variable
from chaingrad.functions.activation.rectifier import relu
from chaingrad.links.chain_list import ChainList
from chaingrad.links.connection.convolution_2d import Convolution2D

_WSCALE = (
    'MLPConvolution2D: wscale is not supported anymore. Use conv_init and bias_init to say what the parameters start '
    'from.'
)


class MLPConvolution2D(ChainList):
    """Two-dimensional convolution whose window is followed by a multilayer perceptron over channels.

    `MLPConvolution2D(out_channels, ksize)` takes the number of input channels from the first input.

    Args:
        in_channels (int): channels of the inputs; None to take it from the first one.
        out_channels (tuple): outputs of the convolution, and of each 1x1 convolution behind it.
        ksize: sides of the window of the first convolution: an int, or a pair.
        stride: its steps: an int, or a pair.
        pad: its zeros around the image: an int, or a pair.
        activation: activation between the layers; there is none behind the last one.
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
        in_channels: Any,
        out_channels: Any,
        ksize: Any = None,
        stride: Any = 1,
        pad: Any = 0,
        activation: Callable[[Any], Any] = relu,
        *args: Any,
        conv_init: Any = None,
        bias_init: Any = None,
        **kwargs: Any,
    ) -> None:
        if args:
            raise TypeError(_WSCALE)
        if 'wscale' in kwargs:
            raise ValueError(_WSCALE)
        for name in kwargs:
            raise TypeError(f'MLPConvolution2D: unexpected keyword argument {name!r}.')
        if ksize is None:
            in_channels, out_channels, ksize = None, in_channels, out_channels
        initial = {'initialW': conv_init, 'initial_bias': bias_init}
        layers = [Convolution2D(in_channels, out_channels[0], ksize, stride, pad, **initial)]
        layers += [Convolution2D(n, m, 1, **initial) for n, m in zip(out_channels, out_channels[1:])]
        super().__init__(*layers)
        self.activation = activation

    def forward(self, x: Any) -> Variable:
        """Apply the layer.

        Args:
            x: images (n, in_channels, h, w), of the dtype of the weights.

        Returns:
            Variable (n, out_channels[-1], out_h, out_w).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        first, *others = self
        x = first(x)
        for layer in others:
            x = layer(self.activation(x))
        return x
