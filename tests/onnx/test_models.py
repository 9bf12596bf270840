"""The models of `examples/`, and blocks of those for photographs, compute the same in onnxruntime."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import multi_node
from chaingrad.links.model.vision import googlenet, vgg
from chaingrad.links.model.vision.resnet import BuildingBlock
from chaingrad.onnx import export
from chaingrad.onnx.graph import NotExportable
from examples import (
    attention,
    captions,
    cifar_vgg,
    dcgan,
    digits,
    dilated,
    dqn,
    five_stages,
    iris,
    line_cnn,
    memory_network,
    mnist,
    mnist_parallel,
    model_parallel,
    own_linear,
    pos_tags,
    ptb,
    seq2seq,
    spiral,
    step_by_step,
    tinyshakespeare,
    trees,
    vae,
    word2vec,
)
from tests.onnx.running import assert_same_in_onnxruntime
from tests.source import ROOT


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


def attention_decoder():
    """The encoder in both directions, the decoder that is given the right digits, and the attention."""
    model = attention.AttentionDecoder(6)

    def forward(xs, ys):
        h = F.stack(model.decoder(None, None, list(model.embed_y(ys)))[2])
        return model.attend(h, *model.read(list(xs)))

    return forward


def encoder_decoder():
    model = seq2seq.Seq2seq(5, 5, 6)

    def forward(xs, ys):
        h, c, _ = model.encoder(None, None, seq2seq.embed_each(model.embed_x, list(xs)))
        outputs = model.decoder(h, c, seq2seq.embed_each(model.embed_y, list(ys)))[2]
        return model.out(F.concat(outputs, axis=0))

    return forward


def tagger():
    model = pos_tags.Tagger(6, with_crf=True)
    return lambda xs: F.concat(model.score(list(xs)), axis=0)


def composite_function(x1, x2, x3):
    return (x1 - 2 * x2 - 1) ** 2 + (x2 * x3 - 1) ** 2 + 1


MODELS = {
    'attention': (attention_decoder, ids((6,), (4,))),
    'captions_see': (lambda: captions.Captioner(6).see, floats(3, 20, 20)),
    'cifar_vgg': (lambda: cifar_vgg.make_net(4), floats(3, 32, 32)),
    'composite': (lambda: composite_function, lambda n: floats()(n) * 3),
    'dcgan_generator': (lambda: dcgan.Generator(), floats(32)),
    'dcgan_discriminator': (lambda: dcgan.Discriminator(), floats(1, 8, 8)),
    'digits': (lambda: digits.Network(), floats(64)),
    'dilated': (lambda: dilated.WaveNet(6, (1, 2, 4)), floats(1, 12)),
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
    'mnist_parallel': (lambda: mnist_parallel.Network(64, 20), floats(64)),
    'model_parallel': (lambda: model_parallel.make_chain(multi_node.create_communicator()), floats(64)),
    'one_weight': (lambda: L.Linear(1, 1, nobias=True), floats(1)),
    'own_linear': (lambda: own_linear.LinearByFunction(4, 3), floats(4)),
    'pos_tags': (tagger, ids((5,))),
    'ptb': (lambda: stateless(ptb.RNNForLM(5, 6)), ids(())),
    'seq2seq': (encoder_decoder, ids((3,), (4,))),
    'simplest': (lambda: L.Linear(1, 1), floats(1)),
    'spiral': (lambda: spiral.Net(), floats(2)),
    'step_by_step': (lambda: step_by_step.Net(), floats(2)),
    'tinyshakespeare': (lambda: tinyshakespeare.CharacterModel(5, 8), ids((4,))),
    'trees': (read_tree, ids((3,), below=2)),
    'vae_decoder': (lambda: vae.VAE(9, 3).decode, floats(3)),
    'vae_encoder': (lambda: vae.VAE(9, 3).encode, floats(9)),
    'word2vec': (
        lambda: word2vec.ContinuousBoW(5, 4, word2vec.SoftmaxCrossEntropyLoss(4, 5)),
        ids((), (6,)),
    ),
}


# What of the examples cannot be exported for every batch, and why.
EXCEPTIONS = {
    'captions': 'a Python loop joins each image with its caption: one graph for each number of images',
    'own_linear': 'nodes of a user have no converter: external_converters give one',
    'trees': 'a tree is read by recursion: one graph for each shape of tree',
}


def test_every_example_is_here():
    names = {path.stem for path in (ROOT / 'examples').glob('*.py')}
    assert {name for name in names if any(row.startswith(name) for row in MODELS)} == names
    assert EXCEPTIONS.keys() <= names


@pytest.mark.parametrize('name', MODELS)
def test_example(name):
    make_model, make = MODELS[name]
    model = make_model()
    with chaingrad.using_config('train', False):
        model(*(chaingrad.Variable(x) for x in make(2)))  # makes parameters of unknown size
    assert_same_in_onnxruntime(model, make)


@pytest.mark.parametrize('n', [1, 2, 7])
def test_captions_of_a_fixed_number(n):
    model = captions.Captioner(6)
    model.see(floats(3, 20, 20)(2)[0])

    def forward(images, words):
        xs = [model.read(vector, ids) for vector, ids in zip(model.see(images), words)]
        return model.out(F.concat(model.lstm(None, None, xs)[2], axis=0))

    def make(_):
        return floats(3, 20, 20)(n) + ids((3,))(n)

    assert_same_in_onnxruntime(forward, make, batches=(n,), input_shapes=[(n, 3, 20, 20), (n, 3)])
    if n > 1:
        with pytest.raises(NotExportable, match='other functions for another batch'):
            export(forward, tuple(make(n)))


@pytest.mark.parametrize('name', ['LinearNode', 'OldLinearFunction'])
def test_own_functions_by_external_converters(name):
    model = {'LinearNode': own_linear.LinearByNode, 'OldLinearFunction': own_linear.LinearByOldFunction}[name](4, 3)

    def convert(call):
        return onnx.helper.make_node('Gemm', call.input_names, call.output_names, transB=1)

    with pytest.raises(NotExportable, match=f'{name} .* has no counterpart in ONNX'):
        export(model, floats(4)(2)[0])
    assert_same_in_onnxruntime(model, floats(4), external_converters={name: convert})


# Models for photographs


def test_blocks_of_resnet():
    assert_same_in_onnxruntime(BuildingBlock(2, 4, 3, 8, 2), floats(4, 6, 6))


def test_resnet_50():
    make = floats(3, 32, 32)
    model = L.ResNet50Layers(None)
    for path, parameter in model.namedparams():
        if path.endswith('bn3/gamma'):
            parameter.array[...] = 0.2  # so that the sum of a block's branches does not grow from block to block
    exported = assert_same_in_onnxruntime(lambda x: model(x, layers=['res3', 'fc6', 'prob']), make)
    assert [value.name for value in exported.graph.output] == ['res3', 'fc6', 'prob']


def test_vgg_16(monkeypatch):
    """With few units in its fully connected layers, whose real ones take half a gigabyte."""
    monkeypatch.setattr(vgg, 'Linear', lambda n_in, n_out, **options: L.Linear(None, 8, **options))
    model = L.VGG16Layers(None)
    model(floats(3, 32, 32)(2)[0])
    assert_same_in_onnxruntime(lambda x: model(x, layers=['fc8', 'prob']), floats(3, 32, 32))


def test_googlenet(monkeypatch):
    """With pictures of 64 x 64, and the last pooling over what is left of them."""
    pool = googlenet.average_pooling_2d
    monkeypatch.setattr(googlenet, 'average_pooling_2d', lambda x, ksize, stride: pool(x, x.shape[2:], stride))
    model = L.GoogLeNet(None)
    assert_same_in_onnxruntime(lambda x: model(x, layers=['inception_4a', 'prob']), floats(3, 64, 64))
