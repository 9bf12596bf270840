"""MultithreadIterator, MultiprocessIterator: the same batches as SerialIterator, and nothing hangs or stays behind."""

import copy
import gc
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

from chaingrad.datasets import TransformDataset, TupleDataset
from chaingrad.iterators import (
    MultiprocessIterator,
    MultithreadIterator,
    SerialIterator,
    ShuffleOrderSampler,
    WorkerError,
)
from chaingrad.training.stopping import StopRequest, StopSignals
from tests.source import ROOT
from tests.training.test_iterators_serial import load, save, state
from tests.training.worker_datasets import Augmented, Big, Faulty, OldAugmented, Pids, Unloadable

posix = pytest.mark.skipif(os.name == 'nt', reason='signals of POSIX')
METHODS = multiprocessing.get_all_start_methods()
KINDS = {
    'threads': lambda dataset, size, n=2, **options: MultithreadIterator(dataset, size, n_threads=n, **options),
    'processes': lambda dataset, size, n=2, **options: MultiprocessIterator(dataset, size, n_processes=n, **options),
}


@pytest.fixture(params=METHODS)
def start_method(request):
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method(request.param, force=True)
    yield request.param
    multiprocessing.set_start_method(before, force=True)


@pytest.fixture(params=KINDS)
def parallel(request):
    return KINDS[request.param]


@pytest.fixture(autouse=True)
def nothing_left():
    yield
    gc.collect()
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline and (multiprocessing.active_children() or fetchers()):
        time.sleep(0.01)
    assert not multiprocessing.active_children()
    assert not fetchers()


def fetchers():
    return [thread for thread in threading.enumerate() if thread.name == 'chaingrad-fetch']


def run(iterator, n):
    """Return n batches with the state after each; numbers are drawn in between, as dropout does."""
    return [(repr(iterator.next()), state(iterator), np.random.rand()) for _ in range(n)]


@pytest.mark.parametrize('n', [1, 2, 4])
@pytest.mark.parametrize('options', [{}, {'shuffle': False}, {'sampler': True}], ids=str)
@pytest.mark.parametrize('batch_size', [5, 23, 50])
def test_same_batches_as_serial(parallel, n, options, batch_size):
    """The order is drawn at the same moments too: what the program draws in between does not matter."""

    def make(kind, **more):
        np.random.seed(5)
        chosen = {'order_sampler': ShuffleOrderSampler(np.random.RandomState(1))} if 'sampler' in options else options
        return kind(Augmented(), batch_size, **chosen, **more)

    expected = run(make(SerialIterator), 12)
    with make(parallel, n=n) as iterator:
        assert run(iterator, 12) == expected


def test_same_batches_for_every_start_method(start_method):
    np.random.seed(5)
    expected = run(SerialIterator(Augmented(), 5), 6)
    np.random.seed(5)
    with MultiprocessIterator(Augmented(), 5, n_processes=2) as iterator:
        assert run(iterator, 6) == expected


@pytest.mark.parametrize('n_prefetch', [0, 1, 5])
@pytest.mark.parametrize('repeat', [True, False])
def test_prefetch_and_replaced_workers(n_prefetch, repeat):
    np.random.seed(5)
    serial = SerialIterator(Augmented(), 4, repeat=repeat)
    expected = run(serial, 6)
    np.random.seed(5)
    options = {'n_processes': 2, 'n_prefetch': n_prefetch, 'maxtasksperchild': 3}
    with MultiprocessIterator(Augmented(), 4, repeat, **options) as iterator:
        assert run(iterator, 6) == expected
        if not repeat:
            for _ in range(2):
                with pytest.raises(StopIteration):
                    iterator.next()
            iterator.reset(), serial.reset()
            assert len(list(iterator)) == 6


def test_maxtasksperchild_replaces_processes():
    with MultiprocessIterator(Pids(), 4, n_processes=1, maxtasksperchild=4, shuffle=False) as iterator:
        assert len({*iterator.next(), *iterator.next(), *iterator.next()}) == 3
    with MultiprocessIterator(Pids(), 4, n_processes=2, shuffle=False) as iterator:
        assert len({*iterator.next(), *iterator.next(), *iterator.next()}) == 2


def test_old_augmentation_is_the_same_for_any_number_of_processes():
    def batches(n):
        np.random.seed(5)
        with MultiprocessIterator(OldAugmented(), 5, n_processes=n) as iterator:
            return run(iterator, 6)

    assert batches(1) == batches(3)
    assert len({batch for batch, _, _ in batches(1)}) == 6


@pytest.mark.parametrize('cut', [1, 4, 5, 6])
def test_resume(parallel, cut):
    """Mid-epoch, in another process with another seed, and from a snapshot of SerialIterator."""
    np.random.seed(0)
    serial = SerialIterator(Augmented(), 5)
    with parallel(Augmented(), 5) as iterator:
        np.random.seed(0)
        iterator.reset()
        run(iterator, cut)
        saved, random_state = save(iterator), np.random.get_state()
        expected = run(iterator, 9)
    np.random.seed(0)
    serial.reset()
    run(serial, cut)
    of_serial = save(serial)
    assert {k: v.tolist() for k, v in of_serial.items()} == {k: v.tolist() for k, v in saved.items()}
    np.random.seed(99)
    with parallel(Augmented(), 5) as other:
        other.next()  # what was read ahead must be forgotten
        load(saved, other)
        np.random.set_state(random_state)
        assert run(other, 9) == expected


def test_saving_does_not_disturb_what_is_read_ahead(parallel):
    with parallel(Augmented(), 5) as iterator:
        iterator.next()
        pool = iterator._pool
        save(iterator)
        assert iterator._pool is pool and iterator._pending


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
    assert iterator.current_position == 4  # it has not moved
    if start_method != 'fork':
        return
    # It starts new workers when it is asked again.
    with pytest.raises(WorkerError, match='index 7'):
        iterator.next()
    iterator.reset()
    assert iterator.next() == [0, 1, 2, 3]
    began = time.monotonic()
    iterator.finalize()
    assert time.monotonic() - began < 5


@pytest.mark.parametrize('kind', KINDS)
def test_batches_before_the_one_that_raises_are_given(kind):
    """As SerialIterator does, though the fault has been met while reading ahead."""
    with KINDS[kind](Faulty('raises'), 2, shuffle=False) as iterator:
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
    iterator.next()  # index 7 is being read ahead
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
    """The thread holds the lock of NumPy's generator nearly always; a worker inherits it locked."""
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


def test_closed(parallel):
    iterator = parallel([1, 2, 3], 2)
    iterator.next()
    iterator.finalize()
    with pytest.raises(RuntimeError, match='finalize'):
        iterator.next()
    with pytest.raises(NotImplementedError, match='finalize'):
        iterator.reset()


def test_workers_end_with_the_iterator(parallel):
    iterator = parallel(list(range(9)), 2)
    iterator.next()
    del iterator


@pytest.mark.parametrize(
    ('options', 'words'),
    [
        ({'n_processes': 0}, 'n_processes must be an integer of at least 1, but it is 0'),
        ({'n_prefetch': -1}, 'n_prefetch must be an integer of at least 0, but it is -1'),
        ({'maxtasksperchild': 0.5}, 'maxtasksperchild must be an integer of at least 1, but it is 0.5'),
    ],
)
def test_bad_numbers(options, words):
    with pytest.raises(ValueError, match=words):
        MultiprocessIterator([1], 1, **options)
    with pytest.raises(ValueError, match='n_threads must be an integer of at least 1, but it is 0'):
        MultithreadIterator([1], 1, n_threads=0)


def test_copy_has_workers_of_its_own():
    with MultiprocessIterator(list(range(6)), 2, shuffle=False, n_processes=1) as iterator:
        iterator.next()
        with copy.copy(iterator) as other:
            assert other.next() == [2, 3]
            assert iterator.next() == [2, 3]
        assert iterator.next() == [4, 5]


def test_timeout_warning():
    options = {'shuffle': False, 'n_processes': 1, 'dataset_timeout': 0.1}
    with MultiprocessIterator(Faulty('slow'), 12, **options) as iterator:
        with pytest.warns(MultiprocessIterator.TimeoutWarning, match=r'no batch for 0.1 seconds; .* at index 7'):
            assert iterator.next() == list(range(12))


@posix
@pytest.mark.parametrize('kind', KINDS)
def test_a_signal_ends_the_wait(kind):
    """As in a training loop: what a hanging worker was to fetch is given up."""
    with KINDS[kind](Faulty('hang'), 4, 1, shuffle=False) as iterator:
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
    if kind == 'threads':
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
    """Not even when it is killed; two iterators, since a fork inherits the pipes of the first."""
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


def test_arrays_and_repr(parallel):
    dataset = TupleDataset(np.arange(12.0).reshape(6, 2), np.arange(6))
    with parallel(dataset, 4, shuffle=False) as iterator:
        batch = iterator.next()
        assert type(batch) is list and [int(t) for _, t in batch] == [0, 1, 2, 3]
        np.testing.assert_array_equal(np.stack([x for x, _ in batch]), np.arange(8.0).reshape(4, 2))
        assert 'n_' in repr(iterator) and 'epoch 0, position 4 of 6' in repr(iterator)
