"""Convolution2D, the layer of convolutional nets for images."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.checks import refuse
from chaingrad.functions.convolution.convolution import convolution_2d
from chaingrad.links.annotations import InitialValue, Size
from chaingrad.links.checks import DETERMINISTIC
from chaingrad.links.connection.convolution_base import ConvolutionBase
from chaingrad.links.initializers.constant import initializers_from


class Convolution2D(ConvolutionBase):
    """Two-dimensional convolution.

    y[n, o, i, j] = sum over c, u, v of W[o, c, u, v] x[n, c, i s + u d - p, j s + v d - p] + b[o]

    `Convolution2D(out_channels, ksize)` means `Convolution2D(None, out_channels, ksize)`: the number of input channels
    is taken from the first input.

    Args:
        in_channels (int): channels of the inputs; None to take it from the first one.
        out_channels (int): channels of the outputs.
        ksize: sides of the window: an int, or a pair (rows, columns).
        stride: steps of the window s: an int, or a pair.
        pad: zeros around the image p: an int, or a pair.
        nobias (bool): leave out b.
        initialW: initializer, number or array for W; LeCunNormal when None.
        initial_bias: initializer, number or array (out_channels,) for b; zeros when None.
        dilate: distance d of neighbouring window elements in the input: an int, or a pair.
        groups (int): number of groups that channels are split into.

    Attributes:
        W (Parameter): weight (out_channels, in_channels / groups, rows, columns).
        b (Parameter): bias (out_channels,), or None.

    Raises:
        ValueError: when channels cannot be split into the groups; for the keyword `deterministic` of old programs.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.Convolution2D(3, 8, 5, stride=2, pad=2)
        >>> layer(np.zeros((1, 3, 32, 32), np.float32)).shape
        (1, 8, 16, 16)
    """

    _shown = ('in_channels', 'out_channels', 'ksize', 'stride', 'pad', 'nobias', 'dilate', 'groups')

    def __init__(
        self,
        in_channels: int | None,
        out_channels: Size,
        ksize: Size | None = None,
        stride: Size = 1,
        pad: Size = 0,
        nobias: bool = False,
        initialW: InitialValue = None,
        initial_bias: InitialValue = None,
        *,
        dilate: Size = 1,
        groups: int = 1,
        **kwargs: Any,
    ) -> None:
        refuse('Convolution2D', kwargs, deterministic=DETERMINISTIC)
        super().__init__(2, in_channels, out_channels, ksize, stride, pad, nobias, dilate, groups)
        self.ksize = ksize if ksize is not None else out_channels  # `repr` shows it as it was given
        self._make_params(initialW, initial_bias)

    def _weight_channels(self, in_channels: int) -> tuple[int, int]:
        return self.out_channels, in_channels // self.groups

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
            self._initialize_from(x)
        return convolution_2d(x, self.W, self.b, self.stride, self.pad, dilate=self.dilate, groups=self.groups)

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
        groups: int = 1,
    ) -> Convolution2D:
        """Make the layer from arrays.

        Args:
            W: Variable or array, (out_channels, in_channels / groups, rows, columns).
            b: Variable or array, (out_channels,); zeros when None.
            stride: steps of the window.
            pad: zeros around the image.
            nobias: leave out b.
            dilate: distance of neighbouring window elements.
            groups: number of groups.

        Returns:
            Convolution2D.
        """
        (out_channels, in_channels, *ksize), initialW, initial_bias = initializers_from(W, b)
        return cls(
            in_channels * groups,
            out_channels,
            tuple(ksize),
            stride,
            pad,
            nobias,
            initialW,
            initial_bias,
            dilate=dilate,
            groups=groups,
        )
