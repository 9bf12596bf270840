"""`examples/digits.py`, killed at any moment and started again with `--resume`, ends as an unbroken run."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from tests.reliability.figures import note, times
from tests.reliability.programs import ROOT

pytestmark = pytest.mark.skipif(sys.platform == 'win32', reason='Windows has no such signals')


def start(folder, *options):
    command = [
        sys.executable,
        str(ROOT / 'examples' / 'digits.py'),
        '--quick',
        '--resume',
        '--out',
        str(folder),
        *options,
    ]
    environment = {**os.environ, 'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1'}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def result(folder):
    """Return the log without times, and all arrays of the last snapshot but what holds times."""
    log = json.loads((folder / 'log').read_text(encoding='utf-8'))
    arrays = dict(np.load(folder / 'snapshot_epoch_8'))
    kept = {k: a for k, a in arrays.items() if 'elapsed' not in k and not k.endswith(('_log', 'digests'))}
    return [{k: v for k, v in entry.items() if k != 'elapsed_time'} for entry in log], kept


def elapsed(folder):
    """Return the seconds that the log has for the first epoch: they tell one run from another."""
    return json.loads((folder / 'log').read_text(encoding='utf-8'))[0]['elapsed_time']


@pytest.mark.parametrize('number', [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_killed_and_resumed_it_ends_the_same(tmp_path, number):
    whole = start(tmp_path / 'whole')
    _, errors = whole.communicate(timeout=100)
    assert whole.returncode == 0, errors
    kills, resumed, moments = 0, 0, random.Random(int(number))
    for i in range(times(1, 10)):
        folder, first_epochs = tmp_path / f'cut{i}', []
        for _ in range(times(2, 5)):
            process = start(folder)
            for _ in range(moments.randint(1, 5)):  # lines of its table, an epoch each
                process.stdout.readline()
            time.sleep(moments.random() * 0.1)
            process.send_signal(number)
            process.communicate(timeout=100)
            kills += process.returncode != 0
            saved = [name for name in os.listdir(folder) if name.startswith('snapshot')]
            first_epochs += [elapsed(folder)] if saved and (folder / 'log').exists() else []
        process = start(folder)
        _, errors = process.communicate(timeout=100)
        assert process.returncode == 0, errors
        assert not first_epochs or elapsed(folder) == first_epochs[-1]  # it went on; it did not begin anew
        resumed += len(first_epochs)
        (log, arrays), (expected_log, expected) = result(folder), result(tmp_path / 'whole')
        assert log == expected_log and len(log) == 8
        assert arrays.keys() == expected.keys()
        assert [key for key in arrays if not np.array_equal(arrays[key], expected[key])] == []
        assert not [name for name in os.listdir(folder) if name.startswith('.tmp')]
    assert kills > 1 and resumed
    name = signal.Signals(number).name
    note(f'examples/digits.py: ended by {name} {kills} times; the resumed runs end as unbroken ones')
