"""Deconvolution (transposed convolution): Deconvolution2D, DeconvolutionND, Deconvolution1D, Deconvolution3D."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chaingrad.autograd.initializer import get_initializer
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import Variable
from chaingrad.functions.convolution.deconvolution import deconvolution_2d, deconvolution_nd
from chaingrad.functions.kernels.windows import as_tuple
from chaingrad.links.initializers import LeCunNormal
from chaingrad.links.inputs import check_first_input, check_groups, refuse_keywords
from chaingrad.links.link import Link


class DeconvolutionND(Link):
    """Deconvolution over ndim spatial axes: every element of the input is spread over a window of the output.

    y[n, c, i s + u d - p ...] += W[o, c, u...] x[n, o, i...],  plus b[c]

    `DeconvolutionND(ndim, out_channels, ksize)` takes the number of input channels from the first input.

    Args:
        ndim (int): number of spatial axes.
        in_channels (int): channels of the inputs; None to take it from the first one.
        out_channels (int): channels of the outputs.
        ksize: sides of the window: an int, or a tuple of ndim.
        stride: steps of the window s in the output: an int, or a tuple.
        pad: elements of the output cut off at each side p: an int, or a tuple.
        nobias (bool): whether to do without b.
        outsize: sizes of the output, where several would give the same input; the smallest when None.
        initialW: initializer, number or array for W; LeCunNormal when None.
        initial_bias: initializer, number or array (out_channels,) for b; zeros when None.
        dilate: distance d of neighbouring window elements: an int, or a tuple.
        groups (int): number of groups that channels are split into.

    Attributes:
        W (Parameter): weight (in_channels, out_channels / groups, *ksize).
        b (Parameter): bias (out_channels,), or None.

    Raises:
        ValueError: when channels cannot be split into the groups.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.DeconvolutionND(1, 2, 4, 3, stride=2)
        >>> layer(np.zeros((1, 2, 5), np.float32)).shape
        (1, 4, 11)
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
        outsize: Any = None,
        initialW: Any = None,
        initial_bias: Any = None,
        dilate: Any = 1,
        groups: int = 1,
    ) -> None:
        super().__init__()
        if ksize is None:
            in_channels, out_channels, ksize = None, in_channels, out_channels
        check_groups(type(self).__name__, groups, in_channels=in_channels, out_channels=out_channels)
        self.ndim, self.in_channels, self.out_channels = ndim, in_channels, out_channels
        self.ksize, self.stride, self.pad, self.dilate = (as_tuple(v, ndim) for v in (ksize, stride, pad, dilate))
        self.outsize = None if outsize is None else as_tuple(outsize, ndim)
        self.nobias, self.groups = nobias, groups
        with self.init_scope():
            self.W = Parameter(get_initializer(initialW, LeCunNormal()))
            if in_channels is not None:
                self._initialize_params(in_channels)
            self.b = None if nobias else Parameter(get_initializer(initial_bias, 0), out_channels)

    def _initialize_params(self, in_channels: int) -> None:
        check_groups(type(self).__name__, self.groups, in_channels=in_channels)
        self.W.initialize((in_channels, self.out_channels // self.groups, *self.ksize))

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
        return self._apply(x)

    def _apply(self, x: Any) -> Variable:
        windows = self.stride, self.pad, self.outsize, self.dilate, self.groups
        return deconvolution_nd(x, self.W, self.b, *windows)

    @property
    def printable_specs(self) -> Iterator[tuple[str, Any]]:
        """Yield (argument, value) for `repr`."""
        names = 'in_channels out_channels ksize stride pad nobias outsize dilate groups'
        return ((name, getattr(self, name)) for name in names.split())


class Deconvolution2D(DeconvolutionND):
    """Two-dimensional deconvolution: a `DeconvolutionND` with ndim 2.

    `Deconvolution2D(out_channels, ksize)` takes the number of input channels from the first input.

    Args:
        in_channels, out_channels, ksize, stride, pad, nobias, outsize, initialW, initial_bias, dilate, groups: as in
            `DeconvolutionND`.

    Raises:
        ValueError: when channels cannot be split into the groups; for the keyword `deterministic` of old programs.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> layer = L.Deconvolution2D(3, 8, 4, stride=2, pad=1)
        >>> layer(np.zeros((1, 3, 16, 16), np.float32)).shape
        (1, 8, 32, 32)

    Source:
        Zeiler, Krishnan, Taylor, Fergus: Deconvolutional networks (CVPR 2010).
    """

    def __init__(
        self,
        in_channels: int | None,
        out_channels: Any,
        ksize: Any = None,
        stride: Any = 1,
        pad: Any = 0,
        nobias: bool = False,
        outsize: Any = None,
        initialW: Any = None,
        initial_bias: Any = None,
        *,
        dilate: Any = 1,
        groups: int = 1,
        **kwargs: Any,
    ) -> None:
        refuse_keywords('Deconvolution2D', kwargs, 'deterministic')
        windows = ksize, stride, pad, nobias, outsize, initialW, initial_bias, dilate, groups
        super().__init__(2, in_channels, out_channels, *windows)

    def _apply(self, x: Any) -> Variable:
        windows = self.stride, self.pad, self.outsize
        return deconvolution_2d(x, self.W, self.b, *windows, dilate=self.dilate, groups=self.groups)


class Deconvolution1D(DeconvolutionND):
    """Deconvolution over one axis: a `DeconvolutionND` with ndim 1.

    Args:
        in_channels, out_channels, ksize, stride, pad, nobias, outsize, initialW, initial_bias, dilate, groups: as in
            `DeconvolutionND`.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> L.Deconvolution1D(2, 4, 3)(np.zeros((1, 2, 7), np.float32)).shape
        (1, 4, 9)
    """

    def __init__(
        self,
        in_channels: int | None,
        out_channels: int,
        ksize: Any,
        stride: Any = 1,
        pad: Any = 0,
        nobias: bool = False,
        outsize: Any = None,
        initialW: Any = None,
        initial_bias: Any = None,
        dilate: Any = 1,
        groups: int = 1,
    ) -> None:
        windows = ksize, stride, pad, nobias, outsize, initialW, initial_bias, dilate, groups
        super().__init__(1, in_channels, out_channels, *windows)


class Deconvolution3D(DeconvolutionND):
    """Deconvolution over three axes: a `DeconvolutionND` with ndim 3.

    Args:
        in_channels, out_channels, ksize, stride, pad, nobias, outsize, initialW, initial_bias, dilate, groups: as in
            `DeconvolutionND`.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> L.Deconvolution3D(2, 4, 3)(np.zeros((1, 2, 2, 3, 4), np.float32)).shape
        (1, 4, 4, 5, 6)
    """

    def __init__(
        self,
        in_channels: int | None,
        out_channels: int,
        ksize: Any,
        stride: Any = 1,
        pad: Any = 0,
        nobias: bool = False,
        outsize: Any = None,
        initialW: Any = None,
        initial_bias: Any = None,
        dilate: Any = 1,
        groups: int = 1,
    ) -> None:
        windows = ksize, stride, pad, nobias, outsize, initialW, initial_bias, dilate, groups
        super().__init__(3, in_channels, out_channels, *windows)
