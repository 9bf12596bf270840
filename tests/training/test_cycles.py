"""CosineShift, OneCycleShift: the curves, and that a resumed run is on them."""

from __future__ import annotations

import math

import pytest

from chaingrad import optimizers
from chaingrad.training import extensions
from tests.training.small import assert_equal_states, make_trainer, state


def values(make_shift, n, attr='lr', optimizer=None):
    """Return what the optimizer has in the iterations 1 to n."""
    trainer, seen = make_trainer('unused', (n, 'iteration'), optimizer=optimizer or optimizers.MomentumSGD(0.2)), []
    trainer._make_out_folder = lambda: None
    trainer.extend(make_shift(), name='shift')
    update = trainer.updater.update
    trainer.updater.update = lambda: (seen.append(getattr(trainer.updater.get_optimizer('main'), attr)), update())
    trainer.run()
    return seen


def test_cosine():
    expected = [0.2 * (1 + math.cos(math.pi * min(t / 4, 1))) / 2 for t in range(7)]
    assert values(lambda: extensions.CosineShift('lr', 4), 7) == pytest.approx(expected)
    expected = [0.1 + 0.9 * (1 + math.cos(math.pi * t / 4)) / 2 for t in range(5)]
    assert values(lambda: extensions.CosineShift('lr', 4, init=1.0, target=0.1), 5) == pytest.approx(expected)


def test_cosine_with_warmup():
    found = values(lambda: extensions.CosineShift('lr', 7, init=1.0, warmup=3), 9)
    assert found[:4] == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert found[3:] == pytest.approx([(1 + math.cos(math.pi * t / 4)) / 2 for t in range(5)] + [0.0])


def test_one_cycle():
    found = values(lambda: extensions.OneCycleShift('lr', 1.0, 10, rise=0.4), 12)
    assert found[0] == pytest.approx(0.04) and found[4] == 1.0 == max(found)
    assert found[2] == pytest.approx((1 + 0.04) / 2) and found[7] == pytest.approx((1 + 4e-6) / 2)
    assert found[10] == found[11] == pytest.approx(4e-6)
    assert found[:5] == sorted(found[:5]) and found[4:] == sorted(found[4:], reverse=True)
    momentum = values(lambda: extensions.OneCycleShift('momentum', 0.85, 10, start=0.95, end=0.95), 12, 'momentum')
    assert momentum[0] == momentum[10] == pytest.approx(0.95) and momentum[3] == pytest.approx(0.85) == min(momentum)


@pytest.mark.parametrize(
    'shift',
    [lambda: extensions.CosineShift('lr', 10, warmup=2), lambda: extensions.OneCycleShift('lr', 0.4, 10)],
    ids=['cosine', 'one cycle'],
)
@pytest.mark.parametrize('cut', [1, 4, 6])
def test_resumes_bit_for_bit(tmp_path, shift, cut):
    def run(folder, n):
        trainer = make_trainer(tmp_path / folder, (n, 'iteration'), [shift()], optimizers.MomentumSGD(0.2))
        trainer.extend(extensions.snapshot(autoload=True), trigger=(cut, 'iteration'))
        trainer.run()
        return trainer

    whole = run('whole', 9)
    run('cut', cut)
    second = run('cut', 9)
    assert_equal_states(state(whole), state(second))
    assert whole.updater.get_optimizer('main').lr == second.updater.get_optimizer('main').lr


def test_wrong_arguments():
    for make, words in (
        (lambda: extensions.CosineShift('lr', 0), 'max_count must be at least 1, but it is 0'),
        (lambda: extensions.CosineShift('lr', 3, warmup=3), 'max_count must be at least 4, but it is 3'),
        (lambda: extensions.CosineShift('lr', 3, warmup=-1), 'warmup must be at least 0, but it is -1'),
        (lambda: extensions.OneCycleShift('lr', 1, 0.5), 'max_count must be at least 1, but it is 0.5'),
        (lambda: extensions.OneCycleShift('lr', 1, 9, rise=1), 'rise must be between 0 and 1, but it is 1'),
    ):
        with pytest.raises(ValueError, match=words):
            make()


# Two on one attribute


def added(*shifts, n=12):
    def add(trainer):
        for shift in shifts:
            trainer.extend(shift())

    trainer, seen = make_trainer('unused', (n, 'iteration'), optimizer=optimizers.MomentumSGD(0.2)), []
    trainer._make_out_folder = lambda: None
    add(trainer)
    update = trainer.updater.update
    trainer.updater.update = lambda: (seen.append(trainer.updater.get_optimizer('main').lr), update())
    trainer.run()
    return seen


def warmup():
    return extensions.WarmupShift('lr', 0.0, 4, 0.2)


def cosine():
    return extensions.CosineShift('lr', 10)


DECAY = [0.1 * (1 + math.cos(math.pi * min(t / 10, 1))) for t in range(12)]


@pytest.mark.parametrize('shifts', [(warmup, cosine), (cosine, warmup)], ids=['warm-up first', 'cosine first'])
def test_two_multiply(shifts):
    expected = [min(t / 4, 1) * decay for t, decay in enumerate(DECAY)]
    assert added(*shifts) == pytest.approx(expected)


def test_three_multiply():
    def line():
        return extensions.LinearShift('lr', (0, 7), (0, 2))

    def cycle():
        return extensions.OneCycleShift('lr', 3.0, 8)

    alone = values(cycle, 12)
    expected = [min(t / 2, 1) * min(t / 4, 1) * 0.2 * factor / 3 for t, factor in enumerate(alone)]
    assert added(warmup, line, cycle) == pytest.approx(expected)


def test_two_attributes_stay_apart():
    def momentum():
        return extensions.LinearShift('momentum', (0, 7), (0, 2))

    assert added(cosine, momentum) == pytest.approx(DECAY)


def test_another_optimizer_stays_apart():
    other = optimizers.SGD(5.0)
    assert added(cosine, lambda: extensions.ExponentialShift('lr', 0.5, optimizer=other)) == pytest.approx(DECAY)
    assert other.lr == 5.0 * 0.5**12


def test_two_that_cannot_multiply():
    with pytest.raises(ValueError, match='ExponentialShift: lr is set by an extension that was added before'):
        added(cosine, lambda: extensions.ExponentialShift('lr', 0.5, init=0))


@pytest.mark.parametrize('cut', [2, 6])
def test_two_resume_bit_for_bit(tmp_path, cut):
    def run(folder, n):
        trainer = make_trainer(tmp_path / folder, (n, 'iteration'), [warmup(), cosine()], optimizers.MomentumSGD(0.2))
        trainer.extend(extensions.snapshot(autoload=True), trigger=(cut, 'iteration'))
        trainer.run()
        return trainer

    whole = run('whole', 9)
    run('cut', cut)
    assert_equal_states(state(whole), state(run('cut', 9)))
