"""Functions of large arrays, element by element. Several threads share them; the bits do not depend on how many.

tanh stays as it is: NumPy's takes half the time of oneDNN's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.functions.kernels import thread_pool
from chaingrad.functions.kernels.layout import flat
from chaingrad.functions.kernels.twins import with_twin

LARGE = 32_768  # elements from which functions call these kernels
LEAST = 50_000  # elements for each thread that make it pay, where one costs as much as an exponential


def shared(compute: Callable[..., Any], *xs: Array, least: int = thread_pool.LEAST) -> Array | None:
    """Return a new array that `compute(*xs, out)` fills, in parts; None where the arrays have different orders.

    The first array has the shape and dtype of the result. Small work is given to `compute` as a whole.
    """
    y = np.empty_like(xs[0])
    vectors = flat(*xs, y)
    if vectors is None:
        return None

    def work(part: slice) -> None:
        compute(*[vector[part] for vector in vectors])

    thread_pool.split(work, y.size, y.size, least)
    return y


def _sigmoid(x: Array, y: Array) -> None:
    np.negative(x, out=y)
    with np.errstate(over='ignore'):  # where exp overflows, y is 0 to the precision of x
        np.exp(y, out=y)
    y += 1
    np.divide(1, y, out=y)


@with_twin
def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + exp(-x)) of an array of float32 or float64."""
    y = shared(_sigmoid, x, least=LEAST)
    if y is None:
        y = np.empty_like(x)
        _sigmoid(x, y)
    return y
