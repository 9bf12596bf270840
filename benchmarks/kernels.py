"""Convolution, pooling, normalization, products and softmax: `python -m benchmarks.kernels [name ...]`.

The contenders are the NumPy kernels, those of oneDNN where it is installed, and PyTorch where it is. They run in one
process, call by call in turn, so that a busy machine slows all. Medians are printed, and their ratios to PyTorch's, on
as many threads as OMP_NUM_THREADS says, by default one. `first` is the forward pass and the gradients of the weights;
`inner` also computes the gradient of the input, as for a layer inside a network. The arrays of `inner` have the memory
order in which a layer returns them: with the batch innermost for NumPy, the channels for oneDNN.
"""

from __future__ import annotations

import os

os.environ.setdefault('OMP_NUM_THREADS', '1')
os.environ.update(dict.fromkeys(('OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'), os.environ['OMP_NUM_THREADS']))

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from chaingrad import Variable, functions, using_config
from chaingrad.backends import intel64
from chaingrad.functions import activation, connection, convolution, normalization, pooling
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


PRODUCTS = {'100x784 1000': (100, 784, 1000), '100x1000 1000': (100, 1000, 1000), '100x256 10': (100, 256, 10)}
ROWS = {'512x512': (512, 512), '1024x128': (1024, 128), '100x10': (100, 10), '700x10000': (700, 10_000)}


def batch_innermost(x: np.ndarray) -> np.ndarray:
    """Return x with the memory order in which a layer returns it that NumPy has computed."""
    if x.ndim < 3 or x.shape[0] < layout.BATCH_LAST_FROM:
        return x
    return np.moveaxis(layout.batch_last(np, x), -1, 0)


def channels_innermost(x: np.ndarray) -> np.ndarray:
    """Return x with the memory order in which a layer returns it that oneDNN has computed."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1) if x.ndim > 2 else x


def ours(call: Callable, arrays: list[Any], differentiable: list[bool], use_ideep: str) -> Callable[[], None]:
    with using_config('use_ideep', use_ideep):
        y = call(*arrays).array
    gy = np.empty_like(y)  # in the memory order of y
    gy[...] = np.random.default_rng(1).standard_normal(y.shape)

    def run() -> None:
        with using_config('use_ideep', use_ideep):
            xs = [Variable(a) if with_gradient else a for a, with_gradient in zip(arrays, differentiable)]
            y = call(*xs)
            y.grad = gy
            y.backward()

    return run


def theirs(call: Callable, arrays: list[Any], differentiable: list[bool]) -> Callable[[], None]:
    tensors = [torch.tensor(np.ascontiguousarray(a)) for a in arrays]
    weight = torch.randn(call(*tensors).shape)

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


def compare(
    name: str,
    call: Callable,
    call_torch: Callable,
    arrays: list[Any],
    differentiable: list[bool],
    is_inner: bool = False,
) -> None:
    """Print the times of all contenders; `is_inner`: the first array comes from another layer."""
    first, *rest = arrays
    contenders = {'NumPy': ours(call, [batch_innermost(first) if is_inner else first, *rest], differentiable, 'never')}
    if intel64.is_ideep_available():
        given = [channels_innermost(first) if is_inner else first, *rest]
        contenders['oneDNN'] = ours(call, given, differentiable, 'auto')
    if torch is not None:
        contenders['PyTorch'] = theirs(call_torch, arrays, differentiable)
        expected = call_torch(*[torch.tensor(np.ascontiguousarray(a)) for a in arrays]).numpy()
        for use_ideep in ('never', 'auto'):
            with using_config('use_ideep', use_ideep):
                y = call(*arrays).array
            np.testing.assert_allclose(y, expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())
    found = dict(zip(contenders, medians(list(contenders.values()))))
    print(f'{name:32}', end='')
    for contender, time_ in found.items():
        ratio = f' {time_ / found["PyTorch"]:4.2f}' if contender != 'PyTorch' and 'PyTorch' in found else ''
        print(f'   {contender} {time_:7.2f} ms{ratio}', end='')
    print(flush=True)


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
        compare(f'convolution {name} inner', call, call_torch, [x, W, b], [True, True, True], True)


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
        compare(f'pooling {name} inner', call, call_torch, [x], [True], True)


def measure_normalizations() -> None:
    for name, shape in IMAGES.items():
        x, gamma, beta = random(*shape), random(shape[1]), random(shape[1])

        def call(x, gamma, beta):
            return normalization.batch_normalization(x, gamma, beta)

        def call_torch(x, gamma, beta):
            return torch.nn.functional.batch_norm(x, None, None, gamma, beta, True, eps=2e-5)

        compare(f'batch normalization {name}', call, call_torch, [x, gamma, beta], [True] * 3)
        compare(f'batch normalization {name} inner', call, call_torch, [x, gamma, beta], [True] * 3, True)
    for name, shape in ROWS.items():
        compare(
            f'layer normalization {name}',
            normalization.layer_normalization,
            lambda x, gamma, beta: torch.nn.functional.layer_norm(x, gamma.shape, gamma, beta),
            [random(*shape), random(shape[1]), random(shape[1])],
            [True] * 3,
        )


def measure_products() -> None:
    for name, (n, k, m) in PRODUCTS.items():
        call_torch = torch.nn.functional.linear if torch is not None else None
        compare(f'linear {name}', connection.linear, call_torch, [random(n, k), random(m, k), random(m)], [True] * 3)
    compare(
        'matmul 64 of 64x32',
        functions.matmul,
        torch and torch.matmul,
        [random(64, 64, 32), random(64, 32, 64)],
        [True] * 2,
    )


def measure_softmax() -> None:
    for name, shape in ROWS.items():
        for function in (activation.softmax, activation.log_softmax):
            call_torch = getattr(torch, function.__name__, None)
            compare(f'{function.__name__} {name}', function, lambda x, f=call_torch: f(x, 1), [random(*shape)], [True])


MEASUREMENTS = {
    'convolution': measure_convolutions,
    'pooling': measure_poolings,
    'normalization': measure_normalizations,
    'product': measure_products,
    'softmax': measure_softmax,
}


def main(names: list[str]) -> None:
    if torch is not None:
        torch.set_num_threads(int(os.environ['OMP_NUM_THREADS']))
    for name in names or MEASUREMENTS:
        MEASUREMENTS[name]()


if __name__ == '__main__':
    main(sys.argv[1:])
