"""Updaters: what one iteration does."""

from __future__ import annotations

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import optimizers
from chaingrad.training import ParallelUpdater, StandardUpdater, Trainer, Updater, extensions
from chaingrad.training.iterators import SerialIterator
from chaingrad.training.updaters import MultiprocessParallelUpdater
from tests.training.small import MLP, assert_equal_states, data, make_trainer, model_of, state


def linear(lr=0.1):
    model = L.Linear(2, 1, initialW=1.0)
    return model, optimizers.SGD(lr).setup(model)


def test_one_iteration_is_a_step_of_the_loss():
    model, optimizer = linear()
    x = np.array([[1.0, 2.0], [3.0, 4.0]], 'f')
    updater = StandardUpdater(SerialIterator(x, 2, shuffle=False), optimizer, loss_func=lambda x: F.sum(model(x)))
    assert updater.iteration == 0 and updater.epoch == 0
    updater.update()
    assert model.W.array.tolist() == [pytest.approx([0.6, 0.4])]
    assert (updater.iteration, updater.epoch, updater.epoch_detail, updater.previous_epoch_detail) == (1, 1, 1.0, 0.0)
    assert updater.is_new_epoch and optimizer.t == 1 and optimizer.epoch == 1


@pytest.mark.parametrize(
    ('batch', 'seen'),
    [([(1, 2), (3, 4)], ((1, 3), (2, 4), {})), ([{'a': 1}, {'a': 2}], ({'a': (1, 2)},)), ([1, 2], ((1, 2), {}))],
)
def test_batches_become_arguments(batch, seen):
    model, optimizer = linear()
    got = []

    def loss(*args, **kwargs):
        got.append(([tuple(a.tolist()) for a in args], {k: tuple(v.tolist()) for k, v in kwargs.items()}))
        return F.sum(model.W)

    StandardUpdater(SerialIterator(batch, 2, shuffle=False), optimizer, loss_func=loss).update()
    args, kwargs = got[0]
    assert (*args, kwargs) == seen


def test_converters_and_devices():
    model, optimizer = linear()
    calls = []

    def convert(batch, device):
        calls.append(device)
        return np.ones((2, 2), 'f')

    make = lambda **options: StandardUpdater(
        SerialIterator([0, 1], 2), optimizer, convert, loss_func=lambda x: F.sum(model(x)), **options
    )
    make().update()
    make(device='@numpy').update()
    assert calls == [None, -1]
    assert make().device is None and make(device=-1).device == chaingrad.get_device('@numpy')
    assert make(input_device='@numpy').input_device == chaingrad.get_device('@numpy')


def test_several_iterators_and_optimizers():
    (model, first), (_, second) = linear(), linear()
    iterators = {'main': SerialIterator([0, 1], 1), 'other': SerialIterator([0], 1)}
    updater = StandardUpdater(iterators, {'main': first, 'second': second}, loss_func=lambda x: F.sum(model.W))
    assert updater.get_iterator('other') is iterators['other'] and updater.get_optimizer('second') is second
    assert updater.get_all_optimizers() == {'main': first, 'second': second}
    with pytest.raises(ValueError, match=r"a dict of iterators needs one named 'main', but it has \['other'\]"):
        StandardUpdater({'other': iterators['other']}, first)


def test_loss_scale_and_new_epochs():
    model, optimizer = linear()
    updater = StandardUpdater(
        SerialIterator([0], 1), optimizer, loss_func=lambda x: F.sum(model.W), loss_scale=8.0, auto_new_epoch=False
    )
    updater.update()
    assert model.W.array.tolist() == [pytest.approx([0.9, 0.9])]
    assert optimizer.epoch == 0


def test_the_base_says_what_to_define():
    for call in (Updater().update, Updater().get_all_optimizers, lambda: Updater().get_optimizer('main')):
        with pytest.raises(NotImplementedError, match='Updater must define'):
            call()
    Updater().finalize()
    Updater().connect_trainer(None)


def test_parallel_equals_the_sum_of_the_shares():
    """Two models with half a batch each, gradients added: the gradient of the sum of their mean losses."""

    def step(parallel):
        np.random.seed(0)
        model = L.Classifier(MLP())
        optimizer = optimizers.MomentumSGD(0.1).setup(model)
        iterator = SerialIterator(data(8), 8, shuffle=False)
        if parallel:
            updater = ParallelUpdater(iterator, optimizer, devices={'main': -1, 'second': '@numpy'})
        else:
            both = lambda x, t: model(x[::2], t[::2]) + model(x[1::2], t[1::2])
            updater = StandardUpdater(iterator, optimizer, loss_func=both)
        for _ in range(3):
            updater.update()
        return updater, model

    (parallel, model), (_, expected) = step(True), step(False)
    other = parallel._models['second']
    for (path, a), (_, b), (_, c) in zip(model.namedparams(), expected.namedparams(), other.namedparams()):
        np.testing.assert_allclose(a.array, b.array, rtol=1e-5, atol=1e-6, err_msg=path)
        assert np.array_equal(a.array, c.array)


def test_parallel_reports_under_all_names(tmp_path):
    np.random.seed(0)
    models = {'main': L.Classifier(MLP()), 'second': L.Classifier(MLP())}
    optimizer = optimizers.SGD().setup(models['main'])
    trainer = Trainer(
        ParallelUpdater(SerialIterator(data(8), 8), optimizer, models=models), (1, 'iteration'), str(tmp_path)
    )
    trainer.extend(extensions.LogReport(trigger=(1, 'iteration')))
    trainer.run()
    names = list(trainer.get_extension('LogReport').log[0])[:4]
    assert names == ['main/loss', 'main/accuracy', 'second/loss', 'second/accuracy']


def test_parallel_of_wrong_arguments():
    _, optimizer = linear()
    iterator = SerialIterator([0, 1], 1, repeat=False, shuffle=False)
    with pytest.raises(ValueError, match='either models or devices must be specified'):
        ParallelUpdater(iterator, optimizer)
    with pytest.raises(ValueError, match=r"one of them 'main', but models has \[\] and devices \['a'\]"):
        ParallelUpdater(iterator, optimizer, devices={'a': -1})
    with pytest.raises(ValueError, match='a batch of 1 cannot be shared among 2 models'):
        ParallelUpdater(iterator, optimizer, devices={'main': -1, 'b': -1}, loss_func=lambda x: F.sum(x + 0.0)).update()


def test_multiprocess_parallel_says_what_to_use():
    _, optimizer = linear()
    assert not MultiprocessParallelUpdater.available()
    with pytest.raises(
        RuntimeError, match='Use ParallelUpdater for several devices of one process, or train in several'
    ):
        MultiprocessParallelUpdater([SerialIterator([0], 1)], optimizer)


def test_two_runs_from_one_seed_are_equal(tmp_path):
    a, b = make_trainer(tmp_path, dropout=0.5), make_trainer(tmp_path, dropout=0.5)
    np.random.seed(1)
    a.run()
    np.random.seed(1)
    b.run()
    assert_equal_states(state(a), state(b))
    assert model_of(a) is not model_of(b)
