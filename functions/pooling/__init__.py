"""Poolings, unpoolings, and poolings of regions of interest."""

from chaingrad.functions.pooling.pooling import (
    average_pooling_1d,
    average_pooling_2d,
    average_pooling_3d,
    average_pooling_nd,
    max_pooling_1d,
    max_pooling_2d,
    max_pooling_3d,
    max_pooling_nd,
)
from chaingrad.functions.pooling.pyramid import spatial_pyramid_pooling_2d
from chaingrad.functions.pooling.roi import (
    roi_average_align_2d,
    roi_average_pooling_2d,
    roi_max_align_2d,
    roi_max_pooling_2d,
    roi_pooling_2d,
)
from chaingrad.functions.pooling.unpooling import (
    unpooling_1d,
    unpooling_2d,
    unpooling_3d,
    unpooling_nd,
    upsampling_2d,
)

# fmt: off
__all__ = [
    'average_pooling_1d', 'average_pooling_2d', 'average_pooling_3d', 'average_pooling_nd', 'max_pooling_1d',
    'max_pooling_2d', 'max_pooling_3d', 'max_pooling_nd', 'roi_average_align_2d', 'roi_average_pooling_2d',
    'roi_max_align_2d', 'roi_max_pooling_2d', 'roi_pooling_2d', 'spatial_pyramid_pooling_2d', 'unpooling_1d',
    'unpooling_2d', 'unpooling_3d', 'unpooling_nd', 'upsampling_2d',
]
# fmt: on
