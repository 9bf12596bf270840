"""The part that links of convolution and deconvolution share: windows, weight, bias, shapes from the first input."""

from __future__ import annotations

from typing import cast

from chaingrad.autograd.annotations import Shape
from chaingrad.autograd.initializer import get_initializer
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.variable import VariableOrArray
from chaingrad.functions.kernels.windows import as_tuple
from chaingrad.links.annotations import InitialValue, Size
from chaingrad.links.checks import check_first_input, check_groups
from chaingrad.links.initializers import LeCunNormal
from chaingrad.links.link import Link


class ConvolutionBase(Link):
    """Base of the links of convolution and deconvolution.

    A subclass defines `_weight_channels`, and at the end of its `__init__` calls `_make_params`.

    Args:
        ndim (int): number of spatial axes.
        in_channels, out_channels, ksize, stride, pad, nobias, dilate, groups: as in `ConvolutionND`, the short form
            `(out_channels, ksize, None)` included.

    Attributes:
        W (Parameter): weight; it gets its shape from the first input where in_channels is None.
        b (Parameter): bias, or None.
    """

    W: Parameter
    b: Parameter | None
    _bias_of_any_dtype = False  # whether b may have another dtype than x

    def __init__(
        self,
        ndim: int,
        in_channels: int | None,
        out_channels: Size | None,
        ksize: Size | None,
        stride: Size,
        pad: Size,
        nobias: bool,
        dilate: Size = 1,
        groups: int = 1,
    ) -> None:
        super().__init__()
        if ksize is None:
            in_channels, out_channels, ksize = None, in_channels, cast(Size, out_channels)
        self.ndim = ndim
        self.in_channels = in_channels
        self.out_channels = cast(int, out_channels)
        self.ksize: Size = as_tuple(ksize, ndim)
        self.stride = as_tuple(stride, ndim)
        self.pad = as_tuple(pad, ndim)
        self.dilate = as_tuple(dilate, ndim)
        self.nobias = nobias
        self.groups = groups
        check_groups(type(self).__name__, groups, in_channels=in_channels, out_channels=self.out_channels)

    def _make_params(self, initialW: InitialValue, initial_bias: InitialValue) -> None:
        with self.init_scope():
            self.W = Parameter(get_initializer(initialW, LeCunNormal()))
            if self.in_channels is not None:
                self._initialize_params(self.in_channels)
            self.b = None if self.nobias else Parameter(get_initializer(initial_bias, 0), self.out_channels)

    def _weight_channels(self, in_channels: int) -> tuple[int, int]:
        """Return the first two lengths of W; the window follows."""
        raise NotImplementedError(f'{type(self).__name__} must define _weight_channels(in_channels).')

    def _weight_shape(self, in_channels: int) -> Shape:
        return (*self._weight_channels(in_channels), *as_tuple(self.ksize, self.ndim))

    def _initialize_params(self, in_channels: int) -> None:
        """Give W its shape; programs override it to do more then."""
        check_groups(type(self).__name__, self.groups, in_channels=in_channels)
        self.W.initialize(self._weight_shape(in_channels))

    def _initialize_from(self, x: VariableOrArray) -> None:
        """Give the parameters their shapes, from the first input."""
        check_first_input(type(self).__name__, x, self.ndim + 2, None if self._bias_of_any_dtype else self.b)
        self._initialize_params(x.shape[1])
