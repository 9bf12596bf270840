"""In a notebook PrintReport grows a table, LogReport shows itself as one, and PlotReport redraws its picture."""

from __future__ import annotations

import io
import re
import sys
import types

import pytest

from chaingrad.training import extensions
from tests.training.small import make_trainer


class Display(types.ModuleType):
    """What IPython.display is in a kernel."""

    def __init__(self):
        super().__init__('IPython.display')
        self.shown = []

    class HTML:
        def __init__(self, data):
            self.data = data

    class Image:
        def __init__(self, data, width):
            self.data = data

    def display(self, table, display_id):
        assert display_id
        self.shown.append(table.data)
        return types.SimpleNamespace(update=lambda table: self.shown.append(table.data))


@pytest.fixture
def notebook(monkeypatch):
    module = types.ModuleType('IPython')
    module.version_info = (9, 0, 0)  # matplotlib asks for it
    module.display = Display()
    module.get_ipython = lambda: types.SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, 'IPython', module)
    monkeypatch.setitem(sys.modules, 'IPython.display', module.display)
    return module


def run(folder, **options):
    trainer = make_trainer(folder, (3, 'epoch'), [extensions.LogReport(postprocess=lambda e: e.update(note='<b>&'))])
    trainer.extend(extensions.PrintReport(['epoch', 'main/loss', 'note', 'late'], **options))
    with pytest.warns(UserWarning, match="'late' was never reported"):
        trainer.run()
    return trainer


def cells(table):
    return [re.findall('<t[hd]>(.*?)</t[hd]>', line) for line in table.splitlines() if '<tr>' in line]


def test_one_table_grows(tmp_path, notebook, capsys):
    trainer = run(tmp_path)
    tables = notebook.display.shown
    assert [len(cells(table)) for table in tables] == [1, 2, 3, 4] and capsys.readouterr().out == ''
    log = trainer.get_extension('LogReport').log
    assert cells(tables[-1])[0] == ['epoch', 'main/loss', 'note', 'late']
    assert cells(tables[-1])[3] == ['3', f'{log[2]["main/loss"]:g}', '&lt;b&gt;&amp;', '']


def test_the_log_shows_itself(tmp_path, notebook):
    table = cells(run(tmp_path).get_extension('LogReport')._repr_html_())
    assert table[0] == ['main/loss', 'main/accuracy', 'epoch', 'iteration', 'elapsed_time', 'note'] and len(table) == 4


def test_the_plot_is_redrawn(tmp_path, notebook):
    trainer = make_trainer(tmp_path, (3, 'epoch'), [extensions.LogReport()])
    trainer.extend(extensions.PlotReport(['main/loss'], 'epoch'))
    trainer.run()
    pictures = notebook.display.shown
    assert len(pictures) == 3 and len(set(pictures)) == 3
    assert all(picture.startswith(b'\x89PNG') for picture in pictures)


@pytest.mark.parametrize('output', ['file', 'terminal IPython', 'no IPython'])
def test_text_elsewhere(tmp_path, notebook, capsys, output):
    out = io.StringIO()
    if output == 'terminal IPython':
        notebook.get_ipython = lambda: types.SimpleNamespace()
    elif output == 'no IPython':
        notebook.get_ipython = lambda: None
    run(tmp_path, **({'out': out} if output == 'file' else {}))
    text = out.getvalue() if output == 'file' else capsys.readouterr().out
    assert len(text.splitlines()) == 4 and notebook.display.shown == []
