"""The notebooks in docs/notebooks/, made of pages of the tutorial: `python -m tools.notebooks` writes them anew.

A page is the source. Prompts and printed outputs are left out: a notebook makes its own. Links to other pages and
pictures are changed, so that they lead there from docs/notebooks/.

python -m tools.notebooks [FOLDER]
"""

from __future__ import annotations

import json
import pathlib
import re
import sys
from typing import Any

from tools.pages import DOCS, cells

FOLDER = DOCS / 'notebooks'
PAGES = ('01-gradient', '02-graph', '03-function', '05-model', '06-optimizer')
FIRST = '*Made from [{page}](../tutorial/{page}) by `python -m tools.notebooks`. It needs `chaingrad` to be installed.*'


def notebook(name: str) -> dict[str, Any]:
    """Return the notebook of a page of the tutorial."""
    text = (DOCS / 'tutorial' / f'{name}.md').read_text(encoding='utf-8')
    title, _, rest = text.partition('\n')
    rest = re.sub(r'\]\((?=\d\d-\w+\.md)', '](../tutorial/', rest)
    made = [('markdown', f'{title}\n\n{FIRST.format(page=f"{name}.md")}')]
    made += [(kind, source) for kind, source in cells(rest) if kind != 'output']
    return {
        'cells': [_cell(i, kind, source) for i, (kind, source) in enumerate(made)],
        'metadata': {
            'kernelspec': {'display_name': 'Python 3', 'language': 'python', 'name': 'python3'},
            'language_info': {'name': 'python'},
        },
        'nbformat': 4,
        'nbformat_minor': 5,
    }


def _cell(number: int, kind: str, source: str) -> dict[str, Any]:
    lines = source.splitlines(keepends=True)
    if kind == 'markdown':
        return {'cell_type': kind, 'id': f'cell-{number}', 'metadata': {}, 'source': lines}
    tags = {'tags': ['raises-exception']} if kind == 'error' else {}  # so that the cells behind it run
    return {
        'cell_type': 'code',
        'execution_count': None,
        'id': f'cell-{number}',
        'metadata': tags,
        'outputs': [],
        'source': lines,
    }


def text_of(name: str) -> str:
    """Return the file of a page's notebook."""
    return json.dumps(notebook(name), indent=1, ensure_ascii=False) + '\n'


def main(folder: str | pathlib.Path = FOLDER) -> None:
    """Write all notebooks into a folder."""
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    for name in PAGES:
        (folder / f'{name}.ipynb').write_text(text_of(name), encoding='utf-8')


if __name__ == '__main__':
    main(*sys.argv[1:])
