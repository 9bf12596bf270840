"""Contenders of the benchmarks do the same work: their losses agree. A step stays easy to follow."""

import numpy as np
import pytest

import chaingrad
from benchmarks import trace
from benchmarks.contenders import with_chaingrad, with_numpy
from benchmarks.problems import PROBLEMS
from benchmarks.worker import measure


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
