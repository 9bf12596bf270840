"""The messages of convolution, pooling and normalization about arguments that do not fit."""

from __future__ import annotations

import numpy as np
import pytest

import chaingrad.functions.convolution as C
import chaingrad.functions.normalization as N
import chaingrad.functions.pooling as P
from chaingrad.autograd.type_checking.type_check import InvalidType
from chaingrad.functions.convolution.nodes import Convolution2DFunction, Deconvolution2DFunction


def zeros(*shape, dtype='float32'):
    return np.zeros(shape, dtype)


X, W, B = zeros(2, 3, 5, 6), zeros(4, 3, 3, 3), zeros(4)
BOX, INDEX = zeros(1, 4), np.array([0])

TYPES = [  # call, parts of the message
    (lambda: C.convolution_2d(X, zeros(4, 2, 3, 3)), ['x.shape[1] == W.shape[1]', '(2, 3, 5, 6)', '(4, 2, 3, 3)']),
    (lambda: C.convolution_2d(X, W, groups=2), ['groups=2', '(2, 3, 5, 6)', '(4, 3, 3, 3)']),
    (lambda: C.convolution_2d(zeros(2, 9, 5, 5), W, groups=3), ['W.shape[0] % groups', '(4, 3, 3, 3)']),
    (lambda: C.convolution_2d(X, W, zeros(3)), ['b.shape == (4,)', '(3,)']),
    (lambda: C.convolution_2d(X[0], W), ['x.ndim == W.ndim == 4', '(3, 5, 6)']),
    (
        lambda: C.convolution_2d(X.astype('f8'), W, B),
        ['x.dtype == b.dtype', 'float64 (2, 3, 5, 6)', 'float32 (4,)'],
    ),
    (lambda: C.convolution_2d(X, W, B.astype('f2')), ['b.dtype', 'float16 (4,)']),
    (lambda: C.convolution_2d(X.astype('i4'), W), ['int32 (2, 3, 5, 6)', 'F.cast']),
    (lambda: C.convolution_2d(zeros(1, 3, 2, 9), W), ['(3, 3)', '(2, 9)', 'kernel']),
    (lambda: C.convolution_2d(X, W, dilate=3), ['(7, 7)', '(5, 6)', 'dilate (3, 3)']),
    (lambda: C.convolution_nd(X[..., 0], zeros(4, 2, 3)), ['(2, 3, 5)', '(4, 2, 3)']),
    (lambda: C.depthwise_convolution_2d(X, zeros(2, 4, 3, 3)), ['(2, 3, 5, 6)', '(2, 4, 3, 3)']),
    (lambda: C.deconvolution_2d(X, W), ['x.shape[1] == W.shape[0]', '(2, 3, 5, 6)', '(4, 3, 3, 3)']),
    (lambda: C.deconvolution_2d(zeros(1, 4, 3, 3), W, stride=2, outsize=(9, 7)), ['(9, 7)', '(4, 3)', '(3, 3)']),
    (lambda: C.deconvolution_2d(zeros(1, 4, 1, 1), W, pad=2), ['(-1, -1)', '(1, 1)']),
    (lambda: C.im2col(X, 7), ['(7, 7)', '(5, 6)']),
    (lambda: C.im2col(X[0], 2), ['x.ndim == 4', '(3, 5, 6)']),
    (lambda: C.shift(X), ['x.shape[1] >= 9', '(2, 3, 5, 6)']),
    (lambda: C.shift(zeros(1, 9, 4, 4), 2), ['odd', '(2, 2)']),
    (lambda: C.local_convolution_2d(X, zeros(4, 2, 2, 3, 3, 3)), ['(3, 4)', '(4, 2, 2, 3, 3, 3)']),
    (lambda: C.deformable_convolution_2d_sampler(X, zeros(2, 9, 3, 4), W), ['(2, 18, 3, 4)', '(2, 9, 3, 4)']),
    (lambda: P.max_pooling_2d(X[0], 2), ['x.ndim == 4', '(3, 5, 6)']),
    (lambda: P.max_pooling_2d(X.astype('i8'), 2), ['int64 (2, 3, 5, 6)']),
    (lambda: P.max_pooling_2d(X, 9, cover_all=False), ['(9, 9)', '(5, 6)']),
    (lambda: P.average_pooling_2d(X, (2, 8)), ['(2, 8)', '(5, 6)']),
    (lambda: P.unpooling_2d(X, 2, outsize=(3, 3)), ['(3, 3)', '(2, 2)', '(2, 3, 5, 6)']),
    (lambda: P.upsampling_2d(X, zeros(2, 3, 5, 5, dtype='i4'), 2), ['(2, 3, 5, 6)', '(2, 3, 5, 5)']),
    (lambda: P.roi_max_pooling_2d(X, zeros(1, 5), INDEX, 2, 1.0), ['(1, 5)', '(r, 4)']),
    (lambda: P.roi_pooling_2d(X, zeros(1, 4), 2, 2, 1.0), ['(1, 4)', '(r, 5)']),
    (lambda: P.roi_max_pooling_2d(X, BOX, zeros(1), 2, 1.0), ['roi_indices.dtype']),
    (lambda: N.batch_normalization(X, zeros(4), zeros(4)), ['(3,)', '(4,)', '(2, 3, 5, 6)']),
    (
        lambda: N.batch_normalization(X, zeros(3, dtype='f8'), zeros(3)),
        ['gamma.dtype == beta.dtype', 'float64 (3,)', 'float32 (3,)'],
    ),
    (lambda: N.batch_normalization(zeros(0, 3), zeros(3), zeros(3)), ['(0, 3)']),
    (lambda: N.fixed_batch_normalization(X, *[zeros(3)] * 3, zeros(2)), ['var.shape', '(2,)']),
    (lambda: N.group_normalization(X, 3, zeros(4), zeros(4)), ['(4,)', '(2, 3, 5, 6)']),
    (lambda: N.normalize(X, axis=4), ['normalize', 'it is 4', '(2, 3, 5, 6)']),
    (lambda: N.decorrelated_batch_normalization(X, groups=2), ['groups=2', '(2, 3, 5, 6)']),
    (lambda: N.local_response_normalization(X.astype('i4')), ['int32 (2, 3, 5, 6)']),
]
OTHERS = [  # exception, call, parts of the message
    (ValueError, lambda: C.convolution_2d(X, W, deterministic=True), ['cudnn_deterministic']),
    (TypeError, lambda: C.convolution_2d(X, W, dilation=2), ["'dilation'", "Write 'dilate'"]),
    (ValueError, lambda: C.deconvolution_2d(X, W, deterministic=True), ['cudnn_deterministic']),
    (ValueError, lambda: Convolution2DFunction(requires_x_grad=False), ['requires_x_grad']),
    (ValueError, lambda: Deconvolution2DFunction(requires_x_grad=False), ['requires_x_grad']),
    (ValueError, lambda: C.convolution_2d(X, W, stride=(1, 1, 1)), ['2 ints', '(1, 1, 1)']),
    (ValueError, lambda: C.convolution_2d(X, W, stride=0), ['convolution_2d: stride', 'at least 1', 'it is 0']),
    (ValueError, lambda: C.convolution_2d(X, W, dilate=(1, 0)), ['convolution_2d: dilate', '(1, 0)']),
    (ValueError, lambda: C.deconvolution_2d(X, W, pad=-1), ['deconvolution_2d: pad', 'at least 0', 'it is -1']),
    (ValueError, lambda: C.im2col(X, 0), ['im2col: ksize', 'it is 0']),
    (ValueError, lambda: P.max_pooling_2d(X, 0), ['max_pooling_2d: ksize', 'it is 0']),
    (ValueError, lambda: P.average_pooling_2d(X, 2, stride=0), ['average_pooling_2d: stride', 'it is 0']),
    (TypeError, lambda: P.max_pooling_2d(X, 1.5), ['float']),
    (ValueError, lambda: C.convolution_1d(X, W), ['1 spatial axis', '(2, 3, 5, 6)']),
    (ValueError, lambda: C.deconvolution_3d(X, W), ['3 spatial axes', '(2, 3, 5, 6)']),
    (TypeError, lambda: C.convolution_nd([[[1.0]]], W), ['list']),
    (TypeError, lambda: C.convolution_2d([[[[1.0]]]], W), ['list']),
    (ValueError, lambda: P.max_pooling_1d(X, 2), ['1 spatial axis', '(2, 3, 5, 6)']),
    (ValueError, lambda: P.average_pooling_nd(X, 2, pad_value=1), ['pad_value', '1']),
    (ValueError, lambda: P.roi_max_pooling_2d(X, BOX, np.array([2]), 2, 1.0), ['roi_indices[0] is 2', '[0, 2)']),
    (TypeError, lambda: P.roi_max_pooling_2d(X, BOX, INDEX, 0, 1.0), ['outsize', '0']),
    (TypeError, lambda: P.roi_max_pooling_2d(X, BOX, INDEX, 2, -1), ['spatial_scale', '-1']),
    (TypeError, lambda: P.roi_max_align_2d(X, BOX, INDEX, 2, 1.0, 0.5), ['sampling_ratio', '0.5']),
    (ValueError, lambda: N.batch_normalization(X, zeros(3), zeros(3), train=True), ['using_config']),
    (TypeError, lambda: N.batch_normalization(X, zeros(3), zeros(3), epsilon=1), ["'epsilon'"]),
    (TypeError, lambda: N.group_normalization(X, 1.5, zeros(3), zeros(3)), ['1.5']),
    (ValueError, lambda: N.group_normalization(X, 2, zeros(3), zeros(3)), ['groups is 2', '(2, 3, 5, 6)']),
    (ValueError, lambda: N.group_normalization(zeros(3), 1, zeros(3), zeros(3)), ['(3,)']),
]


@pytest.mark.parametrize(
    ('exception', 'call', 'parts'),
    [(InvalidType, *row) for row in TYPES] + OTHERS,
    ids=lambda value: value[0] if isinstance(value, list) else '',
)
def test_error(exception, call, parts):
    with pytest.raises(exception) as caught:
        call()
    assert type(caught.value) is exception and len(caught.value.args) == 1
    assert not [part for part in parts if part not in str(caught.value)], str(caught.value)
