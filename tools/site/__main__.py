"""Build the site: `python -m tools.site [FOLDER]`, into build/site unless a folder is given."""

from __future__ import annotations

import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator

from tools.site.checking import problems
from tools.site.navigation import DOCS, ROOT, sections, toctree
from tools.site.reference import Reference
from tools.site.sources import outside_code, source_pages, with_links


def write_pages(folder: pathlib.Path) -> None:
    """Write all pages as Markdown, and the pictures and notebooks beside them."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DOCS, folder)
    reference = Reference()
    made = {**dict(reference.pages()), **dict(source_pages())}
    for path in sorted(DOCS.rglob('*.md')):
        name = path.relative_to(DOCS).as_posix()
        text = with_links(path.read_text(encoding='utf-8'), path.parent, name)
        made[name] = outside_code(text, lambda part: with_names(part, reference))
    made['index.md'] += '\n' + contents([name for name in made if name.startswith('reference/')])
    for name, text in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding='utf-8')


def with_names(text: str, reference: Reference) -> str:
    """Return Markdown in which names in backticks lead to the reference."""
    return '\n'.join(others + reference.link(ours) for others, ours in halves(text))


def halves(text: str) -> Iterator[tuple[str, str]]:
    """Yield each line as two parts, of which the second may have names of ours.

    It is empty in headings. In tables whose last column is headed `chaingrad`, it is the last cell: the `F.relu` of the
    others is another library's.
    """
    is_comparison = False
    for line in text.split('\n'):
        start = len(re.match(r'.*(?<!\\)(?=\|.*\|)|', line)[0]) if line.startswith('|') else 0
        is_comparison = line.startswith('|') and (is_comparison or line[start:].strip('| ') == 'chaingrad')
        end = len(line) if line.startswith('#') else start if is_comparison else 0
        yield line[:end], line[end:]


def contents(reference: list[str]) -> str:
    """Return the lists of pages that make the navigation."""
    rows = sections()
    project = rows.pop('Project')
    found = [toctree(name, pages) for name, pages in rows.items() if pages]
    return '\n'.join([*found, toctree('Reference', reference), toctree('Project', project)])


def main(folder: str | pathlib.Path = ROOT / 'build' / 'site') -> int:
    """Build the site and return the exit status."""
    folder = pathlib.Path(folder).resolve()
    pages = ROOT / 'build' / 'pages'
    write_pages(pages)
    shutil.rmtree(folder, ignore_errors=True)
    options = ['--fail-on-warning', '--keep-going', '--quiet', '--fresh-env', '--jobs', 'auto']
    places = ['-c', str(ROOT / 'tools' / 'site'), '-d', str(ROOT / 'build' / 'doctrees'), str(pages), str(folder)]
    status = subprocess.run([sys.executable, '-m', 'sphinx', '-b', 'html', *options, *places], cwd=ROOT).returncode
    for problem in problems(folder):
        print(problem, file=sys.stderr)
        status = status or 1
    print(f'{len(list(folder.rglob("*.html")))} pages in {folder}' if status == 0 else 'the site has mistakes')
    return status


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
