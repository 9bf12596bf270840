"""The examples, and an old program, on two ranks."""

from __future__ import annotations

import re

import pytest

from tests.multi_node.running import needs_mpi, run_ranks
from tests.source import ROOT

pytestmark = needs_mpi


@pytest.mark.parametrize('name', ['mnist_parallel', 'model_parallel'])
def test_example(name, tmp_path):
    ended = run_ranks(2, '-m', 'mpi4py', ROOT / 'examples' / f'{name}.py', '--quick', '--out', tmp_path)
    assert ended.code == 0, ended.err[-3000:]
    assert re.search(r'^2 process\(es\): test accuracy 0\.9\d+$', ended.out, re.MULTILINE)


def test_old_program(tmp_path):
    program = (ROOT / 'tests' / 'old_programs' / 'several_ranks.py').read_text(encoding='utf-8')
    path = tmp_path / 'several_ranks.py'
    path.write_text(program.replace("out='result'", f'out={str(tmp_path)!r}'), encoding='utf-8')
    ended = run_ranks(2, '-m', 'chaingrad', 'run', path)
    assert ended.code == 0, ended.err[-3000:]
