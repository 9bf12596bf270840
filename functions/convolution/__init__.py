"""Convolutions, deconvolutions, and functions of windows that have weights."""

from chaingrad.functions.convolution.convolution import (
    convolution_1d,
    convolution_2d,
    convolution_3d,
    convolution_nd,
    depthwise_convolution_2d,
    dilated_convolution_2d,
)
from chaingrad.functions.convolution.deconvolution import (
    deconvolution_1d,
    deconvolution_2d,
    deconvolution_3d,
    deconvolution_nd,
)
from chaingrad.functions.convolution.deformable import deformable_convolution_2d_sampler
from chaingrad.functions.convolution.windows import im2col, local_convolution_2d, shift

# fmt: off
__all__ = [
    'convolution_1d', 'convolution_2d', 'convolution_3d', 'convolution_nd', 'deconvolution_1d', 'deconvolution_2d',
    'deconvolution_3d', 'deconvolution_nd', 'deformable_convolution_2d_sampler', 'depthwise_convolution_2d',
    'dilated_convolution_2d', 'im2col', 'local_convolution_2d', 'shift',
]
# fmt: on
