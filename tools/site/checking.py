"""A check of the built site: every link and picture in it leads somewhere, and nothing is fetched from elsewhere."""

from __future__ import annotations

import html.parser
import pathlib
import urllib.parse

NEVER_REMOTE = {('script', 'src'), ('link', 'href'), ('img', 'src'), ('iframe', 'src'), ('source', 'src')}


class _Page(html.parser.HTMLParser):
    """The ids of a page, and what it refers to: (tag, attribute, address)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.references: list[tuple[str, str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ('id', 'name') and value:
                self.ids.add(value)
            elif name in ('href', 'src') and value:
                self.references.append((tag, name, value))


def problems(folder: pathlib.Path) -> list[str]:
    """Return a line for every reference of a built site that leads nowhere or is fetched from elsewhere."""
    paths = [path for path in sorted(folder.rglob('*.html')) if path.name != '404.html']
    pages = {path: _Page(path.read_text(encoding='utf-8')) for path in paths}
    found = []
    for path, page in pages.items():
        for tag, attribute, address in page.references:
            problem = _problem(path, pages, tag, attribute, address)
            if problem:
                found.append(f'{path.relative_to(folder)}: {address}: {problem}')
    return found


def _problem(
    path: pathlib.Path, pages: dict[pathlib.Path, _Page], tag: str, attribute: str, address: str
) -> str | None:
    parts = urllib.parse.urlsplit(address)
    if parts.scheme or parts.netloc:
        remote = parts.scheme in ('', 'http', 'https') and (tag, attribute) in NEVER_REMOTE
        return 'is fetched from elsewhere' if remote else None
    target = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
    if target.is_dir():
        target = target / 'index.html'
    if not target.exists():
        return 'no such file'
    anchor = urllib.parse.unquote(parts.fragment)
    if anchor and target in pages and anchor not in pages[target].ids and not anchor.startswith('__'):
        return 'no such anchor'
    return None
