"""Pages for the files of the repository that a page links to, so that no link leads out of the site."""

from __future__ import annotations

import os.path
import pathlib
import posixpath
import re
from collections.abc import Callable, Iterator

from tools.site.navigation import DOCS, PAGES, ROOT, page_of

_FENCE = re.compile(r'(^(```+|~~~+).*?^\2\s*$)', re.MULTILINE | re.DOTALL)
_LINK = re.compile(r'(\]\()(?!\w+:|#|//)([^)\s#]+)')
LANGUAGES = {'.py': 'python', '.cfg': 'ini', '.toml': 'toml', '.yml': 'yaml', '.json': 'json', '.sh': 'bash'}


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """Return Markdown with everything changed but the blocks of code."""
    parts = _FENCE.split(text)  # text, block, its fence, text, ...
    return ''.join(change(part) if i % 3 == 0 else part if i % 3 == 1 else '' for i, part in enumerate(parts))


def linked_files(text: str, folder: pathlib.Path) -> Iterator[pathlib.Path]:
    """Yield the files and folders of the repository that a text in some folder links to."""
    for match in _LINK.finditer(_FENCE.sub('', text)):
        path = pathlib.Path(os.path.normpath(folder / match[2]))
        if path.exists() and path.is_relative_to(ROOT):
            yield path


def with_links(text: str, folder: pathlib.Path, page: str) -> str:
    """Return a text whose links to files lead to their pages.

    Args:
        text: the Markdown.
        folder: where the text lies, to which its links are relative.
        page: its path in the site.
    """

    def replace(match: re.Match[str]) -> str:
        path = pathlib.Path(os.path.normpath(folder / match[2]))
        if not (path.exists() and path.is_relative_to(ROOT)):
            return match[0]  # MkDocs warns of it
        target = page_of(path) or path.relative_to(DOCS).as_posix()
        return match[1] + posixpath.relpath(target, posixpath.dirname(page) or '.')

    return outside_code(text, lambda part: _LINK.sub(replace, part))


def source_pages() -> Iterator[tuple[str, str]]:
    """Yield path and Markdown of a page for every file outside docs/ that a page links to, directly or not."""
    todo = [(path, path.parent) for path in sorted(DOCS.rglob('*.md'))]
    todo += [(ROOT / name, ROOT) for name in PAGES if name != 'README.md']
    seen: set[pathlib.Path] = set()
    while todo:
        path, folder = todo.pop()
        for linked in linked_files(path.read_text(encoding='utf-8'), folder):
            name = page_of(linked)
            if name is None or linked in seen or linked.relative_to(ROOT).as_posix() in PAGES:
                continue
            seen.add(linked)
            yield name, source_page(linked)
    for name, page in PAGES.items():
        if page != 'index.md':
            yield page, with_links((ROOT / name).read_text(encoding='utf-8'), ROOT, page)


def source_page(path: pathlib.Path) -> str:
    """Return the page of a file: its text as code; of a folder: the names in it."""
    name = path.relative_to(ROOT).as_posix()
    head = f'---\norphan: true\nnosearch: true\n---\n\n# `{name}`\n\n'
    if path.is_dir():
        names = sorted(item.name for item in path.iterdir() if item.name[0] not in '._' or item.name == '__init__.py')
        return head + '\n'.join(f'- `{name}/{item}`' for item in names) + '\n'
    text = path.read_text(encoding='utf-8')
    fence = '`' * max(3, *(len(run) + 1 for run in re.findall(r'`{3,}', text)), 3)
    return f'{head}{fence}{LANGUAGES.get(path.suffix, "text")}\n{text}{fence}\n'
