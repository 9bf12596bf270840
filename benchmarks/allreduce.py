"""What the exchange of gradients costs, beside mpi4py's plain Allreduce of the same bytes.

    mpiexec -n 2 python -m benchmarks.allreduce [--repetitions 30]

For each model four things are timed in turn, and the medians are printed in ms: one Allreduce of an array of as many
bytes as the model has parameters; a step of Adam without any exchange; the same with `multi_node_mean_grad` after the
backward pass; and the step of `create_multi_node_optimizer`, which sends buckets while the backward pass goes on. The
last columns are what the exchange adds to the step, as a multiple of the plain Allreduce.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import multi_node, optimizers

COLUMNS = ('MB', 'arrays', 'plain', 'step', '+ after', '+ during', 'after/plain', 'during/plain')


def mlp(*sizes: int) -> tuple[Any, Any]:
    """Return a network of linear layers, and inputs for a batch of 64."""
    layers: list[Any] = []
    for n_in, n_out in zip(sizes, sizes[1:]):
        layers += [L.Linear(n_in, n_out), F.relu]
    return chaingrad.Sequential(*layers[:-1]), np.random.randn(64, sizes[0]).astype('f')


def cnn() -> tuple[Any, Any]:
    """Return a convolutional network, and 16 images."""
    model = chaingrad.Sequential(
        L.Convolution2D(3, 32, 3, pad=1), F.relu, L.Convolution2D(32, 64, 3, pad=1), F.relu,
        lambda x: F.max_pooling_2d(x, 4), L.Linear(64 * 8 * 8, 256), F.relu, L.Linear(256, 10),
    )  # fmt: skip
    return model, np.random.randn(16, 3, 32, 32).astype('f')


MODELS: dict[str, Callable[[], tuple[Any, Any]]] = {
    'MLP 784-64-10': lambda: mlp(784, 64, 10),
    'MLP 784-1000-1000-10': lambda: mlp(784, 1000, 1000, 10),
    'MLP 2000-2000-2000-2000': lambda: mlp(2000, 2000, 2000, 2000),
    'MLP of 50 layers of 100': lambda: mlp(*[100] * 51),
    'CNN, 32x32 images': cnn,
}


def seconds(comm: Any, function: Callable[[], Any]) -> float:
    """Return the time of a call that all ranks begin together: that of the slowest."""
    comm.mpi_comm.Barrier()
    start = time.perf_counter()
    function()
    return max(comm.allgather_obj(time.perf_counter() - start))


def contenders(comm: Any, make: Callable[[], tuple[Any, Any]]) -> tuple[dict[str, Callable[[], Any]], list[Any]]:
    """Return what is timed, and the parameters of one of the models."""
    model, x = make()
    t = np.zeros(len(x), 'i')
    dummy = multi_node.create_communicator('dummy', comm.mpi_comm)

    def loss() -> Any:
        return F.softmax_cross_entropy(model(x), t)

    alone, during, after = (
        multi_node.create_multi_node_optimizer(optimizers.Adam(), each).setup(model) for each in (dummy, comm, comm)
    )
    from mpi4py import MPI

    flat = np.zeros(sum(p.size for p in model.params()), 'f')

    def step_after() -> None:
        model.cleargrads()
        loss().backward()
        after.update()

    return {
        'plain': lambda: comm.mpi_comm.Allreduce(MPI.IN_PLACE, flat),
        'step': lambda: alone.update(loss),
        '+ after': step_after,
        '+ during': lambda: during.update(loss),
    }, list(model.params())


def row(comm: Any, make: Callable[[], tuple[Any, Any]], repetitions: int) -> list[str]:
    """Return a row of the table."""
    np.random.seed(0)
    timed, params = contenders(comm, make)
    times: dict[str, list[float]] = {name: [] for name in timed}
    for i in range(repetitions + 3):
        for name, function in timed.items():
            taken = seconds(comm, function)
            if i >= 3:
                times[name].append(taken)
    plain, step, after, during = (1000 * statistics.median(times[name]) for name in timed)
    extra = []
    for name in ('+ after', '+ during'):
        extra.append(statistics.median([1000 * (a - b) for a, b in zip(times[name], times['step'])]))
    size = sum(p.array.nbytes for p in params) / 1e6
    numbers = (plain, step, *extra, extra[0] / plain, extra[1] / plain)
    return [f'{size:.2f}', str(len(params)), *(f'{number:.2f}' for number in numbers)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--repetitions', type=int, default=30)
    options = parser.parse_args()
    comm = multi_node.create_communicator('flat')
    if comm.size == 1:
        raise SystemExit('allreduce: start it with mpiexec -n 2 python -m benchmarks.allreduce')
    if comm.rank == 0:
        print(f'{"":24}' + ''.join(f'{column:>13}' for column in COLUMNS))
    for name, make in MODELS.items():
        cells = row(comm, make, options.repetitions)
        if comm.rank == 0:
            print(f'{name:24}' + ''.join(f'{cell:>13}' for cell in cells), flush=True)


if __name__ == '__main__':
    main()
