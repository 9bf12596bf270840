"""Contenders of the benchmarks do the same work: their losses agree. A step stays easy to follow."""

import ast

import numpy as np
import pytest

import chaingrad
from benchmarks import growth, trace
from benchmarks.contenders import with_chaingrad, with_numpy
from benchmarks.problems import PROBLEMS
from benchmarks.worker import measure
from benchmarks.workloads import __main__ as workloads
from benchmarks.workloads import report, worker
from benchmarks.workloads import with_chaingrad as large
from benchmarks.workloads.data import WORKLOADS
from chaingrad import using_config
from tests.source import ROOT


@pytest.mark.parametrize('problem', [name for name in PROBLEMS if not name.endswith('_20000')])
def test_losses_agree_with_numpy(problem):
    _, loss = measure(with_chaingrad.BUILD[problem], 2, 3)
    _, expected = measure(with_numpy.BUILD[problem], 2, 3)
    np.testing.assert_allclose(loss, expected, rtol=1e-4)


def test_every_contender_has_every_problem():
    assert set(with_chaingrad.BUILD) == set(with_numpy.BUILD) == set(PROBLEMS)


def test_a_step_is_short_enough_to_step_through():
    calls = trace.trace_step()
    assert {'links/connection/linear.py', 'autograd/backprop.py', 'optimizers/sgd.py'} <= {call.file for call in calls}
    assert len(calls) <= trace.CALLS, 'python -m benchmarks.trace prints the calls'
    assert len({call.file for call in calls}) <= trace.FILES


def test_trace_counts_calls_of_the_package_alone():
    names = [call.name for call in trace.calls_of(lambda: [chaingrad.Variable(np.ones(2)) for _ in range(3)])]
    assert names == ['Variable.__init__'] * 3 or names == ['__init__'] * 3  # Python 3.10 knows no qualified names


# Workloads


def test_every_workload_is_written_for_both():
    assert list(large.BUILD) == list(WORKLOADS)
    tree = ast.parse((ROOT / 'benchmarks/workloads/with_torch.py').read_text(encoding='utf-8'))
    (build,) = [node.value for node in tree.body if isinstance(node, ast.AnnAssign) and node.target.id == 'BUILD']
    assert [key.value for key in build.keys] == list(WORKLOADS)


@pytest.mark.parametrize('workload', ['W3', 'W5a', 'W8', 'W4i'])
def test_first_losses_of_a_workload(workload):
    found = {}
    for use_ideep in ('never', 'auto'):
        with using_config('use_ideep', use_ideep):
            measured = worker.measure(large.BUILD[workload], 0)
        assert measured['step'] > 0 and len(measured['losses']) == worker.FIRST_LOSSES
        found['NumPy' if use_ideep == 'never' else 'fast', 1] = [measured]
    assert workloads.differing(found) == []
    falls = workload in ('W3', 'W5a')
    assert (measured['losses'][-1] < measured['losses'][0]) is falls


def measured_in(step, losses=(2.0, 1.0), others=0.0):
    return {'step': step, 'losses': list(losses), 'others': others, 'wall': 1.0}


def test_other_losses_are_named():
    found = {('NumPy', 1): [measured_in(1)], ('PyTorch', 1): [measured_in(1), measured_in(1, (2.0, 1.1))]}
    assert workloads.differing(found) == ['PyTorch with 1 threads: losses [2.0, 1.1], NumPy has [2.0, 1.0]']


def test_table_of_workloads(capsys, tmp_path):
    quiet = {('NumPy', 1): [measured_in(0.3), measured_in(0.2)], ('PyTorch', 1): [measured_in(0.4), measured_in(0.1)]}
    assert report.show({'W4': quiet, 'W8': quiet}) == ['W4: NumPy, 1', 'W8: NumPy, 1']
    assert 'BUSY' not in capsys.readouterr().out
    busy = {('fast', 2): [measured_in(0.3, others=0.5)], ('PyTorch', 2): [measured_in(0.4)]}
    assert report.show({'W6': busy}) == []
    out = capsys.readouterr().out
    assert '300 ms, 0.75 (goal 0.9) *' in out and 'took 25%' in out and 'THE MACHINE WAS BUSY' in out
    assert any('the processor has worked' in note for note in report.notes({'W6': busy}, True))
    page = tmp_path / 'page.md'
    begin, end = '<!-- begin of the table -->', '<!-- end of the table -->'
    page.write_text(f'# Page\n\n{begin}\nold\n{end}\n\nMore.\n', encoding='utf-8')
    for _ in range(2):
        report.write(report.markdown({'W4': quiet}), 'the table', page)
    lines = page.read_text(encoding='utf-8').splitlines()
    assert (lines[0], lines[2], lines[-1]) == ('# Page', begin, 'More.') and 'old' not in lines
    assert any('| 200 ms, 2.00 (goal 1.1, missed) | 100 ms |' in line for line in lines)


@pytest.mark.parametrize('table', ['chains', 'W5', 'attention', 'softmax', 'loops', 'memory'])
def test_growth(table, monkeypatch):
    monkeypatch.setattr(growth, 'LEAST_SECONDS', 0)
    _, head, rows = growth.TABLES[table]()
    first = next(rows)
    assert len(first) == len(head) and float(first[1]) > 0


def test_contenders_that_are_not_installed_are_left_out(monkeypatch, capsys):
    names = ['NumPy', 'fast', 'PyTorch', 'bfloat16', 'autocast']
    monkeypatch.setattr(workloads, 'find_onednn', lambda: None)
    monkeypatch.setattr(workloads.importlib.util, 'find_spec', lambda name: None)
    assert workloads.installed(names) == ['NumPy']
    out = capsys.readouterr().out
    assert 'pip install torch==2.13.0' in out and 'pip install chaingrad[fast]' in out
    monkeypatch.setattr(workloads, 'find_onednn', lambda: 'a library')
    monkeypatch.setattr(workloads, 'has_numba', lambda: True)
    monkeypatch.setattr(workloads.importlib.util, 'find_spec', lambda name: name)
    assert workloads.installed(names) == names
    assert not capsys.readouterr().out
