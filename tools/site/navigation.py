"""Where every page stands in the site: the navigation, from what lies in docs/, and the pages of files outside it."""

from __future__ import annotations

import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / 'docs'

# Pages whose place is not told by their folder or name. A page that does not exist (yet) is left out.
START = ('index.md', 'examples.md')
GUIDES = ('seeing.md', 'exporting.md', 'reliability.md', 'performance.md', 'several-machines.md')
# Files beside docs/ that are pages of the site.
PAGES = {'CHANGELOG.md': 'changelog.md', 'CONTRIBUTING.md': 'contributing.md', 'README.md': 'index.md'}


def pages(pattern: str) -> list[str]:
    """Return the pages of docs/ that fit a pattern, an index first, by name."""
    found = [path.relative_to(DOCS).as_posix() for path in DOCS.glob(pattern) if path.suffix == '.md']
    return sorted(found, key=lambda name: (not name.endswith('index.md'), name))


def sections() -> dict[str, list[str]]:
    """Return the pages of docs/ and those beside it, by section: every page once, in the order of reading."""
    tutorial = pages('tutorial/**/*.md')
    guides = [*pages('guides/**/*.md'), *(name for name in GUIDES if (DOCS / name).exists())]
    elsewhere = [*pages('from-*.md'), *pages('books.md')]
    placed = {*START, *tutorial, *guides, *elsewhere}
    others = [name for name in pages('**/*.md') if name not in placed]  # a new page is never lost
    return {
        'Tutorial': tutorial,
        'Guides': [*guides, *others],
        'From elsewhere': elsewhere,
        'Examples': [name for name in START if name != 'index.md' and (DOCS / name).exists()],
        'Project': [page for page in PAGES.values() if page != 'index.md'],
    }


def toctree(caption: str, rows: list[str]) -> str:
    """Return a hidden list of pages, of which Sphinx makes the navigation."""
    paths = '\n'.join(f'/{row.removesuffix(".md")}' for row in rows)
    return f'```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{paths}\n```\n'


def page_of(path: pathlib.Path) -> str | None:
    """Return the path in the site of a file of the repository; None where it is no file, or lies in docs/."""
    name = path.relative_to(ROOT).as_posix()
    if name in PAGES:
        return PAGES[name]
    if path.is_relative_to(DOCS):
        return None
    return f'source/{name}.md'
