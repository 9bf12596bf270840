"""Links and whole models compute the same in onnxruntime."""

from __future__ import annotations

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad.onnx import export
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
