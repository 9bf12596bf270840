"""The notebooks of the tutorial are those that `python -m tools.notebooks` makes, and they run in a real kernel."""

from __future__ import annotations

import json
import os
import re

import pytest

from tests.source import ROOT
from tools import notebooks, pages


@pytest.mark.parametrize('name', notebooks.PAGES)
def test_notebook_is_made_from_its_page(name):
    committed = (notebooks.FOLDER / f'{name}.ipynb').read_text(encoding='utf-8')
    assert committed == notebooks.text_of(name), 'run python -m tools.notebooks'


@pytest.mark.parametrize('name', notebooks.PAGES)
def test_links_lead_somewhere(name):
    prose = ''.join(
        ''.join(cell['source']) for cell in notebooks.notebook(name)['cells'] if cell['cell_type'] != 'code'
    )
    paths = re.findall(r'\]\((?!https?:|#)([^)#\s]+)', prose)
    assert paths
    assert not [path for path in paths if not (notebooks.FOLDER / path).exists()]


def test_there_are_five():
    assert len(notebooks.PAGES) == 5
    assert {path.stem for path in notebooks.FOLDER.glob('*.ipynb')} == set(notebooks.PAGES)


def test_cells_of_a_page():
    text = '# Title\n\nWords.\n\n```pycon\n>>> x = 1\n>>> x\n1\n>>> for i in range(2):\n...     x += i\n\n```\n\n'
    text += '```pycon\n>>> 1 / 0\nTraceback (most recent call last):\nZeroDivisionError: ...\n\n```\n\n'
    text += '```python\nprint(x)\n```\n\n```text\n2\n```\n\nEnd.\n'
    assert list(pages.cells(text)) == [
        ('markdown', '# Title\n\nWords.'),
        ('code', 'x = 1\nx'),
        ('code', 'for i in range(2):\n    x += i'),
        ('error', '1 / 0'),
        ('code', 'print(x)'),
        ('output', '2\n'),
        ('markdown', 'End.'),
    ]


@pytest.mark.filterwarnings('ignore')  # those of the packages that run notebooks
@pytest.mark.parametrize('name', notebooks.PAGES)
def test_notebook_runs(name, monkeypatch, tmp_path):
    nbclient = pytest.importorskip('nbclient')
    pytest.importorskip('ipykernel')
    import nbformat

    monkeypatch.setenv('PYTHONPATH', os.pathsep.join(filter(None, [str(ROOT), os.environ.get('PYTHONPATH')])))
    notebook = nbformat.reads((notebooks.FOLDER / f'{name}.ipynb').read_text(encoding='utf-8'), as_version=4)
    nbformat.validate(notebook)
    resources = {'metadata': {'path': tmp_path}}
    nbclient.NotebookClient(notebook, timeout=100, kernel_name='python3', resources=resources).execute()
    text = (pages.DOCS / 'tutorial' / f'{name}.md').read_text(encoding='utf-8')
    errors = [output['ename'] for cell in notebook.cells for output in cell.get('outputs', ()) if 'ename' in output]
    assert len(errors) == text.count('Traceback (most recent call last)'), errors
    assert all(list(tmp_path.rglob(picture)) for picture in pages.pictures(text))
    assert len(json.dumps(notebook)) < 200_000
