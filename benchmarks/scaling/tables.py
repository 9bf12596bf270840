"""The tables of docs/several-machines.md: 8 to 1,024 ranks, 10 and 100 Gbit/s, three models, two kinds of machines."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.scaling.costs import Machine, Network, Work, slowest, step

NETWORKS = (Network('10 Gbit/s', 30e-6, 1.25e9), Network('100 Gbit/s', 3e-6, 12.5e9))
MODELS = (
    Work('MNIST MLP', 1.8e6, 1.1e7, 100, 784),
    Work('ResNet-50', 25.6e6, 2.46e10, 32, 110e3),
    Work('transformer', 100e6, 6e8 * 512, 8, 2048),
)
MACHINES = (Machine('CPU', 0.5e12), Machine('GPU', 50e12))
RANKS = (8, 16, 32, 64, 128, 256, 512, 1024)
SPREAD = 0.02
SERVER = 2e9
"""Bytes per second that all ranks together read from one file server."""


def seconds(work: Work, machine: Machine, network: Network, n_ranks: int, batch: float) -> float:
    """Return the seconds of a step with stragglers, or of its input where that takes longer."""
    computed = step(work, machine, network, n_ranks, batch) * slowest(n_ranks, SPREAD)
    return max(computed, n_ranks * batch * work.example_bytes / SERVER)


def weak(work: Work, machine: Machine, network: Network, n_ranks: int) -> float:
    """Return the efficiency with the same batch on every rank: the share of n times the speed of one."""
    return seconds(work, machine, network, 1, work.batch) / seconds(work, machine, network, n_ranks, work.batch)


def strong(work: Work, machine: Machine, network: Network, n_ranks: int, total: int) -> float:
    """Return how many times faster n ranks are with one batch that they share."""
    return seconds(work, machine, network, 1, total) / seconds(work, machine, network, n_ranks, total / n_ranks)


def useful(work: Work, machine: Machine, network: Network, total: int) -> tuple[int, float]:
    """Return the largest number of ranks of which doubling from its half gains 20 %, and its gain over one rank."""
    n_ranks, gain = 1, 1.0
    while n_ranks * 2 <= min(1024, total):
        doubled = strong(work, machine, network, n_ranks * 2, total)
        if doubled < 1.2 * gain:
            break
        n_ranks, gain = n_ranks * 2, doubled
    return n_ranks, gain


def weak_table() -> Iterator[str]:
    """Yield the rows of the table of efficiencies."""
    yield '| model, rank | network | ' + ' | '.join(map(str, RANKS)) + ' |'
    yield '|---' * (len(RANKS) + 2) + '|'
    for work in MODELS:
        for machine in MACHINES:
            for network in NETWORKS:
                cells = [f'{100 * weak(work, machine, network, n):.0f} %' for n in RANKS]
                yield f'| {work.name}, {machine.name} | {network.name} | ' + ' | '.join(cells) + ' |'


TOTALS = {'MNIST MLP': 1024, 'ResNet-50': 1024, 'transformer': 256}


def strong_table() -> Iterator[str]:
    """Yield the rows of the table of ranks that pay."""
    yield '| model, rank | joint batch | network | ranks that pay | times faster than one |'
    yield '|---|---|---|---|---|'
    for work in MODELS:
        for machine in MACHINES:
            for network in NETWORKS:
                total = TOTALS[work.name]
                n_ranks, gain = useful(work, machine, network, total)
                yield f'| {work.name}, {machine.name} | {total} | {network.name} | {n_ranks} | {gain:.1f} |'
