"""A warning to those whose threads wait for each other: the Trainer times its first iterations and a few products.

The products are those of the model's largest parameters with a batch, with all threads and with one, on arrays of their
own: training itself always computes with the same number of threads, so that its bits do not depend on the clock.
Nothing is measured where somebody has chosen the number: by `set_threads` or an environment variable.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chaingrad.autograd.matmul import matmul_array
from chaingrad.functions.kernels import threads

ITERATIONS = 4  # that are timed; the first, in which things are made, does not count
REPEATS = 5
PRODUCTS = 3  # of a layer in an iteration: its output, and the gradients of its input and its weights
LARGEST = 4  # parameters, which take most of the time
MOST_SECONDS = 1.0  # of an iteration that is too long to be one of small arrays

Shape = tuple[int, int, int]  # rows, columns of a and rows of b, columns


class ThreadWatch:
    """Make the iterations of a Trainer, and warn once when one thread would at least halve their time.

    Args:
        clock: returns seconds.
        time_products: returns the seconds that products of some shapes take with each of some numbers of threads.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.perf_counter,
        time_products: Callable[[Sequence[Shape], Sequence[int]], list[float]] | None = None,
    ) -> None:
        self._clock = clock
        self._time_products = time_products or time_all
        self._seconds: list[float] = []
        self._is_over = threads.chosen_by() is not None or threads.blas_threads() == 1

    def update(self, updater: Any) -> None:
        """Make an iteration."""
        if self._is_over:
            updater.update()
            return
        start = self._clock()
        updater.update()
        self._seconds.append(self._clock() - start)
        if len(self._seconds) == ITERATIONS:
            self._is_over = True
            self._judge(updater)

    def _judge(self, updater: Any) -> None:
        seconds = statistics.median(self._seconds[1:])
        shapes = product_shapes(updater)
        if seconds > MOST_SECONDS or not shapes:
            return
        n = threads.blas_threads()
        with_all, with_one = self._time_products(shapes, (n, 1))
        faster = seconds - PRODUCTS * (with_all - with_one)
        if seconds >= 2 * max(faster, 0.0):
            warnings.warn(
                f'Trainer: an iteration takes {seconds * 1e3:.3g} ms with {n} BLAS threads, which wait for each other: '
                f'the products in it take {with_all / with_one:.3g} times as long as with one thread. Call '
                'chaingrad.set_threads(1) at the start of the program, or set OMP_NUM_THREADS=1; '
                f'chaingrad.set_threads({n}) keeps all and stops this warning.',
                stacklevel=5,  # where `Trainer.run` was called
            )


def product_shapes(updater: Any) -> list[Shape]:
    """Return the shapes of the products of a batch with the largest matrices of an updater's models."""
    try:
        rows = int(updater.get_iterator('main').batch_size)
    except (AttributeError, KeyError, TypeError):
        return []
    found = set()
    for optimizer in updater.get_all_optimizers().values():
        for param in optimizer.target.params(include_uninit=False):
            if isinstance(param.array, np.ndarray) and param.ndim >= 2 and param.size:
                found.add((rows, param.size // param.shape[0], param.shape[0]))
    return sorted(found, key=lambda shape: shape[1] * shape[2])[-LARGEST:]


def time_all(shapes: Sequence[Shape], numbers: Sequence[int]) -> list[float]:
    """Return the seconds that products take with each number of threads; the number in force stays as it was."""
    before = threads.blas_threads()
    operands = [(np.ones((m, k), np.float32), np.ones((k, n), np.float32)) for m, k, n in shapes]
    seconds: list[list[float]] = [[] for _ in numbers]
    try:
        for _ in range(REPEATS + 1):
            for n, times in zip(numbers, seconds):
                threads.apply_threads(n)
                start = time.perf_counter()
                for a, b in operands:
                    matmul_array(a, b)
                times.append(time.perf_counter() - start)
    finally:
        threads.apply_threads(before)
    return [statistics.median(times[1:]) for times in seconds]
