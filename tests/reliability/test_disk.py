"""Promise 6: a file that cannot be written is an error and the old one stays; a run that does not fit is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap

import numpy as np
import pytest

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import optimizers
from chaingrad.links.serializers import load_npz
from chaingrad.training import StandardUpdater, Trainer, extensions
from chaingrad.training.extensions import snapshot_writers
from chaingrad.training.iterators import MultiprocessIterator, MultithreadIterator, SerialIterator
from tests.reliability.programs import ROOT, make_small
from tests.training.small import data

WRITERS = ['SimpleWriter', 'ThreadWriter', 'ProcessWriter', 'ThreadQueueWriter', 'ProcessQueueWriter']
posix = pytest.mark.skipif(sys.platform == 'win32', reason='limits of POSIX')


def run_python(code, *arguments):
    """Run a program and return its last line."""
    command = [sys.executable, '-c', textwrap.dedent(code), *map(str, arguments)]
    environment = {**os.environ, 'PYTHONPATH': str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


FULL = """
    import functools, resource, signal, sys
    from chaingrad.links.serializers import save_npz
    from chaingrad.training import extensions
    from tests.reliability.programs import Ballast, make_small
    folder, writer = sys.argv[1:]
    trainer = make_small(folder, (6, 'iteration'))
    trainer.extend(Ballast())
    writer = getattr(extensions.snapshot_writers, writer)(functools.partial(save_npz, compression=False))
    trainer.extend(extensions.snapshot(writer=writer, n_retains=1), trigger=(2, 'iteration'))

    def fill(trainer):
        if trainer.updater.iteration == 3:  # from now on files end after 100 kB, in the middle of an array
            writer.finalize()
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    trainer.extend(fill)
    try:
        trainer.run(show_loop_exception_msg=False)
    except OSError as error:
        print('OSError', str(error).replace(chr(10), ' '))
"""


@posix
@pytest.mark.parametrize('writer', WRITERS)
def test_a_disk_that_gets_full(tmp_path, writer):
    line = run_python(FULL, tmp_path, writer)
    assert line.startswith('OSError') and 'File too large' in line
    assert os.listdir(tmp_path) == ['snapshot_iter_2']
    with np.load(tmp_path / 'snapshot_iter_2') as file:
        assert set(file['extensions/Ballast/values']) == {2.0}


READ_ONLY = """
    import os, sys
    from chaingrad.training import extensions
    from tests.reliability.programs import make_small
    folder = sys.argv[1]
    trainer = make_small(folder, (4, 'iteration'))
    trainer.extend(extensions.snapshot(n_retains=1), trigger=(2, 'iteration'))

    def lock(trainer):
        if trainer.updater.iteration == 3:
            os.chmod(folder, 0o500)
            if os.geteuid() == 0:
                os.setuid(65534)  # root may write everywhere

    trainer.extend(lock)
    try:
        trainer.run(show_loop_exception_msg=False)
    except OSError as error:
        print(type(error).__name__, error)
"""


@posix
def test_a_folder_that_becomes_read_only():
    folder = tempfile.mkdtemp()
    try:
        os.chmod(folder, 0o700)
        if os.geteuid() == 0:
            os.chown(folder, 65534, 65534)
        assert run_python(READ_ONLY, folder).startswith('PermissionError')
        os.chmod(folder, 0o700)
        assert os.listdir(folder) == ['snapshot_iter_2']
        load_npz(os.path.join(folder, 'snapshot_iter_2'), make_small(folder, (1, 'epoch')))
    finally:
        shutil.rmtree(folder)


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(OSError, match=r"out='.*file/out' cannot be made: .* Pass another out="):
        make_small(tmp_path / 'file' / 'out', (1, 'epoch')).run()


# What does not fit


def save(folder, iterator=SerialIterator, n=20, n_units=8):
    trainer = other(folder, iterator, n, n_units)
    trainer.extend(extensions.snapshot(filename='snapshot'), trigger=(4, 'iteration'))
    trainer.run()
    return folder / 'snapshot'


def other(folder, iterator=SerialIterator, n=20, n_units=8):
    model = chaingrad.Sequential(L.Linear(4, n_units), F.tanh, L.Linear(n_units, 3))
    optimizer = optimizers.Adam().setup(L.Classifier(model))
    return Trainer(StandardUpdater(iterator(data(n), 6), optimizer), (4, 'iteration'), str(folder))


@pytest.mark.parametrize('iterator', [SerialIterator, MultithreadIterator, MultiprocessIterator])
@pytest.mark.parametrize('n', [19, 21, 6])
def test_another_dataset_is_refused(tmp_path, iterator, n):
    path = save(tmp_path)
    words = rf'saved run had 20 examples \(chaingrad/iterator\), but this one has {n}'
    with pytest.raises(ValueError, match=words) as caught:
        load_npz(path, other(tmp_path, iterator, n))
    assert len(caught.value.args) == 1


def test_another_model_is_refused(tmp_path):
    path = save(tmp_path)
    trainer = other(tmp_path, n_units=7)
    with pytest.raises(KeyError) as caught:
        load_npz(path, trainer)
    text = str(caught.value)
    assert 'updater/model:main/predictor/0/W is float32 (8, 4) in the file, but float32 (7, 4) here' in text
    assert 'updater/model:main/predictor/1/W is float32 (3, 8) in the file, but float32 (3, 7) here' in text


def test_a_writer_that_writes_something_else_never_replaces(tmp_path):
    def wrong(path, target):
        with open(path, 'wb') as file:
            np.savez(file, **{key: value for key, value in target.items() if '1/W' not in key})

    path = save(tmp_path)
    old = path.read_bytes()
    trainer = other(tmp_path)
    writer = snapshot_writers.SimpleWriter(wrong)
    trainer.extend(extensions.snapshot(filename='snapshot', writer=writer), trigger=(4, 'iteration'))
    with pytest.raises(OSError, match='does not hold what was written: .*1/W.*The old file stays'):
        trainer.run(show_loop_exception_msg=False)
    assert path.read_bytes() == old and os.listdir(tmp_path) == ['snapshot']
