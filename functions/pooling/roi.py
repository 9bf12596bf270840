"""Pooling of regions of interest.

All six are a linear map that is separable, `y[r] = A[r] x[image of r] B[r].T` with one weight matrix per region and
axis, and for the maxima a pooling of its samples. A region's box has no gradient.
"""

from __future__ import annotations

import numpy as np

from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.variable import Variable, as_array
from chaingrad.functions import checks
from chaingrad.functions.kernels import regions
from chaingrad.functions.pooling.nodes import MaxPooling2D


class ROIResample2D(FunctionNode):
    """y[r, c] = A[r] x[image of r, c] B[r].T."""

    def __init__(self, indexes, A, B):
        self.indexes, self.A, self.B = indexes, A, B

    def forward(self, inputs):
        (x,) = inputs
        self.shape = x.shape
        return (regions.resample(x, self.indexes, self.A, self.B),)

    def backward(self, indexes, grad_outputs):
        (gy,) = grad_outputs
        return (ROISpread2D.of(gy, indexes=self.indexes, A=self.A, B=self.B, shape=self.shape),)


class ROISpread2D(FunctionNode):
    """The adjoint of ROIResample2D: x[image of r, c] += A[r].T y[r, c] B[r]."""

    def __init__(self, indexes, A, B, shape):
        self.indexes, self.A, self.B, self.shape = indexes, A, B, shape

    def forward(self, inputs):
        (y,) = inputs
        return (regions.spread(y, self.indexes, self.A, self.B, self.shape),)

    def backward(self, indexes, grad_outputs):
        (gx,) = grad_outputs
        return (ROIResample2D.of(gx, indexes=self.indexes, A=self.A, B=self.B),)


def _pair(who, name, value, optional=False) -> tuple:
    values = tuple(value) if isinstance(value, tuple | list) else (value, value)
    for v in values:
        if not (optional and v is None or isinstance(v, int | np.integer) and v > 0) or len(values) != 2:
            allowed = ' or None' if optional else ''
            raise TypeError(f'{who}: {name} must be a positive int{allowed} or a pair of them, but it is {value!r}.')
    return values


class _Regions:
    """The checked arguments of a pooling of regions."""

    def __init__(self, who, x, rois, roi_indices, outsize, spatial_scale, ratio=None):
        self.outsize, self.ratio = _pair(who, 'outsize', outsize), _pair(who, 'sampling_ratio', ratio, True)
        number = isinstance(spatial_scale, int | float | np.number) and not isinstance(spatial_scale, bool)
        if not (number and spatial_scale > 0):
            raise TypeError(f'{who}: spatial_scale must be a positive number, but it is {spatial_scale!r}.')
        rois, roi_indices = as_array(rois), as_array(roi_indices)
        checks.require_floats(who, x=x, rois=rois)
        if x.ndim != 4 or rois.ndim != 2 or rois.shape[1] != 4 or roi_indices.shape != rois.shape[:1]:
            what = 'x.ndim == 4, rois.shape == (r, 4) and roi_indices.shape == (r,)'
            checks.fail(who, what, x=x, rois=rois, roi_indices=roi_indices)
        if roi_indices.dtype.kind not in 'iu':
            checks.fail(who, "roi_indices.dtype.kind == 'i'", roi_indices=roi_indices)
        wrong = np.flatnonzero((roi_indices < 0) | (roi_indices >= x.shape[0]))
        if wrong.size:
            raise ValueError(
                f'{who}: roi_indices must be in [0, {x.shape[0]}), the images of x {x.shape}, but '
                f'roi_indices[{wrong[0]}] is {roi_indices[wrong[0]]}.'
            )
        self.x, self.indexes, self.dtype, self.size = x, roi_indices, x.dtype, x.shape[2:]
        boxes = rois.astype(np.float64) * spatial_scale
        self.axes = [(boxes[:, i], boxes[:, i + 2]) for i in (0, 1)]  # start and end along rows, along columns

    def bins(self, closed: bool):
        """Return the first and behind-last element of every bin, along rows and along columns."""
        return [regions.bins(*axis, o, m, closed) for axis, o, m in zip(self.axes, self.outsize, self.size)]

    def samples(self):
        """Return the places of the samples of every bin, along rows and along columns."""
        return [regions.sample_places(*axis, o, t) for axis, o, t in zip(self.axes, self.outsize, self.ratio)]

    def average(self, weights) -> Variable:
        A, B = (w.astype(self.dtype) for w in weights)
        return ROIResample2D(self.indexes, A, B).apply((self.x,))[0]

    def maximum(self, weights) -> Variable:
        """Weights (r, bins, samples, size): the maximum over the samples of every bin."""
        ksize = tuple(w.shape[2] for w in weights)
        y = self.average(w.reshape(w.shape[0], -1, w.shape[3]) for w in weights)
        return MaxPooling2D(ksize, ksize, 0, False).apply((y,))[0]


def roi_pooling_2d(x, rois, outh: int, outw: int, spatial_scale: float) -> Variable:
    """Pool regions by their maximum, with boxes that hold the image's index and include their end.

    As `roi_max_pooling_2d`, but a region is `(index, x_min, y_min, x_max, y_max)`, columns before rows, and its last
    row and column belong to it.

    Args:
        x: Images (n, c, h, w), floating.
        rois: Regions (r, 5), of the dtype of x.
        outh: Rows of the output.
        outw: Columns of the output.
        spatial_scale: Size of x over the size of the images in which the boxes are measured.

    Returns:
        Variable (r, c, outh, outw).

    Raises:
        InvalidType: When shapes or dtypes do not fit.
        TypeError: When outh, outw or spatial_scale is no positive number.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
        >>> F.roi_pooling_2d(x, np.array([[0, 0, 0, 3, 1]], np.float32), 1, 2, 1.0).array
        array([[[[5., 7.]]]], dtype=float32)

    Source:
        R. Girshick, Fast R-CNN, 2015, section 2.1.
    """
    boxes = as_array(rois)
    if boxes.ndim != 2 or boxes.shape[1] != 5:
        checks.fail('roi_pooling_2d', 'rois.shape == (r, 5)', rois=boxes)
    if boxes.dtype.kind != 'f':
        checks.require_floats('roi_pooling_2d', rois=boxes)
    indexes = boxes[:, 0].astype(np.int32)
    r = _Regions('roi_pooling_2d', x, boxes[:, [2, 1, 4, 3]], indexes, (outh, outw), spatial_scale)
    return r.maximum([regions.element_weights(*b, m) for b, m in zip(r.bins(True), r.size)])


def roi_max_pooling_2d(x, rois, roi_indices, outsize, spatial_scale: float) -> Variable:
    """Pool regions by their maximum: every region is cut into `outsize` bins of whole elements.

    The box is scaled and rounded; bins may overlap by one element. A bin without elements gives zero.

    Args:
        x: Images (n, c, h, w), floating.
        rois: Boxes (r, 4), `(y_min, x_min, y_max, x_max)` with the end excluded, of the dtype of x.
        roi_indices: Index (r,) of each box's image.
        outsize: Rows and columns of the output: an int, or a pair.
        spatial_scale: Size of x over the size of the images in which the boxes are measured.

    Returns:
        Variable (r, c, *outsize).

    Raises:
        InvalidType: When shapes or dtypes do not fit.
        TypeError: When outsize or spatial_scale is no positive number.
        ValueError: When an index names no image.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
        >>> rois, index = np.array([[0, 0, 2, 4]], np.float32), np.array([0])
        >>> F.roi_max_pooling_2d(x, rois, index, (1, 2), 1.0).array
        array([[[[5., 7.]]]], dtype=float32)

    Source:
        R. Girshick, Fast R-CNN, 2015, section 2.1.
    """
    r = _Regions('roi_max_pooling_2d', x, rois, roi_indices, outsize, spatial_scale)
    return r.maximum([regions.element_weights(*b, m) for b, m in zip(r.bins(False), r.size)])


def roi_average_pooling_2d(x, rois, roi_indices, outsize, spatial_scale: float) -> Variable:
    """Pool regions by their mean: every region is cut into `outsize` bins of whole elements.

    Args:
        x, rois, roi_indices, outsize, spatial_scale: As for `roi_max_pooling_2d`.

    Returns:
        Variable (r, c, *outsize).

    Raises:
        InvalidType, TypeError, ValueError: As `roi_max_pooling_2d`.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
        >>> rois, index = np.array([[0, 0, 2, 4]], np.float32), np.array([0])
        >>> F.roi_average_pooling_2d(x, rois, index, (1, 2), 1.0).array
        array([[[[2.5, 4.5]]]], dtype=float32)

    Source:
        R. Girshick, Fast R-CNN, 2015, section 2.1, with the mean in place of the maximum.
    """
    r = _Regions('roi_average_pooling_2d', x, rois, roi_indices, outsize, spatial_scale)
    return r.average([regions.mean_weights(*b, m) for b, m in zip(r.bins(False), r.size)])


def roi_average_align_2d(x, rois, roi_indices, outsize, spatial_scale: float, sampling_ratio=None) -> Variable:
    """Pool regions by the mean of samples, without rounding the boxes.

    Every bin has a grid of samples, read from x by bilinear interpolation; samples further than one element outside
    x count as zero.

    Args:
        x, rois, roi_indices, outsize, spatial_scale: As for `roi_max_pooling_2d`.
        sampling_ratio: Samples in a bin along each axis: an int, or a pair; None: the bin's size, rounded up.

    Returns:
        Variable (r, c, *outsize).

    Raises:
        InvalidType, TypeError, ValueError: As `roi_max_pooling_2d`.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
        >>> rois, index = np.array([[0, 0, 2, 2]], np.float32), np.array([0])
        >>> F.roi_average_align_2d(x, rois, index, 1, 1.0, sampling_ratio=1).array
        array([[[[5.]]]], dtype=float32)

    Source:
        K. He et al., Mask R-CNN, 2017, section 3.
    """
    r = _Regions('roi_average_align_2d', x, rois, roi_indices, outsize, spatial_scale, sampling_ratio)
    return r.average([regions.sample_weights(*s, m).sum(axis=2) for s, m in zip(r.samples(), r.size)])


def roi_max_align_2d(x, rois, roi_indices, outsize, spatial_scale: float, sampling_ratio=None) -> Variable:
    """Pool regions by the maximum of samples, without rounding the boxes.

    As `roi_average_align_2d`, with the maximum of the samples of a bin; samples further than one element outside x do
    not count.

    Args:
        x, rois, roi_indices, outsize, spatial_scale: As for `roi_max_pooling_2d`.
        sampling_ratio: As for `roi_average_align_2d`.

    Returns:
        Variable (r, c, *outsize).

    Raises:
        InvalidType, TypeError, ValueError: As `roi_max_pooling_2d`.

    Example:
        >>> import numpy as np, chaingrad.functions as F
        >>> x = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
        >>> rois, index = np.array([[0, 0, 2, 2]], np.float32), np.array([0])
        >>> F.roi_max_align_2d(x, rois, index, 1, 1.0, sampling_ratio=2).array
        array([[[[7.5]]]], dtype=float32)

    Source:
        K. He et al., Mask R-CNN, 2017, section 3, with the maximum in place of the mean.
    """
    r = _Regions('roi_max_align_2d', x, rois, roi_indices, outsize, spatial_scale, sampling_ratio)
    return r.maximum([regions.sample_weights(*s, m, single=True) for s, m in zip(r.samples(), r.size)])
