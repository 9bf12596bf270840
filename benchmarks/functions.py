"""Functions compared with PyTorch, forward and backward: `python -m benchmarks.functions [part of a name ...]`.

Both run in one process with one thread, in blocks of a few milliseconds and in turn, so that a busy machine slows both.
Medians and their ratio are printed. The values must agree. Small arrays show the cost of a node, large ones that of a
kernel.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS='1', OPENBLAS_NUM_THREADS='1', MKL_NUM_THREADS='1')

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

try:
    import torch
    from torch import nn
    from torch.nn import functional as TF
except ImportError as error:
    raise SystemExit('benchmarks.functions needs PyTorch: pip install torch') from error

import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import Variable

ROUNDS = 9
BLOCK_S = 0.004
SIZES = ((4, 4), (100, 100), (256, 1024))
SEQUENCES = ((1, 20, 32), (1, 20, 256), (32, 20, 128))  # batch, steps, units

# The name, our function, PyTorch's, and the arrays: x and z of the same shape, p positive, row of the length of the
# last axis, W (64, n), t labels, ids of rows, bits 0 and 1. Integers are constants in both.
ROWS: list[tuple[str, Callable, Callable, str]] = [
    ('add', lambda x, z: x + z, lambda x, z: x + z, 'x z'),
    ('multiply', lambda x, z: x * z, lambda x, z: x * z, 'x z'),
    ('divide', lambda x, p: x / p, lambda x, p: x / p, 'x p'),
    ('add a row', lambda x, row: x + row, lambda x, row: x + row, 'x row'),
    ('square', lambda x: x**2, lambda x: x**2, 'x'),
    ('exp', F.exp, torch.exp, 'x'),
    ('log', F.log, torch.log, 'p'),
    ('tanh', F.tanh, torch.tanh, 'x'),
    ('sigmoid', F.sigmoid, torch.sigmoid, 'x'),
    ('relu', F.relu, torch.relu, 'x'),
    ('leaky_relu', F.leaky_relu, lambda x: TF.leaky_relu(x, 0.2), 'x'),
    ('elu', F.elu, TF.elu, 'x'),
    ('softplus', F.softplus, TF.softplus, 'x'),
    ('clip', lambda x: F.clip(x, -1.0, 1.0), lambda x: torch.clamp(x, -1, 1), 'x'),
    ('where', lambda bits, x, z: F.where(bits > 0, x, z), lambda bits, x, z: torch.where(bits > 0, x, z), 'bits x z'),
    ('sum', F.sum, torch.sum, 'x'),
    ('mean of rows', lambda x: F.mean(x, axis=1), lambda x: x.mean(1), 'x'),
    ('max of rows', lambda x: F.max(x, axis=1), lambda x: x.amax(1), 'x'),
    ('softmax', F.softmax, lambda x: torch.softmax(x, 1), 'x'),
    ('log_softmax', F.log_softmax, lambda x: torch.log_softmax(x, 1), 'x'),
    ('softmax_cross_entropy', F.softmax_cross_entropy, lambda x, t: TF.cross_entropy(x, t.long()), 'x t'),
    (
        'sigmoid_cross_entropy',
        F.sigmoid_cross_entropy,
        lambda x, bits: TF.binary_cross_entropy_with_logits(x, bits.float()),
        'x bits',
    ),
    ('mean_squared_error', F.mean_squared_error, TF.mse_loss, 'x z'),
    ('layer_normalization', F.layer_normalization, lambda x, row, s: TF.layer_norm(x, row.shape, row, s), 'x row row'),
    (
        'batch_normalization',
        F.batch_normalization,
        lambda x, row, s: TF.batch_norm(x, None, None, row, s, True, eps=2e-5),
        'x row row',
    ),
    ('concat', lambda x, z: F.concat((x, z)), lambda x, z: torch.cat((x, z), 1), 'x z'),
    ('stack', lambda x, z: F.stack((x, z)), lambda x, z: torch.stack((x, z)), 'x z'),
    ('linear', F.linear, TF.linear, 'x W'),
    ('matmul', lambda x, z: F.matmul(x, z, transb=True), lambda x, z: x @ z.T, 'x z'),
    ('embed_id', F.embed_id, TF.embedding, 'ids x'),
]


def make_arrays(shape: tuple[int, int]) -> dict[str, np.ndarray]:
    """Return the arrays that ROWS names."""
    rng = np.random.default_rng(0)
    n_rows, n = shape
    x, z, row, W = (rng.standard_normal(s).astype('f') for s in (shape, shape, (n,), (64, n)))
    t = rng.integers(0, n, n_rows).astype('i')
    ids = rng.integers(0, n_rows, 50).astype('i')
    bits = rng.integers(0, 2, shape).astype('i')
    return {'x': x, 'z': z, 'p': abs(z) + 0.5, 'row': row, 'W': W, 't': t, 'ids': ids, 'bits': bits}


def our_step(call: Callable, arrays: list[np.ndarray], gy: np.ndarray) -> tuple[Any, Any]:
    """Return the output and the first gradient."""
    xs = [Variable(x) if x.dtype.kind == 'f' else x for x in arrays]
    y = call(*xs)
    y.grad = gy
    y.backward()
    return y.array, next(x.grad for x in xs if isinstance(x, Variable))


def their_step(call: Callable, tensors: list[Any], gy: Any) -> tuple[Any, Any]:
    xs = [x.detach().requires_grad_(x.is_floating_point()) for x in tensors]
    y = call(*xs)
    y.backward(gy)
    return y.detach().numpy(), next(x.grad.numpy() for x in xs if x.requires_grad)


def our_layer(layer: Any, states: int, xs: np.ndarray) -> tuple[Any, ...]:
    *_, ys = layer(*[None] * states, [Variable(x) for x in xs.swapaxes(0, 1)])
    layer.cleargrads()
    F.sum(F.concat(ys, 0)).backward()
    return ()


def their_layer(layer: Any, xs: Any) -> tuple[Any, ...]:
    layer.zero_grad()
    layer(xs.detach().requires_grad_())[0].sum().backward()
    return ()


def steps() -> Iterator[tuple[str, Callable[[], tuple[Any, ...]], Callable[[], tuple[Any, ...]]]]:
    """Yield the name of a row, our step and PyTorch's."""
    for shape in SIZES:
        arrays = make_arrays(shape)
        for name, call, call_torch, names in ROWS:
            xs = [arrays[key] for key in names.split()]
            gy = np.random.default_rng(1).standard_normal(call(*xs).shape).astype('f')
            theirs = partial(their_step, call_torch, [torch.tensor(x) for x in xs], torch.tensor(gy))
            yield f'{name} {"x".join(map(str, shape))}', partial(our_step, call, xs, gy), theirs
    for batch, length, units in SEQUENCES:
        xs = np.random.default_rng(0).standard_normal((length, batch, units)).astype('f')
        for name, link, module, states in (('lstm', L.NStepLSTM, nn.LSTM, 2), ('gru', L.NStepGRU, nn.GRU, 1)):
            title = f'n_step_{name}: {batch} sequences of {length} steps, {units} units'
            ours = partial(our_layer, link(1, units, units, 0), states, xs)
            yield title, ours, partial(their_layer, module(units, units), torch.tensor(xs))


def block(step: Callable[[], Any], repeats: int) -> float:
    """Return the microseconds of one step."""
    start = time.perf_counter()
    for _ in range(repeats):
        step()
    return (time.perf_counter() - start) / repeats * 1e6


def main(parts: list[str]) -> None:
    torch.set_num_threads(1)
    print(f'{"microseconds of forward and backward":50} {"chaingrad":>10} {"PyTorch":>10} {"ratio":>6}')
    for title, ours, theirs in steps():
        if parts and not any(part in title for part in parts):
            continue
        for found, expected in zip(ours(), theirs(), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4 * max(1, np.abs(expected).max()))
        repeats = [max(1, int(BLOCK_S * 1e6 / block(step, 3))) for step in (ours, theirs)]
        times = [(block(ours, repeats[0]), block(theirs, repeats[1])) for _ in range(ROUNDS)]
        a, b = (statistics.median(column) for column in zip(*times, strict=True))
        ratio = statistics.median(a / b for a, b in times)
        print(f'{title:50} {a:10.1f} {b:10.1f} {ratio:6.2f}', flush=True)


if __name__ == '__main__':
    main(sys.argv[1:])
