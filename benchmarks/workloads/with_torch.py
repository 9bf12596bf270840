"""The workloads as a user of PyTorch writes them, with its fused optimizers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from benchmarks.contenders import with_torch as small
from benchmarks.workloads import data

Step = Callable[[], Any]


def _training(model: Any, optimizer: Any, loss_function: Callable[[], Any], clipping: float | None = None) -> Step:
    def step() -> Any:
        loss = loss_function()
        optimizer.zero_grad()
        loss.backward()
        if clipping is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clipping)
        optimizer.step()
        return loss.detach()

    return step


def _sgd(model: Any, lr: float, momentum: float = 0.0) -> Any:
    return torch.optim.SGD(model.parameters(), lr, momentum, fused=True)


def _adam(model: Any) -> Any:
    return torch.optim.Adam(model.parameters(), data.ADAM_ALPHA, fused=True)


def _inference(model: Any, x: Any) -> Step:
    model.eval()

    def step() -> Any:
        with torch.inference_mode():
            return model(x).mean()

    return step


def _set(parameter: Any, value: np.ndarray) -> None:
    with torch.no_grad():
        parameter.copy_(torch.from_numpy(value))


def _filled(layer: Any, W: np.ndarray, b: np.ndarray) -> Any:
    _set(layer.weight, W)
    _set(layer.bias, b)
    return layer


def _linear(W: np.ndarray, b: np.ndarray) -> Any:
    return _filled(nn.Linear(W.shape[1], W.shape[0]), W, b)


def _convolution(W: np.ndarray, b: np.ndarray, pad: int = 0) -> Any:
    return _filled(nn.Conv2d(W.shape[1], W.shape[0], W.shape[2], padding=pad), W, b)


def _mlp() -> tuple[Any, Any, Any]:
    x, t, layers = data.mlp()
    first, second, last = [_linear(*layer) for layer in layers]
    model = nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), last)
    return model, torch.from_numpy(x), torch.from_numpy(t).long()


def _train_mlp() -> Step:
    model, x, t = _mlp()
    return _training(model, _adam(model), lambda: F.cross_entropy(model(x), t))


def _cnn(batch: int) -> Step:
    images, labels, convolutions, dense = data.cnn(batch)
    x, t = torch.from_numpy(images), torch.from_numpy(labels).long()
    first, second = [_convolution(*layer) for layer in convolutions]
    hidden, last = [_linear(*layer) for layer in dense]
    pooled = [nn.ReLU(), nn.MaxPool2d(2)]
    model = nn.Sequential(first, *pooled, second, *pooled, nn.Flatten(), hidden, nn.ReLU(), last)
    return _training(model, _sgd(model, data.CNN_LR, data.MOMENTUM), lambda: F.cross_entropy(model(x), t))


def _vgg() -> tuple[Any, Any, Any]:
    x, t, convolutions, dense = data.vgg()
    layers: list[Any] = []
    for i, (W, b) in enumerate(convolutions):
        layers += [_convolution(W, b, 1), nn.BatchNorm2d(len(W), data.VGG_EPS, 1 - data.VGG_DECAY), nn.ReLU()]
        if i in (1, 3):
            layers.append(nn.MaxPool2d(2))
    hidden, last = [_linear(*layer) for layer in dense]
    model = nn.Sequential(*layers, nn.Flatten(), hidden, nn.ReLU(), last)
    return model, torch.from_numpy(x), torch.from_numpy(t).long()


def _train_vgg() -> Step:
    model, x, t = _vgg()
    return _training(model, _adam(model), lambda: F.cross_entropy(model(x), t))


class _LanguageModel(nn.Module):
    def __init__(self, embedding: np.ndarray, cells: list[data.Arrays], last: data.Layer) -> None:
        super().__init__()
        self.embed = nn.Embedding(data.WORDS, data.UNITS)
        _set(self.embed.weight, embedding)
        self.cells = nn.ModuleList([nn.LSTMCell(data.UNITS, data.UNITS) for _ in cells])
        for cell, (W, W_h, b) in zip(self.cells, cells):
            _set(cell.weight_ih, W)
            _set(cell.weight_hh, W_h)
            _set(cell.bias_ih, b)
            _set(cell.bias_hh, 0 * b)
            cell.bias_hh.requires_grad_(False)  # the other contenders have one bias
        self.output = _linear(*last)

    def forward(self, words: Any) -> Any:
        states: list[Any] = [None] * len(self.cells)
        loss: Any = 0
        for x, t in zip(words, words[1:]):
            h = self.embed(x)
            for i, cell in enumerate(self.cells):
                states[i] = cell(h, states[i])
                h = states[i][0]
            loss += F.cross_entropy(self.output(h), t)
        return loss / data.STEPS


def _language_model() -> Step:
    words, *parameters = data.language_model()
    model, x = _LanguageModel(*parameters), torch.from_numpy(words).long()
    return _training(model, _sgd(model, data.LM_LR), lambda: model(x), data.CLIPPING)


def _chain(n: int) -> Step:
    start = torch.from_numpy(data.chain())

    def step() -> Any:
        x = start.clone().requires_grad_()
        y = x
        for _ in range(n):
            y = y * data.CHAIN_FACTOR + data.CHAIN_TERM
        y.backward(start)
        return x.grad.sum()

    return step


def _transformer() -> Step:
    arrays, target, (qkv, out, inner, outer) = data.transformer()
    x, t = torch.from_numpy(arrays), torch.from_numpy(target)
    model = nn.TransformerEncoderLayer(data.WIDTH, data.HEADS, data.INNER, dropout=0.0, batch_first=True)
    _set(model.self_attn.in_proj_weight, qkv[0])
    _set(model.self_attn.in_proj_bias, qkv[1])
    for layer, values in ((model.self_attn.out_proj, out), (model.linear1, inner), (model.linear2, outer)):
        _filled(layer, *values)
    return _training(model, _sgd(model, data.BLOCK_LR), lambda: F.mse_loss(model(x), t))


def _sequences() -> Step:
    arrays, targets, layers = data.sequences()
    xs, target = [torch.from_numpy(x) for x in arrays], torch.from_numpy(np.concatenate(targets))
    model = nn.LSTM(data.UNITS, data.UNITS, data.LAYERS)
    for i, (W, W_h, b) in enumerate(layers):
        for name, value in (('weight_ih', W), ('weight_hh', W_h), ('bias_ih', b), ('bias_hh', 0 * b)):
            _set(getattr(model, f'{name}_l{i}'), value)

    def loss_function() -> Any:
        packed, _ = model(nn.utils.rnn.pack_sequence(xs, enforce_sorted=False))
        return F.mse_loss(torch.cat(nn.utils.rnn.unpack_sequence(packed)), target)

    return _training(model, _sgd(model, data.SEQUENCE_LR), loss_function)


BUILD: dict[str, Callable[[], Step]] = {
    'W1': small.BUILD['linear'],
    'W2': small.BUILD['regression'],
    'W3': small.BUILD['spiral'],
    'W4': _train_mlp,
    'W5a': lambda: _cnn(20),
    'W5b': lambda: _cnn(100),
    'W6': _train_vgg,
    'W7': _language_model,
    'W8': lambda: _chain(2_000),
    'W8L': lambda: _chain(20_000),
    'W9': _transformer,
    'W10': _sequences,
    'W4i': lambda: _inference(*_mlp()[:2]),
    'W6i': lambda: _inference(*_vgg()[:2]),
}
