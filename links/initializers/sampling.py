"""Filters that resample images: fixed weights for convolutions that shrink and deconvolutions that enlarge."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.backends import get_array_module
from chaingrad.autograd.initializer import Initializer
from chaingrad.links.annotations import DTypeLike


class SamplingFilter(Initializer):
    """Base of the two: a separable linear filter for each channel separately."""

    _sums_to_one: bool

    def __init__(self, interpolation: str = 'linear', dtype: DTypeLike | None = None) -> None:
        super().__init__(dtype)
        if interpolation != 'linear':
            raise ValueError(f"{type(self).__name__}: interpolation must be 'linear', but it is {interpolation!r}.")
        self.interpolation = interpolation

    def __call__(self, array: Array) -> None:
        """Fill an array in place."""
        who = type(self).__name__
        if array.ndim < 3:
            raise ValueError(f'{who}: the array must be (out, in, *window), but its shape is {array.shape}.')
        first, second, *window = array.shape
        if second not in (first, 1):
            raise ValueError(f'{who}: shape[1] must be shape[0] or 1, but the shape is {array.shape}.')
        if len(set(window)) != 1:
            raise ValueError(f'{who}: the window must have equal sides, but it is {tuple(window)}.')
        xp = get_array_module(array)
        weight = xp.asarray(1.0)
        for _ in window:
            weight = weight[..., None] * _triangle(window[0], xp)
        channels = xp.arange(first)
        array[...] = 0
        if self._sums_to_one:
            weight = weight / weight.sum()
        array[channels, channels if second == first else 0] = weight


def _triangle(size: int, xp: Any) -> Array:
    """Return the filter of linear interpolation along one axis."""
    factor = (size + 1) // 2
    center = factor - 1 if size % 2 else factor - 0.5
    return 1 - abs(xp.arange(size) - center) / factor


class UpsamplingDeconvFilter(SamplingFilter):
    """Fill the weight of a deconvolution so that it enlarges images by linear interpolation.

    W[c, c, i, j] = (1 - |i - m| / f) * (1 - |j - m| / f),  f = (size + 1) // 2,  m the middle

    With stride s use windows of size 2 s.

    Args:
        interpolation: 'linear'.
        dtype: dtype of the arrays it makes; None for the one asked for.

    Raises:
        ValueError: for another interpolation, windows with unequal sides, or channels that do not pair.

    Example:
        >>> import numpy as np
        >>> from chaingrad.initializers import UpsamplingDeconvFilter, generate_array
        >>> generate_array(UpsamplingDeconvFilter(), (1, 1, 3, 3), np)[0, 0]
        array([[0.25, 0.5 , 0.25],
               [0.5 , 1.  , 0.5 ],
               [0.25, 0.5 , 0.25]], dtype=float32)

    Source:
        Long, Shelhamer, Darrell: Fully Convolutional Networks for Semantic Segmentation, section 3.3 (CVPR 2015).
    """

    _sums_to_one = False


class DownsamplingConvFilter(SamplingFilter):
    """Fill the weight of a convolution so that it shrinks images by linear interpolation.

    The filter of UpsamplingDeconvFilter, divided by its sum.

    Args:
        interpolation: 'linear'.
        dtype: dtype of the arrays it makes; None for the one asked for.

    Raises:
        ValueError: for another interpolation, windows with unequal sides, or channels that do not pair.

    Example:
        >>> import numpy as np
        >>> from chaingrad.initializers import DownsamplingConvFilter, generate_array
        >>> generate_array(DownsamplingConvFilter(), (1, 1, 3, 3), np)[0, 0]
        array([[0.0625, 0.125 , 0.0625],
               [0.125 , 0.25  , 0.125 ],
               [0.0625, 0.125 , 0.0625]], dtype=float32)

    Source:
        As UpsamplingDeconvFilter.
    """

    _sums_to_one = True
