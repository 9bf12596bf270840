"""The Python of a page of docs/: cut into cells, run as a program, with the pictures that it makes.

The tests run pages as sessions and compare what is printed (tests/test_docs.py). Here nothing is compared: notebooks
are made of the cells, and pictures are drawn anew by running the page.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import pathlib
import re
import shutil
import tempfile
from collections.abc import Iterator

DOCS = pathlib.Path(__file__).resolve().parent.parent / 'docs'
_FENCE = re.compile(r'^```(\w*)[^\n]*\n(.*?)^```[ ]*\n?', re.MULTILINE | re.DOTALL)
_PICTURE = re.compile(r'\]\((?:\.\./)?pictures/([^)\s]+)\)')


def cells(text: str) -> Iterator[tuple[str, str]]:
    """Yield the cells of a page: pairs of `'markdown'`, `'code'`, `'error'` or `'output'` and the text.

    A session with prompts gives one cell for each output that it shows, without prompts and outputs: `'error'` where
    that is a traceback. A block of `text` right after code is its output.
    """
    end, last = 0, 'markdown'
    for match in _FENCE.finditer(text):
        between = text[end : match.start()].strip('\n')
        if between.strip():
            yield 'markdown', between
            last = 'markdown'
        end = match.end()
        language, code = match[1], match[2]
        if language in ('python', 'pycon') and code.lstrip().startswith('>>>'):
            yield from _statements(code)
            last = 'code'
        elif language == 'python':
            yield 'code', code.strip('\n')
            last = 'code'
        elif language == 'text' and last == 'code':
            yield 'output', code
        else:
            yield 'markdown', match[0].strip('\n')
            last = 'markdown'
    if text[end:].strip():
        yield 'markdown', text[end:].strip('\n')


def _statements(session: str) -> Iterator[tuple[str, str]]:
    """Yield the statements of a session with prompts, those without output together with the next one."""
    sources = ''
    for example in doctest.DocTestParser().get_examples(session):
        sources += example.source
        if example.want:
            yield ('error' if example.exc_msg else 'code'), sources.strip('\n')
            sources = ''
    if sources:
        yield 'code', sources.strip('\n')


def pictures(text: str) -> list[str]:
    """Return the names of the pictures in docs/pictures that a page shows."""
    return _PICTURE.findall(text)


def draw(page: pathlib.Path, folder: pathlib.Path) -> list[str]:
    """Run a page in a folder of its own; copy the pictures that it makes and shows, and return their names."""
    text = page.read_text(encoding='utf-8')
    here = pathlib.Path.cwd()
    with tempfile.TemporaryDirectory() as made:
        os.chdir(made)
        try:
            session: dict[str, object] = {'__name__': '__main__'}
            for kind, source in cells(text):
                if kind in ('code', 'error'):
                    expected = (Exception, SystemExit) if kind == 'error' else ()
                    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(*expected):
                        exec(compile(source, page.name, 'exec'), session)
        finally:
            os.chdir(here)
        drawn = [path for name in pictures(text) for path in pathlib.Path(made).rglob(name)]
        for path in drawn:
            shutil.copy(path, folder)
    return [path.name for path in drawn]
