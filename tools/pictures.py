"""The pictures in docs/pictures/: `python -m tools.pictures` draws them anew.

Those of the tutorial are made by its pages; the graphs of docs/seeing.md are drawn here.

python -m tools.pictures [FOLDER]
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from tools import pages

FOLDER = pathlib.Path(__file__).resolve().parent.parent / 'docs' / 'pictures'


class SpiralNet(chaingrad.Chain):
    """Two layers for points of two classes."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(2, 16)
            self.l2 = L.Linear(16, 3)

    def forward(self, x: Any) -> Any:
        return self.l2(F.tanh(self.l1(x)))


class LeNet(chaingrad.Chain):
    """LeNet-5 for digits of 28 x 28 pixels."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.conv1 = L.Convolution2D(1, 6, 5, pad=2)
            self.conv2 = L.Convolution2D(6, 16, 5)
            self.fc3 = L.Linear(400, 120)
            self.fc4 = L.Linear(120, 84)
            self.fc5 = L.Linear(84, 10)

    def forward(self, x: Any) -> Any:
        h = F.max_pooling_2d(F.relu(self.conv1(x)), 2, 2)
        h = F.max_pooling_2d(F.relu(self.conv2(h)), 2, 2)
        return self.fc5(F.relu(self.fc4(F.relu(self.fc3(h)))))


class Recurrent(chaingrad.Chain):
    """A language model: words in, an LSTM, the next word out."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.embed = L.EmbedID(100, 20)
            self.lstm = L.LSTM(20, 30)
            self.out = L.Linear(30, 100)

    def forward(self, word: Any) -> Any:
        return self.out(self.lstm(self.embed(word)))


def loss_of(model: Any, *shape: int) -> Any:
    """Return the loss of a classifier for random data of some shape."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=shape).astype('f')
    t = rng.integers(0, 3, len(x)).astype('i')
    return model(x, t)


def spiral() -> Any:
    """Draw a net of two layers with all values and gradients."""
    np.random.seed(0)
    model = L.Classifier(SpiralNet())
    model.cleargrads()
    loss = loss_of(model, 8, 2)
    loss.backward(retain_grad=True)
    return loss.graph(values=True, grads=True)


def lenet() -> Any:
    """Draw LeNet-5."""
    model = L.Classifier(LeNet())
    return loss_of(model, 4, 1, 28, 28).graph()


def lstm() -> Any:
    """Draw an LSTM over five words."""
    model = L.Classifier(Recurrent())
    words = np.arange(6, dtype='i')
    losses = [model(words[i : i + 1], words[i + 1 : i + 2]) for i in range(5)]
    return F.add(*losses).graph(depth=2)


def resnet50() -> Any:
    """Draw ResNet-50, one box for each group of blocks."""
    model = L.ResNet50Layers(None)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1, 3, 224, 224)).astype('f')
    with chaingrad.using_config('train', False):
        layers = model(x, layers=['fc6'])
    return F.softmax_cross_entropy(layers['fc6'], np.zeros(1, 'i')).graph(depth=1)


PICTURES: dict[str, Callable[[], Any]] = {'spiral': spiral, 'lenet': lenet, 'lstm': lstm, 'resnet50': resnet50}


def main(folder: str | pathlib.Path = FOLDER) -> None:
    """Write all pictures into a folder."""
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        graph = draw()
        graph.save(folder / f'{name}.svg')
        print(f'{name}: {graph!r}')


def tutorial(folder: str | pathlib.Path = FOLDER) -> None:
    """Write the pictures that the pages of the tutorial make into a folder."""
    folder = pathlib.Path(folder).resolve()
    for page in sorted(pages.DOCS.glob('tutorial/*.md')):
        print(f'{page.name}:', *pages.draw(page, folder))


if __name__ == '__main__':
    main(*sys.argv[1:])
    tutorial(*sys.argv[1:])
