"""The contenders of the benchmarks do the same work: after a few steps the losses agree."""

import numpy as np
import pytest

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
