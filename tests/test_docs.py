"""Every page of docs/ is true: its Python runs, from top to bottom, and the files and names in it exist.

Blocks with prompts are console sessions, others are programs; a block ```text right after a program is its output, in
which numbers with a point may differ by 5 %: after a training, processors and libraries agree in the first digits.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib
import io
import re
import sys

import numpy as np
import pytest

from chaingrad.compat.alias import AliasFinder, AliasModule
from tests.source import ROOT
from tests.test_readme import FENCE, FLAGS, blocks
from tools.pages import pictures

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


NUMBER = re.compile(r'-?\d+\.\d+')
CODE = re.compile(r'`([^`]+)`')


def items(text):
    """Yield the fenced blocks of a page, and the rows of tables whose last column is headed `chaingrad`.

    The language of a row is `'row'`, and its text the code in the last cell; where the first column is headed `NumPy`,
    the text compares what both give.
    """
    found = [(line, language, code) for line, language, code in blocks(text)]
    fenced = {n for line, _, code in found for n in range(line, line + code.count('\n') + 2)}
    is_ours = False
    for n, row in enumerate(text.splitlines(), 1):
        if n in fenced or not row.startswith('|'):
            is_ours = False
            continue
        first, *_, last = [cell.strip() for cell in re.split(r'(?<!\\)\|', row.strip().strip('|'))]
        if last == 'chaingrad':
            is_ours = True
            compares = first == 'NumPy'
        elif is_ours:
            codes = [[code.replace('\\|', '|') for code in CODE.findall(cell)] for cell in (first, last)]
            if compares and codes[1]:
                ((hand,), (ours,)) = codes
                codes[1] = [f'np.testing.assert_allclose(np.asarray({ours}), {hand}, rtol=1e-6)']
            found += [(n, 'row', code) for code in codes[1]]
    return sorted(found, key=lambda item: item[0])


def is_output(shown, printed):
    """Return whether a program printed what the page shows, up to 5 % of every number with a point."""
    check = doctest.OutputChecker().check_output
    if check(shown, printed, FLAGS):
        return True
    there, here = NUMBER.findall(shown), NUMBER.findall(printed)
    if len(there) != len(here) or not check(NUMBER.sub('#', shown), NUMBER.sub('#', printed), FLAGS):
        return False
    return np.allclose(np.array(here, float), np.array(there, float), rtol=0.05, atol=0)


class Page:
    """A page that runs from top to bottom, in one session."""

    def __init__(self, path):
        self.path = path
        self.items = list(items(path.read_text(encoding='utf-8')))
        self.names = {'__name__': '__main__'}

    def run(self):
        following = [*self.items, (0, '', '')][1:]
        for (line, language, text), (_, next_language, output) in zip(self.items, following, strict=True):
            if language == 'row':
                exec(compile(text, f'{self.path}:{line}', 'exec'), self.names)
            elif language in ('python', 'pycon') and text.lstrip().startswith('>>>'):
                self.session(line, text)
            elif language == 'python':
                with contextlib.redirect_stdout(io.StringIO()) as printed:
                    exec(compile(text, f'{self.path}:{line}', 'exec'), self.names)
                if next_language == 'text':
                    assert is_output(output, printed.getvalue()), (
                        f'{self.path.name}:{line} prints\n{printed.getvalue()}'
                    )

    def session(self, line, text):
        test = doctest.DocTestParser().get_doctest(text, self.names, f'{self.path.name}:{line}', str(self.path), line)
        report = []
        runner = doctest.DocTestRunner(optionflags=FLAGS)
        runner.run(test, out=report.append, clear_globs=False)
        self.names.update(test.globs)
        assert not runner.failures, ''.join(report)


@pytest.mark.parametrize('page', PAGES, ids=id_of)
def test_python_runs(page, tmp_path, monkeypatch):
    """What a page shows is printed, and the pictures of the tutorial are made; graphs are those in docs/pictures/."""
    monkeypatch.chdir(tmp_path)
    Page(page).run()
    if page.parent.name == 'tutorial':
        shown = pictures(page.read_text(encoding='utf-8'))
        assert shown
        made = {path.name: path for path in tmp_path.rglob('tutorial-*')}
        assert set(shown) <= set(made)
        for name in shown:
            if name.endswith('.svg'):
                committed = (ROOT / 'docs' / 'pictures' / name).read_text(encoding='utf-8')
                assert made[name].read_text(encoding='utf-8') == committed, 'run python -m tools.pictures'


def test_rows_of_tables():
    text = (
        '| there | chaingrad |\n|---|---|\n| `a` | `b; c` |\n| `d \\| e` | `f \\| g` |\n\n'
        '| chaingrad | why |\n|---|---|\n| `h` | `i` |\n'
    )
    assert [code for _, _, code in items(text)] == ['b; c', 'f | g']


def test_rows_that_compare():
    ((_, _, code),) = items('| NumPy | chaingrad |\n|---|---|\n| `a + 1` | `b` |\n')
    with pytest.raises(AssertionError):
        exec(code, {'np': np, 'a': 1, 'b': 3})
    exec(code, {'np': np, 'a': 1, 'b': 2})


def test_outputs_may_differ_a_little():
    assert is_output('step 100: loss 0.1234\n', 'step 100: loss 0.1230\n')
    assert not is_output('step 100: loss 0.1234\n', 'step 101: loss 0.1234\n')
    assert not is_output('step 100: loss 0.1234\n', 'step 100: loss 0.1134\n')
    assert not is_output('loss 0.1 0.2\n', 'loss 0.1\n')


def test_an_output_that_differs_is_noticed(tmp_path):
    page = tmp_path / 'page.md'
    page.write_text('```python\nx = 2\nprint(x)\n```\n\n```text\n3\n```\n', encoding='utf-8')
    with pytest.raises(AssertionError, match='page.md:1 prints'):
        Page(page).run()
    page.write_text('```python\nx = 2\n```\n\n```pycon\n>>> x\n2\n\n```\n', encoding='utf-8')
    Page(page).run()


@pytest.mark.parametrize('page', PAGES, ids=id_of)
def test_links_lead_somewhere(page):
    prose = FENCE.sub('', page.read_text(encoding='utf-8'))
    paths = re.findall(r'\]\((?!https?:|#|mailto:)([^)#\s]+)', prose)
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


def test_the_drawing_is_that_of_the_ground_floor():
    arrows = re.compile(r'^    \[ .*$', re.MULTILINE)
    drawing = arrows.findall((ROOT / 'autograd' / '__init__.py').read_text(encoding='utf-8'))
    assert drawing
    assert arrows.findall((ROOT / 'docs' / 'guides' / 'engine.md').read_text(encoding='utf-8')) == drawing


def test_there_are_pages():
    assert 'from-chainer.md' in [page.name for page in PAGES]
