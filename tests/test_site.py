"""The site of the documentation, as far as Sphinx is not needed; `make docs` builds it and checks its links."""

from __future__ import annotations

import pathlib
import re

import numpy as np
import pytest

from chaingrad import _index
from tests.source import ROOT
from tools.site import __main__ as site
from tools.site.checking import problems
from tools.site.docstrings import escape, parameters_of, to_markdown
from tools.site.navigation import DOCS, sections
from tools.site.reference import Reference, slug
from tools.site.sources import with_links

PAGES = [ROOT / 'README.md', ROOT / 'CONTRIBUTING.md', *sorted(DOCS.rglob('*.md'))]


@pytest.fixture(scope='module')
def reference():
    return Reference()


@pytest.fixture(scope='module')
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp('site') / 'pages'
    site.write_pages(folder)
    return {path.relative_to(folder).as_posix(): path.read_text(encoding='utf-8') for path in folder.rglob('*.md')}


def objects(pages):
    """Return the full names of the objects on some pages."""
    return re.findall(r'^`{6}\{py:\w+\} ([\w.]+)', '\n'.join(pages.values()), re.MULTILINE)


def members(pages):
    """Return the full names of the methods and properties on some pages."""
    owner = ''
    for line in '\n'.join(pages.values()).splitlines():
        match = re.match(r'(`{4,6})\{py:\w+\} ([\w.]+)', line)
        if match and len(match[1]) == 6:
            owner = match[2]
        elif match:
            yield f'{owner}.{match[2]}'


# The reference


def test_every_public_name_has_a_section_and_a_line_in_the_index(reference, written):
    names = objects(written)
    assert len(names) == len(set(names))
    assert {entry.name for entry in reference.entries} <= set(names)
    index = re.findall(r'^- \{py:obj\}`[^`]* <([\w.]+)>`: (.*)', written['reference/index.md'], re.MULTILINE)
    assert sorted(name for name, _ in index) == sorted(names)
    assert all(line.endswith('.') for _, line in index)


def test_every_link_to_a_name_has_a_section(written):
    names = set(objects(written)) | set(members(written))
    text = '\n'.join(written.values())
    assert set(re.findall(r'\{py:obj\}`[^`<]*<([^>`]+)>`', text)) <= names


def test_every_topic_has_a_page(written):
    assert {f'reference/{slug(topic)}.md' for topic in _index.TOPICS} <= written.keys()
    assert len({slug(topic) for topic in _index.TOPICS}) == len(_index.TOPICS)


def test_a_section_has_signature_docstring_and_methods(reference):
    entry = next(entry for entry in reference.entries if entry.name == 'chaingrad.links.Linear')
    text = reference.section(entry)
    assert '{py:class} chaingrad.links.Linear(in_size, out_size=None, nobias=False, initialW=None' in text
    assert '- `out_size` (int): length of the outputs.' in text
    assert '```pycon\n>>> import numpy as np' in text
    assert '{py:method} forward(x, n_batch_axes=1)' in text
    assert '{py:classmethod} from_params(W, b=None, nobias=False)' in text
    assert re.search(r'^From \{py:obj\}`Link <chaingrad.Link>`: .*`cleargrads`', text, re.MULTILINE)


def test_names_in_backticks_become_links(reference):
    assert reference.link('see `F.relu`') == 'see {py:obj}`F.relu <chaingrad.functions.relu>`'
    assert reference.link('`LogReport()`') == '{py:obj}`LogReport() <chaingrad.training.extensions.LogReport>`'
    assert reference.link('`x.grad`, `grad`, `no_such_name`') == '`x.grad`, `grad`, `no_such_name`'
    assert reference.link('`Trainer.extend`') == '{py:obj}`Trainer.extend <chaingrad.training.Trainer.extend>`'
    assert reference.link('`L.Linear.copy()`') == '{py:obj}`L.Linear.copy() <chaingrad.Link.copy>`'
    assert reference.link('[`F.relu`](seeing.md)') == '[`F.relu`](seeing.md)'


@pytest.mark.parametrize('page', PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_short_names_in_backticks_exist(page, reference):
    """`F.relu`, `L.Linear`, `extensions.LogReport`: stale ones would be no links."""
    text = re.sub(r'^```.*?^```', '', page.read_text(encoding='utf-8'), flags=re.MULTILINE | re.DOTALL)
    text = '\n'.join(ours for _, ours in site.halves(text))
    found = set(re.findall(r'`((?:[FL]|extensions|triggers|iterators|optimizers|optimizer_hooks)\.[A-Za-z]\w*)', text))
    known = {written for written in found if reference.link(f'`{written}`') != f'`{written}`'}
    assert found - known <= {'F.Linear'}  # version 1's path of links, which old programs find


def test_other_columns_of_a_comparison_are_left_alone():
    text = '## `F.relu`\n| PyTorch | chaingrad |\n|---|---|\n| `F.relu(x)` | `F.relu(x \\| y)` |\n\n`F.relu` | x |\n'
    assert list(site.halves(text)) == [
        ('## `F.relu`', ''),
        ('| PyTorch ', '| chaingrad |'),
        ('|---', '|---|'),
        ('| `F.relu(x)` ', '| `F.relu(x \\| y)` |'),
        ('', ''),
        ('', '`F.relu` | x |'),
        ('', ''),
    ]


# Docstrings


def test_prose_is_literal_outside_of_backticks():
    assert escape('y = |x|_1 * `a_b*c`') == r'y = \|x\|\_1 \* `a_b*c`'


def test_docstring():
    text = """Return what it says.

y = x * 2

    indented = stays

Args:
    x: Variable or array, (n, k),
        on two lines.
    *rest (list of int): more.

Raises:
    TypeError: never.

Example:
    >>> 1 + 1
    2
"""
    assert to_markdown(text) == (
        'Return what it says.\n\ny = x \\* 2\n\n```text\nindented = stays\n```\n\n**Args**\n\n'
        '- `x`: Variable or array, (n, k), on two lines.\n- `*rest` (list of int): more.\n\n'
        '**Raises**\n\n- `TypeError`: never.\n\n**Example**\n\n```pycon\n>>> 1 + 1\n2\n```'
    )


def test_parameters():
    def f(x, /, y=np.float32, *args, flag=True, **kwargs): ...

    def g(self, a, *, b=None): ...

    assert parameters_of(f) == '(x, /, y=float32, *args, flag=True, **kwargs)'
    assert parameters_of(g) == '(a, *, b=None)'


# Pages and links


def test_every_page_is_in_the_navigation_once():
    names = [name for rows in sections().values() for name in rows]
    assert len(names) == len(set(names))
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob('*.md')}
    assert pages - {'index.md'} == set(names) - {'changelog.md', 'contributing.md'}


def test_the_navigation_has_every_page_that_is_written(written):
    listed = set(re.findall(r'^/(.*)$', written['index.md'], re.MULTILINE))
    orphans = {name for name, text in written.items() if text.startswith('---\norphan: true')}
    assert {f'{name}.md' for name in listed} == written.keys() - orphans - {'index.md'}


def test_links_to_files_lead_to_their_pages():
    text = '[a](../examples/spiral.py) [b](seeing.md#steps) [c](../CHANGELOG.md)\n\n'
    code = '```\n[d](../examples/spiral.py)\n```\n'
    assert with_links(text + code, DOCS / 'guides' / '..', 'deep/page.md') == (
        '[a](../source/examples/spiral.py.md) [b](../seeing.md#steps) [c](../changelog.md)\n\n' + code
    )


def test_what_pages_link_to_has_a_page(written):
    for name, text in written.items():
        text = re.sub(r'^(`{3,}).*?^\1', '', text, flags=re.MULTILINE | re.DOTALL)
        for link in re.findall(r'\]\((?!\w+:|#)([^)\s#]+\.md)', text):
            target = (pathlib.PurePosixPath(name).parent / link).as_posix()
            parts = []
            for part in target.split('/'):
                parts = parts[:-1] if part == '..' else [*parts, part]
            assert '/'.join(parts) in written, f'{name}: {link}'


def test_the_check_of_the_built_site(tmp_path):
    (tmp_path / 'a.html').write_text(
        '<h1 id="here">A</h1><a href="#here"></a><a href="#gone"></a><a href="b.html#there"></a><a href="c.html"></a>'
        '<a href="https://example.org"></a><script src="https://example.org/x.js"></script><img src="//example.org/x">'
    )
    (tmp_path / 'b.html').write_text('<h1 id="there">B</h1>')
    assert problems(tmp_path) == [
        'a.html: #gone: no such anchor',
        'a.html: c.html: no such file',
        'a.html: https://example.org/x.js: is fetched from elsewhere',
        'a.html: //example.org/x: is fetched from elsewhere',
    ]
