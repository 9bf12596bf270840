"""The models of `examples/`, and blocks of those for photographs, compute the same in onnxruntime."""

from __future__ import annotations

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
from chaingrad.links.model.vision.resnet import BuildingBlock
from chaingrad.onnx import export
from examples import (
    dcgan,
    digits,
    dqn,
    five_stages,
    iris,
    line_cnn,
    memory_network,
    mnist,
    ptb,
    seq2seq,
    spiral,
    tinyshakespeare,
    trees,
    vae,
    word2vec,
)
from tests.onnx.running import assert_same_in_onnxruntime


def floats(*shape):
    return lambda n: [np.random.RandomState(n).uniform(0, 1, (n, *shape)).astype('f')]


def ids(*shapes, below=5):
    return lambda n: [np.random.RandomState(n).randint(0, below, (n, *shape)).astype(np.int32) for shape in shapes]


def stateless(model):
    """Return a function that calls a copy of the model, so that a state does not last."""
    return lambda *xs: model.copy(mode='share')(*xs)


def read_tree():
    model = trees.TreeReader(6)

    def forward(words):
        leaves = [model.lstm(None, None, None, None, model.embed(words[:, i])) for i in range(2)]
        (c1, h1), (c2, h2) = leaves
        return model.out(model.lstm(c1, c2, h1, h2, model.embed(words[:, 2]))[1])

    return forward


def encoder():
    """The encoder over sentences of the same length."""
    model = seq2seq.Seq2seq(5, 5, 6)

    def encode(xs):
        embedded = model.embed_x(xs)
        steps = F.separate(embedded, axis=1)
        ws = [[getattr(layer, f'w{i}') for i in range(8)] for layer in model.encoder]
        bs = [[getattr(layer, f'b{i}') for i in range(8)] for layer in model.encoder]
        zeros = np.zeros((1, xs.shape[0], 6), 'f')
        h, _, _ = F.n_step_lstm(1, 0.0, zeros, zeros, ws, bs, steps)
        return model.out(h[0])

    return encode


MODELS = {
    'dcgan_generator': (lambda: dcgan.Generator(), floats(32)),
    'dcgan_discriminator': (lambda: dcgan.Discriminator(), floats(1, 8, 8)),
    'digits': (lambda: digits.Network(), floats(64)),
    'dqn': (lambda: dqn.QFunction(), floats(1, 5, 5)),
    'five_stages': (lambda: five_stages.Net(None, None), floats(1000)),
    'iris': (lambda: iris.Net(3), floats(4)),
    'line_cnn': (lambda: line_cnn.LineCNN(), floats(1, 5, 5)),
    'memory_network': (
        lambda: memory_network.MemoryNetwork(8, 2),
        ids((6, 4), (4,)),
    ),
    'mnist_mlp': (lambda: mnist.MLP(True), floats(784)),
    'mnist_cnn': (lambda: mnist.CNN(True), floats(1, 28, 28)),
    'ptb': (lambda: stateless(ptb.RNNForLM(5, 6)), ids(())),
    'seq2seq_encoder': (encoder, ids((3,))),
    'spiral': (lambda: spiral.Net(), floats(2)),
    'trees': (read_tree, ids((3,), below=2)),
    'vae_decoder': (lambda: vae.VAE(9, 3).decode, floats(3)),
    'vae_encoder': (lambda: vae.VAE(9, 3).encode, floats(9)),
    'word2vec': (
        lambda: word2vec.ContinuousBoW(5, 4, word2vec.SoftmaxCrossEntropyLoss(4, 5)),
        ids((), (6,)),
    ),
}


@pytest.mark.parametrize('name', MODELS)
def test_example(name):
    make_model, make = MODELS[name]
    model = make_model()
    with chaingrad.using_config('train', False):
        model(*(chaingrad.Variable(x) for x in make(2)))  # makes parameters of unknown size
    assert_same_in_onnxruntime(model, make)


@pytest.mark.parametrize('n', [1, 2, 7])
def test_sequences_of_a_fixed_number(n):
    """A list of sequences makes a graph for their number: the model is exported for each batch size."""
    model = tinyshakespeare.CharacterModel(5, 8)
    assert_same_in_onnxruntime(model, lambda _: ids((4,))(n), batches=(n,), input_shapes=(n, 4))
    if n > 1:
        with pytest.raises(ValueError, match='other functions for another batch'):
            export(model, ids((4,))(n)[0])


def test_blocks_of_resnet():
    assert_same_in_onnxruntime(BuildingBlock(2, 4, 3, 8, 2), floats(4, 6, 6))
