"""The README's Python runs: as a console session where it has prompts, else as if pasted into `python -i`.

All blocks of a kind share one session, from top to bottom. A block ```text right after a pasted block is its output.
"""

from __future__ import annotations

import code
import contextlib
import doctest
import io
import re
import sys

import pytest

from chaingrad import __version__
from tests.source import ROOT

FENCE = re.compile(r'^```(\w*)[^\n]*\n(.*?)^```\s*$', re.MULTILINE | re.DOTALL)
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def blocks(text):
    """Yield the line number, language and text of every fenced block."""
    for match in FENCE.finditer(text):
        yield text.count('\n', 0, match.start()) + 1, match[1], match[2]


class Console(code.InteractiveConsole):
    """An interpreter that reads pasted lines, and raises exceptions instead of printing them."""

    def showtraceback(self):
        raise sys.exc_info()[1]

    def showsyntaxerror(self, filename=None, **_):
        raise sys.exc_info()[1]

    def paste(self, text):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            for line in [*text.splitlines(), '']:
                self.push(line)
        return out.getvalue()


@pytest.fixture
def readme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return list(blocks((ROOT / 'README.md').read_text(encoding='utf-8')))


def test_console_sessions(readme):
    session = {'__name__': '__main__'}
    for line, language, text in readme:
        if language in ('python', 'pycon') and text.lstrip().startswith('>>>'):
            test = doctest.DocTestParser().get_doctest(text, session, f'README.md:{line}', 'README.md', line)
            report = []
            runner = doctest.DocTestRunner(optionflags=FLAGS)
            runner.run(test, out=report.append, clear_globs=False)
            session = test.globs
            assert not runner.failures, ''.join(report)


def test_pasted_code(readme):
    console = Console(locals={'__name__': '__console__'})
    for (line, language, text), (_, next_language, output) in zip(readme, [*readme[1:], (0, '', '')]):
        if language == 'python' and not text.lstrip().startswith('>>>'):
            printed = console.paste(text)
            if next_language == 'text':
                checker = doctest.OutputChecker()
                assert checker.check_output(output, printed, FLAGS), f'README.md:{line} prints\n{printed}'


def test_readme_shows_python(readme):
    assert any(language == 'python' for _, language, _ in readme)


def test_readme_names_only_files_that_exist():
    text = (ROOT / 'README.md').read_text(encoding='utf-8')
    paths = re.findall(r'\]\((?!https?:|#|mailto:)([^)#\s]+)', text) + re.findall(r'python (examples/\w+\.py)', text)
    assert not [path for path in paths if not (ROOT / path).exists()]


def test_readme_names_only_targets_that_exist():
    text = (ROOT / 'README.md').read_text(encoding='utf-8')
    targets = set(re.findall(r'^([a-z-]+):', (ROOT / 'Makefile').read_text(encoding='utf-8'), re.MULTILINE))
    assert not set(re.findall(r'(?:`|^)make ([a-z-]+)', text, re.MULTILINE)) - targets


def test_readme_is_short():
    """Tables of examples and speed stand in docs/."""
    assert len((ROOT / 'README.md').read_text(encoding='utf-8').splitlines()) <= 120


def test_citation_names_this_version():
    assert f'\nversion: {__version__}\n' in (ROOT / 'CITATION.cff').read_text(encoding='utf-8')
