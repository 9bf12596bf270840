"""The checks of several ranks, on two and on four. One start of ranks runs all checks of a module."""

from __future__ import annotations

import pytest

from tests.multi_node.checks import collectives, gradients, parallel_models, parts
from tests.multi_node.checks.all_of import names_of
from tests.multi_node.running import needs_mpi, results_of

MODULES = {'gradients': gradients, 'collectives': collectives, 'parallel_models': parallel_models, 'parts': parts}


@needs_mpi
@pytest.mark.parametrize('n', [2, 4])
@pytest.mark.parametrize('name', MODULES)
def test_checks(name, n):
    results = results_of(name, n)
    assert list(results) == names_of(MODULES[name])
    assert not any(results.values()), '\n'.join(filter(None, results.values()))
