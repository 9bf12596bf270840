"""Programs in the style of the reference's users run unchanged with `python -m chaingrad run`."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.source import ROOT

PROGRAMS = sorted(path.stem for path in (ROOT / 'tests' / 'old_programs').glob('*.py') if path.stem != 'conftest')
METHODS = ['fork', 'spawn', 'forkserver']


def run(program, folder, *arguments, found_at=str(ROOT)):
    """Run a program of the folder old_programs in another folder and return what happened."""
    path = ROOT / 'tests' / 'old_programs' / f'{program}.py'
    environment = {**os.environ, 'PYTHONPATH': found_at, 'PYTHONWARNINGS': 'error,default::DeprecationWarning'}
    command = [sys.executable, '-m', 'chaingrad', 'run', str(path), *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done


def test_there_are_ten():
    assert len(PROGRAMS) >= 10


@pytest.mark.parametrize('program', [name for name in PROGRAMS if name != 'worker_processes'])
def test_program(program, tmp_path):
    run(program, tmp_path)


@pytest.mark.parametrize('method', METHODS)
def test_worker_processes(method, tmp_path):
    run('worker_processes', tmp_path, method)


def test_worker_processes_of_a_checkout_that_is_not_installed():
    run('worker_processes', ROOT, 'spawn', found_at='')
