"""Layered pictures of boxes and arrows as SVG text, made without any other program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from chaingrad.autograd.drawing.frames import ROOM, Rectangle, frames_around
from chaingrad.autograd.drawing.layout import Layout

FONT_SIZE = 13
SMALL_FONT_SIZE = 12  # of all lines but the first
CHARACTER = 0.602 * FONT_SIZE  # width of every character of the usual monospaced fonts
HEIGHT = 30.0
LINE_HEIGHT = 17.0  # that every further line of text adds
PADDING = 13.0
GAP = 24.0
LAYER_GAP = 34.0
MARGIN = 16.0
ARROW = 8.0
LINE = '#555555'
FRAME_FONT_SIZE = 11
FRAME_LINE = '#b5bfae'
FRAME_FILL = '#f0f3ee'
FONTS = "'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace"


@dataclass
class Box:
    """One box: its lines of text, and its attributes in the dot language (shape, fillcolor, color, fontcolor)."""

    label: str
    style: Mapping[str, str] = field(default_factory=dict)

    @property
    def width(self) -> float:
        """The width that the text needs."""
        return max(map(len, self.lines)) * CHARACTER + 2 * PADDING

    @property
    def lines(self) -> list[str]:
        """The lines of the text; the first is the title where there are several."""
        return self.label.split('\n')

    @property
    def height(self) -> float:
        """The height that the text needs."""
        return HEIGHT + LINE_HEIGHT * self.label.count('\n')


Point = tuple[float, float]
Groups = Mapping[str, Sequence[int]]
"""The numbers of the boxes that get a frame, by its title."""


class Picture:
    """The coordinates of boxes and arrows. `rankdir` is the direction of the arrows: TB, BT, LR or RL."""

    def __init__(
        self, boxes: Sequence[Box], edges: Sequence[tuple[int, int]], rankdir: str, groups: Groups | None = None
    ) -> None:
        self.boxes = boxes
        self.groups = groups or {}
        self.margin = MARGIN + (ROOM if groups else 0.0)
        self.rankdir = rankdir
        self.upright = rankdir in ('TB', 'BT')
        self.layout = Layout([b.width if self.upright else b.height for b in boxes], edges, GAP)
        self.depths = [max(map(self.extent, row)) for row in self.layout.rows]
        starts = [sum(self.depths[:i]) + i * LAYER_GAP for i in range(len(self.depths))]
        self.centres = [start + depth / 2 for start, depth in zip(starts, self.depths)]
        self.left = min((x - size / 2 for x, size in zip(self.layout.x, self.layout.sizes)), default=0.0)
        right = max((x + size / 2 for x, size in zip(self.layout.x, self.layout.sizes)), default=0.0)
        self.across = right - self.left
        self.along = starts[-1] + self.depths[-1] if starts else 0.0

    def extent(self, v: int) -> float:
        """Return the extent of a vertex along the arrows."""
        if v >= len(self.boxes):
            return 0.0
        return self.boxes[v].height if self.upright else self.boxes[v].width

    @property
    def size(self) -> Point:
        """Width and height of the picture."""
        width, height = (self.across, self.along) if self.upright else (self.along, self.across)
        return width + 2 * self.margin, height + 2 * self.margin

    def point(self, across: float, along: float) -> Point:
        """Return the coordinates in the picture."""
        across -= self.left
        if self.rankdir in ('BT', 'RL'):
            along = self.along - along
        if self.upright:
            return across + self.margin, along + self.margin
        return along + self.margin, across + self.margin

    def curve(self, u: int, v: int, port: float) -> tuple[list[Point], list[Point]]:
        """Return the points of a segment and the corners of its arrow, if it has one.

        The points are for a line, a Bezier curve and a line; the arrow ends `port` away from the target's centre.
        """
        layout = self.layout
        has_arrow = v < len(self.boxes)
        arrow = ARROW if has_arrow else 0
        u_centre = self.centres[layout.layer[u]]
        v_centre = self.centres[layout.layer[v]]
        u_x = layout.x[u]
        v_x = layout.x[v] + port
        # The path is straight between the boxes of its own rows, and a smooth curve between the rows.
        start = u_centre + self.extent(u) / 2
        leave = u_centre + self.depths[layout.layer[u]] / 2
        arrive = v_centre - self.depths[layout.layer[v]] / 2 - arrow
        end = v_centre - self.extent(v) / 2 - arrow
        middle = (leave + arrive) / 2
        points = [(u_x, start), (u_x, leave), (u_x, middle), (v_x, middle), (v_x, arrive), (v_x, end)]
        corners = [(v_x - 0.4 * ARROW, end), (v_x, end + ARROW), (v_x + 0.4 * ARROW, end)] if has_arrow else []
        return [self.point(*point) for point in points], [self.point(*corner) for corner in corners]

    def centre(self, v: int) -> Point:
        """Return the centre of a box."""
        return self.point(self.layout.x[v], self.centres[self.layout.layer[v]])

    def frames(self) -> dict[str, Rectangle]:
        """Return the frames around the groups, by title."""
        rectangles = []
        for v, box in enumerate(self.boxes):
            x, y = self.centre(v)
            rectangles.append(Rectangle(x - box.width / 2, y - box.height / 2, x + box.width / 2, y + box.height / 2))
        return frames_around(rectangles, self.groups)


def _segment(points: list[Point], corners: list[Point]) -> str:
    """Return a segment and its arrow as SVG."""
    a, b, c, d, e, f = map(_pair, points)
    path = f'<path d="M{a}L{b}C{c} {d} {e}L{f}"/>'
    if not corners:
        return path
    return f'{path}<polygon points="{" ".join(map(_pair, corners))}" fill="{LINE}" stroke="none"/>'


def _pair(point: Point) -> str:
    return f'{point[0]:.1f},{point[1]:.1f}'


def ports_of(picture: Picture) -> dict[tuple[int, int], float]:
    """Return how far from its target's centre each arrow ends.

    Several arrows end side by side, in the order of their sources; one from straight above ends in the middle.
    """
    layout = picture.layout
    ports: dict[tuple[int, int], float] = {}
    for v in range(len(picture.boxes)):
        sources = sorted(layout.above[v], key=layout.x.__getitem__)
        straight = [i for i, u in enumerate(sources) if abs(layout.x[u] - layout.x[v]) < 1]
        middle = straight[0] if straight else (len(sources) - 1) / 2
        widest = max(middle, len(sources) - 1 - middle)
        step = min(16.0, 0.4 * layout.sizes[v] / widest) if widest > 0 else 0.0
        for i, u in enumerate(sources):
            ports[u, v] = (i - middle) * step
    return ports


def _outline(box: Box, centre: Point) -> str:
    """Return the shape of a box around its text."""
    x, y = centre
    w, h = box.width, box.height
    style = box.style
    fill = escape(style.get('fillcolor', 'white'))
    stroke = escape(style.get('color', LINE))
    paint = f'fill="{fill}" stroke="{stroke}"'
    if style.get('shape') == 'octagon':
        c = 0.29 * HEIGHT
        corners = [(-w / 2 + c, -h / 2), (w / 2 - c, -h / 2), (w / 2, -h / 2 + c), (w / 2, h / 2 - c)]
        corners += [(-a, -b) for a, b in corners]
        return f'<polygon points="{" ".join(_pair((x + a, y + b)) for a, b in corners)}" {paint}/>'
    radius = HEIGHT / 2 if style.get('shape') in ('oval', 'ellipse') else 3
    return f'<rect x="{x - w / 2:.1f}" y="{y - h / 2:.1f}" width="{w:.1f}" height="{h:.1f}" rx="{radius:.1f}" {paint}/>'


def _words(box: Box, centre: Point) -> str:
    """Return the text of a box: several lines are a title and smaller ones below."""
    x, y = centre
    colour = escape(box.style.get('fontcolor', 'black'))
    baselines = [y + 0.35 * FONT_SIZE + LINE_HEIGHT * (i - (len(box.lines) - 1) / 2) for i in range(len(box.lines))]
    opening = f'<text x="{x:.1f}" y="{baselines[0]:.1f}" fill="{colour}"'
    title, *others = [escape(line, quote=False) for line in box.lines]
    if not others:
        return f'{opening}>{title}</text>'
    spans = [
        f'<tspan x="{x:.1f}" y="{baseline:.1f}" font-weight="normal" font-size="{SMALL_FONT_SIZE}">{line}</tspan>'
        for line, baseline in zip(others, baselines[1:])
    ]
    return f'{opening} font-weight="bold">{title}{"".join(spans)}</text>'


def _frame(title: str, frame: Rectangle) -> str:
    """Return a frame and its title as SVG."""
    left, top, right, bottom = frame
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}" rx="6" '
        f'fill="{FRAME_FILL}" fill-opacity="0.5" stroke="{FRAME_LINE}"/>'
        f'<text x="{left + 6:.1f}" y="{top + 12:.1f}" font-size="{FRAME_FONT_SIZE}" fill="{LINE}">'
        f'{escape(title, quote=False)}</text>'
    )


def render_svg(
    boxes: Sequence[Box], edges: Sequence[tuple[int, int]], rankdir: str = 'TB', groups: Groups | None = None
) -> str:
    """Return a picture of boxes and arrows as SVG.

    Args:
        boxes: the boxes, sources first.
        edges: pairs of indexes into `boxes`, from source to target; no cycles.
        rankdir: the direction of the arrows: `'TB'` (top to bottom), `'BT'`, `'LR'` or `'RL'`.
        groups: numbers of the boxes that get a frame where no other box is in the way, by its title.

    Returns:
        The text of an SVG file. The same arguments give the same text.

    Raises:
        ValueError: when the graph has a cycle.

    Example:
        >>> from chaingrad.autograd.drawing.svg import Box, render_svg
        >>> render_svg([Box('x'), Box('exp')], [(0, 1)])[:4]
        '<svg'
    """
    picture = Picture(boxes, edges, rankdir, groups)
    width, height = picture.size
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.1f} {height:.1f}" font-family="{FONTS}" font-size="{FONT_SIZE}">',
        '<rect width="100%" height="100%" fill="white"/>',
        *[_frame(title, frame) for title, frame in picture.frames().items()],
        f'<g fill="none" stroke="{LINE}" stroke-width="1.2">',
    ]
    ports = ports_of(picture)
    for u, v in picture.layout.segments:
        lines.append(_segment(*picture.curve(u, v, ports.get((u, v), 0.0))))
    lines += ['</g>', '<g text-anchor="middle" stroke-width="1">']
    for v, box in enumerate(boxes):
        lines.append(_outline(box, picture.centre(v)) + _words(box, picture.centre(v)))
    return '\n'.join([*lines, '</g>', '</svg>', ''])
