"""Build the site: `python -m tools.site [FOLDER]`, into build/site unless a folder is given."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys

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
    """Return Markdown in which names in backticks lead to the reference, outside of headings."""
    return '\n'.join(line if line.startswith('#') else reference.link(line) for line in text.split('\n'))


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
