"""TqdmProgressBar: what it draws, and that it is closed by whatever way the run ends."""

from __future__ import annotations

import io
import signal
import sys
import types

import pytest

from chaingrad.training import extensions
from chaingrad.training.extensions import output, tqdm_bar
from tests.training.small import make_trainer


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def no_bar_is_left():
    yield
    assert output._bars == []


@pytest.fixture
def tqdm():
    return pytest.importorskip('tqdm')


def run(folder, out, stop=(20, 'iteration'), parts=(), **options):
    trainer = make_trainer(folder, stop, extensions=parts)
    bar = extensions.TqdmProgressBar(out=out, **options)
    trainer.extend(bar)
    return trainer, bar


@pytest.mark.parametrize(('stop', 'text'), [((20, 'iteration'), '20/20'), ((2, 'epoch'), '2.00/2 epochs')])
def test_it_goes_to_the_end(tmp_path, tqdm, stop, text):
    out = Terminal()
    trainer, bar = run(tmp_path, out, stop, entries=['main/loss', 'never'])
    trainer.run()
    last = out.getvalue().rstrip('\n').split('\r')[-1]
    assert text in last and 'main/loss=' in last and 'never' not in last
    assert out.getvalue().endswith('\n') and out.getvalue().isascii() and bar._tqdm is None


def test_a_resumed_run_begins_where_the_first_ended(tmp_path, tqdm):
    for n, text in ((10, '0/10'), (20, '10/20')):
        out = Terminal()
        trainer, _ = run(tmp_path, out, (n, 'iteration'))
        trainer.extend(extensions.snapshot(autoload=True), trigger=(10, 'iteration'))
        trainer.run()
        assert text in out.getvalue().split('\r')[1]


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize('times', [1, 2])
def test_it_is_closed_after_an_interrupt(tmp_path, tqdm, number, times):
    def interrupt(trainer):
        for _ in range(times):
            signal.raise_signal(number)

    out = Terminal()
    trainer, bar = run(tmp_path, out, parts=[interrupt, extensions.snapshot()])
    with pytest.raises((KeyboardInterrupt, SystemExit)):
        trainer.run()
    assert bar._tqdm is None and out.getvalue().endswith('\n')
    assert not list(tqdm.tqdm._instances)


def test_it_is_closed_after_an_error(tmp_path, tqdm):
    trainer, bar = run(tmp_path, Terminal(), parts=[lambda trainer: 1 / 0])
    with pytest.raises(ZeroDivisionError):
        trainer.run(show_loop_exception_msg=False)
    assert bar._tqdm is None and not list(tqdm.tqdm._instances)


def test_tables_are_printed_above_it(tmp_path, tqdm):
    out = Terminal()
    parts = [
        extensions.LogReport(trigger=(5, 'iteration')),
        extensions.PrintReport(['iteration', 'main/loss'], out=out),
    ]
    trainer, _ = run(tmp_path, out, parts=parts)
    trainer.run()
    lines = [line.split('\r')[-1].removeprefix('\033[J') for line in out.getvalue().split('\n')]
    assert [line.split()[0] for line in lines if line.strip()][:5] == ['iteration', '5', '10', '15', '20']
    for line in lines[:5]:  # nothing of the bar is left in a line of the table
        assert '|' not in line and '#' not in line


def test_a_file_gets_lines(tmp_path, tqdm):
    out = io.StringIO()
    trainer, _ = run(tmp_path, out, (1000, 'iteration'))
    trainer.run()
    assert out.getvalue().splitlines()[-1].startswith('progress: 100%, 1000 iter')
    assert '\r' not in out.getvalue() and '\033' not in out.getvalue()


def test_without_tqdm(monkeypatch):
    monkeypatch.setitem(sys.modules, 'tqdm', None)
    monkeypatch.setitem(sys.modules, 'tqdm.auto', None)
    with pytest.raises(
        ImportError, match='tqdm must be installed. Run pip install tqdm, or use extensions.ProgressBar'
    ):
        extensions.TqdmProgressBar()


def test_in_a_notebook(tmp_path, monkeypatch):
    """The class that tqdm chooses there is used though the output is no terminal."""
    made = []

    class Widget:
        def __init__(self, **options):
            made.append(self)
            self.options, self.n, self.closed = options, options['initial'], False

        def update(self, n):
            self.n += n

        def set_postfix(self, values, refresh):
            self.values = values

        def close(self):
            self.closed = True

        clear = refresh = lambda self: None

    notebook = types.SimpleNamespace(get_ipython=lambda: types.SimpleNamespace(kernel=object()))
    notebook.display = types.ModuleType('IPython.display')
    monkeypatch.setitem(sys.modules, 'IPython', notebook)
    monkeypatch.setitem(sys.modules, 'IPython.display', notebook.display)
    monkeypatch.setattr(tqdm_bar, '_tqdm', lambda: Widget)
    trainer, _ = run(tmp_path, output.STDOUT, (7, 'iteration'), entries=['main/loss'])
    trainer.run()
    (bar,) = made
    assert bar.closed and bar.n == 7 == bar.options['total'] and float(bar.values['main/loss']) > 0
