"""Programs in the style of the reference's users run unchanged with `python -m chaingrad run`."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.source import ROOT

PROGRAMS = sorted(path.stem for path in (ROOT / 'tests' / 'old_programs').glob('*.py') if path.stem != 'conftest')
METHODS = ['fork', 'spawn', 'forkserver']


def run(program, folder, *arguments, **options):
    """Run a program of the folder old_programs in another folder and return what happened."""
    path = ROOT / 'tests' / 'old_programs' / f'{program}.py'
    return run_python(folder, '-m', 'chaingrad', 'run', path, *arguments, **options)


def run_python(folder, *arguments, found_at=str(ROOT), filters='error,default::DeprecationWarning'):
    """Run Python in another folder and return what happened."""
    environment = {**os.environ, 'PYTHONPATH': found_at, 'PYTHONWARNINGS': filters}
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done


def test_there_are_fifty():
    assert len(PROGRAMS) >= 50


@pytest.mark.parametrize('program', [name for name in PROGRAMS if name not in ('worker_processes', 'gan_updater')])
def test_program(program, tmp_path):
    run(program, tmp_path)


def test_program_that_updates_between_forward_and_backward_is_warned_once_and_goes_on(tmp_path):
    warnings = 'error,default::DeprecationWarning,always:backward:RuntimeWarning'
    done = run('gan_updater', tmp_path, filters=warnings)
    assert done.stderr.count('was updated in place') == 1
    assert 'gan_updater.py:62: RuntimeWarning: backward: parameter' in done.stderr


@pytest.mark.parametrize('program', ['replay_buffer', 'timed_extensions', 'gradient_penalty'])
def test_program_that_imports_chaingrad_by_its_own_name(program, tmp_path):
    text = (ROOT / 'tests' / 'old_programs' / f'{program}.py').read_text(encoding='utf-8')
    path = tmp_path / f'{program}.py'
    path.write_text(re.sub(r'\bchainer\b', 'chaingrad', text), encoding='utf-8')
    run_python(tmp_path, path)


@pytest.mark.parametrize('method', METHODS)
def test_worker_processes(method, tmp_path):
    run('worker_processes', tmp_path, method)


def test_worker_processes_of_a_checkout_that_is_not_installed():
    run('worker_processes', ROOT, 'spawn', found_at='')
