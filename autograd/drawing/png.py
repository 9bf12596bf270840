"""Layered pictures as PNG files, drawn by matplotlib from the coordinates of `svg.py`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from chaingrad.autograd.drawing.frames import Rectangle
from chaingrad.autograd.drawing.svg import (
    FONT_SIZE,
    FRAME_FILL,
    FRAME_FONT_SIZE,
    FRAME_LINE,
    HEIGHT,
    LINE,
    LINE_HEIGHT,
    Box,
    Groups,
    Picture,
    ports_of,
)

DPI = 96
"""Pixels per inch: one pixel for each unit of the SVG."""


def write_png(
    path: str | os.PathLike[str],
    boxes: Sequence[Box],
    edges: Sequence[tuple[int, int]],
    groups: Groups | None = None,
) -> None:
    """Write a picture of boxes and arrows; see `render_svg`.

    Args:
        path: name of the file.
        boxes: the boxes, sources first.
        edges: pairs of indexes into `boxes`, from source to target; no cycles.
        groups: numbers of the boxes that get a frame, by its title.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # never the global backend
    from matplotlib.figure import Figure

    picture = Picture(boxes, edges, 'TB', groups)
    width, height = picture.size
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor='white')
    FigureCanvasAgg(figure)
    axes: Any = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis('off')
    for title, frame in picture.frames().items():
        _draw_frame(axes, title, frame)
    ports = ports_of(picture)
    for u, v in picture.layout.segments:
        _draw_segment(axes, *picture.curve(u, v, ports.get((u, v), 0.0)))
    for v, box in enumerate(boxes):
        _draw_box(axes, box, *picture.centre(v))
    figure.savefig(path, dpi=DPI)


def _draw_frame(axes: Any, title: str, frame: Rectangle) -> None:
    from matplotlib.patches import Rectangle as Patch

    left, top, right, bottom = frame
    patch = Patch((left, top), right - left, bottom - top, linewidth=0.8, facecolor=FRAME_FILL, edgecolor=FRAME_LINE)
    axes.add_patch(patch)
    text = title.replace('$', r'\$')
    axes.text(left + 6, top + 12, text, family='monospace', size=FRAME_FONT_SIZE * 72 / DPI, color=LINE)


def _draw_segment(axes: Any, points: Any, corners: Any) -> None:
    from matplotlib.patches import PathPatch, Polygon
    from matplotlib.path import Path

    codes = [Path.MOVETO, Path.LINETO, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.LINETO]
    axes.add_patch(PathPatch(Path(points, codes), fill=False, edgecolor=LINE, linewidth=0.9))
    if corners:
        axes.add_patch(Polygon(corners, closed=True, facecolor=LINE, linewidth=0))


def _draw_box(axes: Any, box: Box, x: float, y: float) -> None:
    from matplotlib.patches import Polygon

    w, h = box.width / 2, box.height / 2
    c = 0.29 * HEIGHT if box.style.get('shape') == 'octagon' else 0.0
    corners = [(x - w + c, y - h), (x + w - c, y - h), (x + w, y - h + c), (x + w, y + h - c)]
    corners += [(2 * x - a, 2 * y - b) for a, b in corners]
    colours = {'facecolor': box.style.get('fillcolor', 'white'), 'edgecolor': box.style.get('color', LINE)}
    axes.add_patch(Polygon(corners, closed=True, linewidth=0.8, **colours))
    for i, line in enumerate(box.lines):
        options: dict[str, Any] = {'size': FONT_SIZE * 72 / DPI, 'weight': 'normal'}
        if i == 0 and len(box.lines) > 1:
            options['weight'] = 'bold'
        baseline = y + LINE_HEIGHT * (i - (len(box.lines) - 1) / 2)
        colour = box.style.get('fontcolor', 'black')
        axes.text(
            x, baseline, line.replace('$', r'\$'), family='monospace', color=colour, ha='center', va='center', **options
        )
