"""Promise 7: training does not grow."""

from __future__ import annotations

import gc
import json
import os

import pytest

from chaingrad.training import extensions
from tests.reliability.figures import note, times
from tests.reliability.programs import finish, make_small


@pytest.mark.skipif(not os.path.exists('/proc/self/statm'), reason='the size of the process is not told here')
def test_iterations_do_not_grow_the_process(tmp_path):
    n = times(1000, 20_000)
    before, after = json.loads(finish('memory', tmp_path, n))
    note(f'memory: {n:,} iterations of a Trainer grow the process by {(after - before) / 2**20:.2f} MB (limit 1 MB)')
    assert after - before < 2**20


def test_an_iteration_leaves_no_cycle(tmp_path):
    trainer = make_small(tmp_path, (300, 'iteration'))
    trainer.extend(extensions.LogReport(trigger=(1000, 'iteration')))
    counts = []

    def count(trainer):
        if trainer.updater.iteration in (100, 299):
            counts.append(gc.collect())

    gc.collect()
    gc.disable()
    try:
        trainer.extend(count)
        trainer.run()
    finally:
        gc.enable()
    assert counts[1] == 0
