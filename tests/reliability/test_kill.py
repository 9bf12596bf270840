"""Promise 2: killed with SIGKILL at random moments while it saves 10 MB in every iteration, a run loses nothing."""

from __future__ import annotations

import os
import random
import signal
import sys
import time

import pytest

from tests.reliability.figures import note, times
from tests.reliability.programs import finish, start

pytestmark = pytest.mark.skipif(sys.platform == 'win32', reason='Windows has no SIGKILL')


N_RETAINS = 2  # in the program


def temporary_files(folder):
    return [name for name in os.listdir(folder) if name.startswith('.tmp')] if folder.exists() else []


def complete_files(folder):
    return [name for name in os.listdir(folder) if not name.startswith('.tmp')] if folder.exists() else []


def wait_for_a_new_name(folder):
    before, deadline = set(os.listdir(folder)), time.monotonic() + 60
    while not set(os.listdir(folder)) - before and time.monotonic() < deadline:
        pass


def test_the_newest_snapshot_is_always_readable(tmp_path):
    n, moments = times(6, 200), random.Random(0)
    folder, reached, unreadable, half_written, left = tmp_path / 'out', [], 0, 0, 0
    for i in range(n):
        n_complete = len(complete_files(folder))
        process = start('snapshots', folder, 1_000_000)
        first = process.stdout.readline()  # the first iteration after the resume has begun
        left += len([name for name in temporary_files(folder) if f'-{process.pid}-' not in name])
        if i % 2:
            time.sleep(moments.random() * 0.6)
        else:  # while the next file is written
            wait_for_a_new_name(folder)
            time.sleep(moments.random() * 0.02)
        while not complete_files(folder) and process.poll() is None:  # on a busy machine
            wait_for_a_new_name(folder)
        process.kill()
        _, errors = process.communicate()
        assert process.returncode == -signal.SIGKILL, errors
        # `-W error`: a warning that a damaged file was passed over would end the program too.
        unreadable += first == '' or not all(line.startswith('Trainer: goes on') for line in errors.splitlines())
        reached.append(int(first or 0))
        half_written += bool(temporary_files(folder))
        # An old file is removed after the new one is complete: a kill in between leaves one file too many.
        assert len(complete_files(folder)) <= max(n_complete, N_RETAINS) + 1
        # One temporary file is the snapshot's, one that of the program's own call of `save_npz`.
        assert len(temporary_files(folder)) <= 2
    out = finish('snapshots', folder, 1)
    newest = int(out.split()[1])
    assert out.startswith('loaded ') and newest >= reached[-1] - 1
    assert unreadable == left == 0 and temporary_files(folder) == []
    finish('snapshots', folder, newest + 1)  # the next save removes the files that are too many
    assert sorted(os.listdir(folder)) == sorted([f'snapshot_iter_{newest}', f'snapshot_iter_{newest + 1}'])
    assert all(a <= b for a, b in zip(reached, reached[1:]))
    note(
        f'kill: {n} times SIGKILL, {half_written} of them while a file was written; {unreadable} unreadable newest '
        f'snapshots, {left} temporary files left after the next start, iteration {out.split()[1]} reached'
    )
