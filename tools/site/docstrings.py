"""Docstrings of this repository as Markdown. Their text is prose with code in backticks; all other signs are literal.

Sections (`Args:`, `Returns:`, ...) become headings of their own, lists of arguments become lists, examples become
console sessions, and what is indented stays as it is.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

SECTIONS = ('Args', 'Attributes', 'Returns', 'Yields', 'Raises', 'Example', 'Source')
LISTS = ('Args', 'Attributes', 'Raises')
_HEADING = re.compile(rf'^({"|".join(SECTIONS)}):\s*$', re.MULTILINE)
_SPECIAL = re.compile(r'([\\*_<>|#\[\]{}~^])')
_ITEM = re.compile(r'([*\w.`, ]+?)(?: \(([^)]*(?:\([^)]*\)[^)]*)*)\))?: (.*)', re.DOTALL)

Link = Callable[[str], str]


def escape(text: str) -> str:
    """Return prose in which every sign that means something to Markdown is literal, outside of backticks."""
    parts = re.split(r'(`[^`]*`)', text)
    return ''.join(part if i % 2 else _SPECIAL.sub(r'\\\1', part) for i, part in enumerate(parts))


def to_markdown(docstring: str, link: Link = str) -> str:
    """Return a docstring as Markdown.

    Args:
        docstring: its text, without the indentation of the source.
        link: called with every piece of prose; returns it with links to other names.
    """
    head, *rest = _HEADING.split(docstring)
    parts = list(_prose(head, link))
    for name, text in zip(rest[::2], rest[1::2]):
        text = textwrap.dedent(text.strip('\n')).rstrip()
        parts.append(f'**{name}**')
        parts += _items(text, link) if name in LISTS else _prose(text, link)
    return '\n\n'.join(part for part in parts if part)


def _prose(text: str, link: Link) -> Iterator[str]:
    """Yield the paragraphs: console sessions, indented blocks as they are, lists, text."""
    for block in re.split(r'\n\s*\n', text.strip('\n')):
        block = block.rstrip()
        if block.lstrip().startswith('>>>'):
            yield f'```pycon\n{textwrap.dedent(block)}\n```'
            continue
        for indented, lines in _runs(block.splitlines()):
            code = '\n'.join(lines)
            if indented:
                yield f'```text\n{textwrap.dedent(code)}\n```'
            elif lines[0].startswith('- '):
                yield '\n'.join(
                    re.sub(r'^(- |  )?(.*)', lambda m: (m[1] or '') + link(escape(m[2])), row) for row in lines
                )
            else:
                yield link(escape(code))


def _runs(lines: list[str]) -> Iterator[tuple[bool, list[str]]]:
    """Yield runs of lines with and without indentation; the lines below an item of a list belong to it."""
    run: list[str] = []
    was = False
    for line in lines:
        indented = line.startswith('    ') or line.startswith('  ') and not (run and run[0].startswith('- '))
        if run and indented != was:
            yield was, run
            run = []
        run.append(line)
        was = indented
    if run:
        yield was, run


def _items(text: str, link: Link) -> Iterator[str]:
    """Yield a list with one item for each argument or error; text that has no name becomes a paragraph."""
    rows = re.split(r'\n(?=\S)', text)
    items = []
    for row in rows:
        match = _ITEM.fullmatch(' '.join(row.split()))
        if match is None:
            items.append(f'- {link(escape(" ".join(row.split())))}')
            continue
        name, kind, rest = match.groups()
        kind = f' ({escape(kind)})' if kind else ''
        items.append(f'- `{name.strip("`")}`{kind}: {link(escape(rest))}')
    yield '\n'.join(items)


def parameters_of(value: Any) -> str:
    """Return how something is called, in parentheses and without annotations; nothing where that is not known."""
    try:
        parameters = [p for p in inspect.signature(value).parameters.values() if p.name not in ('self', 'cls')]
    except (ValueError, TypeError):
        return ''
    shown = []
    for i, p in enumerate(parameters):
        kinds = {other.kind for other in parameters[:i]}
        if p.kind is not p.POSITIONAL_ONLY and i and parameters[i - 1].kind is p.POSITIONAL_ONLY:
            shown.append('/')
        if p.kind is p.KEYWORD_ONLY and not kinds & {p.KEYWORD_ONLY, p.VAR_POSITIONAL}:
            shown.append('*')
        shown.append(_parameter(p))
    return f'({", ".join(shown)})'


def _parameter(p: inspect.Parameter) -> str:
    stars = {p.VAR_POSITIONAL: '*', p.VAR_KEYWORD: '**'}.get(p.kind, '')
    if p.default is p.empty:
        return f'{stars}{p.name}'
    default = repr(p.default)
    if isinstance(p.default, type) or inspect.isroutine(p.default) or '<' in default:
        default = getattr(p.default, '__name__', type(p.default).__name__)
    return f'{p.name}={default}'
