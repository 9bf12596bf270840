"""The costs of one step: Allreduce by ring and by tree, the queue of buckets, stragglers, and input.

A message of n bytes takes latency + n / bandwidth seconds, and to add n bytes takes n / adding seconds. R ranks sum n
bytes

    in a ring:  2 (R - 1) latency + 2 (R - 1) / R  n / bandwidth + (R - 1) / R  n / adding
    in a tree:  ceil(log2 R) (latency + n / bandwidth + n / adding)

(Thakur, Rabenseifner, Gropp: Optimization of collective communication operations in MPICH, 2005; the tree is recursive
doubling.) MPI takes the faster one for each bucket.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Network(NamedTuple):
    """A network: seconds of latency, and bytes per second of messages and of additions."""

    name: str
    latency: float
    bandwidth: float
    adding: float = 10e9


class Work(NamedTuple):
    """What a rank computes in one step.

    Attributes:
        name: the model.
        parameters: number of float32 parameters.
        flops: floating-point operations of one example, forward and backward.
        batch: examples of one rank in one step.
        example_bytes: bytes that an example takes in a file.
    """

    name: str
    parameters: float
    flops: float
    batch: int
    example_bytes: float


class Machine(NamedTuple):
    """A rank: operations per second, and seconds of each step that do not depend on the batch."""

    name: str
    speed: float
    overhead: float = 5e-4


BUCKET = 4 * 2**20
FORWARD = 1 / 3
"""The share of the forward pass in the time of a step."""


def ring(n_ranks: int, n: float, network: Network) -> float:
    """Return the seconds of a ring Allreduce of n bytes."""
    share = (n_ranks - 1) / n_ranks
    return 2 * (n_ranks - 1) * network.latency + share * n * (2 / network.bandwidth + 1 / network.adding)


def tree(n_ranks: int, n: float, network: Network) -> float:
    """Return the seconds of a recursive-doubling Allreduce of n bytes."""
    return math.ceil(math.log2(n_ranks)) * (network.latency + n / network.bandwidth + n / network.adding)


def allreduce(n_ranks: int, n: float, network: Network) -> float:
    """Return the seconds of the faster one."""
    return 0.0 if n_ranks == 1 else min(ring(n_ranks, n, network), tree(n_ranks, n, network))


def queue(ready: Sequence[float], seconds: Sequence[float], end: float) -> float:
    """Return when a step is over: buckets travel one after the other, each once it is ready, and the pass ends.

    Args:
        ready: when the gradients of each bucket are complete.
        seconds: how long each one travels.
        end: when the backward pass is over.
    """
    free = 0.0
    for moment, duration in zip(ready, seconds):
        free = max(free, moment) + duration
    return max(free, end)


def step(work: Work, machine: Machine, network: Network, n_ranks: int, batch: float, overlaps: bool = True) -> float:
    """Return the seconds of a step without stragglers and input.

    Gradients are complete in proportion to the time of the backward pass, which is two thirds of the computation.
    """
    compute = machine.overhead + work.flops * batch / machine.speed
    n = 4 * work.parameters
    n_buckets = max(1, round(n / BUCKET))
    begin = FORWARD * compute if overlaps else compute
    ready = [begin + (compute - begin) * (i + 1) / n_buckets for i in range(n_buckets)]
    return queue(ready, [allreduce(n_ranks, n / n_buckets, network)] * n_buckets, compute)


def slowest(n_ranks: int, spread: float, repetitions: int = 400) -> float:
    """Return the mean of the largest of n times whose logarithms have a standard deviation of `spread`, over the mean.

    All ranks wait for the slowest. The draws are the same in every call.
    """
    draws = np.random.RandomState(0).standard_normal((repetitions, n_ranks))
    return float(np.exp(spread * draws.max(axis=1)).mean() / math.exp(spread**2 / 2))
