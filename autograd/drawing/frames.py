"""Frames around the boxes of a picture that belong together.

A frame is drawn where it says the truth: no other box stands inside it, and two frames are nested or apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

PADDING = 7.0  # between a frame and the boxes or frames in it
TITLE = 11.0  # room for the title of a frame, above
ROOM = 30.0
"""The margin that a picture with frames needs more than one without."""


class Rectangle(NamedTuple):
    """A rectangle by its sides."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Rectangle) -> bool:
        """Say whether two rectangles have points in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


def frames_around(rectangles: Sequence[Rectangle], groups: Mapping[str, Sequence[int]]) -> dict[str, Rectangle]:
    """Return the frames that can be drawn, the outer ones first.

    Args:
        rectangles: the boxes.
        groups: the boxes of each frame, by its title.

    Example:
        >>> from chaingrad.autograd.drawing.frames import Rectangle, frames_around
        >>> boxes = [Rectangle(0, 0, 10, 10), Rectangle(0, 20, 10, 30), Rectangle(0, 60, 10, 70)]
        >>> frames_around(boxes, {'/a': [0, 1], '/b': [0, 2]})
        {'/a': Rectangle(left=-7.0, top=-18.0, right=17.0, bottom=37.0)}
    """
    frames: dict[str, Rectangle] = {}
    for title, members in sorted(groups.items(), key=lambda item: len(item[1])):
        inner = [frame for other, frame in frames.items() if set(groups[other]) < set(members)]
        inside = [rectangles[i] for i in members] + inner
        frame = Rectangle(
            min([r.left for r in inside]) - PADDING,
            min([r.top for r in inside]) - PADDING - TITLE,
            max([r.right for r in inside]) + PADDING,
            max([r.bottom for r in inside]) + PADDING,
        )
        others = [r for i, r in enumerate(rectangles) if i not in set(members)]
        others += [other for other in frames.values() if other not in inner]
        if not any(frame.meets(other) for other in others):
            frames[title] = frame
    return dict(reversed(frames.items()))
