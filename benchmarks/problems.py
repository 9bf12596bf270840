"""The problems that are measured: data, initial weights and steps are the same for every contender."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Problem(NamedTuple):
    """One row of the table.

    Attributes:
        title: description of a step.
        steps: number of steps of one measurement.
        warmup: number of steps before them, not timed.
        target: largest allowed ratio of our time to PyTorch's; None where nothing is promised.
    """

    title: str
    steps: int
    warmup: int
    target: float | None


PROBLEMS = {
    'linear': Problem('Linear(1, 1): forward, MSE, backward, SGD', 1000, 50, 0.30),
    'spiral': Problem('2-10-3 sigmoid, batch 30, cross entropy, SGD', 500, 30, 0.5),
    'regression': Problem('64 x 1000-100-10 ReLU, MSE, SGD', 100, 10, 0.8),
    'sin_2000': Problem('y = sin(y), 2,000 times, and backward', 4, 1, 0.5),
    'sin_20000': Problem('y = sin(y), 20,000 times, and backward', 1, 1, 0.5),
    'mul_2000': Problem('y = y * c, 2,000 times, and backward', 4, 1, 0.5),
    'mul_20000': Problem('y = y * c, 20,000 times, and backward', 1, 1, 0.5),
}

# Largest allowed ratio of the time of 20,000 nodes to that of 2,000.
GROWTH = 12
# Largest allowed milliseconds of `import chaingrad` when NumPy is loaded already.
IMPORT_MS = 60

LINEAR_LR = 1e-4
SPIRAL_LR = 1.0
REGRESSION_LR = 0.01
CHAIN_FACTOR = 0.9999


def _weights(rng: np.random.Generator, *sizes: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return W of shape (out, in) and b for each layer."""
    layers = []
    for n_in, n_out in zip(sizes, sizes[1:]):
        W = rng.standard_normal((n_out, n_in)) / n_in**0.5
        layers.append((W.astype(np.float32), np.zeros(n_out, np.float32)))
    return layers


def linear() -> tuple[Any, ...]:
    """Return x, t and the layer of the smallest network: y = 2x from one point."""
    x = np.array([[1.5]], np.float32)
    t = np.array([[3.0]], np.float32)
    return x, t, [(np.array([[0.5]], np.float32), np.zeros(1, np.float32))]


def regression() -> tuple[Any, ...]:
    """Return a batch of 64 random vectors, random targets and the layers."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal((64, 1000)).astype(np.float32)
    t = rng.standard_normal((64, 10)).astype(np.float32)
    return x, t, _weights(rng, 1000, 100, 10)


def spiral() -> tuple[Any, ...]:
    """Return a batch of 30 points on three arms, their labels and the layers."""
    rng = np.random.default_rng(2)
    t = rng.integers(0, 3, 30).astype(np.int32)
    radius = rng.uniform(0.1, 1, 30)
    angle = 4 * radius + 4 * t + rng.normal(scale=0.2, size=30)
    x = np.stack([radius * np.sin(angle), radius * np.cos(angle)], 1).astype(np.float32)
    return x, t, _weights(rng, 2, 10, 3)


def chain() -> np.ndarray:
    """Return the array at the start of a chain of functions."""
    return np.linspace(0.1, 1, 16, dtype=np.float32)
