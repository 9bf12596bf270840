"""Fixtures for the tests of iterators with workers."""

import gc
import multiprocessing
import threading
import time

import pytest

from chaingrad.iterators import MultiprocessIterator, MultithreadIterator

KINDS = {
    'threads': lambda dataset, size, n=2, **options: MultithreadIterator(dataset, size, n_threads=n, **options),
    'processes': lambda dataset, size, n=2, **options: MultiprocessIterator(dataset, size, n_processes=n, **options),
}


@pytest.fixture(params=multiprocessing.get_all_start_methods())
def start_method(request):
    """Start processes by each method that the system has."""
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method(request.param, force=True)
    yield request.param
    multiprocessing.set_start_method(before, force=True)


@pytest.fixture(params=KINDS)
def parallel(request):
    """Make an iterator with workers of each kind: (dataset, batch_size, n_workers=2, **options)."""
    return KINDS[request.param]


@pytest.fixture
def no_workers_left():
    """Fail if a process or a thread outlives the test."""
    yield
    gc.collect()
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline and (multiprocessing.active_children() or fetchers()):
        time.sleep(0.01)
    assert not multiprocessing.active_children()
    assert not fetchers()


def fetchers():
    """Return the threads that fetch examples."""
    return [thread for thread in threading.enumerate() if thread.name == 'chaingrad-fetch']
