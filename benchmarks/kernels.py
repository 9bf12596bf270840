"""Convolution, pooling and normalization against PyTorch, on one thread: `python -m benchmarks.kernels [name ...]`.

Both run in one process, call by call in turn, so that a busy machine slows both. Medians and their ratio are printed.
`first` is the forward pass and the gradients of the weights; `inner` also computes the gradient of the input, as for a
layer inside a network. The arrays of `inner` have the memory layout that a layer returns, with the batch innermost.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS='1', OPENBLAS_NUM_THREADS='1', MKL_NUM_THREADS='1')

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from chaingrad import Variable
from chaingrad.functions import convolution, normalization, pooling
from chaingrad.functions.kernels import layout

try:
    import torch
except ImportError:
    torch = None

ROUNDS = 9
CONVOLUTIONS = {  # n, c, size, o, k, stride, pad, groups
    'digits 8x8': (64, 8, 8, 16, 3, 1, 1, 1),
    'LeNet 1': (20, 1, 28, 16, 5, 1, 0, 1),
    'LeNet 2': (20, 16, 12, 32, 5, 1, 0, 1),
    'CIFAR 1': (100, 3, 32, 32, 3, 1, 1, 1),
    'CIFAR 2': (100, 32, 16, 64, 3, 1, 1, 1),
    '64 channels': (32, 64, 32, 64, 3, 1, 1, 1),
    '256 channels': (32, 256, 8, 256, 3, 1, 1, 1),
    'one image': (1, 64, 32, 64, 3, 1, 1, 1),
    'ResNet stem': (4, 3, 224, 64, 7, 2, 3, 1),
    'stride 2': (16, 64, 32, 128, 3, 2, 1, 1),
    '1x1': (32, 64, 16, 256, 1, 1, 0, 1),
    '4 groups': (32, 64, 16, 64, 3, 1, 1, 4),
    'depthwise': (32, 64, 16, 64, 3, 1, 1, 64),
}
IMAGES = {'small': (100, 16, 24, 24), 'large': (32, 64, 32, 32)}
POOLINGS = {  # name, k, stride, pad
    'max 2x2': ('max', 2, 2, 0),
    'max 3x3 stride 2': ('max', 3, 2, 1),
    'average 2x2': ('average', 2, 2, 0),
    'average all': ('average', 24, 24, 0),
}


def batch_innermost(x: np.ndarray) -> np.ndarray:
    """Return x with the memory layout in which a layer of this package returns it."""
    if x.shape[0] < layout.BATCH_LAST_FROM:
        return x
    return np.moveaxis(layout.batch_last(np, x), -1, 0)


def ours(call: Callable, arrays: list[Any], gy: np.ndarray, differentiable: list[bool]) -> Callable[[], None]:
    def run() -> None:
        xs = [Variable(a) if with_gradient else a for a, with_gradient in zip(arrays, differentiable)]
        y = call(*xs)
        y.grad = gy
        y.backward()

    return run


def theirs(call: Callable, arrays: list[Any], gy: np.ndarray, differentiable: list[bool]) -> Callable[[], None]:
    tensors = [torch.tensor(np.ascontiguousarray(a)) for a in arrays]
    weight = torch.tensor(np.ascontiguousarray(gy))

    def run() -> None:
        xs = [t.detach().requires_grad_(with_gradient) for t, with_gradient in zip(tensors, differentiable)]
        call(*xs).backward(weight)

    return run


def medians(runs: list[Callable[[], None]]) -> list[float]:
    """Return the median milliseconds of each contender; they run in turn."""
    times: list[list[float]] = [[] for _ in runs]
    for round_ in range(ROUNDS + 1):
        for found, run in zip(times, runs):
            start = time.perf_counter()
            run()
            if round_:
                found.append((time.perf_counter() - start) * 1e3)
    return [sorted(found)[ROUNDS // 2] for found in times]


def compare(name: str, call: Callable, call_torch: Callable, arrays: list[Any], differentiable: list[bool]) -> None:
    y = call(*arrays).array
    gy = np.random.default_rng(1).standard_normal(y.shape).astype('f')
    gy = batch_innermost(gy) if layout.is_batch_last(y) else gy
    contenders = [ours(call, arrays, gy, differentiable)]
    if torch is not None:
        expected = call_torch(*[torch.tensor(np.ascontiguousarray(a)) for a in arrays]).numpy()
        np.testing.assert_allclose(y, expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())
        contenders.append(theirs(call_torch, arrays, gy, differentiable))
    found = medians(contenders)
    print(f'{name:32} {found[0]:8.2f} ms', end='')
    print(f'   PyTorch {found[1]:8.2f} ms   ratio {found[0] / found[1]:.2f}' if torch is not None else '', flush=True)


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape).astype('f')


def measure_convolutions() -> None:
    for name, (n, c, size, o, k, stride, pad, groups) in CONVOLUTIONS.items():
        W, b = random(o, c // groups, k, k), random(o)

        def call(x, W, b, stride=stride, pad=pad, groups=groups):
            return convolution.convolution_2d(x, W, b, stride, pad, groups=groups)

        def call_torch(x, W, b, stride=stride, pad=pad, groups=groups):
            return torch.conv2d(x, W, b, stride, pad, 1, groups)

        x = random(n, c, size, size)
        compare(f'convolution {name} first', call, call_torch, [x, W, b], [False, True, True])
        compare(f'convolution {name} inner', call, call_torch, [batch_innermost(x), W, b], [True, True, True])


def measure_poolings() -> None:
    for name, (kind, k, stride, pad) in POOLINGS.items():
        x = random(*IMAGES['small'])

        def call(x, kind=kind, k=k, stride=stride, pad=pad):
            if kind == 'max':
                return pooling.max_pooling_2d(x, k, stride, pad, cover_all=False)
            return pooling.average_pooling_2d(x, k, stride, pad)

        def call_torch(x, kind=kind, k=k, stride=stride, pad=pad):
            if kind == 'max':
                return torch.max_pool2d(x, k, stride, pad)
            return torch.nn.functional.avg_pool2d(x, k, stride, pad)

        compare(f'pooling {name}', call, call_torch, [x], [True])
        compare(f'pooling {name} inner', call, call_torch, [batch_innermost(x)], [True])


def measure_normalizations() -> None:
    for name, shape in IMAGES.items():
        x, gamma, beta = random(*shape), random(shape[1]), random(shape[1])

        def call(x, gamma, beta):
            return normalization.batch_normalization(x, gamma, beta)

        def call_torch(x, gamma, beta):
            return torch.nn.functional.batch_norm(x, None, None, gamma, beta, True, eps=2e-5)

        compare(f'batch normalization {name}', call, call_torch, [x, gamma, beta], [True] * 3)
        compare(f'batch normalization {name} inner', call, call_torch, [batch_innermost(x), gamma, beta], [True] * 3)
    x, gamma, beta = random(512, 512), random(512), random(512)
    compare(
        'layer normalization 512x512',
        normalization.layer_normalization,
        lambda x, gamma, beta: torch.nn.functional.layer_norm(x, (512,), gamma, beta),
        [x, gamma, beta],
        [True] * 3,
    )


MEASUREMENTS = {
    'convolution': measure_convolutions,
    'pooling': measure_poolings,
    'normalization': measure_normalizations,
}


def main(names: list[str]) -> None:
    if torch is not None:
        torch.set_num_threads(1)
    for name in names or MEASUREMENTS:
        MEASUREMENTS[name]()


if __name__ == '__main__':
    main(sys.argv[1:])
