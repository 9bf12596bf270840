"""What happens to a run when one rank goes wrong: all end, soon, and the reason is on the screen.

The programs are `faulty.py`. The figures of docs/reliability.md come from here.
"""

from __future__ import annotations

import os
import re
import signal
import time

import pytest

from tests.multi_node.running import needs_mpi, run_ranks

pytestmark = needs_mpi


def run_faulty(kind, folder, *before):
    """Return what is left, and the seconds from the fault to the end."""
    ended = run_ranks(2, *before, '-m', 'tests.multi_node.faulty', kind, folder, CHAINGRAD_MPI_TIME_LIMIT='2')
    now = time.time()
    found = re.search(r'fault at ([\d.]+)', ended.out)
    return ended, now - float(found[1]) if found else None


def test_a_rank_that_raises_ends_all(tmp_path):
    ended, seconds = run_faulty('raise', tmp_path)
    assert ended.code != 0
    assert '[rank 1] ArithmeticError: this rank has gone wrong' in ended.err
    assert re.search(r'\[rank 1\] .*faulty\.py", line \d+, in fault', ended.err)
    assert seconds < 5


@pytest.mark.skipif(not hasattr(signal, 'SIGKILL'), reason='needs SIGKILL')
def test_a_rank_that_is_killed_ends_all(tmp_path):
    ended, seconds = run_faulty('kill', tmp_path)
    assert ended.code != 0
    assert 'EXIT CODE: 9' in ended.out + ended.err
    assert seconds < 5


def test_a_rank_that_exits_with_an_error_ends_all(tmp_path):
    ended, seconds = run_faulty('exit', tmp_path, '-m', 'mpi4py')
    assert ended.code == 3
    assert seconds < 5


def test_a_rank_that_sleeps_is_named(tmp_path):
    """It says which rank waits in what, and where in the program the other one is."""
    ended, seconds = run_faulty('sleep', tmp_path)
    assert ended.code != 0
    assert re.search(r'rank 0 waits for [\d.]+ s in the sum of gradients, bucket 1', ended.err)
    assert 'rank 1 waits for nobody' in ended.err
    assert 'time.sleep(1000)' in ended.err
    assert seconds < 2 + 5


def test_a_rank_that_is_stopped_is_named(tmp_path):
    ended, seconds = run_faulty('stop', tmp_path)
    assert ended.code != 0
    assert 'rank 1 does not answer' in ended.err
    assert seconds < 2 + 5


def test_all_ranks_stop_after_the_same_iteration_and_save(tmp_path):
    """One of them has received SIGTERM."""
    ended, seconds = run_faulty('sigterm', tmp_path)
    assert ended.code == 143
    ends = re.findall(r'rank \d ends after (\d+) iterations', ended.out)
    assert len(ends) == 2
    assert len(set(ends)) == 1
    assert os.listdir(tmp_path) == [f'snapshot_iter_{ends[0]}']
    assert seconds < 5


@pytest.mark.parametrize(
    ('kind', 'text'),
    [
        ('dataset', 'the ranks differ in their dataset: rank 0 has 24 examples, rank 1 has 20 examples'),
        ('model', 'in their model: rank 0 has /predictor/1/W float32 (6, 8); /predictor/1/b float32 (6,), rank 1 has'),
        ('seed', 'in their seed (set_seed): rank 0 has 0, rank 1 has 1'),
        ('optimizer', 'in their optimizer: rank 0 has lr = 0.1, rank 1 has lr = 0.2'),
    ],
)
def test_ranks_that_differ_are_found_before_the_first_step(kind, text, tmp_path):
    ended, _ = run_faulty(kind, tmp_path)
    assert ended.code != 0
    assert text in ended.err
    assert 'ends after 0 iterations' in ended.out
