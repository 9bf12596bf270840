"""The cost model against measured steps, on as many ranks of this machine as were started.

What the model is given: the time of an Allreduce of several sizes, which stands for latency and bandwidth, and the time
that a step takes when all ranks compute at the same time without exchanging anything. Ranks that use all processors
overlap nothing, because messages on one machine are copied by the processors that compute. All is measured in turn, so
that other work on the machine is in every number alike.
"""

from __future__ import annotations

import functools
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.allreduce import MODELS, contenders, seconds

SIZES = (1 << 10, 1 << 14, 1 << 17, 1 << 20, 1 << 22, 1 << 24)
CHECKED = ('MLP 784-1000-1000-10', 'MLP 2000-2000-2000-2000', 'CNN, 32x32 images')


def in_a_row(size: int) -> int:
    """Return how many messages are timed together: that ranks begin together costs time as well, but in a step once."""
    return 2 if size > 1 << 20 else 5


def messages(comm: Any) -> dict[int, Callable[[], Any]]:
    """Return, for each size, some Allreduces in a row."""
    if comm.size == 1:
        return {}
    from mpi4py import MPI

    def exchange(x: Any) -> None:
        for _ in range(in_a_row(x.nbytes)):
            comm.mpi_comm.Iallreduce(MPI.IN_PLACE, x).Wait()

    return {size: functools.partial(exchange, np.zeros(size // 4, 'f')) for size in SIZES}


def predict(step: float, times: dict[int, float], buckets: list[int]) -> float:
    """Return the seconds of a step with buckets of these bytes, from messages of other sizes."""
    return step + sum(float(np.interp(n, list(times), list(times.values()))) for n in buckets)


def check(comm: Any, repetitions: int) -> list[str]:
    """Return a row for each model: predicted and measured ms of a step, and their ratio."""
    rows = []
    for name in CHECKED:
        np.random.seed(0)
        timed, params = contenders(comm, MODELS[name])
        named = {'step': timed['step'], '+ during': timed['+ during'], **messages(comm)}
        found: dict[Any, list[float]] = {key: [] for key in named}
        for i in range(repetitions + 3):
            for key, function in named.items():
                taken = seconds(comm, function)
                if i >= 3:
                    found[key].append(taken)
        medians = {key: statistics.median(times) for key, times in found.items()}
        times = {size: medians[size] / in_a_row(size) for size in SIZES if size in medians}
        buckets = [sum(p.array.nbytes for p in each.params) for each in comm.layout(params).buckets] if times else []
        predicted, measured = 1000 * predict(medians['step'], times, buckets), 1000 * medians['+ during']
        rows.append(f'| {comm.size} | {name} | {predicted:.1f} | {measured:.1f} | {predicted / measured:.2f} |')
    return rows
