"""Gradient accumulation: k batches of n make the step of one batch of k * n."""

from __future__ import annotations

import json
import os
import signal
import threading

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import optimizers
from chaingrad.links.serializers import load_npz, save_npz
from chaingrad.training import StandardUpdater, Trainer, extensions
from chaingrad.training.iterators import MultithreadIterator, SerialIterator
from tests.training.small import MLP, assert_equal_states, data, state


def make(folder, k, batch_size, stop=(6, 'iteration'), n=24, iterator=SerialIterator, dropout=0.0, seed=0, **options):
    np.random.seed(seed)
    optimizer = options.pop('optimizer', optimizers.Adam)().setup(L.Classifier(MLP(dropout)))
    updater = StandardUpdater(iterator(data(n), batch_size), optimizer, accumulate=k, **options)
    trainer = Trainer(updater, stop, str(folder))
    trainer.extend(extensions.LogReport(trigger=(1, 'iteration')))
    return trainer


@pytest.mark.parametrize('optimizer', [lambda: optimizers.SGD(0.5), optimizers.Adam], ids=['SGD', 'Adam'])
def test_three_small_batches_are_one_large(tmp_path, optimizer):
    large = make(tmp_path, 1, 12, optimizer=optimizer)
    large.run()
    small = make(tmp_path, 3, 4, optimizer=optimizer)
    small.run()
    for key, value in state(large).items():
        np.testing.assert_allclose(state(small)[key], value, rtol=1e-4, atol=1e-6, err_msg=key)
    logs = [trainer.get_extension('LogReport').log for trainer in (large, small)]
    for ours, theirs in zip(*logs, strict=True):
        assert list(ours) == list(theirs) and ours['epoch'] == theirs['epoch']
        assert ours['main/loss'] == pytest.approx(theirs['main/loss'], rel=1e-5)
        assert ours['main/accuracy'] == pytest.approx(theirs['main/accuracy'])
    for name in ('epoch', 'epoch_detail', 'previous_epoch_detail', 'is_new_epoch', 'iteration'):
        assert getattr(large.updater, name) == getattr(small.updater, name)
    assert large.updater.get_optimizer('main').epoch == small.updater.get_optimizer('main').epoch == 3


def test_batches_of_different_sizes_count_by_their_examples():
    """An iterator that ends gives a shorter batch, and then none."""
    x = np.random.RandomState(0).randn(10, 4).astype('f')
    models = [L.Linear(4, 1, initialW=np.ones((1, 4), 'f')) for _ in range(2)]
    for model, (batch_size, k) in zip(models, ((10, 1), (4, 5))):
        iterator = SerialIterator(x, batch_size, repeat=False, shuffle=False)
        updater = StandardUpdater(
            iterator,
            optimizers.SGD(0.1).setup(model),
            loss_func=lambda x, model=model: F.mean(model(x) ** 2),
            accumulate=k,
        )
        updater.update()
        with pytest.raises(StopIteration):
            updater.update()
        assert updater.iteration == 1
    np.testing.assert_allclose(models[0].W.array, models[1].W.array, rtol=1e-6)


def test_reports_are_weighted_and_gradients_are_scaled():
    class Model(chaingrad.Chain):
        def __init__(self):
            super().__init__()
            with self.init_scope():
                self.l = L.Linear(2, 1)

        def forward(self, x):
            pairs = {'pair': (float(x[0, 0]), len(x)), 'size': len(x), 'text': f'of {len(x)}', 'none': None}
            chaingrad.report(pairs, self)
            return F.mean(self.l(x))

    model = Model()
    x = np.arange(10, dtype='f').reshape(5, 2)
    optimizer = optimizers.SGD(0.1).setup(model)
    updater = StandardUpdater(
        SerialIterator(x, 3, repeat=False, shuffle=False), optimizer, accumulate=2, loss_scale=1024.0
    )
    trainer = Trainer(updater, (1, 'iteration'))
    before = model.l.W.array.copy()
    with trainer.reporter.scope(trainer.observation):
        updater.update()
    found = trainer.observation
    assert found['main/size'] == (3 * 3 + 2 * 2) / 5 and found['main/text'] == 'of 2' and found['main/none'] is None
    assert found['main/pair'] == ((0.0 * 3 + 6.0 * 2) / 5, 5)
    np.testing.assert_allclose(before - model.l.W.array, 0.1 * x.mean(0, keepdims=True), rtol=1e-4)


@pytest.mark.parametrize('cut', [1, 2, 5])
def test_resumes_bit_for_bit(tmp_path, cut):
    def run(folder, stop, seed, **options):
        trainer = make(tmp_path / folder, 3, 5, (stop, 'iteration'), 20, dropout=0.4, seed=seed)
        trainer.extend(extensions.snapshot(**options), trigger=(cut, 'iteration'))
        trainer.run()
        return trainer

    whole = run('whole', 8, 0)
    run('cut', cut, 0)
    second = run('cut', 8, 9, autoload=True)
    assert_equal_states(state(whole), state(second))
    assert whole.updater.previous_epoch_detail == second.updater.previous_epoch_detail


@pytest.mark.skipif(not hasattr(signal, 'SIGTERM') or os.name == 'nt', reason='signals of POSIX')
@pytest.mark.parametrize('batch', [1, 2])
def test_a_signal_between_two_batches_of_one_iteration_loses_nothing(tmp_path, batch):
    """The wait for a batch is broken off; the gradients of the batches before are in the snapshot."""

    class Hanging:
        at = -1

        def __init__(self, examples):
            self.examples, self.release = examples, threading.Event()

        def __len__(self):
            return len(self.examples)

        def __getitem__(self, index):
            Hanging.count += 1
            if Hanging.count == Hanging.at:
                threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
                self.release.wait(30)
            return self.examples[index]

    def run(folder, seed, at):
        Hanging.at, Hanging.count = at, 0
        iterator = lambda dataset, size: MultithreadIterator(Hanging(dataset), size)
        trainer = make(tmp_path / folder, 3, 4, (4, 'iteration'), iterator=iterator, dropout=0.4, seed=seed)
        trainer.extend(extensions.snapshot(autoload=True), trigger=(10, 'iteration'))
        dataset = trainer.updater.get_iterator('main').dataset
        try:
            trainer.run()
        finally:
            dataset.release.set()
        return trainer

    whole = run('whole', 0, -1)
    with pytest.raises(SystemExit):
        run('cut', 0, at=4 * (3 + batch) + 1)
    saved = dict(np.load(tmp_path / 'cut' / 'snapshot_iter_1'))
    sizes = json.loads(str(saved['updater/chaingrad/accumulation']))[2][1]
    assert sizes == [4] * batch and saved['updater/chaingrad/gradients/predictor/l1/W'].shape == (8, 4)
    second = run('cut', 9, -1)
    assert_equal_states(state(whole), state(second))
    logs = [[{**e, 'elapsed_time': 0} for e in t.get_extension('LogReport').log] for t in (whole, second)]
    assert logs[0] == logs[1]
    other = make(tmp_path / 'other', 2, 4)
    with pytest.raises(ValueError, match='inside an iteration of accumulate=3 batches, but here accumulate is 2'):
        load_npz(tmp_path / 'cut' / 'snapshot_iter_1', other)


def test_files_of_runs_without(tmp_path):
    first = make(tmp_path, 1, 4, (2, 'iteration'))
    first.run()
    save_npz(tmp_path / 'state', first)
    second = make(tmp_path, 2, 4, (4, 'iteration'))
    load_npz(tmp_path / 'state', second)
    second.run()
    assert second.updater.iteration == 4 and second.updater.epoch_detail == 1


@pytest.mark.parametrize('k', [0, -1, 1.5, '2'])
def test_wrong_numbers(k):
    with pytest.raises(ValueError, match='accumulate must be an integer of at least 1'):
        StandardUpdater(SerialIterator([1], 1), optimizers.SGD().setup(L.Linear(1, 1)), accumulate=k)


def test_a_loss_that_is_no_variable():
    optimizer = optimizers.SGD().setup(L.Linear(1, 1))
    updater = StandardUpdater(SerialIterator([1], 1), optimizer, loss_func=lambda x: 1.0, accumulate=2)
    with pytest.raises(TypeError, match='must return the loss as a Variable, but it is a float'):
        updater.update()
