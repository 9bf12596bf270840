"""The workloads: data and initial weights, the same for every contender, and what is promised for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Workload(NamedTuple):
    """One row of the table.

    Attributes:
        title: description of a step.
        goals: largest promised ratios to PyTorch's time: NumPy only and one thread, `fast` and one thread, `fast` and
            two threads.
    """

    title: str
    goals: tuple[float, float, float]


WORKLOADS = {
    'W1': Workload('Linear(1, 1), SGD', (0.18, 0.18, 0.18)),
    'W2': Workload('1000-100-10, batch 64, SGD', (0.65, 0.65, 0.65)),
    'W3': Workload('spiral 2-10-3, batch 30, SGD', (0.40, 0.40, 0.40)),
    'W4': Workload('MLP 784-1000-1000-10, batch 100, Adam', (1.1, 0.75, 0.75)),
    'W5a': Workload('CNN of LeNet, batch 20, MomentumSGD', (0.9, 0.6, 0.8)),
    'W5b': Workload('CNN of LeNet, batch 100, MomentumSGD', (1.0, 0.8, 0.95)),
    'W6': Workload('VGG block, 64 images of 32x32, Adam', (1.2, 0.8, 0.9)),
    'W7': Workload('LSTM language model, 10,000 words, SGD', (1.0, 0.85, 0.95)),
    'W8': Workload('chain of 2,000 operations', (0.45, 0.45, 0.45)),
    'W8L': Workload('chain of 20,000 operations', (0.45, 0.45, 0.45)),
    'W9': Workload('transformer block, d 128, length 64, SGD', (1.2, 0.95, 1.0)),
    'W10': Workload('NStepLSTM, 20 sequences of 10 to 60, SGD', (0.9, 0.8, 0.9)),
    'W4i': Workload('MLP of W4, inference', (1.1, 0.85, 0.9)),
    'W6i': Workload('VGG block of W6, inference', (1.05, 0.85, 0.9)),
}

MLP_SIZES = (784, 1000, 1000, 10)
MLP_BATCH = 100
ADAM_ALPHA = 1e-4
CNN_LR, MOMENTUM = 0.01, 0.9
VGG_BATCH = 64
VGG_CHANNELS = (3, 64, 64, 128, 128)
VGG_EPS, VGG_DECAY = 2e-5, 0.9
WORDS, UNITS, LAYERS, STEPS, LM_BATCH = 10_000, 200, 2, 35, 20
LM_LR, CLIPPING = 1.0, 5.0
CHAIN_FACTOR, CHAIN_TERM = 0.9999, 1e-4
WIDTH, HEADS, LENGTH, BLOCK_BATCH, INNER = 128, 4, 64, 16, 512
BLOCK_LR = 0.1
SEQUENCES, SEQUENCE_LR = 20, 0.1

Arrays = list[np.ndarray]
Layer = tuple[np.ndarray, np.ndarray]


def _floats(rng: np.random.Generator, *shape: int, scale: float = 1.0) -> np.ndarray:
    return (rng.standard_normal(shape) * scale).astype(np.float32)


def _layer(rng: np.random.Generator, *shape: int) -> Layer:
    """Return W of a shape whose first axis is the outputs', and b of zeros."""
    return _floats(rng, *shape, scale=float(np.prod(shape[1:])) ** -0.5), np.zeros(shape[0], np.float32)


def _dense(rng: np.random.Generator, sizes: Sequence[int]) -> list[Layer]:
    return [_layer(rng, n_out, n_in) for n_in, n_out in zip(sizes, sizes[1:])]


def mlp() -> tuple[np.ndarray, np.ndarray, list[Layer]]:
    """Return images, labels and layers."""
    rng = np.random.default_rng(4)
    x = _floats(rng, MLP_BATCH, MLP_SIZES[0])
    return x, rng.integers(0, 10, MLP_BATCH).astype(np.int32), _dense(rng, MLP_SIZES)


def cnn(batch: int) -> tuple[np.ndarray, np.ndarray, list[Layer], list[Layer]]:
    """Return images, labels, the convolutions and the dense layers."""
    rng = np.random.default_rng(5)
    x, t = _floats(rng, batch, 1, 28, 28), rng.integers(0, 10, batch).astype(np.int32)
    return x, t, [_layer(rng, 6, 1, 5, 5), _layer(rng, 16, 6, 5, 5)], _dense(rng, (256, 64, 10))


def vgg(batch: int = VGG_BATCH) -> tuple[np.ndarray, np.ndarray, list[Layer], list[Layer]]:
    """Return images, labels, the convolutions and the dense layers."""
    rng = np.random.default_rng(6)
    x, t = _floats(rng, batch, 3, 32, 32), rng.integers(0, 10, batch).astype(np.int32)
    convolutions = [_layer(rng, o, c, 3, 3) for c, o in zip(VGG_CHANNELS, VGG_CHANNELS[1:])]
    return x, t, convolutions, _dense(rng, (8192, 256, 10))


def language_model() -> tuple[np.ndarray, np.ndarray, list[Arrays], Layer]:
    """Return words (steps + 1, batch), the embedding, the cells and the output layer.

    A cell has the weights of the input (4 units, units), those of the state, and the biases, each with the rows of the
    gates i, f, a, o one after another.
    """
    rng = np.random.default_rng(7)
    words = rng.integers(0, WORDS, (STEPS + 1, LM_BATCH)).astype(np.int32)
    cells = [[*(_layer(rng, 4 * UNITS, UNITS)[0] for _ in range(2)), _floats(rng, 4 * UNITS)] for _ in range(LAYERS)]
    return words, _floats(rng, WORDS, UNITS, scale=0.1), cells, _layer(rng, WORDS, UNITS)


def transformer() -> tuple[np.ndarray, np.ndarray, list[Layer]]:
    """Return x and t (batch, length, width), and the layers: q, k and v in one, output, and two of the dense part."""
    rng = np.random.default_rng(9)
    x, t = (_floats(rng, BLOCK_BATCH, LENGTH, WIDTH) for _ in range(2))
    shapes = ((3 * WIDTH, WIDTH), (WIDTH, WIDTH), (INNER, WIDTH), (WIDTH, INNER))
    return x, t, [_layer(rng, *shape) for shape in shapes]


def sequences() -> tuple[Arrays, Arrays, list[Arrays]]:
    """Return sequences (length, units), their targets, and the layers, each as the cells of `language_model`."""
    rng = np.random.default_rng(10)
    lengths = rng.integers(10, 61, SEQUENCES)
    xs, ts = ([_floats(rng, length, UNITS) for length in lengths] for _ in range(2))
    layers = [[*(_layer(rng, 4 * UNITS, UNITS)[0] for _ in range(2)), _floats(rng, 4 * UNITS)] for _ in range(LAYERS)]
    return xs, ts, layers


def chain() -> np.ndarray:
    """Return the array at the start of a chain of functions."""
    return np.linspace(0.1, 1, 10, dtype=np.float32)
