"""One row per function that can be exported: its name, the call, and the inputs of one sample."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

import chaingrad.functions as F


class Case(NamedTuple):
    """`call(*inputs)` for inputs of shapes (n, *shape) between low and high; ids are integers below `ids`."""

    name: str
    call: object
    shapes: tuple
    low: float = -2.0
    high: float = 2.0
    ids: int = 0
    opset: int = 13  # the first one that has its operators

    def make(self, n):
        rng = np.random.RandomState(n)
        arrays = [rng.uniform(self.low, self.high, (n, *shape)).astype('f') for shape in self.shapes]
        return [*arrays, rng.randint(0, self.ids, n).astype(np.int32)] if self.ids else arrays


def constant(*shape, low=-1.0):
    return np.random.RandomState(sum(shape)).uniform(low, 1.0, shape).astype('f')


_VECTOR, _IMAGE, _SMALL = ((6,),), ((4, 9, 8),), ((2, 3),)
_LABELS = _VECTOR, -2.0, 2.0, 6
_MASK = np.array([[True, False, True], [False, False, True]])
_SIMPLE = """
    absolute arctan ceil cos cosh erf erfc exp expm1 fix floor identity ndtr sign sin sinh square tan tanh relu relu6
    sigmoid hard_sigmoid selu softplus elu leaky_relu crelu clipped_relu softmax log_softmax normalize flipud fliplr
    rrelu dropout sum mean max min average logsumexp argmax argmin cumsum batch_l2_norm_squared prod
""".split()
_POSITIVE = 'log log10 log2 log1p sqrt rsqrt'.split()
_PAIRS = 'add maximum minimum squared_difference arctan2 fmod'.split()


def weighted(x, t, **options):
    return F.softmax_cross_entropy(x, t, class_weight=constant(6, low=0.5), **options)


ELEMENTWISE = [
    Case('identity_two', F.identity, ((5,), (3,))),
    *[Case(name, getattr(F, name), _VECTOR) for name in _SIMPLE if name not in ('sum', 'average', 'mean', 'prod')],
    *[Case(name, getattr(F, name), _VECTOR, low=0.1) for name in _POSITIVE],
    *[Case(name, getattr(F, name), _VECTOR, low=-0.9, high=0.9) for name in ('arcsin', 'arccos', 'arctanh')],
    *[Case(name, getattr(F, name), ((5,), (5,))) for name in _PAIRS],
    Case('log1p', F.log1p, _VECTOR, low=-0.6, high=0.01),
    Case('expm1', F.expm1, _VECTOR, low=-0.001, high=0.001),
    Case('add_three', lambda x, y: F.add(x, y, x), ((5,), (5,))),
    Case('clip', lambda x: F.clip(x, -0.5, 1.0), _VECTOR),
    Case('where', lambda x, y: F.where(np.array([True, False, True]), x, y), ((3,), (3,))),
    Case('linear_interpolate', F.linear_interpolate, ((5,), (5,), (5,))),
    Case('arithmetic', lambda x, y: (3 - x) / (y + 4) * x - (-y), ((5,), (5,))),
    Case('numbers', lambda x: 2 / x + x / 4 + 1.5 * x - 7 + (1 - x), _VECTOR, low=0.5),
    Case('batch_size', lambda x: x / len(x) + 2 * len(x) * x, _VECTOR),
    Case('power', lambda x, y: x**2 + x**y + 2**y, ((5,), (5,)), low=0.5),
    Case('floor_division', lambda x, y: x // y, ((5,), (5,)), low=0.5),
    Case('bias', lambda x: F.bias(x, constant(4), axis=1), _IMAGE),
    Case('scale', lambda x: F.scale(x, constant(4), axis=1), _IMAGE),
]
ACTIVATION = [
    Case('softmax_axis', lambda x: F.softmax(x, axis=2), _SMALL),
    Case('log_softmax_axis', lambda x: F.log_softmax(x, axis=-1), _SMALL),
    Case('softplus_beta', lambda x: F.softplus(x, 3.0), _VECTOR),
    Case('elu_alpha', lambda x: F.elu(x, 0.4), _VECTOR),
    Case('clipped_relu_z', lambda x: F.clipped_relu(x, 0.7), _VECTOR),
    Case('swish', lambda x: F.swish(x, constant(6)), _VECTOR),
    Case('prelu', lambda x: F.prelu(x, constant(4)), _IMAGE),
    Case('prelu_scalar', lambda x: F.prelu(x, np.array(0.3, 'f')), _VECTOR),
    Case('maxout', lambda x: F.maxout(x, 2), _VECTOR),
]
REDUCTION = [
    *[
        Case(f'{name}_{i}', lambda x, f=getattr(F, name), axis=axis: f(x, axis=axis), _SMALL)
        for name in ('sum', 'mean', 'max', 'min', 'prod', 'logsumexp', 'average')
        for i, axis in enumerate((None, 1, (1, 2), -1))
    ],
    *[Case(name, lambda x, f=getattr(F, name): f(x, axis=1, keepdims=True), _SMALL) for name in ('sum', 'mean', 'max')],
    *[Case(name, lambda x, f=getattr(F, name): f(x, axis=1), _SMALL) for name in ('argmax', 'argmin')],
    *[Case('cumsum', lambda x, axis=axis: F.cumsum(x, axis=axis), _SMALL) for axis in (0, 1, 2)],
    Case('sum_to', lambda x: F.sum_to(x, (1, 3)), ((3,),)),
    Case('minmax', lambda x: F.maximum(F.max(x, axis=1), F.min(x, axis=1)), _SMALL),
    Case('mean_squared_error', F.mean_squared_error, ((5,), (5,))),
    Case('mean_absolute_error', F.mean_absolute_error, ((5,), (5,))),
    Case('squared_error', F.squared_error, ((5,), (5,))),
    Case('absolute_error', F.absolute_error, ((5,), (5,))),
    Case('gaussian_kl_divergence', F.gaussian_kl_divergence, ((5,), (5,))),
    Case('softmax_cross_entropy', F.softmax_cross_entropy, _VECTOR, ids=6),
    Case('softmax_cross_entropy_no', lambda x, t: F.softmax_cross_entropy(x, t, reduce='no'), _VECTOR, ids=6),
    Case('softmax_cross_entropy_ignore', lambda x, t: F.softmax_cross_entropy(x, t, ignore_label=2), _VECTOR, ids=6),
    Case('softmax_cross_entropy_rows', lambda x, t: F.softmax_cross_entropy(x, t, False, ignore_label=2), *_LABELS),
    Case('softmax_cross_entropy_weights', lambda x, t: weighted(x, t, ignore_label=2), *_LABELS),
    Case('softmax_cross_entropy_weights_no', lambda x, t: weighted(x, t, reduce='no'), *_LABELS),
    Case('sigmoid_cross_entropy', lambda x, t: F.sigmoid_cross_entropy(x[:, 0], t), _VECTOR, ids=2),
    Case('sigmoid_cross_entropy_n', lambda x, t: F.sigmoid_cross_entropy(x[:, 0], t, False), _VECTOR, ids=2),
    Case('huber_loss_no', lambda x, y: F.huber_loss(x, y, 1.0, reduce='no'), ((5,), (5,))),
    Case('huber_loss', lambda x, y: F.huber_loss(x, y, 1.0), ((5,), (5,))),
]
ARRAY = [
    Case('reshape', lambda x: F.reshape(x, (len(x), 3, 2)), _VECTOR),
    Case('reshape_minus', lambda x: F.reshape(x, (-1, 2)), _VECTOR),
    Case('flatten', F.flatten, _SMALL),
    Case('transpose', lambda x: F.transpose(x, (0, 2, 1)), _SMALL),
    Case('transpose_all', F.transpose, _SMALL),
    Case('expand_dims', lambda x: F.expand_dims(x, 1), _VECTOR),
    Case('squeeze', lambda x: F.squeeze(x, 2), ((3, 1),)),
    Case('swapaxes', lambda x: F.swapaxes(x, 1, 2), _SMALL),
    Case('moveaxis', lambda x: F.moveaxis(x, 1, 2), _SMALL),
    Case('rollaxis', lambda x: F.rollaxis(x, 2, 1), _SMALL),
    Case('flip', lambda x: F.flip(x, 1), _SMALL),
    Case('concat', lambda x, y: F.concat((x, y, x)), ((2, 3), (4, 3))),
    Case('concat_batch', lambda x, y: F.concat((x, y), axis=0), ((2, 3), (2, 3))),
    Case('stack', lambda x, y: F.stack((x, y), axis=1), ((2, 3), (2, 3))),
    Case('hstack', lambda x, y: F.hstack((x, y)), ((2,), (3,))),
    Case('vstack', lambda x, y: F.vstack((x, y)), ((2,), (2,))),
    Case('dstack', lambda x, y: F.dstack((x, y)), ((2, 3), (2, 3))),
    Case('split_axis', lambda x: F.split_axis(x, 3, axis=1), _VECTOR),
    Case('split_axis_at', lambda x: F.split_axis(x, [1, 4], axis=1), _VECTOR),
    Case('separate', lambda x: F.separate(x, axis=1), _SMALL),
    Case('permutate', lambda x: F.permutate(x, np.array([2, 0, 1], np.int32), axis=2), _SMALL),
    Case('pad', lambda x: F.pad(x, ((0, 0), (1, 2), (0, 1)), 'constant', constant_values=3.0), _SMALL),
    Case('pad_values', lambda x: F.pad(x, ((0, 0), (1, 2)), 'constant', constant_values=((0, 0), (3, 4))), _VECTOR),
    Case('pad_corners', lambda x: F.pad(x, 1, 'constant', constant_values=((1, 2), (3, 4), (5, 6))), _SMALL),
    Case('tile', lambda x: F.tile(x, (1, 2, 2)), _SMALL),
    Case('repeat', lambda x: F.repeat(x, 2, axis=1), _SMALL),
    Case('broadcast', lambda x: F.broadcast(x, constant(2, 3)), _SMALL),
    Case('broadcast_to', lambda x: F.broadcast_to(F.expand_dims(x, 1), (len(x), 4, 6)), _VECTOR),
    Case('cast', lambda x: F.cast(x, 'float64'), _VECTOR),
    Case('copy', lambda x: F.copy(x, -1), _VECTOR),
    Case('get_item', lambda x: (x[:, 1], x[:, :, 1:], x[0], x[..., -1], x[:, None, ::-1], x[:, 1:-1:2]), ((4, 3),)),
    Case('get_item_array', lambda x: x[:, [0, 2, 2]], _VECTOR),
    Case('get_item_batch', lambda x: (x[: len(x) - 1], x[len(x) - 1]), _VECTOR),
    Case('get_item_arrays', lambda x: (x[:, [0, 1, 1], [2, 0, -1]], x[..., [[1], [0]], [0, 2]]), _SMALL),
    Case('get_item_number', lambda x: (x[:, 1, [2, 0]], x[:, [1, 0], 2], x[1:, [0, 1], :, 1]), ((2, 3, 4),)),
    Case('get_item_apart', lambda x: (x[:, [0, 1], :, [2, 0]], x[0, :, [1, 2]], x[:, [0, 1], None, 1]), ((2, 3, 4),)),
    Case('get_item_new', lambda x: (x[None, :, [0, 1], 1], x[:, [0, 1], [1, 2], None], x[:, None, [[1]]]), _SMALL),
    Case('get_item_boolean', lambda x: (x[:, np.array([True, False])], x[:, _MASK], x[:, :, [True] * 3]), _SMALL),
    Case('get_item_rows', lambda x: (x[np.arange(len(x)), 1], x[np.arange(len(x)), :, 2]), _SMALL),
    Case('get_item_labels', lambda x, t: x[np.arange(len(x)), t.array], _VECTOR, ids=6),
    Case('scatter_add', lambda x: F.scatter_add(constant(6), [0, 2, 2], F.sum(x, axis=0)), ((3,),), opset=16),
    Case('diagonal', lambda x: F.diagonal(x, 0, 1, 2), _SMALL),
    Case('select_item', F.select_item, _VECTOR, ids=6),
    Case('pad_sequence', lambda x, y: F.pad_sequence([x[0], y[0], x[-1]], 4, -1), ((2,), (3,))),
    Case('transpose_sequence', lambda x: F.transpose_sequence([x[:, 0][:1], x[:, 1][:1]]), _SMALL),
    Case('depth2space', lambda x: F.depth2space(x, 2), ((8, 3, 2),)),
    Case('space2depth', lambda x: F.space2depth(x, 2), ((2, 4, 6),)),
    Case('zeros', lambda x: F.concat((x, np.zeros((len(x), 2), 'f'))), _VECTOR),
]
LINEAR = [
    Case('linear', lambda x: F.linear(x, constant(3, 6), constant(3)), _VECTOR),
    Case('linear_nobias', lambda x: F.linear(x, constant(3, 6)), _SMALL),
    Case('linear_axes', lambda x: F.linear(x, constant(4, 3), n_batch_axes=2), _SMALL),
    Case('matmul', lambda x: F.matmul(x, constant(6, 2)), _VECTOR),
    Case('matmul_trans', lambda x, y: F.matmul(x, y, transa=True), ((2, 3), (2, 4))),
    Case('bilinear', lambda x, y: F.bilinear(x, y, constant(2, 3, 4)), ((2,), (3,))),
    Case('batch_det', F.batch_det, ((3, 3),)),
    Case('einsum', lambda x, y: F.einsum('bij,bik->bjk', x, y), ((2, 3), (2, 4))),
    Case('fft', lambda x, y: F.fft((x, y)), ((3, 4), (3, 4)), opset=17),
    Case('ifft', lambda x, y: F.ifft((x, y)), ((5,), (5,)), opset=17),
    Case('tensordot', lambda x: F.tensordot(x, constant(3, 4), 1), _SMALL),
    Case('embed_id', lambda x, t: F.embed_id(t, constant(5, 3)) + x, ((3,),), ids=5),
    Case('embed_id_ignore', lambda x, t: F.embed_id(t, constant(5, 3), ignore_label=2) + x, ((3,),), ids=5),
]
CONVOLUTION = [
    Case('convolution_2d', lambda x: F.convolution_2d(x, constant(3, 4, 3, 3), constant(3), pad=1), _IMAGE),
    Case('convolution_stride', lambda x: F.convolution_2d(x, constant(3, 4, 3, 2), stride=(2, 3), pad=(1, 0)), _IMAGE),
    Case('convolution_cover', lambda x: F.convolution_2d(x, constant(3, 4, 3, 3), stride=2, cover_all=True), _IMAGE),
    Case('convolution_groups', lambda x: F.convolution_2d(x, constant(6, 2, 3, 3), groups=2), _IMAGE),
    Case('dilated_convolution_2d', lambda x: F.dilated_convolution_2d(x, constant(3, 4, 3, 3), dilate=2), _IMAGE),
    Case('depthwise_convolution_2d', lambda x: F.depthwise_convolution_2d(x, constant(2, 4, 3, 3)), _IMAGE),
    Case('convolution_nd', lambda x: F.convolution_nd(x, constant(3, 2, 3), stride=2, pad=1), ((2, 9),)),
    Case('convolution_1d', lambda x: F.convolution_1d(x, constant(3, 2, 3)), ((2, 9),)),
    Case('convolution_3d', lambda x: F.convolution_3d(x, constant(3, 2, 2, 2, 2)), ((2, 4, 5, 3),)),
    Case('deconvolution_2d', lambda x: F.deconvolution_2d(x, constant(4, 2, 3, 3), constant(2), 2, 1), _IMAGE),
    Case('deconvolution_out', lambda x: F.deconvolution_2d(x, constant(4, 2, 3, 3), None, 2, 1, (18, 16)), _IMAGE),
    Case('deconvolution_nd', lambda x: F.deconvolution_nd(x, constant(2, 3, 3), stride=2), ((2, 5),)),
    Case('deconvolution_1d', lambda x: F.deconvolution_1d(x, constant(2, 3, 3)), ((2, 5),)),
    Case('deconvolution_3d', lambda x: F.deconvolution_3d(x, constant(2, 3, 2, 2, 2)), ((2, 3, 2, 4),)),
    Case('local_convolution_2d', lambda x: F.local_convolution_2d(x, constant(3, 7, 6, 4, 3, 3)), _IMAGE),
    Case('shift', F.shift, ((20, 5, 4),)),
    Case('shift_dilate', lambda x: F.shift(x, (1, 3), 2), _IMAGE),
    Case('im2col', lambda x: F.im2col(x, (3, 2), 2, 1, dilate=(1, 2)), _IMAGE),
    Case('im2col_cover', lambda x: F.im2col(x, 3, 2, cover_all=True), _IMAGE),
    Case('unpooling_2d', lambda x: F.unpooling_2d(x, 2, cover_all=False), _IMAGE),
    Case('unpooling_cover', lambda x: F.unpooling_2d(x, 3, 2, 1), _IMAGE),
    Case('unpooling_nd', lambda x: F.unpooling_nd(x, 3, 2, cover_all=False), ((2, 5),)),
    Case('unpooling_1d', lambda x: F.unpooling_1d(x, 2), ((2, 5),)),
    Case('unpooling_3d', lambda x: F.unpooling_3d(x, 2), ((2, 3, 2, 4),)),
    Case('resize_images', lambda x: F.resize_images(x, (5, 12)), _IMAGE),
    Case('max_pooling_2d', lambda x: F.max_pooling_2d(x, 2), _IMAGE),
    Case('max_pooling_cover', lambda x: F.max_pooling_2d(x, 3, 2, 1), ((4, 8, 8),)),
    Case('average_pooling_exclude', lambda x: F.average_pooling_nd(x, 3, 2, 1, pad_value=None), _IMAGE),
    Case('max_pooling_floor', lambda x: F.max_pooling_2d(x, 3, 2, 1, cover_all=False), ((4, 8, 8),)),
    Case('max_pooling_nd', lambda x: F.max_pooling_nd(x, 3, 2), ((4, 8),)),
    Case('max_pooling_1d', lambda x: F.max_pooling_1d(x, 2), ((4, 8),)),
    Case('max_pooling_3d', lambda x: F.max_pooling_3d(x, 2), ((2, 4, 4, 5),)),
    Case('average_pooling_2d', lambda x: F.average_pooling_2d(x, 3, 2, 1), _IMAGE),
    Case('average_pooling_nd', lambda x: F.average_pooling_nd(x, 3, 2, 1, pad_value=None), ((4, 8),)),
    Case('average_pooling_1d', lambda x: F.average_pooling_1d(x, 2), ((4, 8),)),
    Case('average_pooling_3d', lambda x: F.average_pooling_3d(x, 2), ((2, 4, 4, 5),)),
    Case('spatial_pyramid_pooling_2d', lambda x: F.spatial_pyramid_pooling_2d(x, 3, 'max'), ((4, 8, 8),)),
    Case('global_average', lambda x: F.mean(x, axis=(2, 3)), _IMAGE),
]
_STATISTICS = (constant(4), constant(4), constant(4), constant(4, low=0.1))
NORMALIZATION = [
    Case('fixed_batch_normalization', lambda x: F.fixed_batch_normalization(x, *_STATISTICS), _IMAGE),
    Case('fixed_batch_normalization_2', lambda x: F.fixed_batch_normalization(x, *_STATISTICS), ((4,),)),
    Case(
        'fixed_batch_normalization_axis',
        lambda x: F.fixed_batch_normalization(x, *_STATISTICS, axis=(0, 1)),
        ((3, 4),),
    ),
    Case('group_normalization', lambda x: F.group_normalization(x, 2, constant(4), constant(4)), _IMAGE),
    Case('layer_normalization', lambda x: F.layer_normalization(x, constant(6), constant(6)), _VECTOR),
    Case('local_response_normalization', F.local_response_normalization, _IMAGE),
    Case('local_response_normalization_1d', F.local_response_normalization, ((6, 4),)),
    Case('local_response_normalization_0d', F.local_response_normalization, ((6,),)),
    Case('normalize_axis', lambda x: F.normalize(x, axis=(1, 2)), _SMALL),
]


def _n_step(function, gates, n_states, bidirectional=False):
    """Return a layer of two over three steps of (n, 4), with 5 units and zeros as first states."""
    directions = 2 if bidirectional else 1
    sizes = [4, 5 * directions]
    ws = [
        [constant(5, sizes[layer] if i < gates else 5) for i in range(2 * gates)]
        for layer in range(2)
        for _ in range(directions)
    ]
    bs = [[constant(5) for _ in range(2 * gates)] for _ in ws]

    def call(x):
        first = [np.zeros((len(ws), len(x), 5), 'f') for _ in range(n_states)]
        *states, ys = function(2, 0.0, *first, ws, bs, F.separate(x, axis=1))
        return (*states, *ys)

    return call


RNN = [
    Case('n_step_lstm', _n_step(F.n_step_lstm, 4, 2), ((3, 4),)),
    Case('n_step_bilstm', _n_step(F.n_step_bilstm, 4, 2, True), ((3, 4),)),
    Case('n_step_gru', _n_step(F.n_step_gru, 3, 1), ((3, 4),)),
    Case('n_step_bigru', _n_step(F.n_step_bigru, 3, 1, True), ((3, 4),)),
    Case('n_step_rnn', _n_step(F.n_step_rnn, 1, 1), ((3, 4),)),
    Case('n_step_birnn', _n_step(F.n_step_birnn, 1, 1, True), ((3, 4),)),
    Case('lstm', F.lstm, ((3,), (12,))),
    Case('lstm_h', lambda c, x: F.lstm(c, x)[1], ((3,), (12,))),
    Case('slstm', F.slstm, ((3,), (3,), (12,), (12,))),
    Case('tree_lstm', F.tree_lstm, ((3,), (3,), (15,))),
]
