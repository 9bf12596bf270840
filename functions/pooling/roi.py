"""Pooling of regions of interest.

Each is a linear map that is separable, `y[r] = A[r] x[image of r] B[r].T` with one weight matrix per region and axis,
and for the maxima a max pooling of its samples. A region's box has no gradient.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays, Indexes, Operands, Shape
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions import checks
from chaingrad.functions.kernels import regions
from chaingrad.functions.kernels.windows import Size
from chaingrad.functions.pooling.nodes import MaxPooling2D


class ROIResample2D(FunctionNode):
    """y[r, c] = A[r] x[image of r, c] B[r].T."""

    def __init__(self, indexes: Array, A: Array, B: Array) -> None:
        self.indexes = indexes
        self.A = A
        self.B = B

    def forward(self, inputs: Arrays) -> Arrays:
        (x,) = inputs
        self.shape = x.shape
        return (regions.resample(x, self.indexes, self.A, self.B),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gy,) = grad_outputs
        return (ROIResample2DAdjoint.of(gy, indexes=self.indexes, A=self.A, B=self.B, shape=self.shape),)


class ROIResample2DAdjoint(FunctionNode):
    """The adjoint of ROIResample2D: x[image of r, c] += A[r].T y[r, c] B[r]."""

    def __init__(self, indexes: Array, A: Array, B: Array, shape: Shape) -> None:
        self.indexes = indexes
        self.A = A
        self.B = B
        self.shape = shape

    def forward(self, inputs: Arrays) -> Arrays:
        (y,) = inputs
        return (regions.resample_adjoint(y, self.indexes, self.A, self.B, self.shape),)

    def backward(self, indexes: Indexes, grad_outputs: Operands) -> Operands:
        (gx,) = grad_outputs
        return (ROIResample2D.of(gx, indexes=self.indexes, A=self.A, B=self.B),)


def _is_positive_int(value: Any) -> bool:
    return isinstance(value, int | np.integer) and int(value) > 0


def _pair(who: str, name: str, value: Any, optional: bool = False) -> tuple[Any, Any]:
    """Return a positive int, or a pair of them, as a pair; each may be None if `optional`."""
    pair = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(pair) != 2 or not all(_is_positive_int(v) or optional and v is None for v in pair):
        allowed = ' or None' if optional else ''
        raise TypeError(f'{who}: {name} must be a positive int{allowed} or a pair of them, but it is {value!r}.')
    return pair[0], pair[1]


def _check_scale(who: str, spatial_scale: Any) -> None:
    is_number = isinstance(spatial_scale, int | float | np.number) and not isinstance(spatial_scale, bool)
    if not is_number or not spatial_scale > 0:
        raise TypeError(f'{who}: spatial_scale must be a positive number, but it is {spatial_scale!r}.')


def _check_rois(who: str, x: VariableOrArray, rois: Array, roi_indices: Array) -> None:
    """Raise unless shapes and dtypes fit and every index names an image."""
    checks.require_floats(who, x=x, rois=rois)
    if x.ndim != 4 or rois.ndim != 2 or rois.shape[1] != 4 or roi_indices.shape != rois.shape[:1]:
        condition = 'x.ndim == 4, rois.shape == (r, 4) and roi_indices.shape == (r,)'
        checks.fail(who, condition, x=x, rois=rois, roi_indices=roi_indices)
    if roi_indices.dtype.kind not in 'iu':
        checks.fail(who, "roi_indices.dtype.kind == 'i'", roi_indices=roi_indices)
    wrong = np.flatnonzero((roi_indices < 0) | (roi_indices >= x.shape[0]))
    if wrong.size:
        raise ValueError(
            f'{who}: roi_indices must be in [0, {x.shape[0]}), the images of x {x.shape}, but '
            f'roi_indices[{wrong[0]}] is {roi_indices[wrong[0]]}.'
        )


class _Regions:
    """The checked arguments of a pooling of regions."""

    def __init__(
        self,
        who: str,
        x: VariableOrArray,
        rois: VariableOrArray,
        roi_indices: VariableOrArray,
        outsize: Size,
        spatial_scale: float,
        ratio: Any = None,
    ) -> None:
        self.outsize = _pair(who, 'outsize', outsize)
        self.ratio = _pair(who, 'sampling_ratio', ratio, optional=True)
        _check_scale(who, spatial_scale)
        self.x = x
        self.indexes = as_array(roi_indices)
        _check_rois(who, x, as_array(rois), self.indexes)
        self.size = x.shape[2:]
        boxes = as_array(rois).astype(np.float64) * spatial_scale
        self.starts = (boxes[:, 0], boxes[:, 1])  # along rows, along columns
        self.ends = (boxes[:, 2], boxes[:, 3])

    def bins(self, axis: int, closed: bool = False) -> tuple[Array, Array]:
        """Return the first element of every bin along rows (axis 0) or columns (1), and the one after its last."""
        return regions.bins(self.starts[axis], self.ends[axis], self.outsize[axis], self.size[axis], closed)

    def samples(self, axis: int) -> tuple[Array, Array]:
        """Return the positions of the samples of every bin along an axis, and how many each region has in a bin."""
        return regions.sample_positions(self.starts[axis], self.ends[axis], self.outsize[axis], self.ratio[axis])

    def average(self, A: Array, B: Array) -> Variable:
        """Return A[r] x B[r].T of every region."""
        dtype = self.x.dtype
        return ROIResample2D(self.indexes, A.astype(dtype), B.astype(dtype)).apply((self.x,))[0]

    def maximum(self, A: Array, B: Array) -> Variable:
        """Return the maximum over the samples of every bin, with weights (r, bins, samples, size)."""
        ksize = (A.shape[2], B.shape[2])
        samples = self.average(A.reshape(A.shape[0], -1, A.shape[3]), B.reshape(B.shape[0], -1, B.shape[3]))
        return MaxPooling2D(ksize, ksize, 0, False).apply((samples,))[0]


def roi_pooling_2d(x: VariableOrArray, rois: VariableOrArray, outh: int, outw: int, spatial_scale: float) -> Variable:
    """Pool regions by their maximum; each box holds the index of its image and includes its end.

    As `roi_max_pooling_2d`, but a region is `(index, x_min, y_min, x_max, y_max)`, columns before rows, and its last
    row and column belong to it.

    Args:
        x: Variable or array, (n, c, h, w), floating dtype.
        rois: Variable or array, (r, 5), of the same dtype.
        outh (int): number of rows of the output.
        outw (int): number of columns of the output.
        spatial_scale (float): size of x divided by the size of the images in which the boxes are measured.

    Returns:
        Variable, (r, c, outh, outw).

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        TypeError: when outh, outw or spatial_scale is not a positive number.

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
    A = regions.element_weights(*r.bins(0, closed=True), r.size[0])
    B = regions.element_weights(*r.bins(1, closed=True), r.size[1])
    return r.maximum(A, B)


def roi_max_pooling_2d(
    x: VariableOrArray, rois: VariableOrArray, roi_indices: VariableOrArray, outsize: Size, spatial_scale: float
) -> Variable:
    """Pool regions by their maximum: every region is cut into `outsize` bins of whole elements.

    The box is scaled and rounded; bins may overlap by one element. A bin without elements gives zero.

    Args:
        x: Variable or array, (n, c, h, w), floating dtype.
        rois: Variable or array, (r, 4), of the same dtype: boxes `(y_min, x_min, y_max, x_max)`, their ends excluded.
        roi_indices: Variable or array, (r,), integers: the index of the image of each box.
        outsize (int or pair of ints): rows and columns of the output.
        spatial_scale (float): size of x divided by the size of the images in which the boxes are measured.

    Returns:
        Variable, (r, c, *outsize).

    Raises:
        InvalidType: when shapes or dtypes do not fit.
        TypeError: when outsize or spatial_scale is not a positive number.
        ValueError: when an index is not that of an image.

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
    A = regions.element_weights(*r.bins(0), r.size[0])
    B = regions.element_weights(*r.bins(1), r.size[1])
    return r.maximum(A, B)


def roi_average_pooling_2d(
    x: VariableOrArray, rois: VariableOrArray, roi_indices: VariableOrArray, outsize: Size, spatial_scale: float
) -> Variable:
    """Pool regions by their mean: every region is cut into `outsize` bins of whole elements.

    Args:
        x, rois, roi_indices, outsize, spatial_scale: as for `roi_max_pooling_2d`.

    Returns:
        Variable, (r, c, *outsize).

    Raises:
        InvalidType, TypeError, ValueError: as `roi_max_pooling_2d`.

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
    A = regions.mean_weights(*r.bins(0), r.size[0])
    B = regions.mean_weights(*r.bins(1), r.size[1])
    return r.average(A, B)


def roi_average_align_2d(
    x: VariableOrArray,
    rois: VariableOrArray,
    roi_indices: VariableOrArray,
    outsize: Size,
    spatial_scale: float,
    sampling_ratio: int | tuple[int | None, int | None] | None = None,
) -> Variable:
    """Pool regions by the mean of samples, without rounding the boxes.

    Every bin has a grid of samples, read from x by bilinear interpolation; samples further than one element outside
    x count as zero.

    Args:
        x, rois, roi_indices, outsize, spatial_scale: as for `roi_max_pooling_2d`.
        sampling_ratio (int or pair of ints): samples in a bin along rows and columns; None for the size of the bin,
            rounded up.

    Returns:
        Variable, (r, c, *outsize).

    Raises:
        InvalidType, TypeError, ValueError: as `roi_max_pooling_2d`.

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
    A = regions.sample_weights(*r.samples(0), r.size[0])
    B = regions.sample_weights(*r.samples(1), r.size[1])
    return r.average(A.sum(axis=2), B.sum(axis=2))


def roi_max_align_2d(
    x: VariableOrArray,
    rois: VariableOrArray,
    roi_indices: VariableOrArray,
    outsize: Size,
    spatial_scale: float,
    sampling_ratio: int | tuple[int | None, int | None] | None = None,
) -> Variable:
    """Pool regions by the maximum of samples, without rounding the boxes.

    As `roi_average_align_2d`, with the maximum of the samples of a bin; samples further than one element outside x do
    not count.

    Args:
        x, rois, roi_indices, outsize, spatial_scale: as for `roi_max_pooling_2d`.
        sampling_ratio: as for `roi_average_align_2d`.

    Returns:
        Variable, (r, c, *outsize).

    Raises:
        InvalidType, TypeError, ValueError: as `roi_max_pooling_2d`.

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
    row_positions, _ = r.samples(0)
    column_positions, _ = r.samples(1)
    A = regions.single_sample_weights(row_positions, r.size[0])
    B = regions.single_sample_weights(column_positions, r.size[1])
    return r.maximum(A, B)
