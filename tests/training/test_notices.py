"""What a Trainer says where a run begins, has ended, fails, or is stopped by a signal."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import textwrap

import pytest

from chaingrad.links.serializers.npz import load_npz
from chaingrad.training import extensions
from tests.training.small import make_trainer

ROOT = pathlib.Path(__file__).resolve().parents[2]

PROGRAM = """
    import argparse, os, signal, sys
    from chaingrad.training import extensions
    from tests.training.small import make_trainer

    OPTION
    trainer = make_trainer('result', (9, 'iteration'))
    trainer.extend(lambda t: os.kill(os.getpid(), signal.SIGNUMBER) if t.updater.iteration == 5 else None, name='kill')
    trainer.extend(extensions.snapshot(AUTOLOAD), trigger=(100, 'iteration'))
    trainer.run()  # the user's line
"""
FLAG = "argparse.ArgumentParser().add_argument('-r', '--resume', action='store_true')"
WITH_FILE = "argparse.ArgumentParser().add_argument('--resume', default='', help='file')"


def run(folder, option='', autoload='', number='INT'):
    text = PROGRAM.replace('OPTION', option).replace('AUTOLOAD', autoload).replace('NUMBER', number)
    (folder / 'train.py').write_text(textwrap.dedent(text))
    environment = {**os.environ, 'PYTHONPATH': str(ROOT)}
    return subprocess.run([sys.executable, 'train.py'], cwd=folder, env=environment, capture_output=True, text=True)


@pytest.mark.skipif(sys.platform == 'win32', reason='Windows has no such signals')
@pytest.mark.parametrize(
    ('option', 'autoload', 'call'),
    [
        (FLAG, '', '--resume'),
        (WITH_FILE, '', '--resume {path}'),
        ('', 'autoload=True', 'the same command'),
        ('', '', "extensions.snapshot(autoload=True), or with load_npz('{path}', trainer) before trainer.run()"),
    ],
)
def test_ctrl_c_says_how_to_go_on_without_a_frame_of_ours(tmp_path, option, autoload, call):
    done = run(tmp_path, option, autoload)
    path = os.path.join('result', 'snapshot_iter_5')
    assert done.returncode == -signal.SIGINT
    lines = done.stderr.splitlines()
    assert lines[-1] == f'KeyboardInterrupt: saved {path}; go on with {call.format(path=path)}'
    frames = [line for line in lines if line.lstrip().startswith('File ')]
    assert len(frames) == 1 and 'train.py' in frames[0] and 'Traceback (most' in lines[0]


@pytest.mark.skipif(sys.platform == 'win32', reason='Windows has no such signals')
def test_sigterm_says_it_too(tmp_path):
    done = run(tmp_path, FLAG, number='TERM')
    path = os.path.join('result', 'snapshot_iter_5')
    assert done.returncode == 143 and done.stderr == f'saved {path}; go on with --resume\n'


def test_a_hook_for_exceptions_that_the_program_has_set_stays(tmp_path, monkeypatch):
    mine = lambda *args: None
    monkeypatch.setattr(sys, 'excepthook', mine)
    trainer = make_trainer(tmp_path, (9, 'iteration'))
    trainer.extend(lambda t: signal.raise_signal(signal.SIGINT), name='kill')
    trainer.extend(extensions.snapshot(), trigger=(100, 'iteration'))
    with pytest.raises(KeyboardInterrupt, match='^saved .*snapshot_iter_1; go on with') as caught:
        trainer.run()
    assert sys.excepthook is mine
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def saved_run(tmp_path, stop=(3, 'iteration'), **options):
    trainer = make_trainer(tmp_path, stop)
    trainer.extend(extensions.snapshot(**options), trigger=(1, 'iteration'))
    return trainer


def test_a_resumed_run_says_from_where(tmp_path, capsys):
    saved_run(tmp_path).run()
    assert capsys.readouterr().err == ''
    saved_run(tmp_path, (5, 'iteration'), autoload=True).run()
    path = os.path.join(str(tmp_path), 'snapshot_iter_3')
    assert capsys.readouterr().err.startswith(f'Trainer: goes on from {path} at iteration 3, epoch ')


def test_a_run_that_was_loaded_by_hand_says_where_it_goes_on(tmp_path, capsys):
    saved_run(tmp_path).run()
    trainer = make_trainer(tmp_path, (5, 'iteration'))
    load_npz(os.path.join(str(tmp_path), 'snapshot_iter_2'), trainer)
    trainer.run()
    assert capsys.readouterr().err.startswith('Trainer: goes on at iteration 2, epoch ')


def test_a_finished_run_says_so(tmp_path, capsys):
    saved_run(tmp_path).run()
    saved_run(tmp_path, autoload=True).run()
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith('Trainer: the run is finished: its stop trigger has fired at iteration 3, epoch ')


def test_a_failure_is_told_in_one_line(tmp_path, capsys):
    trainer = make_trainer(tmp_path)
    trainer.extend(lambda t: {}['lost'], name='fail')
    with pytest.raises(KeyError):
        trainer.run()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("Exception in main training loop: KeyError: 'lost' (will finalize trainer extensions")
