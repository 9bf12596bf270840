"""Promise 4: SIGINT and SIGTERM finish the iteration, save under the usual name and leave within two seconds."""

from __future__ import annotations

import os
import signal
import sys
import time

import numpy as np
import pytest

from chaingrad.training import extensions
from tests.reliability.figures import note, times
from tests.reliability.programs import finish, make_small, start

pytestmark = pytest.mark.skipif(sys.platform == 'win32', reason='Windows has no such signals')
PLACES = ['loop', 'evaluator', 'worker']


def stop(folder, where, number, count=1):
    """Start a program, send the signal when it is at the place, and return seconds, code and errors."""
    process = start('signalled', folder, where, 1_000_000)
    while 'here' not in process.stdout.readline():
        assert process.poll() is None, process.stderr.read()
    if where == 'worker':
        time.sleep(0.6)  # iteration 5 waits for its batch by then
    begin = time.perf_counter()
    for _ in range(count):
        process.send_signal(number)
        time.sleep(0.005)
    _, errors = process.communicate(timeout=30)
    return time.perf_counter() - begin, process.returncode, errors


@pytest.mark.parametrize('where', PLACES)
@pytest.mark.parametrize(('number', 'code'), [(signal.SIGTERM, 143), (signal.SIGINT, -signal.SIGINT)])
def test_a_signal_saves_and_ends(tmp_path, where, number, code):
    seconds = []
    for i in range(times(1, 20)):
        folder = tmp_path / str(i)
        elapsed, found, errors = stop(folder, where, number)
        assert found == code, errors
        assert ('KeyboardInterrupt' in errors) == (number == signal.SIGINT)
        names = [name for name in os.listdir(folder) if name.startswith(('snapshot', '.tmp'))]
        assert len(names) == 1 and names[0].startswith('snapshot_iter_')
        with np.load(folder / names[0]) as file:
            assert int(file['updater/iteration']) == int(names[0].split('_')[-1]) >= 3
        seconds.append(elapsed)
    assert max(seconds) < 2
    name = signal.Signals(number).name
    note(
        f'signals: {name} in the {where}: saved and ended within {max(seconds):.2f} s (limit 2 s, {len(seconds)} times)'
    )


def test_the_second_sigint_leaves_at_once(tmp_path):
    """In an iteration that would not end by itself."""
    trainer, times_slept = make_small(tmp_path, (9, 'iteration')), []

    def sleep(trainer):
        signal.raise_signal(signal.SIGINT)
        times_slept.append(1)
        signal.raise_signal(signal.SIGINT)
        times_slept.append(2)

    trainer.extend(sleep)
    trainer.extend(extensions.snapshot(), trigger=(1, 'iteration'))
    with pytest.raises(KeyboardInterrupt):
        trainer.run()
    assert times_slept == [1] and os.listdir(tmp_path) == []


@pytest.mark.filterwarnings('ignore:snapshot. .* holds another run')
def test_the_previous_handlers_come_back(tmp_path):
    called = []
    before = {
        number: signal.signal(number, lambda *args: called.append(1)) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        mine = [signal.getsignal(number) for number in before]
        for ending in (None, signal.SIGINT, signal.SIGTERM, ZeroDivisionError):
            trainer = make_small(tmp_path, (1, 'iteration'))
            if isinstance(ending, signal.Signals):
                trainer.extend(lambda t, number=ending: signal.raise_signal(number), 'signal')
                trainer.extend(extensions.snapshot())
            elif ending is not None:
                trainer.extend(lambda t: 1 / 0, 'fail')
            try:
                trainer.run(show_loop_exception_msg=False)
            except BaseException as error:
                assert isinstance(error, (KeyboardInterrupt, SystemExit, ZeroDivisionError))
            assert [signal.getsignal(number) for number in before] == mine
        assert called == []
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_stopped_again_and_again_it_ends_as_an_unbroken_one(tmp_path):
    finish('signalled', tmp_path / 'whole', 'loop', 40)
    stopped, code = 0, None
    while code in (None, 143):
        process = start('signalled', tmp_path / 'cut', 'loop', 40)
        process.stdout.readline()
        time.sleep(0.05)
        process.terminate()
        _, errors = process.communicate(timeout=30)
        code = process.returncode
        assert code in (0, 143, -signal.SIGTERM), errors  # the last: it came when the run had ended
        stopped += code == 143
    logs = [(tmp_path / name / 'log').read_text(encoding='utf-8') for name in ('whole', 'cut')]
    without_times = [[line for line in log.splitlines() if 'elapsed_time' not in line] for log in logs]
    assert stopped > 1 and without_times[0] == without_times[1]
    note(f'signals: a run stopped {stopped} times by SIGTERM has the log of an unbroken one')
