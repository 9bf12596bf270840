"""The workloads as a user of chaingrad writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from benchmarks.contenders import with_chaingrad as small
from benchmarks.workloads import data
from chaingrad import optimizers

Step = Callable[[], Any]


def _training(model: Any, optimizer: Any, loss_function: Callable[[], Any]) -> Step:
    optimizer.setup(model)

    def step() -> Any:
        loss = loss_function()
        model.cleargrads()
        loss.backward()
        optimizer.update()
        return loss.array

    return step


def _inference(model: Any, x: np.ndarray) -> Step:
    def step() -> Any:
        with chaingrad.no_backprop_mode(), chaingrad.using_config('train', False):
            return model(x).array.mean()

    return step


def _linear(W: np.ndarray, b: np.ndarray) -> L.Linear:
    return L.Linear(W.shape[1], W.shape[0], initialW=W, initial_bias=b)


def _convolution(W: np.ndarray, b: np.ndarray, pad: int = 0) -> L.Convolution2D:
    return L.Convolution2D(W.shape[1], W.shape[0], W.shape[2], pad=pad, initialW=W, initial_bias=b)


def _mlp() -> tuple[Any, np.ndarray, np.ndarray]:
    x, t, layers = data.mlp()
    first, second, last = [_linear(*layer) for layer in layers]
    return chaingrad.Sequential(first, F.relu, second, F.relu, last), x, t


def _train_mlp() -> Step:
    model, x, t = _mlp()
    return _training(model, optimizers.Adam(data.ADAM_ALPHA), lambda: F.softmax_cross_entropy(model(x), t))


def cnn(batch: int) -> Step:
    """Return a step of training the CNN of W5."""
    x, t, convolutions, dense = data.cnn(batch)
    first, second = [_convolution(*layer) for layer in convolutions]
    hidden, last = [_linear(*layer) for layer in dense]

    def pooled(h: Any) -> Any:
        return F.max_pooling_2d(F.relu(h), 2)

    model = chaingrad.Sequential(first, pooled, second, pooled, hidden, F.relu, last)
    optimizer = optimizers.MomentumSGD(data.CNN_LR, data.MOMENTUM)
    return _training(model, optimizer, lambda: F.softmax_cross_entropy(model(x), t))


def _vgg(batch: int = data.VGG_BATCH) -> tuple[Any, np.ndarray, np.ndarray]:
    x, t, convolutions, dense = data.vgg(batch)
    layers: list[Any] = []
    for i, (W, b) in enumerate(convolutions):
        layers += [_convolution(W, b, 1), L.BatchNormalization(len(W), data.VGG_DECAY, data.VGG_EPS), F.relu]
        if i in (1, 3):
            layers.append(lambda h: F.max_pooling_2d(h, 2))
    hidden, last = [_linear(*layer) for layer in dense]
    return chaingrad.Sequential(*layers, hidden, F.relu, last), x, t


def train_vgg(batch: int = data.VGG_BATCH) -> Step:
    """Return a step of training the VGG block of W6."""
    model, x, t = _vgg(batch)
    return _training(model, optimizers.Adam(data.ADAM_ALPHA), lambda: F.softmax_cross_entropy(model(x), t))


def _interleaved(gates: np.ndarray) -> np.ndarray:
    """Return rows of i, f, a, o, one gate after another, as LSTM has them: a, i, f, o of each unit."""
    i, f, a, o = np.split(gates, 4)
    return np.stack([a, i, f, o], 1).reshape(gates.shape)


def _cell(W: np.ndarray, W_h: np.ndarray, b: np.ndarray) -> L.LSTM:
    cell = L.LSTM(data.UNITS, data.UNITS)
    cell.upward.W.array[...] = _interleaved(W)
    cell.lateral.W.array[...] = _interleaved(W_h)
    cell.upward.b.array[...] = _interleaved(b)
    return cell


def _language_model() -> Step:
    words, embedding, cells, last = data.language_model()
    embed, output = L.EmbedID(data.WORDS, data.UNITS, initialW=embedding), _linear(*last)
    first, second = [_cell(*cell) for cell in cells]
    model = chaingrad.Sequential(embed, first, second, output)

    def loss_function() -> Any:
        first.reset_state()
        second.reset_state()
        loss = 0
        for x, t in zip(words, words[1:]):
            loss += F.softmax_cross_entropy(output(second(first(embed(x)))), t)
        return loss / data.STEPS

    optimizer = optimizers.SGD(data.LM_LR)
    step = _training(model, optimizer, loss_function)
    optimizer.add_hook(chaingrad.optimizer_hooks.GradientClipping(data.CLIPPING))
    return step


def chain(n: int) -> Step:
    """Return a pass forward and back through n multiplications and n additions."""
    start = data.chain()

    def step() -> Any:
        x = chaingrad.Variable(start)
        y = x
        for _ in range(n):
            y = y * data.CHAIN_FACTOR + data.CHAIN_TERM
        y.grad = start
        y.backward()
        return x.grad.sum()

    return step


class _Block(chaingrad.Chain):
    """Self-attention of several heads and a dense part, each with a shortcut and layer normalization behind it."""

    def __init__(self, layers: list[data.Layer]) -> None:
        super().__init__()
        with self.init_scope():
            self.qkv, self.out, self.inner, self.outer = [_linear(*layer) for layer in layers]
            self.norm1, self.norm2 = L.LayerNormalization(data.WIDTH), L.LayerNormalization(data.WIDTH)

    def forward(self, x: Any) -> Any:
        n, length, width = data.BLOCK_BATCH, data.LENGTH, data.WIDTH
        size = width // data.HEADS
        x = x.reshape(n * length, width)
        q, k, v = F.transpose(F.reshape(self.qkv(x), (n, length, 3, data.HEADS, size)), (2, 0, 3, 1, 4))
        weights = F.softmax(F.matmul(q * size**-0.5, k, transb=True), axis=3)
        h = F.reshape(F.transpose(F.matmul(weights, v), (0, 2, 1, 3)), (n * length, width))
        h = self.norm1(x + self.out(h))
        return self.norm2(h + self.outer(F.relu(self.inner(h))))


def _transformer() -> Step:
    x, t, layers = data.transformer()
    model, t = _Block(layers), t.reshape(-1, data.WIDTH)
    return _training(model, optimizers.SGD(data.BLOCK_LR), lambda: F.mean_squared_error(model(x), t))


def _sequences() -> Step:
    xs, ts, layers = data.sequences()
    model = L.NStepLSTM(data.LAYERS, data.UNITS, data.UNITS, 0)
    for layer, (W, W_h, b) in zip(model, layers):
        for j, part in enumerate([*np.split(W, 4), *np.split(W_h, 4)]):
            getattr(layer, f'w{j}').array[...] = part
        for j, part in enumerate(np.split(b, 4)):
            getattr(layer, f'b{j}').array[...] = part
    target = np.concatenate(ts)

    def loss_function() -> Any:
        *_, ys = model(None, None, xs)
        return F.mean_squared_error(F.concat(ys, 0), target)

    return _training(model, optimizers.SGD(data.SEQUENCE_LR), loss_function)


BUILD: dict[str, Callable[[], Step]] = {
    'W1': small.BUILD['linear'],
    'W2': small.BUILD['regression'],
    'W3': small.BUILD['spiral'],
    'W4': _train_mlp,
    'W5a': lambda: cnn(20),
    'W5b': lambda: cnn(100),
    'W6': train_vgg,
    'W7': _language_model,
    'W8': lambda: chain(2_000),
    'W8L': lambda: chain(20_000),
    'W9': _transformer,
    'W10': _sequences,
    'W4i': lambda: _inference(*_mlp()[:2]),
    'W6i': lambda: _inference(*_vgg()[:2]),
}
