"""Tests of every link: it computes its function, all parameters get gradients, files and copies bring it back."""

import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import chaingrad.functions as F
import chaingrad.links as L
from chaingrad.autograd.configuration import using_config
from chaingrad.autograd.variable import Variable
from chaingrad.links.serializers import load_npz, save_npz
from tests.links.states import same, state

rng = np.random.default_rng(0)


def floats(*shape):
    return rng.normal(size=shape).astype(np.float32)


@dataclass
class Row:
    """A link, its inputs, what it must compute from them, and the same link with sizes left open."""

    make: Any
    inputs: tuple
    expected: Any = None
    lazy: Any = None
    shapes: dict = field(default_factory=dict)
    train: bool = True
    without_gradient: tuple = ()


IMAGES, VECTORS = floats(2, 4, 7, 6), floats(5, 3)
LABELS, SEQUENCES = np.array([0, 2, 1, 3, 0]), [floats(2, 3), floats(4, 3), floats(1, 3)]
CHILDREN = [floats(5, 2) for _ in range(4)]


def linear_of(layer, x):
    return F.linear(x, layer.W, layer.b)


def gru(m, h, x):
    r, z = F.sigmoid(m.W_r(x) + m.U_r(h)), F.sigmoid(m.W_z(x) + m.U_z(h))
    return z * F.tanh(m.W(x) + m.U(r * h)) + (1 - z) * h


def n_step(function, m, *states):
    """The layers over sequences sorted by length, with states of zeros."""
    order = [1, 0, 2]
    steps = F.transpose_sequence([SEQUENCES[i] for i in order])
    hx = np.zeros((m.n_layers * m.direction, 3, 4), np.float32)
    *lasts, ys = function(m.n_layers, 0.0, *([hx] * m.n_cells), m.ws, m.bs, list(steps))
    ys = F.transpose_sequence(ys)
    return *(y[:, [1, 0, 2]] for y in lasts), [ys[1], ys[0], ys[2]]


def n_step_row(name, function, **options):
    cls = getattr(L, name)
    states = (None, None) if 'LSTM' in name else (None,)
    return Row(
        lambda: cls(2, 3, 4, 0.0), (*states, SEQUENCES), lambda m, *_: n_step(lambda *a: function(*a, **options), m)
    )


def inception(m, x):
    b = [m.conv1(x), m.conv3(F.relu(m.proj3(x))), m.conv5(F.relu(m.proj5(x)))]
    return F.relu(F.concat([*b, m.projp(F.max_pooling_2d(x, 3, 1, 1))]))


def tree_leaf_and_node(m, c, h, x):
    a, i, o, f = F.split_axis(F.linear(x, m.W_x.W, m.W_x.b), 4, axis=1)
    extra = F.split_axis(F.linear(h[0] + h[1], m.W_h_aio.W), 3, axis=1)
    a, i, o = (p + q for p, q in zip((a, i, o), extra))
    cell = F.tanh(a) * F.sigmoid(i) + sum(F.sigmoid(f + F.linear(hk, m.W_h_f.W)) * ck for ck, hk in zip(c, h))
    return cell, F.sigmoid(o) * F.tanh(cell)


ROWS = {
    'Linear': Row(lambda: L.Linear(3, 2), (VECTORS,), linear_of, lambda: L.Linear(2), {'W': (2, 3), 'b': (2,)}),
    'Maxout': Row(
        lambda: L.Maxout(3, 2, 4, initial_bias=0.5), (VECTORS,),
        lambda m, x: F.maxout(linear_of(m.linear, x), 4), lambda: L.Maxout(None, 2, 4), {'linear/W': (8, 3)},
    ),
    'PReLU': Row(lambda: L.PReLU((4,), 0.1), (IMAGES,), lambda m, x: F.prelu(x, m.W), None, {'W': (4,)}),
    'Swish': Row(
        lambda: L.Swish((4, 7, 6)), (IMAGES,), lambda m, x: F.swish(x, m.beta), lambda: L.Swish(None),
        {'beta': (4, 7, 6)},
    ),
    'SimplifiedDropconnect': Row(
        lambda: L.SimplifiedDropconnect(3, 2), (VECTORS, True, np.ones((5, 2, 3), bool)),
        lambda m, x, train, mask: F.simplified_dropconnect(x, m.W, m.b, 0.5, mask=mask),
        lambda: L.SimplifiedDropconnect(None, 2), {'W': (2, 3)},
    ),
    'Bias': Row(lambda: L.Bias(1, (4,)), (IMAGES,), lambda m, x: F.bias(x, m.b), None, {'b': (4,)}),
    'Scale': Row(
        lambda: L.Scale(1, (4, 7), True), (IMAGES,), lambda m, x: F.bias(F.scale(x, m.W), m.bias.b), None,
        {'W': (4, 7), 'bias/b': (4, 7)},
    ),
    'Bilinear': Row(
        lambda: L.Bilinear(3, 2, 4), (VECTORS, floats(5, 2)),
        lambda m, a, b: F.bilinear(a, b, m.W, m.V1, m.V2, m.b), None, {'W': (3, 2, 4), 'V1': (3, 4), 'V2': (2, 4)},
    ),
    'Highway': Row(
        lambda: L.Highway(3, activate=F.tanh), (VECTORS,),
        lambda m, x: (lambda t: F.tanh(m.plain(x)) * t + x * (1 - t))(F.sigmoid(m.transform(x))),
    ),
    'Parameter': Row(lambda: L.Parameter(np.float32([1, 2])), (), lambda m: m.W, None, {'W': (2,)}),
    'EmbedID': Row(
        lambda: L.EmbedID(4, 3, ignore_label=3), (LABELS,), lambda m, t: F.embed_id(t, m.W, 3), None, {'W': (4, 3)}
    ),
    'Convolution1D': Row(
        lambda: L.Convolution1D(4, 6, 3, 2, 1, groups=2), (floats(2, 4, 9),),
        lambda m, x: F.convolution_1d(x, m.W, m.b, 2, 1, groups=2), lambda: L.Convolution1D(None, 6, 3, 2, 1, groups=2),
        {'W': (6, 2, 3), 'b': (6,)},
    ),
    'Convolution2D': Row(
        lambda: L.Convolution2D(4, 6, (3, 2), 2, 1, dilate=2), (IMAGES,),
        lambda m, x: F.convolution_2d(x, m.W, m.b, 2, 1, dilate=2), lambda: L.Convolution2D(6, (3, 2), dilate=2),
        {'W': (6, 4, 3, 2)},
    ),
    'Convolution3D': Row(
        lambda: L.Convolution3D(2, 3, 2, cover_all=True, stride=2), (floats(1, 2, 3, 4, 5),),
        lambda m, x: F.convolution_3d(x, m.W, m.b, 2, cover_all=True), lambda: L.Convolution3D(None, 3, 2),
    ),
    'ConvolutionND': Row(
        lambda: L.ConvolutionND(2, 4, 6, 3, nobias=True), (IMAGES,), lambda m, x: F.convolution_nd(x, m.W),
        lambda: L.ConvolutionND(2, 6, 3, nobias=True), {'W': (6, 4, 3, 3)},
    ),
    'Deconvolution1D': Row(
        lambda: L.Deconvolution1D(4, 6, 3, 2, groups=2), (floats(2, 4, 5),),
        lambda m, x: F.deconvolution_1d(x, m.W, m.b, 2, groups=2), lambda: L.Deconvolution1D(None, 6, 3, groups=2),
        {'W': (4, 3, 3), 'b': (6,)},
    ),
    'Deconvolution2D': Row(
        lambda: L.Deconvolution2D(4, 6, 3, 2, 1, outsize=(14, 11)), (IMAGES,),
        lambda m, x: F.deconvolution_2d(x, m.W, m.b, 2, 1, (14, 11)), lambda: L.Deconvolution2D(6, 3),
        {'W': (4, 6, 3, 3)},
    ),
    'Deconvolution3D': Row(
        lambda: L.Deconvolution3D(2, 3, 2, dilate=2), (floats(1, 2, 2, 3, 2),),
        lambda m, x: F.deconvolution_3d(x, m.W, m.b, dilate=2), lambda: L.Deconvolution3D(None, 3, 2),
    ),
    'DeconvolutionND': Row(
        lambda: L.DeconvolutionND(2, 4, 6, 3, nobias=True), (IMAGES,), lambda m, x: F.deconvolution_nd(x, m.W),
        lambda: L.DeconvolutionND(2, 6, 3, nobias=True), {'W': (4, 6, 3, 3)},
    ),
    'DepthwiseConvolution2D': Row(
        lambda: L.DepthwiseConvolution2D(4, 3, 2, 2, 1), (IMAGES,),
        lambda m, x: F.depthwise_convolution_2d(x, m.W, m.b, 2, 1), lambda: L.DepthwiseConvolution2D(None, 3, 2),
        {'W': (3, 4, 2, 2), 'b': (12,)},
    ),
    'DilatedConvolution2D': Row(
        lambda: L.DilatedConvolution2D(4, 6, 3, 1, 1, 2), (IMAGES,),
        lambda m, x: F.dilated_convolution_2d(x, m.W, m.b, 1, 1, 2), lambda: L.DilatedConvolution2D(6, 3),
        {'W': (6, 4, 3, 3)},
    ),
    'DeformableConvolution2D': Row(
        lambda: L.DeformableConvolution2D(4, 6, 3, 1, 1), (IMAGES,),
        lambda m, x: F.deformable_convolution_2d_sampler(
            x, m.offset_conv(x), m.deform_conv.W, m.deform_conv.b, 1, 1
        ),
        lambda: L.DeformableConvolution2D(None, 6, 3), {'offset_conv/W': (18, 4, 3, 3), 'deform_conv/W': (6, 4, 3, 3)},
    ),
    'LocalConvolution2D': Row(
        lambda: L.LocalConvolution2D(4, 5, (7, 6), 3, 2), (IMAGES,),
        lambda m, x: F.local_convolution_2d(x, m.W, m.b, 2),
        lambda: L.LocalConvolution2D(None, 5, ksize=3, stride=2),
        {'W': (5, 3, 2, 4, 3, 3), 'b': (5, 3, 2)},
    ),
    'MLPConvolution2D': Row(
        lambda: L.MLPConvolution2D(4, (5, 6), 3, 1, 1, F.tanh), (IMAGES,), lambda m, x: m[1](F.tanh(m[0](x))),
        lambda: L.MLPConvolution2D((5, 6), 3), {'0/W': (5, 4, 3, 3), '1/W': (6, 5, 1, 1)},
    ),
    'Inception': Row(
        lambda: L.Inception(4, 1, 2, 3, 2, 3, 1), (IMAGES,), inception, lambda: L.Inception(None, 1, 2, 3, 2, 3, 1)
    ),
    'InceptionBN': Row(
        lambda: L.InceptionBN(4, 1, 2, 3, 2, 3, 'max', 2), (IMAGES,), None,
        lambda: L.InceptionBN(None, 1, 2, 3, 2, 3, 'max', 2),
    ),
    'BatchNormalization': Row(
        lambda: L.BatchNormalization(4), (IMAGES,), lambda m, x: F.batch_normalization(x, m.gamma, m.beta),
        lambda: L.BatchNormalization(axis=(0, 2, 3)), {'gamma': (4,), 'avg_var': (4,)},
    ),
    'BatchRenormalization': Row(
        lambda: L.BatchRenormalization(4, 3, 2), (IMAGES,),
        lambda m, x: F.batch_renormalization(
            x, m.gamma, m.beta, 3, 2, running_mean=np.zeros(4, 'f'), running_var=np.ones(4, 'f')
        ),
    ),
    'DecorrelatedBatchNormalization': Row(
        lambda: L.DecorrelatedBatchNormalization(4, 2), (IMAGES,),
        lambda m, x: F.decorrelated_batch_normalization(x, groups=2), None,
        {'avg_mean': (2, 2), 'avg_projection': (2, 2, 2)},
    ),
    'GroupNormalization': Row(
        lambda: L.GroupNormalization(2, 4), (IMAGES,), lambda m, x: F.group_normalization(x, 2, m.gamma, m.beta),
        lambda: L.GroupNormalization(2), {'gamma': (4,), 'beta': (4,)},
    ),
    'LayerNormalization': Row(
        lambda: L.LayerNormalization(3), (VECTORS,), lambda m, x: F.layer_normalization(x, m.gamma, m.beta, 1e-6),
        L.LayerNormalization, {'gamma': (3,)},
    ),
    'LSTM': Row(
        lambda: L.LSTM(3, 2), (VECTORS,), lambda m, x: F.lstm(np.zeros((5, 2), 'f'), m.upward(x))[1], lambda: L.LSTM(2),
        {'upward/W': (8, 3), 'upward/b': (8,), 'lateral/W': (8, 2)}, without_gradient=('/lateral/W',),
    ),
    'StatelessLSTM': Row(
        lambda: L.StatelessLSTM(3, 2), (*CHILDREN[:2], VECTORS),
        lambda m, c, h, x: F.lstm(c, m.upward(x) + m.lateral(h)), lambda: L.StatelessLSTM(None, 2),
    ),
    'StatefulPeepholeLSTM': Row(
        lambda: L.StatefulPeepholeLSTM(3, 2), (VECTORS,), None, lambda: L.StatefulPeepholeLSTM(None, 2),
        without_gradient=('/lateral/W', '/peep_f/W', '/peep_i/W'),
    ),
    'StatefulZoneoutLSTM': Row(
        lambda: L.StatefulZoneoutLSTM(3, 2, 0, 0), (VECTORS,),
        lambda m, x: F.lstm(np.zeros((5, 2), 'f'), m.upward(x))[1], lambda: L.StatefulZoneoutLSTM(None, 2, 0, 0),
        without_gradient=('/lateral/W',),
    ),
    'StatelessGRU': Row(
        lambda: L.StatelessGRU(3, 2), (CHILDREN[0], VECTORS), gru, lambda: L.StatelessGRU(None, 2), {'U/W': (2, 2)}
    ),
    'StatefulGRU': Row(
        lambda: L.StatefulGRU(3, 2), (VECTORS,), lambda m, x: gru(m, np.zeros((5, 2), 'f'), x),
        lambda: L.StatefulGRU(None, 2),
        without_gradient=('/U/W', '/U/b', '/U_r/W', '/U_r/b', '/U_z/W', '/U_z/b', '/W_r/W', '/W_r/b'),
    ),
    'GRU': Row(
        lambda: L.GRU(3, 2), (VECTORS,), lambda m, x: gru(m, np.zeros((5, 2), 'f'), x), lambda: L.GRU(None, 2),
        without_gradient=('/U/W', '/U/b', '/U_r/W', '/U_r/b', '/U_z/W', '/U_z/b', '/W_r/W', '/W_r/b'),
    ),
    'StatelessMGU': Row(
        lambda: L.StatelessMGU(3, 2), (CHILDREN[0], VECTORS),
        lambda m, h, x: (lambda f: f * F.tanh(m.W_h(F.concat([f * h, x]))) + (1 - f) * h)(
            F.sigmoid(m.W_f(F.concat([h, x])))
        ),
        None, {'W_f/W': (2, 5)},
    ),
    'StatefulMGU': Row(
        lambda: L.StatefulMGU(3, 2), (VECTORS,),
        lambda m, x: (lambda h: F.sigmoid(m.W_f(F.concat([h, x]))) * F.tanh(m.W_h(F.concat([h, x]))))(
            np.zeros((5, 2), 'f')
        ),
    ),
    'ChildSumTreeLSTM': Row(
        lambda: L.ChildSumTreeLSTM(3, 2), (*CHILDREN, VECTORS),
        lambda m, c1, c2, h1, h2, x: tree_leaf_and_node(m, (c1, c2), (h1, h2), x),
        lambda: L.ChildSumTreeLSTM(None, 2), {'W_x/W': (8, 3)},
    ),
    'NaryTreeLSTM': Row(
        lambda: L.NaryTreeLSTM(3, 2, 2), (*CHILDREN, VECTORS),
        lambda m, c1, c2, h1, h2, x: F.tree_lstm(c1, c2, m.W_x(x) + m.W_h1(h1) + m.W_h2(h2)),
        lambda: L.NaryTreeLSTM(None, 2), {'W_x/W': (10, 3), 'W_h2/W': (10, 2)},
    ),
    'NStepLSTM': n_step_row('NStepLSTM', F.n_step_lstm),
    'NStepBiLSTM': n_step_row('NStepBiLSTM', F.n_step_bilstm),
    'NStepGRU': n_step_row('NStepGRU', F.n_step_gru),
    'NStepBiGRU': n_step_row('NStepBiGRU', F.n_step_bigru),
    'NStepRNNTanh': n_step_row('NStepRNNTanh', F.n_step_rnn, activation='tanh'),
    'NStepBiRNNTanh': n_step_row('NStepBiRNNTanh', F.n_step_birnn, activation='tanh'),
    'NStepRNNReLU': n_step_row('NStepRNNReLU', F.n_step_rnn, activation='relu'),
    'NStepBiRNNReLU': n_step_row('NStepBiRNNReLU', F.n_step_birnn, activation='relu'),
    'BinaryHierarchicalSoftmax': Row(
        lambda: L.BinaryHierarchicalSoftmax(3, ((0, 1), (2, 3))), (VECTORS, LABELS), None, None, {'W': (3, 3)}
    ),
    'BlackOut': Row(lambda: L.BlackOut(3, [3, 2, 2, 1], 2), (VECTORS, LABELS), None, None, {'W': (4, 3)}),
    'CRF1d': Row(
        lambda: L.CRF1d(3, floats(3, 3)), ([floats(2, 3), floats(2, 3)], [np.array([0, 1]), np.array([2, 2])]),
        lambda m, xs, ys: F.crf1d(m.cost, xs, ys), None, {'cost': (3, 3)},
    ),
    'NegativeSampling': Row(
        lambda: L.NegativeSampling(3, [3, 2, 2, 1], 2), (VECTORS, LABELS), None, None, {'W': (4, 3)}
    ),
    'Classifier': Row(
        lambda: L.Classifier(L.Linear(3, 4)), (VECTORS, LABELS),
        lambda m, x, t: F.softmax_cross_entropy(m.predictor(x), t), lambda: L.Classifier(L.Linear(4)),
    ),
}  # fmt: skip
ELSEWHERE = {name for name in L.__all__ if name.endswith('Layers') or name == 'GoogLeNet'}  # test_vision.py


def flat(y):
    """The arrays of a result: a Variable, or a tuple or list of them."""
    return [a for part in y for a in flat(part)] if isinstance(y, (tuple, list)) else [y]


def call(row, link):
    np.random.seed(1)
    if hasattr(link, 'reset_state'):
        link.reset_state()
    with using_config('train', row.train):
        return flat(link(*row.inputs))


each = pytest.mark.parametrize('row', ROWS.values(), ids=ROWS.keys())


def test_every_link_has_a_row():
    assert set(ROWS) | ELSEWHERE == set(L.__all__)


@each
def test_the_link_computes_its_function(row):
    link = row.make()
    assert not [p for p in link.params() if p.dtype != np.float32 or np.isnan(p.array).any()]
    shapes = {key: array.shape for key, array in state(link).items()}
    assert shapes.items() >= row.shapes.items()
    got = call(row, link)
    assert all(isinstance(y, Variable) and np.isfinite(y.array).all() for y in got)
    if row.expected is not None:
        for y, expected in zip(got, flat(row.expected(link, *row.inputs)), strict=True):
            np.testing.assert_allclose(y.array, expected.array, rtol=1e-5, atol=1e-5)


@pytest.mark.filterwarnings('ignore:backward. no gradient flows')
@each
def test_gradients_reach_all_parameters(row):
    link = row.make()
    outputs = call(row, link)
    link.cleargrads()
    sum(F.sum(y * floats(*y.shape)) for y in outputs).backward()
    for path, param in link.namedparams():
        if path in row.without_gradient:  # of the state, which is not there in the first step
            assert param.grad is None or not param.grad.any()
        else:
            assert param.grad.shape == param.shape and np.isfinite(param.grad).all()
            assert (param.grad != 0).any(), path


@pytest.mark.parametrize('row', [pytest.param(r, id=name) for name, r in ROWS.items() if r.lazy])
def test_without_given_sizes(row):
    link = row.lazy()
    assert not all(p.is_initialized for p in link.params())
    call(row, link)
    sized = row.make()
    assert {k: p.shape for k, p in link.namedparams()} == {k: p.shape for k, p in sized.namedparams()}


@each
def test_files_and_copies_bring_it_back(row):
    link = row.make()
    for param in link.params():
        param.array[...] = floats(*param.shape)
    call(row, link)
    file = io.BytesIO()
    save_npz(file, link)
    expected = [y.array for y in call(row, link.copy('copy'))]
    loaded = [row.make()] + ([row.lazy()] if row.lazy and set(state(row.lazy())) == set(state(link)) else [])
    for other in loaded:
        file.seek(0)
        load_npz(file, other)
        assert same(state(link), state(other))
    for other in (loaded[0], link.copy('share'), link.copy('copy')):
        for y, array in zip(call(row, other), expected, strict=True):
            np.testing.assert_array_equal(y.array, array)
    fresh = link.copy('init')
    assert {k: p.shape for k, p in fresh.namedparams()} == {k: p.shape for k, p in link.namedparams()}
    assert repr(link).startswith(type(link).__name__)


@each
def test_initializers_are_those_of_the_documentation(row):
    """A copy initialised anew is drawn from the same distribution as the link was: zeros stay zeros."""
    link = row.make()
    fresh = link.copy('init')
    for (path, a), (_, b) in zip(link.namedparams(), fresh.namedparams()):
        assert (a.array == 0).all() == (b.array == 0).all(), path
