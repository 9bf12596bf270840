"""Every page of docs/ is true: its Python runs, as the README's does, and the files and names in it exist."""

from __future__ import annotations

import doctest
import importlib
import re
import sys

import pytest

from chaingrad.compat.alias import AliasFinder, AliasModule
from tests.source import ROOT
from tests.test_readme import FLAGS, Console, blocks

PAGES = sorted((ROOT / 'docs').rglob('*.md'))
FOLDERS = 'autograd benchmarks chaingrad docs examples functions links optimizers tests tools training'.split()
PATH = re.compile(rf'(?<![\w./-])(?:{"|".join(FOLDERS)})/[\w./<>-]*')


@pytest.fixture(autouse=True)
def without_alias():
    """Remove the alias that a page's `import chainer` installs."""
    yield
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, AliasFinder)]
    for name in [name for name, module in sys.modules.items() if isinstance(module, AliasModule)]:
        del sys.modules[name]


def id_of(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize('page', PAGES, ids=id_of)
def test_python_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    session = {'__name__': '__main__'}
    console = Console(locals={'__name__': '__console__'})
    for line, language, text in blocks(page.read_text(encoding='utf-8')):
        if language not in ('python', 'pycon'):
            continue
        if not text.lstrip().startswith('>>>'):
            console.paste(text)
            continue
        test = doctest.DocTestParser().get_doctest(text, session, f'{page.name}:{line}', str(page), line)
        report = []
        runner = doctest.DocTestRunner(optionflags=FLAGS)
        runner.run(test, out=report.append, clear_globs=False)
        session = test.globs
        assert not runner.failures, ''.join(report)


@pytest.mark.parametrize('page', PAGES, ids=id_of)
def test_links_lead_somewhere(page):
    paths = re.findall(r'\]\((?!https?:|#|mailto:)([^)#\s]+)', page.read_text(encoding='utf-8'))
    assert not [path for path in paths if not (page.parent / path).exists()]


def paths_in_code(text):
    """Return the paths of the repository that are in backticks or code blocks."""
    blocks_of_code = [block for _, _, block in blocks(text)]
    indented = re.findall(r'^    .*$', text, re.MULTILINE)
    in_backticks = re.findall(r'`([^`\n]+)`', text)
    return {path for code in [*blocks_of_code, *indented, *in_backticks] for path in PATH.findall(code)}


@pytest.mark.parametrize('page', [ROOT / 'CONTRIBUTING.md', ROOT / 'README.md', *PAGES], ids=id_of)
def test_paths_in_code_exist(page):
    """A part in angle brackets, as in `tests/cases/<family>.py`, stands for any name."""
    paths = paths_in_code(page.read_text(encoding='utf-8'))
    assert not [path for path in paths if not list(ROOT.glob(re.sub(r'<\w+>', '*', path)))]


def test_paths_in_code():
    text = (
        'tests/a.py `tests/b.py` `see x/tests/c.py`\n\n    python tests/d.py\n\n```console\ncat tests/e/<f>.py\n```\n'
    )
    assert paths_in_code(text) == {'tests/b.py', 'tests/d.py', 'tests/e/<f>.py'}


@pytest.mark.parametrize('page', PAGES, ids=id_of)
def test_names_in_backticks_exist(page):
    """Names that begin with `chaingrad.` can be found."""
    for name in set(re.findall(r'`(chaingrad(?:\.\w+)+)(?:\([^`]*)?`', page.read_text(encoding='utf-8'))):
        path = name.split('.')
        for i in range(len(path), 0, -1):
            try:
                found = importlib.import_module('.'.join(path[:i]))
                break
            except ModuleNotFoundError:
                continue
        for part in path[i:]:
            found = getattr(found, part)


def test_there_are_pages():
    assert 'from-chainer.md' in [page.name for page in PAGES]
