"""Promise 5: a worker that fails ends the wait with an error that says which example did it; nothing is left behind."""

from __future__ import annotations

import multiprocessing
import os
import time

import numpy as np
import pytest

from chaingrad.iterators import MultiprocessIterator, MultithreadIterator, SerialIterator
from chaingrad.training.iterators import WorkerError
from tests.reliability.datasets import Augmented, Faulty
from tests.reliability.figures import note, times

METHODS = multiprocessing.get_all_start_methods()
FAULTS = {
    'raises': ['LookupError: no such picture', 'Traceback', 'datasets.py'],
    'kill': ['signal 9 (SIGKILL)', 'process'],
    'exit': ['exit code 3', 'process'],
    'unpicklable': ['pickle', 'function'],
}


@pytest.fixture
def start_method(request):
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method(request.param, force=True)
    yield request.param
    multiprocessing.set_start_method(before, force=True)


def shared_memory():
    """Return the segments that Python programs have made; those of other programs come and go meanwhile."""
    names = os.listdir('/dev/shm') if os.path.isdir('/dev/shm') else []
    return {name for name in names if name.startswith(('psm_', 'pym-', 'pymp-'))}


@pytest.mark.parametrize('start_method', METHODS, indirect=True)
@pytest.mark.parametrize('fault', [fault for fault in FAULTS if os.name != 'nt' or fault != 'kill'])
def test_a_failing_worker_is_named(start_method, fault):
    slowest = 0.0
    before = shared_memory()
    for _ in range(times(1, 10)):
        iterator = MultiprocessIterator(Faulty(fault), 4, shuffle=False, n_processes=2, n_prefetch=0)
        assert [int(example[0]) for example in iterator.next()] == [0, 1, 2, 3]
        begin = time.perf_counter()
        with pytest.raises(WorkerError, match='index 7') as caught:
            iterator.next()
        slowest = max(slowest, time.perf_counter() - begin)
        assert [word for word in FAULTS[fault] if word not in str(caught.value)] == []
        begin = time.perf_counter()
        iterator.finalize()
        assert time.perf_counter() - begin < 5
        assert multiprocessing.active_children() == []
    assert slowest < 2 and not shared_memory() - before
    note(f'workers: {fault} under {start_method}: an error that names the example after {slowest:.2f} s (limit 2 s)')


@pytest.mark.parametrize('start_method', METHODS, indirect=True)
@pytest.mark.parametrize('n', [1, 2, 4])
def test_the_batches_are_those_of_serial_iterator(start_method, n):
    def batches(make):
        np.random.seed(3)
        with make(Augmented(), 5) as iterator:
            return [(repr(iterator.next()), np.random.rand()) for _ in range(9)]

    expected = batches(SerialIterator)
    assert batches(lambda dataset, size: MultiprocessIterator(dataset, size, n_processes=n)) == expected
    assert batches(lambda dataset, size: MultithreadIterator(dataset, size, n_threads=n)) == expected
