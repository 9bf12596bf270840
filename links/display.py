"""What notebooks show of links: a tree of links and parameters."""

from __future__ import annotations

from html import escape
from typing import Any

from chaingrad.autograd.drawing import statistics
from chaingrad.links.link import Link
from chaingrad.links.summary import html_table, is_frozen

COLUMNS = ('parameter', 'shape', 'dtype', 'gradient', '')
MOST_OPEN = 12
"""How many children a link has at most for them to be open at first."""


def link_html(link: Link) -> str:
    """Return a link as a tree that opens and closes: its parameters, then the links below it.

    Args:
        link: the link.
    """
    return _tree(link, '/', True)


def counts_text(link: Link) -> str:
    """Return how many elements the parameters have, and how many of them are frozen."""
    params = [param for param in link.params() if param.is_initialized]
    frozen = sum([param.size for param in params if is_frozen(param)])
    without_shape = sum([not param.is_initialized for param in link.params()])
    text = f'{sum([param.size for param in params]):,} parameters'
    if frozen:
        text += f', {frozen:,} of them frozen'
    return f'{text}, {without_shape} arrays without shape yet' if without_shape else text


def _tree(link: Link, path: str, is_open: bool) -> str:
    children = [(p, child) for p, child in link.namedlinks(skipself=True) if p.count('/') == 1]
    below = [_tree(child, path.rstrip('/') + p, is_open and len(children) <= MOST_OPEN) for p, child in children]
    table = html_table(COLUMNS, _rows(link)) if link._params else ''
    title = f'<b>{escape(type(link).__name__)}</b> <code>{escape(path)}</code> {counts_text(link)}'
    inside = f'<div style="margin-left:1.5em">{table}{"".join(below)}</div>'
    return f'<details{" open" if is_open else ""}><summary>{title}</summary>{inside}</details>'


def _rows(link: Link) -> list[list[str]]:
    rows = []
    for name in sorted(link._params):
        param = getattr(link, name)
        frozen = 'frozen' if is_frozen(param) else ''
        if not param.is_initialized:
            rows.append([name, 'no shape yet', '', '', frozen])
            continue
        gradient = 'None' if param.grad is None else statistics.describe(param.grad)
        rows.append([name, str(param.shape), str(param.dtype), gradient, frozen])
    return rows


def title_of(link: Any) -> str:
    """Return the class of a link and the number of its parameters; 'None' where there is no link."""
    return 'None' if link is None else f'{type(link).__name__}, {counts_text(link)}'
