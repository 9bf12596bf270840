"""The threads that share the work on large arrays: every part once, errors, settings of NumPy, forks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest

import chaingrad.functions as F
from chaingrad.functions.kernels import clipping, thread_pool
from tests.source import ROOT


@pytest.fixture(autouse=True)
def two_threads():
    before = thread_pool.count()
    thread_pool.use(2)
    yield
    thread_pool.use(before)


def test_parts_cover_the_range_once():
    for length in (1, 2, 3, 7, 1000):
        found = np.zeros(length, int)

        def work(part, found=found):
            found[part] += 1

        thread_pool.split(work, length, 10**9)
        assert (found == 1).all()


def test_several_threads_take_part():
    seen, both = set(), threading.Barrier(2)

    def work(part):
        seen.add(threading.get_ident())
        both.wait(20)

    thread_pool.split(work, 2, 10**9)
    assert len(seen) == 2


def test_small_work_stays_in_its_thread():
    seen = []
    thread_pool.split(lambda part: seen.append((part, threading.get_ident())), 10, 2 * thread_pool.LEAST - 1)
    assert seen == [(slice(0, 10), threading.get_ident())]
    thread_pool.use(1)
    thread_pool.split(lambda part: seen.append(part), 10, 10**9)
    assert seen[1:] == [slice(0, 10)]


def test_the_first_error_is_raised():
    def work(part):
        raise ValueError(f'part {part.start}')

    with pytest.raises(ValueError, match='part'):
        thread_pool.split(work, 4, 10**9)


def test_settings_of_numpy_hold_in_every_thread():
    def work(part):
        np.exp(np.full(2, 1000, np.float32))

    with np.errstate(over='ignore'):
        thread_pool.split(work, 8, 10**9)
    with np.errstate(over='raise'), pytest.raises(FloatingPointError):
        thread_pool.split(work, 8, 10**9)


def test_eight_threads_share_the_helpers():
    wrong = []

    def go(k):
        x, y = np.full(100_000, k, 'f'), np.empty(100_000, 'f')

        def work(part):
            np.multiply(x[part], 2, out=y[part])

        for _ in range(100):
            y[...] = 0
            thread_pool.split(work, x.size, 10**9)
            wrong.extend([k] * int((y != 2 * k).any()))

    users = [threading.Thread(target=go, args=(k,)) for k in range(8)]
    for user in users:
        user.start()
    for user in users:
        user.join()
    assert wrong == []


def run(code, **environment):
    known = {**{k: v for k, v in os.environ.items() if k not in thread_pool.VARIABLES}, 'PYTHONPATH': str(ROOT)}
    command = [sys.executable, '-c', textwrap.dedent(code)]
    done = subprocess.run(command, env={**known, **environment}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_as_many_as_the_blas_has():
    code = 'import json; from chaingrad.functions.kernels import thread_pool; print(json.dumps(thread_pool.count()))'
    assert run(code, OMP_NUM_THREADS='3', OPENBLAS_NUM_THREADS='2') == 3
    assert run(code, OPENBLAS_NUM_THREADS='2') == 2
    assert run(code, OMP_NUM_THREADS='4,2') == 4
    available = len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()
    assert run(code) == run(code, OMP_NUM_THREADS='many') == available


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='fork is for POSIX systems only')
def test_a_forked_process_has_one_thread():
    code = """
        import json, os, threading, warnings
        from chaingrad.functions.kernels import thread_pool

        thread_pool.split(lambda part: None, 2, 10**9)
        read, write = os.pipe()
        warnings.simplefilter('ignore')
        child = os.fork()
        if child == 0:
            seen = []
            thread_pool.split(seen.append, 4, 10**9)
            one = len(seen)
            thread_pool.use(2)
            thread_pool.split(lambda part: None, 4, 10**9)
            os.write(write, json.dumps([one, thread_pool.count()]).encode())
            os._exit(0)
        os.waitpid(child, 0)
        print(os.read(read, 100).decode())
    """
    assert run(code, OMP_NUM_THREADS='2') == [1, 2]


@pytest.mark.parametrize('order', ['plain', 'fortran', 'strided'])
@pytest.mark.parametrize('dtype', ['f', 'd', 'e'])
def test_kernels_give_the_bits_of_one_thread(dtype, order):
    x = np.random.default_rng(0).standard_normal((1000, 801)).astype(dtype)
    x[1, 1:4] = np.nan, np.inf, -np.inf
    x = {'plain': x, 'fortran': np.asfortranarray(x), 'strided': x[:, ::2]}[order]
    gy = x[::-1].copy()
    with np.errstate(invalid='ignore'):
        gradient = gy * (x > 0)
    kernels = {
        'relu': (lambda: clipping.at_least(x, 0), np.maximum(x, 0)),
        'its gradient': (lambda: clipping.rectifier_gradient(x, gy), gradient),
        'sigmoid': (lambda: F.sigmoid(x).array, None),
    }
    for name, (call, expected) in kernels.items():
        with np.errstate(invalid='ignore'):
            found = call()
            thread_pool.use(1)
            alone = call()
            thread_pool.use(2)
        np.testing.assert_array_equal(found, alone, name)
        assert found.dtype == dtype and found.strides == alone.strides
        if expected is not None:
            np.testing.assert_array_equal(found, expected, name)
