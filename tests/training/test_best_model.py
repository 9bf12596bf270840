"""KeepBest: which model is kept, where, and when it is put back."""

from __future__ import annotations

import os
import shutil
import signal

import numpy as np
import pytest

import chaingrad.links as L
from chaingrad import optimizers
from chaingrad.links.serializers import load_npz
from chaingrad.training import extensions
from tests.training.small import MLP, make_trainer, model_of

VALUES = [3.0, 1.0, 2.0, 0.5, 4.0, 0.7]


def make(folder, n=6, parts=(), values=VALUES, key='x', **options):
    """A training in which the bias of the first layer is the number of the iteration and `x` is as given."""
    trainer = make_trainer(folder, (n, 'iteration'), optimizer=optimizers.SGD(0.0))

    def step(trainer):
        model_of(trainer).predictor.l1.b.array[:] = trainer.updater.iteration
        trainer.observation[key] = values[trainer.updater.iteration - 1]

    trainer.extend(step, priority=500)
    best = extensions.KeepBest(model_of(trainer), key, trigger=(1, 'iteration'), **options)
    trainer.extend(best)
    for part in parts:
        trainer.extend(part)
    return trainer, best


def bias(model):
    return float(model.predictor.l1.b.array[0])


@pytest.mark.parametrize(('key', 'mode', 'at'), [('x', 'auto', 4), ('x', 'max', 5), ('accuracy', 'auto', 5)])
def test_the_best_is_kept_and_put_back(tmp_path, key, mode, at):
    trainer, best = make(tmp_path, key=key, mode=mode)
    trainer.run()
    assert bias(model_of(trainer)) == at == best.iteration and best.best_value == VALUES[at - 1]
    saved = L.Classifier(MLP())
    load_npz(tmp_path / 'best_model.npz', saved)
    assert bias(saved) == at
    assert os.listdir(tmp_path) == ['best_model.npz']


def test_nothing_is_put_back_or_written_if_so_wanted(tmp_path):
    trainer, best = make(tmp_path, restore=False, filename=None)
    trainer.run()
    assert bias(model_of(trainer)) == 6 and bias(best.model) == 4 and os.listdir(tmp_path) == []


def test_after_an_error_the_model_stays(tmp_path):
    trainer, _ = make(tmp_path, values=VALUES[:5])
    with pytest.raises(IndexError):
        trainer.run(show_loop_exception_msg=False)
    assert bias(model_of(trainer)) == 6


def test_nan_is_never_the_best(tmp_path):
    nan = float('nan')
    trainer, best = make(tmp_path, values=[nan, 2.0, nan, 1.0, nan, 3.0])
    trainer.run()
    assert best.best_value == 1.0 and bias(model_of(trainer)) == 4


def test_an_interrupt_saves_the_last_state_and_puts_the_best_back(tmp_path):
    def interrupt(trainer):
        if trainer.updater.iteration == 3:
            signal.raise_signal(signal.SIGINT)

    trainer, best = make(tmp_path, parts=[extensions.snapshot(filename='snapshot'), interrupt])
    with pytest.raises(KeyboardInterrupt):
        trainer.run()
    assert bias(model_of(trainer)) == 2 == bias(best.model)
    with np.load(tmp_path / 'snapshot') as saved:
        assert saved['updater/model:main/predictor/l1/b'][0] == 3
        assert saved['extensions/KeepBest/model/predictor/l1/b'][0] == 2


@pytest.mark.parametrize('cut', [1, 3, 5])
def test_resumes_from_the_snapshot_alone(tmp_path, cut):
    trainer, _ = make(tmp_path / 'a', cut, [extensions.snapshot(filename='s')], restore=False)
    trainer._entries['_Snapshot'].trigger.period = 1
    trainer._entries['_Snapshot'].trigger.unit = 'iteration'
    trainer.run()
    (tmp_path / 'b').mkdir()
    shutil.copy(tmp_path / 'a' / 's', tmp_path / 'b' / 's')
    trainer, best = make(tmp_path / 'b', 6, [extensions.snapshot(filename='s', autoload=True)])
    trainer.run()
    assert bias(model_of(trainer)) == 4 == best.iteration and best.best_value == 0.5


def test_wrong_arguments(tmp_path):
    with pytest.raises(TypeError, match='target must be a Link, but it is a str'):
        extensions.KeepBest('main/loss', 'x')
    with pytest.raises(ValueError, match="mode must be 'auto', 'max' or 'min', but it is 'large'"):
        extensions.KeepBest(L.Linear(1, 1), 'x', mode='large')
    trainer, _ = make(tmp_path)
    trainer.extend(extensions.KeepBest(model_of(trainer), 'y', trigger=(3, 'iteration')))
    with pytest.raises(KeyError, match="'y' was not reported in this interval; reported .*'x'"):
        trainer.run(show_loop_exception_msg=False)
