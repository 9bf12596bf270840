"""Memory that a step frees stays with a process that has set up an optimizer, where the C library is glibc."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from chaingrad.functions.kernels import memory
from tests.source import ROOT

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != 'glibc', reason='only glibc is asked to keep memory')

# Forty arrays of a megabyte, freed together: 10,240 pages of 4 KiB.
PROGRAM = """
import resource
import numpy as np
import chaingrad.links as L
from chaingrad import optimizers

def take_pages():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    arrays = [np.ones(2**18, np.float32) for _ in range(40)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

def take_again():
    take_pages()
    take_pages()
    return take_pages()

before = take_again()
optimizers.SGD().setup(L.Linear(2, 1))
print(before, take_again())
"""


def pages_taken(**environment):
    """Return how many pages a step takes from the system, before and after an optimizer was set up."""
    known = {name: value for name, value in os.environ.items() if name not in memory.VARIABLES}
    known = {**known, 'PYTHONPATH': str(ROOT), **environment}
    done = subprocess.run([sys.executable, '-c', PROGRAM], env=known, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return tuple(map(int, done.stdout.split()))


def test_a_step_takes_no_pages_again_once_an_optimizer_is_set_up():
    before, after = pages_taken()
    assert before > 5_000
    assert after < 1_000


@pytest.mark.parametrize(
    'environment', [{'MALLOC_TRIM_THRESHOLD_': '131072'}, {'GLIBC_TUNABLES': 'glibc.malloc.trim_threshold=131072'}]
)
def test_who_sets_the_limits_of_glibc_decides(environment):
    before, after = pages_taken(**environment)
    assert before > 5_000
    assert after > 5_000


def test_another_c_library_is_left_alone(monkeypatch):
    memory.keep_freed_memory.cache_clear()
    monkeypatch.setattr(memory.ctypes, 'CDLL', lambda name: object())
    try:
        assert not memory.keep_freed_memory()
    finally:
        memory.keep_freed_memory.cache_clear()
