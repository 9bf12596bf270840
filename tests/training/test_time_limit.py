"""TimeLimitTrigger: the run is saved, and goes on in the next job as if it had never stopped."""

from __future__ import annotations

import os

import pytest

from chaingrad.training import extensions, triggers
from chaingrad.training.triggers import time_limit
from tests.training.small import assert_equal_states, make_trainer, state


class Clock:
    """A clock that goes on by one second per iteration."""

    now = 0.0

    @classmethod
    def monotonic(cls):
        return cls.now


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(Clock, 'now', 100.0)
    monkeypatch.setattr(time_limit, 'time', Clock)


def tick(trainer):
    Clock.now += 1


def make(folder, limit, stop=(9, 'iteration'), **options):
    trigger = triggers.TimeLimitTrigger(limit, stop, **options)
    trainer = make_trainer(folder, trigger, [tick, extensions.LogReport(trigger=(2, 'iteration'))], dropout=0.3)
    trainer.extend(extensions.snapshot(autoload=True), trigger=(100, 'iteration'))
    return trainer


@pytest.mark.parametrize('early', [False, True], ids=['interval', 'early stopping'])
def test_job_after_job_ends_as_one(tmp_path, early):
    def stop():
        end = (9, 'iteration')
        return triggers.EarlyStoppingTrigger((2, 'iteration'), patience=2, max_trigger=end) if early else end

    whole = make_trainer(tmp_path, stop(), [tick, extensions.LogReport(trigger=(2, 'iteration'))], dropout=0.3)
    whole.run()
    reached = []
    while not reached or reached[-1] < whole.updater.iteration:
        part = make(tmp_path / 'cut', 2.5, stop())
        part.run()
        reached.append(part.updater.iteration)
    assert reached == [3, 6, 9] if not early else reached[0] == 3
    assert_equal_states(state(whole), state(part))
    logs = [[{**e, 'elapsed_time': 0} for e in t.get_extension('LogReport').log] for t in (whole, part)]
    assert logs[0] == logs[1]


def test_the_last_iteration_and_the_limit_together(tmp_path):
    make(tmp_path, 9).run()
    again = make(tmp_path, 9)
    again.run()
    assert again.updater.iteration == 9


def test_total_counts_what_was_before(tmp_path):
    first = make(tmp_path, 0.05, (10**6, 'iteration'), total=True)
    first.run()
    assert 0 < first.updater.iteration and first.elapsed_time >= 0.05
    second = make(tmp_path, 0.05, (10**6, 'iteration'), total=True)
    second.run()
    assert second.updater.iteration == first.updater.iteration


def test_nothing_to_save_with_is_told(tmp_path):
    trainer = make_trainer(tmp_path, triggers.TimeLimitTrigger(2), [tick])
    with pytest.warns(UserWarning, match='stopped before its end and nothing was saved'):
        trainer.run()
    assert trainer.updater.iteration == 2 and os.listdir(tmp_path) == []


def test_length_and_wrong_limits():
    assert triggers.TimeLimitTrigger(5, (3, 'epoch')).get_training_length() == (3, 'epoch')
    assert triggers.TimeLimitTrigger(5).get_training_length() is None
    assert repr(triggers.TimeLimitTrigger(5, total=True)) == 'TimeLimitTrigger(5, total=True)'
    for limit in (0, -1, '5'):
        with pytest.raises(ValueError, match='limit must be a number of seconds above zero'):
            triggers.TimeLimitTrigger(limit)
