"""Convolution2D, the layer of convolutional nets for images."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chaingrad.autograd.initializer import Constant, get_initializer
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.functions.convolution.convolution import convolution_2d
from chaingrad.functions.kernels.windows import as_tuple
from chaingrad.links.initializers import LeCunNormal
from chaingrad.links.inputs import check_first_input, check_groups, refuse_keywords
from chaingrad.links.link import Link


class Convolution2D(Link):
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
        nobias (bool): whether to do without b.
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

    def __init__(
        self,
        in_channels: int | None,
        out_channels: Any,
        ksize: Any = None,
        stride: Any = 1,
        pad: Any = 0,
        nobias: bool = False,
        initialW: Any = None,
        initial_bias: Any = None,
        *,
        dilate: Any = 1,
        groups: int = 1,
        **kwargs: Any,
    ) -> None:
        refuse_keywords('Convolution2D', kwargs, 'deterministic')
        super().__init__()
        if ksize is None:
            in_channels, out_channels, ksize = None, in_channels, out_channels
        check_groups(type(self).__name__, groups, in_channels=in_channels, out_channels=out_channels)
        self.in_channels, self.out_channels, self.ksize = in_channels, out_channels, ksize
        self.stride, self.pad, self.dilate = (as_tuple(v, 2) for v in (stride, pad, dilate))
        self.nobias, self.groups = nobias, groups
        with self.init_scope():
            self.W = Parameter(get_initializer(initialW, LeCunNormal()))
            if in_channels is not None:
                self._initialize_params(in_channels)
            self.b = None if nobias else Parameter(get_initializer(initial_bias, 0), out_channels)

    def _initialize_params(self, in_channels: int) -> None:
        check_groups(type(self).__name__, self.groups, in_channels=in_channels)
        self.W.initialize((self.out_channels, in_channels // self.groups, *as_tuple(self.ksize, 2)))

    def forward(self, x: Any) -> Variable:
        """Apply the layer.

        Args:
            x: images (n, in_channels, h, w), of the dtype of W.

        Returns:
            Variable (n, out_channels, out_h, out_w).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        if self.W.array is None:
            check_first_input(type(self).__name__, x, 4, self.W)
            self._initialize_params(x.shape[1])
        return convolution_2d(x, self.W, self.b, self.stride, self.pad, dilate=self.dilate, groups=self.groups)

    @classmethod
    def from_params(
        cls,
        W: Any,
        b: Any = None,
        stride: Any = 1,
        pad: Any = 0,
        nobias: bool = False,
        *,
        dilate: Any = 1,
        groups: int = 1,
    ) -> Convolution2D:
        """Make the layer from arrays.

        Args:
            W: weight (out_channels, in_channels / groups, rows, columns).
            b: bias (out_channels,); zeros when None.
            stride: steps of the window.
            pad: zeros around the image.
            nobias: whether to do without b.
            dilate: distance of neighbouring window elements.
            groups: number of groups.

        Returns:
            Convolution2D.
        """
        W, b = as_array(W), as_array(b)
        out_channels, in_channels, *ksize = W.shape
        bias = Constant(0 if b is None else b, W.dtype)
        sizes = in_channels * groups, out_channels, tuple(ksize)
        return cls(*sizes, stride, pad, nobias, Constant(W, W.dtype), bias, dilate=dilate, groups=groups)

    @property
    def printable_specs(self) -> Iterator[tuple[str, Any]]:
        """Yield (argument, value) for `repr`."""
        names = ('in_channels', 'out_channels', 'ksize', 'stride', 'pad', 'nobias', 'dilate', 'groups')
        return ((name, getattr(self, name)) for name in names)
