"""The cost of the Trainer per step, and `concat_examples` compared with NumPy: `python -m benchmarks.training`.

The step is forward, backward and update of a linear classifier on a batch of 100 MNIST-sized rows (784 float32). It is
timed in a loop by hand, on batches made beforehand and on batches that a fancy index takes from the 60,000 rows, and
in a training with StandardUpdater, SerialIterator, LogReport, PrintReport and ProgressBar at their default intervals.
All take turns in one process, in blocks of a few hundred steps. The table shows medians over the blocks, and medians of
the differences within a turn. The target is for the difference from the loop that takes the same rows, since taking
them is not the Trainer's work.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS='1', OPENBLAS_NUM_THREADS='1', MKL_NUM_THREADS='1')

import argparse
import io
import statistics
import tempfile
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import chaingrad.links as L
from chaingrad import optimizers
from chaingrad.dataset import concat_examples
from chaingrad.datasets import TupleDataset
from chaingrad.iterators import SerialIterator
from chaingrad.training import StandardUpdater, Trainer, extensions

N = 60_000
BATCH_SIZE = 100
STEPS = 300

# Targets: microseconds per step, and the ratio of concat_examples to a fancy index.
ARRAYS_US = 60
TUPLES_US = 150
CONCAT_RATIO = 2.0


def make_optimizer() -> Any:
    np.random.seed(0)
    return optimizers.SGD(0.01).setup(L.Classifier(L.Linear(784, 10)))


def on_ready_batches(x: np.ndarray, t: np.ndarray, steps: int) -> float:
    """Return the seconds of a step on batches made beforehand."""
    optimizer = make_optimizer()
    order = np.random.permutation(N)
    parts = [order[i * BATCH_SIZE :][:BATCH_SIZE] for i in range(steps)]
    batches = [(x[part], t[part]) for part in parts]
    start = time.perf_counter()
    for batch in batches:
        optimizer.update(optimizer.target, *batch)
    return (time.perf_counter() - start) / steps


def by_hand(x: np.ndarray, t: np.ndarray, steps: int) -> float:
    """Return the seconds of a step on batches that are taken from the rows."""
    optimizer = make_optimizer()
    order = np.random.permutation(N)
    start = time.perf_counter()
    for i in range(steps):
        part = order[i * BATCH_SIZE : (i + 1) * BATCH_SIZE]
        optimizer.update(optimizer.target, x[part], t[part])
    return (time.perf_counter() - start) / steps


def with_trainer(dataset: Any, folder: str, steps: int) -> float:
    """Return the seconds of an iteration of a training."""
    updater = StandardUpdater(SerialIterator(dataset, BATCH_SIZE), make_optimizer())
    trainer = Trainer(updater, (steps, 'iteration'), folder)
    trainer.extend(extensions.LogReport())
    trainer.extend(extensions.PrintReport(['epoch', 'main/loss', 'main/accuracy'], out=io.StringIO()))
    trainer.extend(extensions.ProgressBar(out=io.StringIO()))
    start = time.perf_counter()
    trainer.run()
    return (time.perf_counter() - start) / steps


def take_turns(contenders: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Return the microseconds of every round; the first one is not counted."""
    found: dict[str, list[float]] = {name: [] for name in contenders}
    names = list(contenders)
    for i in range(rounds + 1):
        for name in names[i % len(names) :] + names[: i % len(names)]:
            seconds = contenders[name]()
            if i:
                found[name].append(1e6 * seconds)
    return found


def difference(found: dict[str, list[float]], a: str, b: str) -> float:
    return statistics.median(x - y for x, y in zip(found[a], found[b], strict=True))


def measure_overhead(rounds: int) -> list[tuple[str, float, float | None]]:
    rng = np.random.RandomState(0)
    x, t = rng.rand(N, 784).astype('f'), rng.randint(0, 10, N).astype('i')
    tuples = list(zip(x, t, strict=True))
    with tempfile.TemporaryDirectory() as folder:
        found = take_turns(
            {
                'ready': lambda: on_ready_batches(x, t, STEPS),
                'by hand': lambda: by_hand(x, t, STEPS),
                'arrays': lambda: with_trainer(TupleDataset(x, t), folder, STEPS),
                'tuples': lambda: with_trainer(tuples, folder, STEPS),
            },
            rounds,
        )
    median = {name: statistics.median(times) for name, times in found.items()}
    return [
        ('step on batches made beforehand', median['ready'], None),
        ('step on batches taken by a fancy index', median['by hand'], None),
        ('iteration, TupleDataset of arrays', median['arrays'], None),
        ('iteration, list of tuples', median['tuples'], None),
        ('overhead, arrays', difference(found, 'arrays', 'by hand'), ARRAYS_US),
        ('overhead, tuples', difference(found, 'tuples', 'by hand'), TUPLES_US),
        ('overhead over ready batches, arrays', difference(found, 'arrays', 'ready'), None),
        ('overhead over ready batches, tuples', difference(found, 'tuples', 'ready'), None),
    ]


def measure_concat(rounds: int) -> list[tuple[str, float, float | None]]:
    x = np.random.RandomState(0).rand(N, 784).astype('f')
    orders = np.random.RandomState(1)
    parts = [orders.permutation(N)[:BATCH_SIZE] for _ in range(200)]
    batches = [[x[i] for i in part] for part in parts]
    few = x[:1000].copy()
    rows = parts[0] % 1000
    warm = [few[i] for i in rows]
    found = take_turns(
        {
            'index': lambda: timed(lambda part: x[part], parts),
            'concat': lambda: timed(concat_examples, batches),
            'warm index': lambda: timed(few.__getitem__, [rows] * 200),
            'warm concat': lambda: timed(concat_examples, [warm] * 200),
        },
        rounds,
    )
    ratios = [
        statistics.median(a / b for a, b in zip(found[f'{kind}concat'], found[f'{kind}index'], strict=True))
        for kind in ('', 'warm ')
    ]
    return [
        ('fancy index of 100 rows of 784 float32', statistics.median(found['index']), None),
        ('concat_examples of them', statistics.median(found['concat']), None),
        ('ratio', ratios[0], CONCAT_RATIO),
        ('ratio for the same 100 rows in the cache', ratios[1], None),
    ]


def timed(call: Callable[[Any], Any], arguments: list[Any]) -> float:
    start = time.perf_counter()
    for argument in arguments:
        call(argument)
    return (time.perf_counter() - start) / len(arguments)


def main() -> int:
    parser = argparse.ArgumentParser(prog='benchmarks.training', description='The cost of the Trainer per step.')
    parser.add_argument('--rounds', type=int, default=15, help='measurements of each (15)')
    parser.add_argument('--strict', action='store_true', help='exit with status 1 when a target is missed')
    options = parser.parse_args()
    rows = measure_overhead(options.rounds) + measure_concat(options.rounds)
    print(f'{"":44}{"us":>9}{"at most":>9}')
    for name, value, limit in rows:
        word = '' if limit is None else f'{limit:9g}  {"ok" if value <= limit else "MISSED"}'
        print(f'{name:44}{value:9.1f}{word}'.rstrip())
    return int(options.strict and any(limit is not None and value > limit for _, value, limit in rows))


if __name__ == '__main__':
    raise SystemExit(main())
