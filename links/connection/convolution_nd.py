"""Convolution over any number of spatial axes: ConvolutionND, Convolution1D, Convolution3D."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chaingrad.autograd.initializer import Constant, get_initializer
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.functions.convolution.convolution import convolution_nd
from chaingrad.functions.kernels.windows import as_tuple
from chaingrad.links.initializers import LeCunNormal
from chaingrad.links.inputs import check_first_input, check_groups
from chaingrad.links.link import Link


class ConvolutionND(Link):
    """Convolution over ndim spatial axes.

    y[n, o, i...] = sum over c, u... of W[o, c, u...] x[n, c, i s + u d - p ...] + b[o]

    `ConvolutionND(ndim, out_channels, ksize)` takes the number of input channels from the first input.

    Args:
        ndim (int): number of spatial axes.
        in_channels (int): channels of the inputs; None to take it from the first one.
        out_channels (int): channels of the outputs.
        ksize: sides of the window: an int, or a tuple of ndim.
        stride: steps of the window s: an int, or a tuple.
        pad: zeros around the input p: an int, or a tuple.
        nobias (bool): whether to do without b.
        initialW: initializer, number or array for W; LeCunNormal when None.
        initial_bias: initializer, number or array (out_channels,) for b; zeros when None.
        cover_all (bool): whether every element of the input is used, if need be with more zeros at the end.
        dilate: distance d of neighbouring window elements: an int, or a tuple.
        groups (int): number of groups that channels are split into.

    Attributes:
        W (Parameter): weight (out_channels, in_channels / groups, *ksize).
        b (Parameter): bias (out_channels,), or None.

    Raises:
        ValueError: when channels cannot be split into the groups.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.ConvolutionND(3, 2, 4, 3, pad=1)
        >>> layer(np.zeros((1, 2, 5, 6, 7), np.float32)).shape
        (1, 4, 5, 6, 7)
    """

    def __init__(
        self,
        ndim: int,
        in_channels: int | None,
        out_channels: Any,
        ksize: Any = None,
        stride: Any = 1,
        pad: Any = 0,
        nobias: bool = False,
        initialW: Any = None,
        initial_bias: Any = None,
        cover_all: bool = False,
        dilate: Any = 1,
        groups: int = 1,
    ) -> None:
        super().__init__()
        if ksize is None:
            in_channels, out_channels, ksize = None, in_channels, out_channels
        check_groups(type(self).__name__, groups, in_channels=in_channels, out_channels=out_channels)
        self.ndim, self.in_channels, self.out_channels = ndim, in_channels, out_channels
        self.ksize, self.stride, self.pad, self.dilate = (as_tuple(v, ndim) for v in (ksize, stride, pad, dilate))
        self.nobias, self.cover_all, self.groups = nobias, cover_all, groups
        with self.init_scope():
            self.W = Parameter(get_initializer(initialW, LeCunNormal()))
            if in_channels is not None:
                self._initialize_params(in_channels)
            self.b = None if nobias else Parameter(get_initializer(initial_bias, 0), out_channels)

    def _initialize_params(self, in_channels: int) -> None:
        check_groups(type(self).__name__, self.groups, in_channels=in_channels)
        self.W.initialize((self.out_channels, in_channels // self.groups, *self.ksize))

    def forward(self, x: Any) -> Variable:
        """Apply the layer.

        Args:
            x: inputs (n, in_channels, *sizes), of the dtype of W.

        Returns:
            Variable (n, out_channels, *out_sizes).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        if self.W.array is None:
            check_first_input(type(self).__name__, x, self.ndim + 2, self.W)
            self._initialize_params(x.shape[1])
        windows = self.stride, self.pad, self.cover_all, self.dilate, self.groups
        return convolution_nd(x, self.W, self.b, *windows)

    @classmethod
    def from_params(
        cls,
        W: Any,
        b: Any = None,
        stride: Any = 1,
        pad: Any = 0,
        nobias: bool = False,
        *,
        cover_all: bool = False,
        dilate: Any = 1,
        groups: int = 1,
    ) -> Any:
        """Make the layer from arrays.

        Args:
            W: weight (out_channels, in_channels / groups, *ksize).
            b: bias (out_channels,); zeros when None.
            stride: steps of the window.
            pad: zeros around the input.
            nobias: whether to do without b.
            cover_all: whether every element of the input is used.
            dilate: distance of neighbouring window elements.
            groups: number of groups.

        Returns:
            The layer, a ConvolutionND (or Convolution1D, Convolution3D where called on those).
        """
        W, b = as_array(W), as_array(b)
        out_channels, in_channels, *ksize = W.shape
        ndim = (len(ksize),) if cls is ConvolutionND else ()
        initial = Constant(W, W.dtype), Constant(0 if b is None else b, W.dtype)
        sizes = in_channels * groups, out_channels, tuple(ksize)
        return cls(*ndim, *sizes, stride, pad, nobias, *initial, cover_all, dilate, groups)

    @property
    def printable_specs(self) -> Iterator[tuple[str, Any]]:
        """Yield (argument, value) for `repr`."""
        names = 'ndim in_channels out_channels ksize stride pad nobias cover_all dilate groups'
        return ((name, getattr(self, name)) for name in names.split())


class Convolution1D(ConvolutionND):
    """Convolution over one axis: a `ConvolutionND` with ndim 1.

    Args:
        in_channels, out_channels, ksize, stride, pad, nobias, initialW, initial_bias, cover_all, dilate, groups: as in
            `ConvolutionND`.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> L.Convolution1D(2, 4, 3)(np.zeros((1, 2, 9), np.float32)).shape
        (1, 4, 7)
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
        cover_all: bool = False,
        dilate: Any = 1,
        groups: int = 1,
    ) -> None:
        windows = ksize, stride, pad, nobias, initialW, initial_bias, cover_all, dilate, groups
        super().__init__(1, in_channels, out_channels, *windows)


class Convolution3D(ConvolutionND):
    """Convolution over three axes: a `ConvolutionND` with ndim 3.

    Args:
        in_channels, out_channels, ksize, stride, pad, nobias, initialW, initial_bias, cover_all, dilate, groups: as in
            `ConvolutionND`.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> L.Convolution3D(2, 4, 3)(np.zeros((1, 2, 4, 5, 6), np.float32)).shape
        (1, 4, 2, 3, 4)
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
        cover_all: bool = False,
        dilate: Any = 1,
        groups: int = 1,
    ) -> None:
        windows = ksize, stride, pad, nobias, initialW, initial_bias, cover_all, dilate, groups
        super().__init__(3, in_channels, out_channels, *windows)
