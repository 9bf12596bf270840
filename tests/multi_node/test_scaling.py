"""The cost model of docs/several-machines.md: its formulas by hand, and its tables as the page has them."""

from __future__ import annotations

import math

import pytest

from benchmarks.scaling import checking, costs, tables
from benchmarks.scaling.costs import Machine, Network, Work
from tests.source import ROOT

FREE = math.inf


def test_ring_and_tree_by_hand():
    network = Network('', latency=1.0, bandwidth=4.0, adding=8.0)
    # 4 ranks, 16 bytes: 6 messages of 4 bytes each (1 + 1 s), of which 3 are added (0.5 s each)
    assert costs.ring(4, 16, network) == pytest.approx(6 * 2 + 3 * 0.5)
    assert costs.tree(4, 16, network) == pytest.approx(2 * (1 + 4 + 2))
    assert costs.tree(5, 16, network) == pytest.approx(3 * (1 + 4 + 2))
    assert costs.allreduce(4, 16, network) == costs.ring(4, 16, network)
    assert costs.allreduce(4, 1, network) == costs.tree(4, 1, network)
    assert costs.allreduce(1, 16, network) == 0


def test_buckets_travel_one_after_the_other():
    assert costs.queue([1, 2], [3, 1], end=2.5) == 5  # the second waits for the first
    assert costs.queue([1, 9], [3, 1], end=9) == 10
    assert costs.queue([1, 2], [0.1, 0.1], end=4) == 4  # all is hidden


def test_a_step_without_a_network_is_the_computation():
    work = Work('', parameters=10 * costs.BUCKET / 4, flops=10, batch=3, example_bytes=0)
    machine = Machine('', speed=5, overhead=1)
    assert costs.step(work, machine, Network('', 0, FREE, FREE), 8, 3) == pytest.approx(7)
    slow = Network('', latency=1.0, bandwidth=FREE, adding=FREE)
    # 10 buckets of 6 s each (8 ranks, tree: 3 s): the first is ready at 7/3 + 14/30
    assert costs.step(work, machine, slow, 8, 3) == pytest.approx(7 / 3 + 14 / 30 + 30)
    assert costs.step(work, machine, slow, 8, 3, overlaps=False) == pytest.approx(37)


def test_the_slowest_of_one_is_the_mean():
    assert costs.slowest(1, 0.0) == 1
    assert costs.slowest(1, 0.1, 100_000) == pytest.approx(1, abs=2e-3)
    assert costs.slowest(2, 0.1, 100_000) == pytest.approx(1 + 0.1 / math.sqrt(math.pi), abs=2e-3)
    assert 1 < costs.slowest(8, 0.02) < costs.slowest(1024, 0.02) < 1.1


def test_more_ranks_never_pay_more_than_their_number():
    for work in tables.MODELS:
        for machine in tables.MACHINES:
            for network in tables.NETWORKS:
                efficiencies = [tables.weak(work, machine, network, n) for n in (1, *tables.RANKS)]
                assert efficiencies[0] == 1
                assert all(0 < later <= earlier + 1e-12 for earlier, later in zip(efficiencies, efficiencies[1:]))


def test_input_limits_the_speed():
    work = Work('', 1, 1.0, 10, example_bytes=tables.SERVER)
    found = tables.seconds(work, Machine('', 1e9), tables.NETWORKS[1], 4, 10)
    assert found == 40


def test_the_page_has_the_tables():
    page = (ROOT / 'docs' / 'several-machines.md').read_text(encoding='utf-8')
    for table in (tables.weak_table(), tables.strong_table()):
        assert '\n'.join(table) in page


def test_a_step_is_predicted_from_messages_of_other_sizes():
    times = {1000: 1.0, 3000: 2.0}
    assert checking.predict(10.0, times, [2000, 1000]) == 10 + 1.5 + 1
    assert checking.predict(10.0, {}, []) == 10
