"""Resumed runs equal unbroken ones, bit for bit, and what does not fit is named."""

from __future__ import annotations

import importlib
import json
import os
import pathlib
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import chaingrad.links as L
from chaingrad import global_config, optimizers
from chaingrad.backends import intel64
from chaingrad.links.serializers import load_npz, save_npz
from chaingrad.links.serializers.loading import LoadError
from chaingrad.training import ParallelUpdater, StandardUpdater, Trainer, extensions, triggers
from chaingrad.training.datasets.combined import TupleDataset
from chaingrad.training.iterators import MultithreadIterator, SerialIterator
from tests.training.small import MLP, assert_equal_states, data, make_trainer, model_of, state, written

TEST_DATA = pathlib.Path(
    os.environ.get('CHAINGRAD_TEST_DATA', pathlib.Path(__file__).resolve().parents[2].parent / 'shared' / 'data')
)
REFERENCE = TEST_DATA / 'reference_snapshots'


def log_without_times(trainer):
    log = trainer.get_extension('LogReport').log
    return [{k: v for k, v in entry.items() if k != 'elapsed_time'} for entry in log]


@pytest.mark.skipif(not REFERENCE.exists(), reason='the reference snapshots are not here')
def test_goes_on_from_a_file_of_the_reference(tmp_path):
    with np.load(REFERENCE / 'trainer_data.npz') as arrays:
        dataset = TupleDataset(arrays['x'], arrays['t'])
    optimizer = optimizers.Adam().setup(L.Classifier(MLP()))
    updater = StandardUpdater(SerialIterator(dataset, 10, shuffle=False), optimizer)
    trainer = Trainer(updater, (8, 'epoch'), str(tmp_path))
    trainer.extend(extensions.LogReport())
    trainer.extend(extensions.snapshot(filename='snapshot_epoch_{.updater.epoch}'))
    load_npz(REFERENCE / 'trainer_epoch_4.npz', trainer)
    trainer.run()
    expected = json.loads((REFERENCE / 'trainer_log.json').read_text(encoding='utf-8'))
    log = json.loads((tmp_path / 'log').read_text(encoding='utf-8'))
    assert [list(entry) for entry in log] == [list(entry) for entry in expected]
    for key in ('epoch', 'iteration', 'main/loss', 'main/accuracy'):
        assert [entry[key] for entry in log] == pytest.approx([entry[key] for entry in expected], rel=1e-6)
    with np.load(REFERENCE / 'trainer_epoch_8.npz') as theirs, np.load(tmp_path / 'snapshot_epoch_8') as ours:
        assert set(theirs.files) <= set(ours.files)
        assert all('chaingrad/' in key for key in set(ours.files) - set(theirs.files))
        for key in theirs.files:
            if theirs[key].dtype.kind != 'U' and key != '_snapshot_elapsed_time':
                assert theirs[key].dtype == ours[key].dtype
                np.testing.assert_allclose(theirs[key], ours[key], rtol=1e-4, atol=1e-6, err_msg=key)


def full_trainer(folder, stop, seed=0, parts=(), **options):
    trainer = make_trainer(folder, stop, seed=seed, **options)
    trainer.extend(extensions.LogReport(trigger=(3, 'iteration')))
    trainer.extend(extensions.PlotReport(['main/loss'], trigger=(6, 'iteration'), filename='loss.svg'))
    model = model_of(trainer)
    trainer.extend(extensions.Evaluator(SerialIterator(data(9, 1), 4, repeat=False), model), trigger=(2, 'iteration'))
    for part in parts:
        trainer.extend(part())
    return trainer


@pytest.mark.parametrize('cut', [2, 4, 7])
@pytest.mark.parametrize('dropout', [0.0, 0.5])
@pytest.mark.parametrize(
    'optimizer',
    [lambda: optimizers.SGD(0.1), lambda: optimizers.MomentumSGD(0.1), optimizers.Adam],
    ids=['SGD', 'MomentumSGD', 'Adam'],
)
def test_a_resumed_run_equals_an_unbroken_one(tmp_path, optimizer, dropout, cut):
    whole = full_trainer(tmp_path / 'whole', (13, 'iteration'), optimizer=optimizer(), dropout=dropout)
    whole.run()
    first = full_trainer(tmp_path / 'cut', (cut, 'iteration'), optimizer=optimizer(), dropout=dropout)
    first.extend(extensions.snapshot(), trigger=(cut, 'iteration'))
    first.run()
    second = full_trainer(tmp_path / 'cut', (13, 'iteration'), 99, optimizer=optimizer(), dropout=dropout)
    second.extend(extensions.snapshot(autoload=True), trigger=(cut, 'iteration'))
    second.run()
    assert_equal_states(state(whole), state(second))
    assert log_without_times(whole) == log_without_times(second)
    assert whole.get_extension('PlotReport')._data == second.get_extension('PlotReport')._data
    assert second.elapsed_time > first.elapsed_time


def lr_by_hand(trainer):
    trainer.updater.get_optimizer('main').lr *= 0.9


def test_learning_rates_that_were_changed_come_back(tmp_path):
    parts = [lambda: lr_by_hand]
    make = lambda folder, n, lr=1.0: full_trainer(
        tmp_path / folder, (n, 'iteration'), parts=parts, optimizer=optimizers.SGD(lr)
    )
    whole = make('whole', 8)
    whole.run()
    first = make('cut', 4)
    first.run()
    save_npz(tmp_path / 'state', first)
    second = make('cut', 8)
    load_npz(tmp_path / 'state', second)
    second.run()
    assert_equal_states(state(whole), state(second))
    # A new value in the program wins.
    third = make('cut', 5, lr=0.5)
    load_npz(tmp_path / 'state', third)
    third.run()
    assert third.updater.get_optimizer('main').lr == 0.5 * 0.9


@pytest.mark.skipif(not intel64.is_ideep_available(), reason='oneDNN is for x86-64 Linux only')
def test_a_run_by_onednn_and_numba_resumes_bit_for_bit(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.import_module('chaingrad.autograd.matmul'), 'LARGE', 0)
    monkeypatch.setattr(importlib.import_module('chaingrad.optimizers.update_rule'), 'AT_ONCE', 1)
    global_config.use_ideep = 'always'
    whole = full_trainer(tmp_path / 'whole', (9, 'iteration'), dropout=0.5)
    whole.run()
    first = full_trainer(tmp_path / 'cut', (4, 'iteration'), dropout=0.5)
    first.run()
    save_npz(tmp_path / 'state', first)
    second = full_trainer(tmp_path / 'cut', (9, 'iteration'), 99, dropout=0.5)
    load_npz(tmp_path / 'state', second)
    second.run()
    assert_equal_states(state(whole), state(second))
    assert 'oneDNN' in chaingrad_state(second)['chaingrad/kernels'].item()


@pytest.mark.parametrize('iterator', [SerialIterator, MultithreadIterator])
@pytest.mark.parametrize('parallel', [False, True])
def test_resumes_with_other_iterators_and_updaters(tmp_path, iterator, parallel):
    def make(folder, n, seed):
        np.random.seed(seed)
        optimizer = optimizers.Adam().setup(L.Classifier(MLP(0.3)))
        make_updater = ParallelUpdater if parallel else StandardUpdater
        options = {'devices': {'main': -1, 'b': -1}} if parallel else {}
        updater = make_updater(iterator(data(), 6), optimizer, **options)
        trainer = Trainer(updater, (n, 'iteration'), str(tmp_path / folder))
        trainer.extend(extensions.snapshot(autoload=True), trigger=(5, 'iteration'))
        return trainer

    whole = make('whole', 9, 0)
    whole.run()
    make('cut', 5, 0).run()
    second = make('cut', 9, 7)
    second.run()
    assert_equal_states(state(whole), state(second))


def test_extensions_after_the_snapshot_are_made_up_for(tmp_path):
    """One with a lower priority than the snapshot has not run when the file is written."""

    def make(folder, n, **options):
        trainer = make_trainer(tmp_path / folder, (n, 'iteration'))
        late = extensions.LogReport(trigger=(1, 'iteration'))
        trainer.extend(late, priority=-200)
        trainer.extend(extensions.snapshot(**options), trigger=(2, 'iteration'))
        return trainer

    whole = make('whole', 4)
    whole.run()
    make('cut', 2).run()
    second = make('cut', 4, autoload=True)
    second.run()
    assert log_without_times(second) == log_without_times(whole) and len(log_without_times(second)) == 4


def test_an_early_stop_is_not_delayed_by_a_resume(tmp_path):
    def make(folder, stop):
        trainer = make_trainer(tmp_path / folder, stop, optimizer=optimizers.SGD(0.0))
        trainer.extend(extensions.snapshot(autoload=True), trigger=(4, 'iteration'))
        return trainer

    early = lambda n: triggers.EarlyStoppingTrigger((1, 'epoch'), patience=4, max_trigger=(n, 'iteration'))
    whole = make('whole', early(1000))
    whole.run()
    make('cut', early(4)).run()
    second = make('cut', early(1000))
    second.run()
    assert 4 < whole.updater.iteration < 1000 and second.updater.iteration == whole.updater.iteration


def test_a_new_process_goes_on(tmp_path):
    code = """
        import random
        import sys
        from chaingrad.training import extensions
        from tests.training.small import make_trainer
        folder, stop, seed = sys.argv[1:]
        random.seed(int(seed))
        trainer = make_trainer(folder, (int(stop), 'epoch'), seed=int(seed), dropout=0.5)
        trainer.extend(extensions.LogReport())
        trainer.extend(extensions.snapshot(autoload=True))
        trainer.run()
    """
    environment = {**os.environ, 'PYTHONPATH': str(pathlib.Path(__file__).resolve().parents[2])}
    for arguments in (('whole', '4', '0'), ('cut', '2', '0'), ('cut', '4', '5')):
        command = [
            sys.executable,
            '-W',
            'error',
            '-c',
            textwrap.dedent(code),
            str(tmp_path / arguments[0]),
            *arguments[1:],
        ]
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
    with np.load(tmp_path / 'whole' / 'snapshot_iter_14') as a, np.load(tmp_path / 'cut' / 'snapshot_iter_14') as b:
        assert a.files == b.files
        for key in a.files:
            if 'elapsed' not in key and not key.endswith(('_log', 'digests')):
                assert np.array_equal(a[key], b[key]), key


def test_an_extension_that_the_saved_run_had_not_begins_here(tmp_path):
    first = make_trainer(tmp_path, (4, 'iteration'))
    first.run()
    save_npz(tmp_path / 'state', first)
    second = make_trainer(tmp_path, (8, 'iteration'), [extensions.LogReport(), extensions.PlotReport(['main/loss'])])
    second.extend(extensions.MicroAverage('main/loss', 'main/accuracy', 'x'))
    second.extend(extensions.LogReport(log_name=None), trigger=triggers.MinValueTrigger('main/loss', (4, 'iteration')))
    load_npz(tmp_path / 'state', second)
    second.run()
    assert [entry['iteration'] for entry in second.get_extension('LogReport').log] == [7]


@pytest.mark.behaviour('trigger-state-warning')
def test_a_trigger_that_fires_once_and_is_not_in_the_file_is_told(tmp_path):
    first = make_trainer(tmp_path, (4, 'iteration'))
    first.run()
    save_npz(tmp_path / 'state', first)
    second, calls = make_trainer(tmp_path, (6, 'iteration')), []
    second.extend(lambda trainer: calls.append(1), 'once', trigger=triggers.OnceTrigger())
    with pytest.warns(UserWarning, match='OnceTrigger: the file does not hold the state'):
        load_npz(tmp_path / 'state', second)
    second.run()
    assert not calls


def test_a_part_of_an_extension_that_is_missing_is_an_error(tmp_path):
    first = make_trainer(tmp_path, (2, 'iteration'), [extensions.ExponentialShift('alpha', 0.9)])
    first.run()
    serializer = chaingrad_state(first)
    del serializer['extensions/ExponentialShift/_t']
    del serializer['chaingrad/digests'], serializer['chaingrad/version']
    serializer = {key: value for key, value in serializer.items() if not key.startswith('chaingrad/')}
    from_file = make_trainer(tmp_path, (4, 'iteration'), [extensions.ExponentialShift('alpha', 0.9)])
    with pytest.raises(LoadError, match='extensions/ExponentialShift/_t'):
        load_npz(written(tmp_path / 'bad', serializer), from_file)


def chaingrad_state(trainer):
    save_npz(path := os.path.join(trainer.out, 'for_test'), trainer)
    with np.load(path) as arrays:
        return dict(arrays)


def test_another_number_of_threads_warns(tmp_path, monkeypatch):
    monkeypatch.setattr('chaingrad.training.run_state.blas_threads', lambda: 3)
    save_npz(tmp_path / 'state', make_trainer(tmp_path))
    monkeypatch.setattr('chaingrad.training.run_state.blas_threads', lambda: 1)
    with pytest.warns(UserWarning, match='made with 3 BLAS.*this process uses 1.*OMP_NUM_THREADS=3'):
        load_npz(tmp_path / 'state', make_trainer(tmp_path))


def test_other_kernels_warn(tmp_path, monkeypatch):
    monkeypatch.setattr('chaingrad.training.run_state.computed_by', lambda: 'oneDNN 3.2.0')
    save_npz(tmp_path / 'state', make_trainer(tmp_path))
    load_npz(tmp_path / 'state', make_trainer(tmp_path))
    monkeypatch.setattr('chaingrad.training.run_state.computed_by', lambda: 'NumPy')
    with pytest.warns(UserWarning, match='with the kernels of oneDNN 3.2.0, this process uses those of NumPy: results'):
        load_npz(tmp_path / 'state', make_trainer(tmp_path))
    with np.load(tmp_path / 'state') as arrays:
        older = dict(arrays)
    digests = json.loads(str(older['chaingrad/digests']))
    del older['chaingrad/kernels'], digests['chaingrad/kernels']
    older['chaingrad/digests'] = np.array(json.dumps(digests))
    load_npz(written(tmp_path / 'older', older), make_trainer(tmp_path))  # no warning: it does not name its kernels


def test_a_changed_model_or_dataset_is_named(tmp_path):
    first = make_trainer(tmp_path, (1, 'iteration'))
    first.run()
    save_npz(tmp_path / 'state', first)
    other = Trainer(
        StandardUpdater(SerialIterator(data(), 6), optimizers.Adam().setup(L.Classifier(L.Linear(4, 3)))),
        out=str(tmp_path),
    )
    with pytest.raises(LoadError, match='predictor/W'):
        load_npz(tmp_path / 'state', other)
    with pytest.raises((LoadError, ValueError), match='20.*21|21.*20'):
        load_npz(tmp_path / 'state', make_trainer(tmp_path, n=21))
