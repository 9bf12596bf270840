"""A picture of nested times: every row divides the one above, as wide as the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

WIDTH = 1000.0
ROW = 22.0
CHARACTER = 6.6  # width of a character of 11 pixels
LEAST = 0.5  # narrower boxes are left out
COLOURS = {'forward': '#8fb8de', 'backward': '#f2a65e'}
LINKS = ('#e4eadf', '#d3dfcb')


class _Branch:
    """A link, a function, or its forward or backward part."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.children: dict[str, _Branch] = {}


def render_flame(stacks: Mapping[tuple[str, ...], float], time_text: Callable[[float], str]) -> str:
    """Return the picture as SVG.

    Args:
        stacks: seconds by path: names of links, then the function, then 'forward' or 'backward'.
        time_text: how a time is written.

    Example:
        >>> from chaingrad.links.profiling.flame import render_flame
        >>> render_flame({('l1', 'ReLU', 'forward'): 0.5}, str)[:4]
        '<svg'
    """
    root = _Branch()
    for path, seconds in stacks.items():
        branch = root
        branch.seconds += seconds
        for name in path:
            branch = branch.children.setdefault(name, _Branch())
            branch.seconds += seconds
    depth = max(map(len, stacks), default=0) + 1
    height = depth * ROW
    scale = WIDTH / root.seconds if root.seconds else 0.0
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {WIDTH:.0f} {height:.0f}" font-family="monospace" font-size="11">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    stack = [('all', root, 0.0, 0)]
    while stack:
        name, branch, left, row = stack.pop()
        width = branch.seconds * scale
        if width < LEAST and row:
            continue
        share = 100 * branch.seconds / root.seconds if root.seconds else 0.0
        text = f'{name} {time_text(branch.seconds)} ({share:.1f}%)'
        lines.append(_box(name, text, left, row, width))
        for child_name, child in sorted(branch.children.items(), key=lambda item: -item[1].seconds):
            stack.append((child_name, child, left, row + 1))
            left += child.seconds * scale
    return '\n'.join([*lines, '</svg>', ''])


def _box(name: str, text: str, left: float, row: int, width: float) -> str:
    """Return a box, its text as far as it fits, and the whole text where the mouse points."""
    from html import escape  # takes 2 ms

    fill = COLOURS.get(name, LINKS[row % 2])
    fits = int((width - 6) / CHARACTER)
    shown = escape(text if len(text) <= fits else text[: max(fits - 1, 0)] + '…' if fits > 3 else '', quote=False)
    y = row * ROW
    return (
        f'<g><title>{escape(text, quote=False)}</title><rect x="{left:.1f}" y="{y:.0f}" width="{width:.1f}" '
        f'height="{ROW - 1:.0f}" fill="{fill}" stroke="white" stroke-width="0.5"/>'
        f'<text x="{left + 3:.1f}" y="{y + 15:.0f}">{shown}</text></g>'
    )
