"""set_threads: the BLAS library, oneDNN and the environment get the number; without a way to tell them, it says so."""

import os
import subprocess
import sys
import types

import numpy as np
import pytest

import chaingrad
from chaingrad.functions.kernels import threads


@pytest.fixture(autouse=True)
def restored(monkeypatch):
    """Restore the number of threads, the environment and the memory of a choice."""
    before = threads.blas_threads()
    for name in threads.VARIABLES:
        monkeypatch.setenv(name, os.environ.get(name, ''))
    monkeypatch.setattr(threads._Chosen, 'number', None)
    yield
    threads.apply_threads(before)


def run(code, **environment):
    environment = {**{k: v for k, v in os.environ.items() if k not in threads.VARIABLES}, **environment}
    done = subprocess.run([sys.executable, '-c', code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def fake_pools(monkeypatch, numbers):
    """Stand for threadpoolctl, whose pools have some numbers of threads."""
    pools = [{'user_api': 'blas', 'num_threads': n} for n in numbers] + [{'user_api': 'openmp', 'num_threads': 7}]

    def limit(n):
        for pool in pools:
            pool['num_threads'] = n

    module = types.SimpleNamespace(threadpool_info=lambda: pools, threadpool_limits=limit)
    monkeypatch.setitem(sys.modules, 'threadpoolctl', module)


def test_threadpoolctl_sets_and_counts(monkeypatch):
    fake_pools(monkeypatch, [1, 4])
    assert threads.blas_threads() == 4
    chaingrad.set_threads(2)
    assert threads.blas_threads() == 2
    assert all(os.environ[name] == '2' for name in threads.VARIABLES)
    assert threads.chosen_by() == 'set_threads(2)'
    assert threads.in_force().startswith('BLAS 2')


def test_the_library_of_the_wheel_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, 'threadpoolctl', None)
    told = []
    library = types.SimpleNamespace(
        openblas_set_num_threads64_=told.append, openblas_get_num_threads64_=lambda: told[-1]
    )
    monkeypatch.setattr(threads, '_wheel_libraries', lambda: [(library, 'openblas_{}_num_threads64_')])
    chaingrad.set_threads(np.int64(3))
    assert told == [3] and threads.blas_threads() == 3


def test_without_either_it_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, 'threadpoolctl', None)
    monkeypatch.setattr(threads, '_wheel_libraries', list)
    monkeypatch.setattr(threads, 'blas_threads', lambda: 4)
    with pytest.warns(UserWarning, match=r'keeps 4 threads, not 1.*chaingrad\[repro\].*OMP_NUM_THREADS=1'):
        chaingrad.set_threads(1)
    assert os.environ['OMP_NUM_THREADS'] == '1'


def test_the_environment_counts_where_nothing_else_can_be_asked(monkeypatch):
    monkeypatch.setitem(sys.modules, 'threadpoolctl', None)
    monkeypatch.setattr(threads, '_wheel_libraries', list)
    for name in threads.VARIABLES:
        monkeypatch.delenv(name)
    assert threads.blas_threads() == threads.processors()
    assert threads.chosen_by() is None
    monkeypatch.setenv('MKL_NUM_THREADS', '5')
    assert threads.blas_threads() == 5
    assert threads.chosen_by() == 'MKL_NUM_THREADS=5'


def test_a_process_computes_with_the_number():
    code = (
        'import chaingrad, os\n'
        'from chaingrad.functions.kernels.threads import blas_threads\n'
        'print(blas_threads())\n'
        'chaingrad.set_threads(1)\n'
        'print(blas_threads(), os.environ["OPENBLAS_NUM_THREADS"])\n'
    )
    n, *others = run(code)
    assert others == ['1', '1'] and int(n) >= 1


def test_onednn_gets_the_number():
    code = (
        'import chaingrad\n'
        'from chaingrad.functions.kernels.onednn.shared_object import find_library\n'
        'chaingrad.set_threads(1)\n'
        'print(None if find_library() is None else find_library().threads())\n'
    )
    assert run(code, CHAINGRAD_USE_IDEEP='auto', OMP_NUM_THREADS='2') in (['1'], ['None'])


@pytest.mark.parametrize(('n', 'error', 'part'), [(0, ValueError, 'at least 1, but it is 0'), ('2', TypeError, "'2'")])
def test_what_is_no_number_of_threads_is_refused(n, error, part):
    with pytest.raises(error, match=part):
        chaingrad.set_threads(n)
