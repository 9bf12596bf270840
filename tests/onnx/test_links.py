"""Links and whole models compute the same in onnxruntime."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad.onnx import export, load
from chaingrad.onnx.graph import NotExportable
from tests.onnx.running import assert_same_in_onnxruntime


def inputs(*shape):
    return lambda n: [np.random.RandomState(n).uniform(-1, 1, (n, *shape)).astype('f')]


def ids(*shape):
    return lambda n: [np.random.RandomState(n).randint(0, 5, (n, *shape)).astype('i')]


class Sequence(chaingrad.Chain):
    """A recurrent layer of links with a state, over the axis of time."""

    def __init__(self, cell):
        super().__init__()
        with self.init_scope():
            self.embed = L.EmbedID(5, 4)
            self.cell = cell
            self.out = L.Linear(6, 5)

    def forward(self, ids):
        for t in range(ids.shape[1]):
            h = self.cell(self.embed(ids[:, t]))
        return F.softmax(self.out(h))


LINKS = [
    (L.Linear(4, 3), (4,)),
    (L.Linear(None, 3), (2, 4)),
    (L.Convolution2D(3, 4, 3, 2, 1), (3, 9, 8)),
    (L.ConvolutionND(1, 3, 4, 3), (3, 9)),
    (L.Deconvolution2D(3, 4, 4, 2, 1), (3, 5, 4)),
    (L.DilatedConvolution2D(3, 4, 3, dilate=2), (3, 9, 8)),
    (L.DepthwiseConvolution2D(3, 2, 3), (3, 9, 8)),
    (L.BatchNormalization(4), (4, 3, 3)),
    (L.BatchRenormalization(4), (4,)),
    (L.LayerNormalization(4), (4,)),
    (L.GroupNormalization(2, 4), (4, 3, 3)),
    (L.PReLU((4,)), (4, 3)),
    (L.Maxout(4, 3, 2), (4,)),
    (L.Highway(4), (4,)),
    (L.Scale(1, (4,)), (4, 2)),
    (L.Bias(1, (4,)), (4, 2)),
    (L.MLPConvolution2D(3, (4, 2), 3), (3, 6, 6)),
    (L.Inception(3, 2, 2, 3, 2, 2, 2), (3, 6, 6)),
    (L.InceptionBN(3, 2, 2, 2, 2, 2, 'max', 2), (3, 6, 6)),
    (L.Swish((4,)), (4,)),
    (L.GRU(4, 3), (4,)),
    (L.LSTM(4, 3), (4,)),
    (L.StatefulPeepholeLSTM(4, 3), (4,)),
    (L.StatefulMGU(4, 3), (4,)),
    (L.StatefulZoneoutLSTM(4, 3), (4,)),
]


@pytest.mark.parametrize(('link', 'shape'), LINKS, ids=lambda x: type(x).__name__)
def test_link(link, shape):
    make = inputs(*shape)
    link = link.copy()
    link(make(2)[0])  # makes parameters of unknown size, and moves averages
    if hasattr(link, 'reset_state'):
        link.reset_state()

    def fresh(*xs):
        copied = link.copy(mode='share')
        return copied(*xs)

    assert_same_in_onnxruntime(fresh, make)
    if not hasattr(link, 'reset_state'):
        assert_same_in_onnxruntime(link, make)


def test_a_link_with_a_state_is_exported_from_that_state_and_keeps_it():
    link = L.LSTM(4, 3)
    exported = export(link, inputs(4)(3)[0])
    assert link.h is None
    assert {'/upward/W', '/lateral/W'} & {array.name for array in exported.graph.initializer} == {'/upward/W'}


@pytest.mark.parametrize('cell', [L.LSTM(4, 6), L.StatefulGRU(4, 6)], ids=lambda x: type(x).__name__)
def test_sequence_of_words(cell):
    model = Sequence(cell)

    def fresh(*xs):
        return model.copy(mode='share')(*xs)

    assert_same_in_onnxruntime(fresh, ids(3))


@pytest.mark.parametrize(('cell', 'n_states'), [(L.StatelessLSTM(4, 3), 2), (L.StatelessGRU(4, 3), 1)])
def test_states_as_inputs_and_outputs(cell, n_states):
    def make(n):
        return [
            np.random.RandomState(n + i).uniform(-1, 1, (n, 3 + i // n_states)).astype('f') for i in range(n_states + 1)
        ]

    assert_same_in_onnxruntime(cell, make)


N_STEP = 'LSTM BiLSTM GRU BiGRU RNNTanh RNNReLU BiRNNTanh BiRNNReLU'.split()


@pytest.mark.parametrize('kind', N_STEP)
def test_layers_over_sequences_are_operators(kind):
    """One for each layer and direction, with the parameters under their paths, for any number of sequences."""
    link = getattr(L, f'NStep{kind}')(2, 4, 3, 0.3)
    for parameter in link.params():
        parameter.array[...] = np.random.RandomState(parameter.size).uniform(-1, 1, parameter.shape)

    def model(x):
        *states, ys = link(*[None] * link.n_cells, list(x))
        return (*states, F.stack(ys), F.concat(ys, axis=0), F.pad_sequence(ys, 7))

    assert_same_in_onnxruntime(model, inputs(5, 4))
    exported = export(link_of_rows(link), inputs(5, 4)(3)[0])
    wanted = next(name for name in ('LSTM', 'GRU', 'RNN') if name in kind)
    found = [node for node in exported.graph.node if node.op_type in ('LSTM', 'GRU', 'RNN')]
    assert [node.op_type for node in found] == [wanted] * 2 * link.direction
    directions = {onnx.helper.get_node_attr_value(node, 'direction') for node in found}
    assert directions == ({b'forward', b'reverse'} if 'Bi' in kind else {b'forward'})
    assert 'Gemm' not in {node.op_type for node in exported.graph.node}
    names = {array.name for array in exported.graph.initializer}
    assert {path for path, _ in link_of_rows(link).namedparams()} <= names
    loaded = load(exported)
    assert {f'/link{path}' for path, _ in link.namedparams()} == {path for path, _ in loaded.namedparams()}


@pytest.mark.parametrize('kind', N_STEP)
def test_sequences_of_any_length(kind):
    """Axis 0 of the inputs is time then."""
    link = getattr(L, f'NStep{kind}')(2, 4, 3, 0)

    def model(x, y):
        *states, ys = link(*[None] * link.n_cells, [x, y])
        return (*states, *ys)

    def make(n):
        return [np.random.RandomState(n + i).uniform(-1, 1, (n, 4)).astype('f') for i in range(2)]

    assert_same_in_onnxruntime(model, make)
    exported = assert_same_in_onnxruntime(lambda x: link(*[None] * link.n_cells, [x])[-1][0], lambda n: make(n)[:1])
    assert 'Gemm' not in {node.op_type for node in exported.graph.node}


def test_as_many_steps_as_the_batch_has_rows():
    assert_same_in_onnxruntime(lambda x: n_step(F.separate(x, axis=0)), inputs(3, 2))


def link_of_rows(link):
    """Return a model that calls a layer on the rows of a batch, made by F.separate."""

    class Model(chaingrad.Chain):
        def forward(self, x):
            return F.stack(self.link(*[None] * link.n_cells, F.separate(x, axis=0))[-1])

    return Model(link=link.copy())


def test_sequences_as_parts_of_one_array():
    embed, lstm = L.EmbedID(5, 4), L.NStepLSTM(1, 4, 3, 0)

    def model(ids):
        n, length = ids.shape
        parts = F.split_axis(embed(F.concat(list(ids), axis=0)), np.arange(1, n) * length, axis=0)
        return F.concat(lstm(None, None, parts)[2], axis=0)

    assert_same_in_onnxruntime(model, ids(6))


def n_step(steps):
    weights, zeros = [[np.ones((3, 2), 'f'), np.ones((3, 3), 'f')]], np.zeros((1, len(steps[0]), 3), 'f')
    return F.concat(F.n_step_rnn(1, 0.0, zeros, weights, [[np.zeros(3, 'f')] * 2], steps)[1], axis=0)


@pytest.mark.parametrize(
    ('function', 'words'),
    [
        (
            lambda x: n_step([x[:, 0, :2], x[:1, 1, 2:]]),
            'Scan (called in the model itself) reads sequences of unequal length',
        ),
        (lambda x: F.concat(list(x)[::-1], axis=0), 'Concat (called in the model itself) takes as many inputs as the'),
        (lambda x: F.stack(list(x), axis=1), 'GetItem (called in the model itself) separates the batch axis'),
        (lambda x: F.add(*F.separate(x, axis=0)), 'Separate (called in the model itself) separates the batch axis'),
        (lambda x: F.pad_sequence([y[: i + 1] for i, y in enumerate(x)]), 'runs other functions for another batch'),
        (lambda x: F.concat(F.separate(x, axis=0)[:3], axis=0), 'Separate (called in the model itself) separates'),
        (
            lambda x: F.concat(F.split_axis(x.reshape(-1, 4), np.arange(1, len(x)) ** 2, axis=0), axis=0),
            'SplitAxis (called in the model itself) splits into as many outputs as there are rows, of different length',
        ),
    ],
)
def test_other_uses_of_single_rows_are_refused(function, words):
    with pytest.raises(NotExportable) as raised:
        export(function, inputs(5, 4)(3)[0])
    assert words in str(raised.value)


def test_sequences_of_unequal_length_are_refused():
    lstm = L.NStepLSTM(1, 4, 3, 0)

    def model(x, y):
        return lstm(None, None, [x, y])[2][1]

    with pytest.raises(NotExportable, match=r'TransposeSequence \(.*\) reads sequences of unequal length'):
        export(model, (inputs()(4)[0][:, None] * np.ones(4, 'f'), np.ones((2, 4), 'f')), input_shapes=[(4, 4), (2, 4)])
