"""ExponentialMovingAverage: the formula, its evaluation, its files, its resume."""

from __future__ import annotations

import numpy as np
import pytest

import chaingrad
import chaingrad.links as L
from chaingrad import optimizers
from chaingrad.links.serializers import load_npz, save_npz
from chaingrad.training import extensions
from chaingrad.training.iterators import SerialIterator
from tests.training.small import MLP, assert_equal_states, data, make_trainer, model_of, state


def arrays(link):
    return {path: param.array for path, param in link.namedparams()}


def test_is_the_weighted_mean():
    model = L.Linear(2, 1)
    average = extensions.ExponentialMovingAverage(model, 0.9)
    values, weights = np.array([3.0, -1.0, 4.0, 0.5]), 0.9 ** np.array([3, 2, 1, 0])
    for n, value in enumerate(values, 1):
        model.W.array[:] = value
        average(None)
        expected = (values[:n] * weights[-n:]).sum() / weights[-n:].sum()
        np.testing.assert_allclose(average.model.W.array, expected, rtol=1e-6)
    assert average.model.W.update_rule is None and model.W.array[0, 0] == 0.5


def test_small_changes_of_float16_are_not_lost():
    with chaingrad.using_config('dtype', np.float16):
        model = L.Linear(1, 1)
    average = extensions.ExponentialMovingAverage(model, 0.9999)
    for i in range(300):
        model.W.array[:] = 1 + (i > 0)
        average(None)
    assert average.model.W.dtype == np.float16
    assert float(average.model.W.array[0, 0]) == pytest.approx(
        2 - 0.9999**299 / sum(0.9999**i for i in range(300)), 1e-3
    )


def test_persistents_and_parameters_without_shape():
    model = L.BatchNormalization(3)
    average = extensions.ExponentialMovingAverage(model)
    model.avg_mean[:] = 5
    average(None)
    assert (average.model.avg_mean == 5).all() and average.model.avg_mean is not model.avg_mean
    lazy = L.Linear(None, 2)
    average = extensions.ExponentialMovingAverage(lazy)
    average(None)
    lazy(np.ones((1, 3), 'f'))
    average(None)
    assert np.array_equal(average.model.W.array, lazy.W.array)


def make(folder, n, seed=0):
    trainer = make_trainer(folder, (n, 'iteration'), seed=seed, dropout=0.3, optimizer=optimizers.SGD(0.5))
    average = extensions.ExponentialMovingAverage(model_of(trainer), 0.8)
    trainer.extend(average)
    evaluate = lambda model: extensions.Evaluator(SerialIterator(data(9, 1), 9, repeat=False, shuffle=False), model)
    trainer.extend(evaluate(average.model), name='average', trigger=(2, 'iteration'))
    trainer.extend(extensions.LogReport(trigger=(2, 'iteration')))
    trainer.extend(
        extensions.snapshot_object(average.model, 'average_{.updater.iteration}.npz'), trigger=(2, 'iteration')
    )
    trainer.extend(extensions.snapshot(autoload=True), trigger=(4, 'iteration'))
    return trainer, average


def test_is_evaluated_and_saved(tmp_path):
    trainer, average = make(tmp_path, 6)
    trainer.run()
    log = trainer.get_extension('LogReport').log
    expected = extensions.Evaluator(SerialIterator(data(9, 1), 9, repeat=False, shuffle=False), average.model)()
    assert log[-1]['average/main/loss'] == float(expected['main/loss'])
    saved = L.Classifier(MLP())
    load_npz(tmp_path / 'average_6.npz', saved)
    for path, array in arrays(saved).items():
        assert np.array_equal(array, arrays(average.model)[path])
        assert not np.array_equal(array, arrays(model_of(trainer))[path])


def test_resumes_bit_for_bit(tmp_path):
    whole, average = make(tmp_path / 'whole', 9)
    whole.run()
    make(tmp_path / 'cut', 4)[0].run()
    second, resumed = make(tmp_path / 'cut', 9, 7)
    second.run()
    assert_equal_states(state(whole), state(second))
    assert_equal_states(arrays(average.model), arrays(resumed.model))


def test_float16_resumes_bit_for_bit(tmp_path):
    def make():
        with chaingrad.using_config('dtype', np.float16):
            model = L.Linear(1, 1)
        return model, extensions.ExponentialMovingAverage(model, 0.99)

    def go_on(model, average, numbers):
        for i in numbers:
            model.W.array[:] = 1 + i / 64
            average(None)

    whole, first, second = make(), make(), make()
    go_on(*whole, range(40))
    go_on(*first, range(20))
    save_npz(tmp_path / 'state', first[1])
    load_npz(tmp_path / 'state', second[1])
    go_on(*second, range(20, 40))
    assert np.array_equal(whole[1]._upcast['/W'], second[1]._upcast['/W'])


def test_wrong_arguments():
    with pytest.raises(TypeError, match='target must be a Link, but it is a int'):
        extensions.ExponentialMovingAverage(1)
    for decay in (0, 1, 2.0):
        with pytest.raises(ValueError, match='decay must be between 0 and 1, but it is'):
            extensions.ExponentialMovingAverage(L.Linear(1, 1), decay)
