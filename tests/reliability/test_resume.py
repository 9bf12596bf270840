"""Promise 1: a run that is cut, and goes on in a new process with another seed, equals an unbroken one bit for bit."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.reliability.figures import SOAK, note
from tests.reliability.programs import ITERATORS, OPTIMIZERS, UPDATERS, finish

CUTS = (2, 5, 7)  # in the middle of the first, the second and the third epoch
SHORT = {'SGD': CUTS[:1], 'MomentumSGD': CUTS[2:], 'Adam': CUTS[1:2]}
UNLIKE = ('elapsed', '_log', 'digests')  # the times, and what holds them


@pytest.mark.parametrize('optimizer', OPTIMIZERS)
def test_a_resumed_run_equals_an_unbroken_one(tmp_path, optimizer):
    cuts = CUTS if SOAK else SHORT[optimizer]
    finish('matrix', tmp_path, optimizer, 'whole', 1000, 0)
    for cut in cuts:
        finish('matrix', tmp_path, optimizer, 'first', cut, 0)
        finish('matrix', tmp_path, optimizer, 'second', cut, 99)
    runs = sorted(tmp_path.iterdir())
    assert len(runs) == 2 * len(ITERATORS) * len(UPDATERS)
    compared = 0
    for run in runs:
        whole = dict(np.load(run / 'whole' / 'end'))
        assert int(whole['updater/iteration']) in (7, 14)
        for cut in cuts:
            if int(whole['updater/iteration']) <= cut:
                continue
            resumed = dict(np.load(run / f'cut{cut}' / 'end'))
            assert whole.keys() == resumed.keys()
            different = [
                k for k in whole if not k.endswith(UNLIKE) and 'elapsed' not in k and differ(k, whole, resumed)
            ]
            assert not different, (run.name, cut, different)
            assert log_of(run / 'whole') == log_of(run / f'cut{cut}')
            compared += 1
    note(f'resume, {optimizer}: {compared} resumed runs equal the unbroken ones, bit for bit')


def differ(key, a, b):
    if a[key].dtype == object:  # None
        return b[key].dtype != object
    return a[key].dtype != b[key].dtype or not np.array_equal(a[key], b[key], equal_nan=a[key].dtype.kind == 'f')


def log_of(folder):
    log = json.loads((folder / 'log').read_text(encoding='utf-8'))
    assert log and all('validation/main/loss' in entry for entry in log[1:])
    return [{key: value for key, value in entry.items() if key != 'elapsed_time'} for entry in log]
