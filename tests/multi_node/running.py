"""Starting ranks: `mpiexec` of the environment, with a time limit, and the checks that the ranks run together."""

from __future__ import annotations

import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
from typing import NamedTuple

import pytest

import chaingrad
from tests.source import ROOT

SECONDS = 60
needs_mpi = pytest.mark.skipif(importlib.util.find_spec('mpi4py') is None, reason='needs mpi4py and an MPI')


def mpiexec():
    """Return the path of the wheel's mpiexec, which pip puts beside Python."""
    path = pathlib.Path(sys.prefix, 'bin', 'mpiexec')
    return str(path) if path.exists() else shutil.which('mpiexec')


class Ended(NamedTuple):
    """What a run of several ranks has left."""

    code: int
    out: str
    err: str


def run_ranks(n, *arguments, seconds=SECONDS, **variables):
    """Run Python with these arguments on n ranks, and return what it has left."""
    values = {**os.environ, 'OMP_NUM_THREADS': '1', 'OPENBLAS_NUM_THREADS': '1', 'CHAINGRAD_MPI_TIME_LIMIT': '20'}
    values['PYTHONPATH'] = os.pathsep.join([str(pathlib.Path(chaingrad.__file__).parent.parent), str(ROOT)])
    values.update(variables)
    command = [mpiexec(), '-n', str(n), sys.executable, *map(str, arguments)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=values,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.terminate()  # mpiexec ends its ranks
        out, err = process.communicate(timeout=10)
        pytest.fail(f'{n} ranks have not ended within {seconds} s:\n{out[-2000:]}\n{err[-4000:]}')
    return Ended(process.returncode, out, err)


def results_of(name, n):
    """Return the result of each check of a module, run by n ranks: None, or a traceback."""
    ended = run_ranks(n, '-m', 'tests.multi_node.checks.all_of', name)
    lines = [line for line in ended.out.splitlines() if line.startswith('{')]
    assert ended.code == 0 and lines, f'{ended.out[-2000:]}\n{ended.err[-6000:]}'
    return json.loads(lines[-1])
