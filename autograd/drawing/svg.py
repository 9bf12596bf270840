"""A layered picture of boxes and arrows as SVG text, made without any other program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from chaingrad.autograd.drawing.layout import Layout

FONT_SIZE = 13
CHARACTER = 0.602 * FONT_SIZE  # width of every character of the usual monospaced fonts
HEIGHT = 30.0
PADDING = 13.0
GAP = 24.0
LAYER_GAP = 34.0
MARGIN = 16.0
ARROW = 8.0
LINE = '#555555'
FONTS = "'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace"


@dataclass
class Box:
    """One box: its text, and the style words of the dot language (shape, fillcolor, color, fontcolor)."""

    label: str
    style: Mapping[str, str] = field(default_factory=dict)

    @property
    def width(self) -> float:
        """The width that the text needs."""
        return len(self.label) * CHARACTER + 2 * PADDING


Point = tuple[float, float]


class _Picture:
    """The coordinates of everything. `rankdir` is the direction of the arrows: TB, BT, LR or RL."""

    def __init__(self, boxes: Sequence[Box], edges: Sequence[tuple[int, int]], rankdir: str) -> None:
        self.boxes = boxes
        self.rankdir = rankdir
        self.upright = rankdir in ('TB', 'BT')
        self.layout = Layout([b.width if self.upright else HEIGHT for b in boxes], edges, GAP)
        self.depths = [max(map(self.extent, row)) for row in self.layout.rows]
        starts = [sum(self.depths[:i]) + i * LAYER_GAP for i in range(len(self.depths))]
        self.centres = [start + depth / 2 for start, depth in zip(starts, self.depths)]
        halves = [(x - s / 2, x + s / 2) for x, s in zip(self.layout.x, self.layout.sizes)]
        self.left = min((h[0] for h in halves), default=0.0)
        self.across = max((h[1] for h in halves), default=0.0) - self.left
        self.along = starts[-1] + self.depths[-1] if starts else 0.0

    def extent(self, v: int) -> float:
        """The extent of a vertex along the arrows."""
        if v >= len(self.boxes):
            return 0.0
        return HEIGHT if self.upright else self.boxes[v].width

    @property
    def size(self) -> Point:
        """Width and height of the picture."""
        width, height = (self.across, self.along) if self.upright else (self.along, self.across)
        return width + 2 * MARGIN, height + 2 * MARGIN

    def point(self, across: float, along: float) -> Point:
        """Return the place in the picture."""
        across -= self.left
        along = self.along - along if self.rankdir in ('BT', 'RL') else along
        x, y = (across, along) if self.upright else (along, across)
        return x + MARGIN, y + MARGIN

    def curve(self, u: int, v: int, port: float) -> str:
        """Return the path of a segment and its arrow; `port` is where it ends on the target's side."""
        layout = self.layout
        is_end = v < len(self.boxes)
        top, bottom = self.centres[layout.layer[u]], self.centres[layout.layer[v]]
        # Straight beside the boxes of its own rows, a smooth curve between the rows.
        leave = top + self.depths[layout.layer[u]] / 2
        arrive = bottom - self.depths[layout.layer[v]] / 2 - (ARROW if is_end else 0)
        x, to, middle = layout.x[u], layout.x[v] + port, (leave + arrive) / 2
        start, end = top + self.extent(u) / 2, bottom - self.extent(v) / 2 - (ARROW if is_end else 0)
        places = [(x, start), (x, leave), (x, middle), (to, middle), (to, arrive), (to, end)]
        a, b, c, d, e, f = (_pair(self.point(*p)) for p in places)
        path = f'<path d="M{a}L{b}C{c} {d} {e}L{f}"/>'
        if not is_end:
            return path
        corners = [(to - 0.4 * ARROW, end), (to, end + ARROW), (to + 0.4 * ARROW, end)]
        points = ' '.join(_pair(self.point(*p)) for p in corners)
        return f'{path}<polygon points="{points}" fill="{LINE}" stroke="none"/>'


def _pair(point: Point) -> str:
    return f'{point[0]:.1f},{point[1]:.1f}'


def _ports(picture: _Picture) -> dict[tuple[int, int], float]:
    """Spread the ends of several arrows along the side of their target, in the order of their origins.

    An arrow that comes from straight above stays in the middle.
    """
    layout = picture.layout
    ports: dict[tuple[int, int], float] = {}
    for v in range(len(picture.boxes)):
        sources = sorted(layout.above[v], key=layout.x.__getitem__)
        straight = [i for i, u in enumerate(sources) if abs(layout.x[u] - layout.x[v]) < 1]
        middle = straight[0] if straight else (len(sources) - 1) / 2
        widest = max(middle, len(sources) - 1 - middle)
        step = min(16.0, 0.4 * layout.sizes[v] / widest) if widest > 0 else 0.0
        ports.update({(u, v): (i - middle) * step for i, u in enumerate(sources)})
    return ports


def _outline(box: Box, centre: Point) -> str:
    (x, y), w, h = centre, box.width, HEIGHT
    style = box.style
    fill, stroke = (escape(style.get(k, d)) for k, d in (('fillcolor', 'white'), ('color', LINE)))
    paint = f'fill="{fill}" stroke="{stroke}"'
    if style.get('shape') == 'octagon':
        c = 0.29 * h
        corners = [(-w / 2 + c, -h / 2), (w / 2 - c, -h / 2), (w / 2, -h / 2 + c), (w / 2, h / 2 - c)]
        corners += [(-a, -b) for a, b in corners]
        return f'<polygon points="{" ".join(_pair((x + a, y + b)) for a, b in corners)}" {paint}/>'
    radius = h / 2 if style.get('shape') in ('oval', 'ellipse') else 3
    return f'<rect x="{x - w / 2:.1f}" y="{y - h / 2:.1f}" width="{w:.1f}" height="{h:.1f}" rx="{radius:.1f}" {paint}/>'


def render_svg(boxes: Sequence[Box], edges: Sequence[tuple[int, int]], rankdir: str = 'TB') -> str:
    """Return a picture of boxes and arrows as SVG.

    Args:
        boxes: the boxes, sources first.
        edges: pairs of indexes into `boxes`, from source to target; no cycles.
        rankdir: the direction of the arrows: `'TB'` (top to bottom), `'BT'`, `'LR'` or `'RL'`.

    Returns:
        The text of an SVG file; the same for the same arguments.

    Raises:
        ValueError: the graph has a cycle.

    Example:
        >>> from chaingrad.autograd.drawing.svg import Box, render_svg
        >>> render_svg([Box('x'), Box('exp')], [(0, 1)])[:4]
        '<svg'
    """
    picture = _Picture(boxes, edges, rankdir)
    width, height = picture.size
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.1f} {height:.1f}" font-family="{FONTS}" font-size="{FONT_SIZE}">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<g fill="none" stroke="{LINE}" stroke-width="1.2">',
    ]
    ports = _ports(picture)
    for u, v in picture.layout.segments:
        lines.append(picture.curve(u, v, ports.get((u, v), 0.0)))
    lines += ['</g>', '<g text-anchor="middle" stroke-width="1">']
    for v, box in enumerate(boxes):
        x, y = picture.point(picture.layout.x[v], picture.centres[picture.layout.layer[v]])
        colour = escape(box.style.get('fontcolor', 'black'))
        text = (
            f'<text x="{x:.1f}" y="{y + 0.35 * FONT_SIZE:.1f}" fill="{colour}">{escape(box.label, quote=False)}</text>'
        )
        lines.append(_outline(box, (x, y)) + text)
    return '\n'.join([*lines, '</g>', '</svg>', ''])
