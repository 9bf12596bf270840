"""Each trigger against a made-up course of training."""

from __future__ import annotations

import numpy as np
import pytest

from chaingrad.links.serializers import DictionarySerializer, NpzDeserializer
from chaingrad.training import get_trigger, triggers


class Course:
    """A trainer's clock: so many iterations per epoch, and what is reported in each."""

    def __init__(self, per_epoch=4, reports=()):
        self.updater = self
        self.per_epoch = per_epoch
        self.reports = reports
        self.iteration = 0
        self.observation = {}
        self.elapsed_time = 0.0

    epoch_detail = property(lambda self: self.iteration / self.per_epoch)
    previous_epoch_detail = property(lambda self: (self.iteration - 1) / self.per_epoch)
    epoch = property(lambda self: self.iteration // self.per_epoch)

    def step(self):
        self.observation = self.reports[self.iteration] if self.iteration < len(self.reports) else {}
        self.iteration += 1
        self.elapsed_time += 1.0


def fired(trigger, course, n):
    """Return at which iterations the trigger fires."""
    found = []
    for _ in range(n):
        course.step()
        if trigger(course):
            found.append(course.iteration)
    return found


def resumed(trigger, fresh):
    """Return a fresh trigger that was loaded with the state of another."""
    serializer = DictionarySerializer()
    serializer.save(trigger)
    NpzDeserializer(serializer.target).load(fresh)
    return fresh


VALUES = [{'v': np.float32(v)} for v in (5, 3, 4, 4, 2, 6, 7, 7, 1, 1)]
ROWS = [
    (lambda: triggers.IntervalTrigger(3, 'iteration'), [3, 6, 9]),
    (lambda: triggers.IntervalTrigger(1, 'epoch'), [4, 8]),
    (lambda: triggers.IntervalTrigger(0.5, 'epoch'), [2, 4, 6, 8, 10]),
    (lambda: triggers.ManualScheduleTrigger([2, 7], 'iteration'), [2, 7]),
    (lambda: triggers.ManualScheduleTrigger(1.5, 'epoch'), [6]),
    (lambda: triggers.ManualScheduleTrigger([0.1, 2], 'epoch'), [1, 8]),
    (lambda: triggers.OnceTrigger(), [1]),
    (lambda: triggers.TimeTrigger(2.5), [3, 6, 8]),
    (lambda: triggers.MinValueTrigger('v', (1, 'iteration')), [1, 2, 5, 9]),
    (lambda: triggers.MaxValueTrigger('v', (1, 'iteration')), [1, 6, 7]),
    (lambda: triggers.MaxValueTrigger('v', (2, 'iteration')), [2, 8]),
    (lambda: triggers.BestValueTrigger('v', lambda best, new: new == best, (1, 'iteration')), [1]),
    (lambda: triggers.EarlyStoppingTrigger((1, 'iteration'), 'v', 2, max_trigger=(9, 'iteration')), [4, 7, 8, 9]),
    (lambda: triggers.EarlyStoppingTrigger((1, 'iteration'), 'v', mode='max', max_trigger=(9, 'iteration')), [4, 5, 9]),
]


@pytest.mark.parametrize(('make', 'expected'), ROWS)
def test_fires(make, expected):
    assert fired(make(), Course(reports=VALUES), 10) == expected


@pytest.mark.parametrize(('make', 'expected'), ROWS)
@pytest.mark.parametrize('cut', [1, 3, 4, 7])
def test_goes_on_after_a_resume(make, expected, cut):
    course, trigger = Course(reports=VALUES), make()
    before = fired(trigger, course, cut)
    assert before + fired(resumed(trigger, make()), course, 10 - cut) == expected


def test_interval_of_tenths_of_epochs():
    """0.3 // 0.1 is 2.0: it must not make the trigger late."""
    assert fired(triggers.IntervalTrigger(0.1, 'epoch'), Course(per_epoch=10), 40) == list(range(1, 41))
    assert fired(triggers.IntervalTrigger(0.7, 'epoch'), Course(per_epoch=10), 40) == [7, 14, 21, 28, 35]


@pytest.mark.behaviour('trigger-state-warning')
@pytest.mark.filterwarnings('ignore:.*does not hold the state')
@pytest.mark.parametrize(
    'make',
    [
        lambda: triggers.IntervalTrigger(2, 'epoch'),
        lambda: triggers.ManualScheduleTrigger([2], 'iteration'),
        triggers.OnceTrigger,
        lambda: triggers.TimeTrigger(2),
    ],
)
def test_a_file_without_the_state_of_a_trigger(make):
    with pytest.warns(UserWarning, match=f'{type(make()).__name__}: the file does not hold the state of this trigger'):
        NpzDeserializer({}).load(make())


@pytest.mark.filterwarnings('ignore:.*does not hold the state')
def test_once_has_fired_where_the_file_does_not_say():
    once, again = triggers.OnceTrigger(), triggers.OnceTrigger(call_on_resume=True)
    for trigger in (once, again):
        NpzDeserializer({}).load(trigger)
    assert not once(None) and again(None) and not again(None)


@pytest.mark.filterwarnings('ignore:.*does not hold the state')
def test_a_trigger_that_the_saved_run_had_not_counts_from_here():
    for trigger in (triggers.IntervalTrigger(1, 'epoch'), triggers.ManualScheduleTrigger([1, 3], 'epoch')):
        course = Course()
        course.iteration = 9
        NpzDeserializer({}, strict=True).load(trigger)
        assert fired(trigger, course, 3) == [12]
    course.elapsed_time = 1e6
    trigger = triggers.TimeTrigger(2)
    NpzDeserializer({}).load(trigger)
    assert fired(trigger, course, 7) == [16, 18]


def test_once_is_finished_when_it_has_fired():
    once = triggers.OnceTrigger()
    assert not once.finished and once(None) and once.finished and not once(None)
    assert resumed(once, triggers.OnceTrigger()).finished
    again = resumed(once, triggers.OnceTrigger(call_on_resume=True))
    assert not again.finished and again(None) and again.finished


def test_manual_schedule_is_finished_after_its_last_point():
    trigger, course = triggers.ManualScheduleTrigger([2, 3], 'iteration'), Course()
    fired(trigger, course, 2)
    assert not trigger.finished
    fired(trigger, course, 1)
    assert trigger.finished


def test_best_values_name_what_was_reported():
    trigger, course = triggers.MaxValueTrigger('w', (1, 'iteration')), Course(reports=VALUES)
    with pytest.raises(KeyError, match="MaxValueTrigger: 'w' was not reported in this interval; .*'v'"):
        fired(trigger, course, 1)


def test_early_stopping_warns_of_an_unknown_key():
    trigger = triggers.EarlyStoppingTrigger((1, 'iteration'), 'w')
    with pytest.warns(UserWarning, match="'w' was not reported in this interval.*'v'"):
        assert fired(trigger, Course(reports=VALUES), 1) == []


def test_early_stopping_has_modes_lengths_and_old_names(capsys):
    make = triggers.EarlyStoppingTrigger
    assert make(monitor='main/accuracy').mode == 'max' and make(monitor='main/loss').mode == 'min'
    assert make().get_training_length() == (100, 'epoch')
    assert make().patience == 3 and make(patients=5).patience == 5 and make(patience=7).patience == 7
    fired(make((1, 'iteration'), 'v', 1, verbose=True), Course(reports=VALUES), 3)
    assert capsys.readouterr().out == 'Epoch 0: early stopping, v is not better than 3\n'


def test_get_trigger():
    assert get_trigger(None)(None) is False
    assert get_trigger(print) is print
    assert repr(get_trigger([2, 'epoch'])) == "IntervalTrigger(2, 'epoch')"
    assert triggers.IntervalTrigger(7, 'iteration').get_training_length() == (7, 'iteration')


@pytest.mark.parametrize(
    ('make', 'error', 'text'),
    [
        (lambda: get_trigger((1, 'epochs')), ValueError, "'epochs'"),
        (lambda: get_trigger((0, 'epoch')), ValueError, 'above zero, but it is 0'),
        (lambda: get_trigger(('1', 'epoch')), ValueError, "but it is '1'"),
        (lambda: get_trigger((1, 'epoch', 2)), TypeError, r"\(1, 'epoch', 2\)"),
        (lambda: get_trigger(5), TypeError, 'but it is 5'),
        (lambda: triggers.ManualScheduleTrigger([1], 'week'), ValueError, "'week'"),
        (lambda: triggers.TimeTrigger(-1), ValueError, 'but it is -1'),
        (lambda: triggers.EarlyStoppingTrigger(mode='best'), ValueError, "'best'"),
        pytest.param(
            lambda: triggers.EarlyStoppingTrigger(patience=3, patients=4),
            TypeError,
            r'patience \(3\) and patients \(4\).*Give patience alone',
            marks=pytest.mark.behaviour('early-stopping-patience'),
        ),
    ],
)
def test_errors(make, error, text):
    with pytest.raises(error, match=text) as info:
        make()
    assert len(info.value.args) == 1


def test_reprs():
    assert repr(triggers.TimeTrigger(3)) == 'TimeTrigger(3)'
    assert repr(triggers.OnceTrigger()) == 'OnceTrigger(call_on_resume=False)'
    assert repr(triggers.ManualScheduleTrigger(3, 'epoch')) == "ManualScheduleTrigger([3], 'epoch')"
    assert repr(triggers.MaxValueTrigger('k')) == "MaxValueTrigger('k', trigger=IntervalTrigger(1, 'epoch'))"
    assert "'main/loss', patience=3, mode='min'" in repr(triggers.EarlyStoppingTrigger())
