"""Snapshots: which files there are, who writes them, and what happens to damaged ones."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import numpy as np
import pytest

import chaingrad.links as L
from chaingrad.links.serializers import load_npz, save_npz
from chaingrad.links.serializers.loading import LoadError, UnreadableFileError
from chaingrad.training import Extension, extensions
from chaingrad.training.extensions import snapshot_writers
from tests.training.small import MLP, assert_equal_states, make_trainer, model_of, state, written

WRITERS = ['SimpleWriter', 'ThreadWriter', 'ProcessWriter', 'ThreadQueueWriter', 'ProcessQueueWriter']


def snapshots_in(folder):
    return sorted(name for name in os.listdir(folder) if name.startswith('snapshot'))


# The extension


def test_files_by_name_and_condition(tmp_path):
    answers = iter([True, False, True])
    parts = [
        extensions.snapshot(filename='a_{.updater.epoch}'),
        extensions.snapshot(filename=lambda t: f'b_{t.updater.iteration}', condition=lambda: next(answers)),
        extensions.snapshot(target=L.Linear(2, 1), filename='models/c_{.updater.epoch}', n_retains=1),
    ]
    make_trainer(tmp_path, (3, 'epoch'), parts).run()
    assert sorted(os.listdir(tmp_path)) == ['a_1', 'a_2', 'a_3', 'b_10', 'b_4', 'models']
    assert os.listdir(tmp_path / 'models') == ['c_3']


def test_snapshot_object_is_a_model_file(tmp_path):
    trainer = make_trainer(tmp_path, (1, 'epoch'))
    model = model_of(trainer)
    trainer.extend(extensions.snapshot_object(model, 'model_{.updater.epoch}.npz'))
    trainer.extend(
        extensions.snapshot_object(model, 'plain', savefun=lambda path, obj: save_npz(path, obj, compression=False))
    )
    trainer.run()
    for name in ('model_1.npz', 'plain'):
        other = L.Classifier(MLP())
        load_npz(tmp_path / name, other)
        assert np.array_equal(other.predictor.l1.W.array, model.predictor.l1.W.array)
    assert os.path.getsize(tmp_path / 'plain') > os.path.getsize(tmp_path / 'model_1.npz') - 500
    assert list(trainer._entries) == ['_Snapshot', '_Snapshot_1']


def test_the_newest_are_kept(tmp_path):
    (tmp_path / 'snapshot_iter_x_y').write_text('of somebody')
    (tmp_path / 'other_1').write_text('of somebody')
    make_trainer(tmp_path, (7, 'iteration')).run()
    trainer = make_trainer(tmp_path, (12, 'iteration'))
    trainer.extend(extensions.snapshot(filename='s_{.updater.iteration}', n_retains=2), trigger=(1, 'iteration'))
    trainer.run()
    assert sorted(os.listdir(tmp_path)) == ['other_1', 's_11', 's_12', 'snapshot_iter_x_y']


def test_on_error(tmp_path):
    trainer = make_trainer(tmp_path, extensions=[extensions.snapshot(snapshot_on_error=True), extensions.snapshot()])
    trainer.extend(lambda t: 1 / 0, trigger=(2, 'iteration'))
    with pytest.raises(ZeroDivisionError):
        trainer.run(show_loop_exception_msg=False)
    assert snapshots_in(tmp_path) == ['snapshot_iter_2']


def test_wrong_arguments():
    with pytest.raises(TypeError, match='cannot be specified together'):
        extensions.snapshot(save_npz, writer=snapshot_writers.SimpleWriter())
    with pytest.raises(ValueError, match='need a filename that is a format'):
        extensions.snapshot(filename=lambda t: 'x', autoload=True)
    with pytest.raises(TypeError, match='unexpected keyword'):
        extensions.snapshot_object(L.Linear(1, 1), 'x', typo=1)


# Writers


@pytest.mark.parametrize('name', WRITERS)
def test_writers_write_the_state_of_their_time(tmp_path, name):
    writer = getattr(snapshot_writers, name)()
    trainer = make_trainer(tmp_path, (6, 'iteration'))
    values = {}
    trainer.extend(lambda t: values.update({t.updater.iteration: model_of(t).predictor.l1.W.array.copy()}), 'keep')
    trainer.extend(extensions.snapshot(writer=writer, n_retains=3), trigger=(1, 'iteration'))
    trainer.run()
    assert (
        snapshots_in(tmp_path)
        == ['snapshot_iter_4', 'snapshot_iter_5', 'snapshot_iter_6']
        == sorted(os.listdir(tmp_path))
    )
    for iteration in (4, 5, 6):
        with np.load(tmp_path / f'snapshot_iter_{iteration}') as arrays:
            assert np.array_equal(arrays['updater/model:main/predictor/l1/W'], values[iteration])


def full_disk(file, target):
    file = file if hasattr(file, 'write') else open(file, 'wb')
    with file:
        file.write(b'some')
        raise OSError(errno.ENOSPC, 'No space left on device')


@pytest.mark.filterwarnings('ignore:.*holds another run')
@pytest.mark.parametrize('name', WRITERS)
def test_a_full_disk_is_an_error_and_the_old_file_stays(tmp_path, name):
    (tmp_path / 'snapshot').write_text('old')
    trainer = make_trainer(tmp_path, (6, 'iteration'))
    writer = getattr(snapshot_writers, name)(full_disk)
    trainer.extend(extensions.snapshot(writer=writer, filename='snapshot'), trigger=(2, 'iteration'))
    with pytest.raises(OSError, match='No space left on device'):
        trainer.run(show_loop_exception_msg=False)
    assert (tmp_path / 'snapshot').read_text() == 'old' and os.listdir(tmp_path) == ['snapshot']


@pytest.mark.skipif(not hasattr(os, 'geteuid') or os.geteuid() == 0, reason='root may write everywhere')
def test_a_folder_that_is_read_only(tmp_path):
    trainer = make_trainer(tmp_path, (1, 'epoch'), [extensions.snapshot()])
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError):
        trainer.run(show_loop_exception_msg=False)


@pytest.mark.filterwarnings('ignore:.*holds another run')
def test_what_was_written_wrongly_does_not_replace_the_old_file(tmp_path):
    def wrong(path, target):
        with open(path, 'wb') as f:
            np.savez(f, **{key: value for key, value in target.items() if 'l1/W' not in key})

    (tmp_path / 's').write_text('old')
    trainer = make_trainer(tmp_path, (1, 'epoch'), [extensions.snapshot(wrong, 's')])
    with pytest.raises(OSError, match='does not hold what was written: .*l1/W.*The old file stays'):
        trainer.run(show_loop_exception_msg=False)
    assert (tmp_path / 's').read_text() == 'old' and os.listdir(tmp_path) == ['s']


# Damage


@pytest.fixture
def saved(tmp_path):
    trainer = make_trainer(tmp_path, (8, 'iteration'), [extensions.LogReport()])
    trainer.extend(extensions.snapshot(), trigger=(4, 'iteration'))
    trainer.run()
    return tmp_path


def same_or_refused(path, expected):
    """Whether a damaged file is refused; if not, all that it loads must be as it was saved."""
    trainer = make_trainer(path.parent, (8, 'iteration'), [extensions.LogReport()], seed=3)
    trainer.extend(extensions.snapshot(), trigger=(4, 'iteration'))
    try:
        load_npz(path, trainer)
    except (UnreadableFileError, LoadError):
        return True
    assert_equal_states(state(trainer), expected)
    return False


def test_truncated_files_are_refused(saved):
    content = (saved / 'snapshot_iter_8').read_bytes()
    path = saved / 'damaged'
    for offset in np.linspace(0, len(content) - 1, 50).astype(int):
        path.write_bytes(content[:offset])
        assert same_or_refused(path, None)


def test_flipped_bits_are_refused_or_harmless(saved):
    content = (saved / 'snapshot_iter_8').read_bytes()
    good = make_trainer(saved, seed=5)
    load_npz(saved / 'snapshot_iter_8', good)
    path, refused = saved / 'damaged', 0
    for position in np.random.RandomState(0).randint(0, 8 * len(content), 60):
        damaged = bytearray(content)
        damaged[position // 8] ^= 1 << position % 8
        path.write_bytes(damaged)
        refused += same_or_refused(path, state(good))
    assert refused > 40


@pytest.mark.parametrize(
    'key', ['updater/model:main/predictor/l1/W', 'chaingrad/version', 'chaingrad/digests', 'updater/iteration']
)
def test_a_file_with_a_key_changed_or_gone_is_refused(saved, key):
    with np.load(saved / 'snapshot_iter_8') as arrays:
        arrays = dict(arrays)
    for change in ({key + 'x': arrays[key]}, {key: arrays[key][..., None]}):
        altered = {k: v for k, v in arrays.items() if k != key} | change
        path = written(saved / 'damaged', altered)
        with pytest.raises((UnreadableFileError, LoadError)):
            load_npz(path, make_trainer(saved))


def test_the_previous_good_file_is_taken(saved):
    newest = saved / 'snapshot_iter_8'
    newest.write_bytes(newest.read_bytes()[:-100])
    trainer = make_trainer(saved, (4, 'iteration'), [extensions.LogReport(), extensions.snapshot(autoload=True)])
    with pytest.warns(
        UserWarning, match='snapshot_iter_4 was loaded, since newer files are damaged: snapshot_iter_8'
    ) as record:
        trainer.run()
    assert len(record) == 1 and trainer.updater.iteration == 4
    (saved / 'snapshot_iter_4').write_bytes(b'')
    trainer = make_trainer(saved, (4, 'iteration'), [extensions.snapshot(autoload=True)])
    with pytest.raises(
        UnreadableFileError, match='no file in .* can be loaded: snapshot_iter_8 .*; snapshot_iter_4 .*move'
    ):
        trainer.run(show_loop_exception_msg=False)


def test_numbers_in_names_say_which_is_newest(saved):
    os.utime(saved / 'snapshot_iter_4', (2e9, 2e9))
    (saved / 'snapshot_iter_4').rename(saved / 'snapshot_iter_10')
    (saved / '.tmp-chaingrad-1-snapshot_iter_99').write_text('')
    names = extensions.snapshots._saved_files(str(saved), 'snapshot_iter_{.updater.iteration}')
    assert [os.path.basename(name) for name in names] == ['snapshot_iter_10', 'snapshot_iter_8']


@pytest.mark.filterwarnings('ignore:.*holds another run')
def test_leftovers_of_killed_runs_are_removed(tmp_path):
    dead = subprocess.Popen([sys.executable, '-c', ''])
    dead.wait()
    names = [f'.tmp-chaingrad-{dead.pid}-0a', f'.tmp-chaingrad-{os.getpid()}-0b', 'snapshot_iter_1x']
    for name in names:
        (tmp_path / name).write_text('half')
    make_trainer(tmp_path, (1, 'iteration'), [extensions.snapshot()]).run()
    assert sorted(os.listdir(tmp_path)) == sorted(names[1:])


class Odd(Extension):
    def __call__(self, trainer):
        pass

    def serialize(self, serializer):
        serializer('object', object())


def test_what_cannot_be_saved_is_named(tmp_path):
    trainer = make_trainer(tmp_path, (1, 'epoch'), [Odd(), extensions.snapshot()])
    with pytest.raises(TypeError, match='extensions/Odd/object'):
        trainer.run(show_loop_exception_msg=False)
    assert os.listdir(tmp_path) == []


# A folder that holds another run


def test_begins_in_the_folder_of_another_run(tmp_path):
    make_trainer(tmp_path, (2, 'epoch'), [extensions.snapshot()]).run()
    with pytest.warns(RuntimeWarning) as caught:
        make_trainer(tmp_path, (1, 'epoch'), [extensions.snapshot()]).run()
    (text,) = [str(each.message) for each in caught]
    assert f'{tmp_path} holds another run, whose 2 file(s) end with snapshot_iter_7 of 20' in text
    assert 'Pass another out=' in text
    assert caught[0].filename == __file__


def test_continues_in_its_own_folder_without_a_word(tmp_path):
    make_trainer(tmp_path, (1, 'epoch'), [extensions.snapshot()]).run()
    make_trainer(tmp_path, (2, 'epoch'), [extensions.snapshot(autoload=True), extensions.snapshot()]).run()
    by_hand = make_trainer(tmp_path, (3, 'epoch'), [extensions.snapshot()])
    load_npz(tmp_path / 'snapshot_iter_7', by_hand)
    by_hand.run()


def test_autoload_refuses_the_run_of_another_model(tmp_path):
    make_trainer(tmp_path, (1, 'epoch'), [extensions.snapshot()]).run()
    trainer = make_trainer(tmp_path, (2, 'epoch'), [extensions.snapshot(autoload=True)])
    model_of(trainer).predictor.add_link('l3', L.Linear(2, 2))
    with pytest.raises(LoadError, match=r'snapshot_iter_4 in .* is of another run, .*Pass another out='):
        trainer.run(show_loop_exception_msg=False)
