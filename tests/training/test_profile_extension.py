"""extensions.Profile: which iterations are measured, and what is written when."""

from __future__ import annotations

import json

import pytest

import chaingrad
from chaingrad.links.link_hook import get_link_hooks
from chaingrad.training import extensions
from tests.training.small import assert_equal_states, make_trainer, state


def run(folder, stop, **options):
    trainer = make_trainer(folder, stop)
    extension = extensions.Profile(**options)
    trainer.extend(extension)
    trainer.run()
    return trainer, extension


def linear_calls(extension):
    return {row.path: row.calls for row in extension.result.rows() if row.function == 'LinearFunction'}


@pytest.mark.parametrize('skip', [0, 2])
def test_the_iterations_that_are_measured(tmp_path, skip):
    trainer, extension = run(tmp_path, (7, 'iteration'), skip=skip, iterations=3)
    assert linear_calls(extension) == {'/predictor/l1': 3, '/predictor/l2': 3}
    assert '/predictor/l1  LinearFunction' in (tmp_path / 'profile.txt').read_text('utf-8')
    assert (tmp_path / 'profile.svg').read_text('utf-8').startswith('<svg')
    assert json.loads((tmp_path / 'profile.json').read_text('utf-8'))['traceEvents']
    plain = make_trainer(tmp_path / 'plain', (7, 'iteration'))
    plain.run()
    assert_equal_states(state(trainer), state(plain))


def test_a_run_that_ends_first_writes_what_was_measured(tmp_path):
    _, extension = run(tmp_path, (4, 'iteration'), skip=1, iterations=100, filename='times')
    assert linear_calls(extension)['/predictor/l1'] == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ['times.json', 'times.svg', 'times.txt']
    assert not chaingrad.get_function_hooks() and not get_link_hooks()


def test_a_run_that_ends_before(tmp_path):
    _, extension = run(tmp_path, (2, 'iteration'))
    assert extension.result is None and not list(tmp_path.iterdir())


@pytest.mark.parametrize('options', [{'skip': -1}, {'iterations': 0}])
def test_errors(options):
    with pytest.raises(ValueError, match='Profile: skip must be 0 or more and iterations 1 or more, but they are'):
        extensions.Profile(**options)
