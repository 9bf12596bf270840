"""How time and memory grow: `python -m benchmarks.growth [--only TABLE ...]`.

One thread computes unless OMP_NUM_THREADS says otherwise. `--write` puts the tables into docs/performance.md.

Time of a node in chains of 100 to 100,000 operations; time of a sample in batches of 1 to 512 for the models of W5 and
W6; time of attention, softmax and a loop over rows by length; memory against depth. A line that grows in proportion to
its first column has the same last column throughout. Times are the least of several runs.
"""

from __future__ import annotations

import os

os.environ.setdefault('OMP_NUM_THREADS', '1')
os.environ.update(dict.fromkeys(('OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'), os.environ['OMP_NUM_THREADS']))

import argparse
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

import chaingrad.functions as F
from benchmarks.workloads import report, with_chaingrad
from benchmarks.workloads.machine import processor, versions
from chaingrad import Variable, no_backprop_mode

ROUNDS = 5
LEAST_SECONDS = 0.1
CHAINS = (100, 1_000, 10_000, 100_000)
BATCHES = (1, 8, 64, 512)
LENGTHS = (16, 64, 256, 1024)
DEPTHS = (1, 4, 16, 64)
HEADS, SIZE = 8, 32
ROWS, WIDTH = 1024, 1024

Table = tuple[str, list[str], Iterator[list[Any]]]
Share = Callable[[float, int], str]


def least(step: Callable[[], Any]) -> float:
    """Return the seconds of a step: the least of several runs, each of at least a tenth of a second or one step."""
    step()
    found = []
    for _ in range(ROUNDS):
        steps = 0
        start = time.perf_counter()
        while not steps or time.perf_counter() - start < LEAST_SECONDS / ROUNDS:
            step()
            steps += 1
        found.append((time.perf_counter() - start) / steps)
    return min(found)


def timed(
    title: str, head: list[str], build: Callable[[int], Callable[[], Any]], sizes: Sequence[int], share: Share
) -> Table:
    """Return the table of a step by size; `share` makes the last column from the seconds and the size."""

    def rows() -> Iterator[list[Any]]:
        for n in sizes:
            seconds = least(build(n))
            yield [n, f'{1e3 * seconds:.3g}', share(seconds, n)]

    return title, [head[0], 'ms', head[1]], rows()


def chains() -> Table:
    title, head = 'Chains, forward and backward', ['operations', 'us an operation']
    return timed(title, head, lambda n: with_chaingrad.chain(n // 2), CHAINS, lambda s, n: f'{1e6 * s / n:.2f}')


def batches(build: Callable[[int], Callable[[], Any]], title: str) -> Table:
    return timed(title, ['batch', 'us a sample'], build, BATCHES, lambda s, n: f'{1e6 * s / n:.0f}')


def _attention(length: int) -> Callable[[], Any]:
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal((HEADS, length, SIZE)).astype('f') for _ in range(3)]
    gy = rng.standard_normal((HEADS, length, SIZE)).astype('f')

    def step() -> None:
        q, k, v = [Variable(x) for x in arrays]
        y = F.matmul(F.softmax(F.matmul(q, k, transb=True) * SIZE**-0.5, axis=2), v)
        y.grad = gy
        y.backward()

    return step


def attention() -> Table:
    title = f'Attention, {HEADS} heads of {SIZE}, forward and backward'
    return timed(title, ['length', 'ns a pair'], _attention, LENGTHS, lambda s, n: f'{1e9 * s / (HEADS * n * n):.2f}')


def _rows(n: int) -> Callable[[], Any]:
    x = Variable(np.random.default_rng(0).standard_normal((n, WIDTH)).astype('f'))

    def step() -> None:
        total: Any = 0
        for i in range(n):
            total = total + F.sum(x[i])
        x.cleargrad()
        total.backward()

    return step


def loops() -> Table:
    title = f'A loop that sums each row of {WIDTH}, forward and backward'
    return timed(title, ['rows', 'us a row'], _rows, LENGTHS, lambda s, n: f'{1e6 * s / n:.1f}')


def _softmax(length: int) -> Callable[[], Any]:
    x = np.random.default_rng(0).standard_normal((ROWS, length)).astype('f')

    def step() -> None:
        v = Variable(x)
        y = F.softmax(v)
        y.grad = x
        y.backward()

    return step


def softmax() -> Table:
    title = f'Softmax of {ROWS} rows, forward and backward'
    return timed(title, ['length', 'ns an element'], _softmax, LENGTHS, lambda s, n: f'{1e9 * s / (ROWS * n):.2f}')


def _peak_mib(depth: int, is_training: bool) -> float:
    """Return the most memory that a pass through layers of one width takes, weights and input apart."""
    rng = np.random.default_rng(0)
    W = (rng.standard_normal((WIDTH, WIDTH)) * WIDTH**-0.5).astype('f')
    x = Variable(rng.standard_normal((ROWS, WIDTH)).astype('f'))

    def forward() -> Any:
        y: Any = x
        for _ in range(depth):
            y = F.relu(F.linear(y, W))
        return y

    tracemalloc.start()
    if is_training:
        F.sum(forward()).backward()
    else:
        with no_backprop_mode():
            forward()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def memory() -> Table:
    def rows() -> Iterator[list[Any]]:
        for n in DEPTHS:
            training, inference = _peak_mib(n, True), _peak_mib(n, False)
            yield [n, f'{training:.0f}', f'{inference:.0f}', f'{training / n:.1f}']

    title = f'Peak memory of layers linear and relu, {ROWS} rows of {WIDTH} (4 MiB an array)'
    return title, ['layers', 'training, MiB', 'inference, MiB', 'training, MiB a layer'], rows()


TABLES: dict[str, Callable[[], Table]] = {
    'chains': chains,
    'W5': lambda: batches(with_chaingrad.cnn, 'CNN of W5, a training step'),
    'W6': lambda: batches(with_chaingrad.train_vgg, 'VGG block of W6, a training step'),
    'attention': attention,
    'softmax': softmax,
    'loops': loops,
    'memory': memory,
}


def lines_of(names: Sequence[str]) -> Iterator[str]:
    """Yield the lines of the tables as they are measured, and one on the machine."""
    for name in names:
        title, head, rows = TABLES[name]()
        yield from (f'{title}:', '', f'| {" | ".join(head)} |', f'|{"---:|" * len(head)}')
        for row in rows:
            yield f'| {" | ".join(map(str, row))} |'
        yield ''
    used = versions(('numpy', 'onednn-cpu-gomp', 'numba'))
    yield f'{processor()}; {used}; threads: {os.environ["OMP_NUM_THREADS"]}.'


def main() -> None:
    parser = argparse.ArgumentParser(prog='benchmarks.growth', description='How time and memory grow.')
    parser.add_argument('--only', nargs='+', choices=TABLES, default=list(TABLES), metavar='TABLE')
    parser.add_argument('--write', action='store_true', help='put the tables into docs/performance.md as well')
    options = parser.parse_args()
    lines = []
    for line in lines_of(options.only):
        print(line, flush=True)
        lines.append(line)
    if options.write:
        report.write(lines, 'growth')


if __name__ == '__main__':
    main()
