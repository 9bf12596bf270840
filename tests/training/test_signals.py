"""SIGINT and SIGTERM: the iteration is finished, the run saved, and the resumed run is as an unbroken one."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

from chaingrad.training import extensions, stopping, triggers
from chaingrad.training.iterators import SerialIterator
from tests.training.small import assert_equal_states, data, make_trainer, model_of, state

pytestmark = pytest.mark.skipif(sys.platform == 'win32', reason='Windows has no such signals')


def signal_at(iteration, number, times=1):
    def extension(trainer):
        if trainer.updater.iteration == iteration:
            for _ in range(times):
                signal.raise_signal(number)

    return extension


def test_sigint_finishes_the_iteration_and_saves(tmp_path):
    handlers = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    trainer, after = make_trainer(tmp_path), []
    trainer.extend(signal_at(4, signal.SIGINT))
    trainer.extend(lambda t: after.append(t.updater.iteration), 'after')
    trainer.extend(extensions.snapshot(), trigger=(100, 'iteration'))
    with pytest.raises(KeyboardInterrupt):
        trainer.run()
    assert after == [1, 2, 3, 4] and os.listdir(tmp_path) == ['snapshot_iter_4']
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == handlers
    assert stopping.StopSignals.active is None


def test_sigint_twice_leaves_at_once(tmp_path):
    trainer, finalized = make_trainer(tmp_path), []
    trainer.extend(signal_at(4, signal.SIGINT, times=2))
    trainer.get_extension('extension').finalize = lambda: finalized.append(1)
    trainer.extend(extensions.snapshot(), trigger=(100, 'iteration'))
    with pytest.raises(KeyboardInterrupt):
        trainer.run()
    assert os.listdir(tmp_path) == [] and finalized == [1]


def test_sigterm_is_exit_143(tmp_path):
    trainer = make_trainer(tmp_path)
    trainer.extend(signal_at(2, signal.SIGTERM))
    trainer.extend(extensions.snapshot(writer=extensions.snapshot_writers.ThreadWriter()))
    with pytest.raises(SystemExit) as info:
        trainer.run()
    assert info.value.code == 143 and os.listdir(tmp_path) == ['snapshot_iter_2']


def test_nothing_to_save_with_is_told(tmp_path):
    trainer = make_trainer(tmp_path)
    trainer.extend(signal_at(2, signal.SIGTERM))
    trainer.extend(extensions.snapshot_object(model_of(trainer), 'model'))
    with pytest.warns(UserWarning, match='stopped before its end and nothing was saved.*extensions.snapshot'):
        with pytest.raises(SystemExit):
            trainer.run()
    assert os.listdir(tmp_path) == []


def test_the_best_snapshot_is_not_replaced(tmp_path):
    trainer = make_trainer(tmp_path)
    trainer.extend(signal_at(5, signal.SIGINT))
    trainer.extend(extensions.LogReport(log_name=None))
    trainer.extend(extensions.snapshot(filename='best'), trigger=triggers.MinValueTrigger('main/loss'))
    trainer.extend(extensions.snapshot(filename='last'))
    with pytest.raises(KeyboardInterrupt):
        trainer.run()
    with np.load(tmp_path / 'best') as best, np.load(tmp_path / 'last') as last:
        assert best['updater/iteration'] == 4 and last['updater/iteration'] == 5


def test_a_save_that_fails_is_an_error(tmp_path):
    def full(path, target):
        raise OSError(28, 'No space left on device')

    trainer = make_trainer(tmp_path)
    trainer.extend(signal_at(2, signal.SIGTERM))
    trainer.extend(extensions.snapshot(full), trigger=(100, 'iteration'))
    with pytest.raises(OSError, match='No space left'):
        trainer.run()


def test_other_threads_and_ignored_signals(tmp_path):
    before, seen = signal.getsignal(signal.SIGTERM), []

    def look(trainer):
        seen.append((signal.getsignal(signal.SIGTERM) == before, signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=make_trainer(tmp_path, (1, 'iteration'), [look]).run)
    thread.start()
    thread.join()
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        make_trainer(tmp_path, (1, 'iteration'), [look]).run()
    finally:
        signal.signal(signal.SIGINT, previous)
    assert seen[0][0] and seen[1] == (False, signal.SIG_IGN)


def test_a_signal_while_the_run_ends_is_not_lost(tmp_path):
    trainer = make_trainer(tmp_path, (1, 'iteration'))
    trainer.extend(lambda t: None, 'x')
    trainer.get_extension('x').finalize = lambda: signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        trainer.run()


@pytest.mark.parametrize('at', [0, 2, 5])
def test_an_evaluation_is_broken_off_and_begun_anew(tmp_path, at):
    """The resumed run has the same log and parameters as an unbroken one, although the signal came in an Evaluator."""

    class Slow(extensions.Evaluator):
        batches = 0

        def evaluate(self):
            hooked = self.eval_func

            def function(x, t):
                Slow.batches += 1
                np.random.rand()  # an evaluation that draws
                if Slow.batches - 1 == at:
                    signal.raise_signal(signal.SIGTERM)
                return hooked(x, t)

            self.eval_func = function
            try:
                return super().evaluate()
            finally:
                self.eval_func = hooked

    def make(folder, evaluator):
        trainer = make_trainer(tmp_path / folder, (9, 'iteration'), dropout=0.3)
        model = model_of(trainer)
        iterator = SerialIterator(data(10, 1), 4, repeat=False)
        trainer.extend(evaluator(iterator, model, eval_func=model), name='validation', trigger=(3, 'iteration'))
        trainer.extend(extensions.LogReport(trigger=(3, 'iteration')))
        trainer.extend(extensions.snapshot(autoload=True), trigger=(4, 'iteration'))
        return trainer

    at, wanted = -1, at
    whole = make('whole', Slow)
    whole.run()
    at, Slow.batches = wanted, 0
    first = make('cut', Slow)
    with pytest.raises(SystemExit):
        first.run()
    iteration = 3 if wanted < 3 else 6
    assert first.updater.iteration == iteration and f'snapshot_iter_{iteration}' in os.listdir(tmp_path / 'cut')
    at = -1
    second = make('cut', Slow)
    second.run()
    assert_equal_states(state(whole), state(second))
    logs = [[{**e, 'elapsed_time': 0} for e in t.get_extension('LogReport').log] for t in (whole, second)]
    assert logs[0] == logs[1] and 'validation/main/loss' in logs[0][0]


PROGRAM = """
    import sys, time
    from chaingrad.training import extensions
    from chaingrad.training.iterators import SerialIterator
    from tests.training.small import data, make_trainer, model_of
    folder, where, stop = sys.argv[1:]
    trainer = make_trainer(folder, (int(stop), 'iteration'), dropout=0.5)
    trainer.extend(lambda t: time.sleep(0.01), 'slow')
    trainer.extend(extensions.LogReport(trigger=(5, 'iteration')))
    trainer.extend(extensions.snapshot(autoload=True), trigger=(7, 'iteration'))
    if where == 'evaluator':
        iterator = SerialIterator(data(9, 1), 4, repeat=False)
        slow = lambda x, t: (time.sleep(30), model_of(trainer)(x, t))
        trainer.extend(extensions.Evaluator(iterator, model_of(trainer), eval_func=slow), trigger=(3, 'iteration'))
    trainer.extend(lambda t: print('.', flush=True), 'tell', priority=1000)
    trainer.run()
"""


def start(*arguments, program=PROGRAM):
    return subprocess.Popen(
        [sys.executable, '-c', textwrap.dedent(program), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, 'PYTHONPATH': str(pathlib.Path(__file__).resolve().parents[2])},
    )


@pytest.mark.parametrize(('where', 'number', 'code'), [
    ('loop', signal.SIGTERM, 143), ('loop', signal.SIGINT, -signal.SIGINT), ('evaluator', signal.SIGTERM, 143),
])  # fmt: skip
def test_a_process_saves_and_leaves_within_two_seconds(tmp_path, where, number, code):
    process = start(tmp_path, where, 100_000)
    for _ in range(3):
        process.stdout.readline()
    time.sleep(0.2)
    begin = time.perf_counter()
    process.send_signal(number)
    _, errors = process.communicate(timeout=20)
    assert time.perf_counter() - begin < 2
    assert process.returncode == code, errors
    assert ('KeyboardInterrupt' in errors) == (number == signal.SIGINT)
    names = [name for name in os.listdir(tmp_path) if name.startswith('snapshot')]
    assert names and not [name for name in os.listdir(tmp_path) if 'tmp' in name]


def test_interrupted_again_and_again_it_ends_the_same(tmp_path):
    for folder, delay in (('whole', None), ('cut', 0.05), ('cut', 0.2), ('cut', None)):
        process = start(tmp_path / folder, 'loop', 60)
        process.stdout.readline()
        if delay is not None:
            time.sleep(delay)
            process.terminate()
        process.communicate(timeout=60)
        assert process.returncode == (0 if delay is None else 143)
    logs = [json.loads((tmp_path / folder / 'log').read_text()) for folder in ('whole', 'cut')]
    for log in logs:
        for entry in log:
            del entry['elapsed_time']
    assert logs[0] == logs[1]


KILLED = """
    import sys
    import numpy as np
    from chaingrad.training import Extension, extensions
    from tests.training.small import make_trainer

    class Ballast(Extension):
        values = np.zeros(200_000)

        def __call__(self, trainer):
            self.values[:] = trainer.updater.iteration

        def serialize(self, serializer):
            self.values = serializer('values', self.values)

    trainer = make_trainer(sys.argv[1], (int(sys.argv[2]), 'iteration'))
    trainer.extend(Ballast())
    trainer.extend(extensions.snapshot(n_retains=2, autoload=True), trigger=(1, 'iteration'))
    trainer.extend(lambda t: print(t.updater.iteration, flush=True), 'tell', priority=1000)
    trainer.run()
    assert set(trainer.get_extension('Ballast').values) == {trainer.updater.iteration}
"""


def test_killed_at_any_moment_it_goes_on_from_a_good_file(tmp_path):
    reached, n_complete = [], 0
    for delay, more in ((0.0, 0), (0.013, 0), (0.031, 2)):
        process = start(tmp_path, 10_000, program=KILLED)
        reached.append(int(process.stdout.readline()))
        for _ in range(more):  # when an iteration is told, that before it has been saved, on however slow a machine
            process.stdout.readline()
        time.sleep(delay)
        process.kill()
        _, errors = process.communicate(timeout=60)
        assert all(line.startswith('Trainer: goes on') for line in errors.splitlines()), errors
        assert process.returncode == -signal.SIGKILL
        # An old file is removed after the new one is complete: a kill in between leaves one file too many.
        most = max(n_complete, 2) + 1
        n_complete = len(complete_files(tmp_path))
        assert n_complete <= most and len(os.listdir(tmp_path)) - n_complete <= 1
    # The first iteration of each process is one that the process before had at most begun to save.
    assert reached[0] == 1 and reached == sorted(reached)
    left = complete_files(tmp_path)
    newest = max(int(name.removeprefix('snapshot_iter_')) for name in left)
    # Started once more it removes what is half written and loads; its first save removes the files that are too many.
    assert run_killed_program(tmp_path, 1) == ''
    assert set(os.listdir(tmp_path)) == left
    assert run_killed_program(tmp_path, newest + 1) == f'{newest + 1}\n'
    assert set(os.listdir(tmp_path)) == {f'snapshot_iter_{newest}', f'snapshot_iter_{newest + 1}'}


def run_killed_program(folder, stop):
    process = start(folder, stop, program=KILLED)
    out, errors = process.communicate(timeout=60)
    assert all(line.startswith('Trainer: ') for line in errors.splitlines()) and process.returncode == 0, errors
    return out


def complete_files(folder):
    return {name for name in os.listdir(folder) if not name.startswith('.tmp')}
