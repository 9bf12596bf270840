"""Faults of iterators with workers: a named error in time; nothing hangs, and no process or thread is left."""

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

from chaingrad.datasets import TransformDataset
from chaingrad.iterators import MultiprocessIterator, MultithreadIterator, WorkerError
from chaingrad.training.stopping import StopRequest, StopSignals
from tests.source import ROOT
from tests.training.conftest import fetchers
from tests.training.worker_datasets import Big, Faulty, OldAugmented, Unloadable

pytestmark = pytest.mark.usefixtures('no_workers_left')
posix = pytest.mark.skipif(os.name == 'nt', reason='signals of POSIX')
METHODS = multiprocessing.get_all_start_methods()


@pytest.mark.parametrize(
    ('fault', 'words'),
    [
        ('raises', ['no such picture', 'LookupError', 'Traceback', 'worker_datasets.py']),
        ('sys_exit', ['SystemExit', 'from the dataset']),
        ('exit', ['exit code 3']),
        ('unpicklable', ['function', 'pickle']),
        pytest.param('kill', ['signal 9 (SIGKILL)', 'memory'], marks=posix),
        pytest.param('segfault', ['signal 11 (SIGSEGV)'], marks=posix),
    ],
)
def test_a_fault_is_named_within_two_seconds(start_method, fault, words):
    iterator = MultiprocessIterator(Faulty(fault), 4, shuffle=False, n_processes=2, n_prefetch=0)
    assert iterator.next() == [0, 1, 2, 3]
    pids = [child.pid for child in multiprocessing.active_children()]
    began = time.monotonic()
    with pytest.raises(WorkerError) as caught:
        iterator.next()
    assert time.monotonic() - began < (4 if fault == 'segfault' else 2)  # the system may write a core file first
    message = str(caught.value)
    assert 'index 7' in message and caught.value.args == (message,)
    assert any(f'process {pid}{end}' in message for pid in pids for end in ' :')
    assert [word for word in words if word not in message] == []
    assert not multiprocessing.active_children()
    assert iterator.current_position == 4  # the position has not changed
    if start_method != 'fork':
        return
    # The next call starts new workers.
    with pytest.raises(WorkerError, match='index 7'):
        iterator.next()
    iterator.reset()
    assert iterator.next() == [0, 1, 2, 3]
    began = time.monotonic()
    iterator.finalize()
    assert time.monotonic() - began < 5


def test_batches_before_the_one_that_raises_are_given(parallel):
    """As in SerialIterator, although the fault occurred while fetching ahead."""
    with parallel(Faulty('raises'), 2, shuffle=False) as iterator:
        given = []
        with pytest.raises(WorkerError):
            while True:
                given += iterator.next()
                time.sleep(0.05)
        assert given == [0, 1, 2, 3, 4, 5]


def test_a_thread_s_fault_is_named():
    with MultithreadIterator(Faulty('raises'), 4, shuffle=False, n_threads=2) as iterator:
        iterator.next()
        with pytest.raises(WorkerError, match=r'index 7 raised LookupError: no such picture') as caught:
            iterator.next()
        assert isinstance(caught.value.__cause__, LookupError)
        assert iterator.current_position == 4


@posix
def test_killed_from_outside():
    with MultiprocessIterator(Faulty('hang'), 12, shuffle=False, n_processes=1) as iterator:
        threading.Timer(
            0.5, lambda: [os.kill(c.pid, signal.SIGKILL) for c in multiprocessing.active_children()]
        ).start()
        began = time.monotonic()
        with pytest.raises(WorkerError, match=r'SIGKILL\) while it fetched the example with index 7'):
            iterator.next()
        assert time.monotonic() - began < 2.5


@posix
def test_killed_while_idle():
    with MultiprocessIterator(list(range(4)), 2, n_prefetch=0, n_processes=1) as iterator:
        iterator.next()
        os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)
        time.sleep(0.1)
        with pytest.raises(WorkerError, match=r'SIGKILL\) while it fetched no example'):
            iterator.next()
        assert len(iterator.next()) == 2


def test_examples_that_cannot_be_unpacked():
    with MultiprocessIterator(Unloadable(), 2, shuffle=False, n_processes=1) as iterator:
        with pytest.raises(WorkerError, match='indices 0, 1 .* ImportError: cannot be imported over there'):
            iterator.next()


@pytest.mark.parametrize('start_method', [m for m in METHODS if m != 'fork'], indirect=True)
def test_a_dataset_that_cannot_be_sent(start_method):
    with MultiprocessIterator(TransformDataset([1, 2], lambda x: x), 1, n_processes=1) as iterator:
        with pytest.raises(WorkerError, match='functions of a module instead of lambdas'):
            iterator.next()


@pytest.mark.parametrize('fault', ['hang', 'ignore_sigterm'])
def test_finalize_ends_busy_workers(fault):
    iterator = MultiprocessIterator(Faulty(fault), 4, shuffle=False, n_processes=2)
    iterator.next()  # index 7 is being fetched ahead
    time.sleep(0.2)
    began = time.monotonic()
    iterator.finalize()
    assert time.monotonic() - began < 5
    iterator.finalize()


def test_big_examples_that_nobody_reads():
    iterator = MultiprocessIterator(Big(), 2, n_processes=2, n_prefetch=2, shuffle=False)
    assert [int(example[0, 0]) for example in iterator.next()] == [0, 1]
    iterator.next()[0][:] = 1  # writable
    iterator.finalize()


@pytest.mark.parametrize('method', [m for m in METHODS if m == 'fork'])
def test_forked_while_another_thread_draws_random_numbers(method):
    """A thread holds the lock of NumPy's generator nearly always, so a forked worker inherits it locked."""
    stop = threading.Event()

    def draw():
        while not stop.is_set():
            np.random.rand(100_000)

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        for _ in range(5):
            with MultiprocessIterator(OldAugmented(), 4, n_processes=2, dataset_timeout=5) as iterator:
                assert len(iterator.next()) == 4
    finally:
        stop.set()
        thread.join()


def test_workers_end_with_the_iterator(parallel):
    iterator = parallel(list(range(9)), 2)
    iterator.next()
    del iterator


def test_timeout_warning():
    options = {'shuffle': False, 'n_processes': 1, 'dataset_timeout': 0.1}
    with MultiprocessIterator(Faulty('slow'), 12, **options) as iterator:
        with pytest.warns(MultiprocessIterator.TimeoutWarning, match=r'no batch for 0.1 seconds; .* at index 7'):
            assert iterator.next() == list(range(12))


@posix
def test_a_signal_ends_the_wait(parallel):
    """As in a training loop: the example that a hanging worker should fetch is given up."""
    with parallel(Faulty('hang'), 4, 1, shuffle=False) as iterator:
        iterator.next()
        with StopSignals() as signals:
            timer = send_sigterm(0.2)
            began = time.monotonic()
            with pytest.raises(StopRequest):
                iterator.next()
            assert time.monotonic() - began < 2
            assert iterator.current_position == 4
            timer.join()
            signals.received = None
    for thread in fetchers():
        thread.name = 'hangs, and is a daemon'


@posix
def test_a_batch_that_comes_soon_is_waited_for():
    with MultiprocessIterator(Faulty('slow'), 4, shuffle=False, n_processes=1, n_prefetch=0) as iterator:
        iterator.next()
        with StopSignals() as signals:
            timer = send_sigterm(0.3)
            assert iterator.next() == [4, 5, 6, 7]
            timer.join()
            signals.received = None


def send_sigterm(seconds):
    timer = threading.Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGTERM))
    timer.start()
    return timer


@posix
@pytest.mark.parametrize(
    ('method', 'ending'),
    [(method, 'os.kill(os.getpid(), signal.SIGKILL)') for method in METHODS]
    + [('fork', ending) for ending in ('sys.exit()', 'raise KeyError', 'os._exit(1)')],
)
def test_workers_do_not_outlive_the_program(tmp_path, method, ending):
    """Not even when it is killed. Two iterators, since the workers of the second inherit the sockets of the first."""
    program = tmp_path / 'program.py'
    program.write_text(
        textwrap.dedent(f"""
        import multiprocessing, os, signal, sys
        from chaingrad.iterators import MultiprocessIterator
        if __name__ == '__main__':
            multiprocessing.set_start_method({method!r})
            train, test = [MultiprocessIterator(list(range(8)), 2, n_processes=2) for _ in range(2)]
            train.next(), test.next(), train.next()
            print(*[child.pid for child in multiprocessing.active_children()], flush=True)
            {ending}
        """),
        encoding='utf-8',
    )
    files = set(os.listdir('/dev/shm')) if os.path.isdir('/dev/shm') else set()
    environment = {**os.environ, 'PYTHONPATH': str(ROOT)}
    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, env=environment, timeout=60, check=False
    )
    pids = [int(pid) for pid in done.stdout.split()]
    assert len(pids) == 4, done.stderr
    deadline = time.monotonic() + 2
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not [pid for pid in pids if alive(pid)]
    if files:
        assert not {name for name in set(os.listdir('/dev/shm')) - files if name.startswith(('psm_', 'pym-', 'pymp-'))}


def alive(pid):
    try:
        with open(f'/proc/{pid}/stat', encoding='utf-8') as file:
            return file.read().rpartition(')')[2].split()[0] != 'Z'
    except FileNotFoundError:
        return False


def test_program_without_guard(tmp_path):
    program = tmp_path / 'program.py'
    program.write_text(
        'import multiprocessing\nfrom chaingrad.iterators import MultiprocessIterator\n'
        "multiprocessing.set_start_method('spawn', force=True)\n"
        'MultiprocessIterator([1, 2], 1, n_processes=1).next()\n',
        encoding='utf-8',
    )
    done = subprocess.run(
        [sys.executable, program],
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, 'PYTHONPATH': str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 1
    assert "guard its own work with `if __name__ == '__main__':`" in done.stderr.splitlines()[-1]
