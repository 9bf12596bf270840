"""Where a user's program called something of this package: file, line, source text, and the link around it.

Links are known here by their method `namedlinks` alone.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Iterable
from operator import itemgetter
from types import CodeType, FrameType
from typing import Any
from weakref import ref

from chaingrad.autograd.frames import is_of_user

_CALLS_OF_LINKS = frozenset(('__call__', '_call_injected'))


class Call(tuple[str, int, str, str]):
    """A line of the user's program that calls something; `traceback.format_list` takes a list of them."""

    # A NamedTuple would make half of the time that it takes to import this module.
    filename = property(itemgetter(0), doc='Path of the file.')
    lineno = property(itemgetter(1), doc='Number of the line.')
    name = property(itemgetter(2), doc='Name of the function that the line is in.')
    line = property(itemgetter(3), doc='Text of the line.')


class CallSite:
    """The calls that lead to a line of the user's program.

    Args:
        frame: the innermost frame.
        of: the CallSite of the function whose gradient is being computed there, or None.

    Attributes:
        frames: code and line of the calls of the user's program, the innermost first.
        links: weak references to the links in whose methods they are, the innermost first.
        digests: those of the arrays that the function applied here retains (see `anomaly.py`).
    """

    __slots__ = ('digests', 'frames', 'links', 'of')

    def __init__(self, frame: FrameType | None, of: Any = None) -> None:
        self.of = of
        self.digests: Any = None
        self.frames: list[tuple[CodeType, int]] = []
        self.links: list[ref[Any]] = []
        while frame is not None:
            code = frame.f_code
            if is_of_user(frame):
                self.frames.append((code, frame.f_lineno))
            link = link_of(frame)
            if link is not None:
                self.links.append(ref(link))
            frame = frame.f_back

    @property
    def stack(self) -> list[Call]:
        """The calls of the user's program, the innermost last."""
        return [_call(*frame) for frame in reversed(self.frames)]

    def __str__(self) -> str:
        """Such as `made at train.py:14, in forward: h = F.sqrt(a), in /predictor/l2`."""
        texts = []
        if self.frames:
            call = _call(*self.frames[0])
            what = f', in {call.name}: {call.line}'.rstrip(': ')
            texts.append(f'made at {short_name(call.filename)}:{call.lineno}{what}')
        path = path_of([link for link in (reference() for reference in self.links) if link is not None])
        if path:
            texts.append(f'in {path}')
        if self.of is not None:
            label, site = self.of
            texts.append(f'for the gradient of {label}, {site}')
        return ', '.join(texts)


def _call(code: CodeType, line: int) -> Call:
    source = linecache.getline(code.co_filename, line).strip()
    return Call((code.co_filename, line, code.co_name, source))


def link_of(frame: FrameType) -> Any:
    """Return the link whose method a frame runs, or None; of the methods of this package only calls are looked at."""
    code = frame.f_code
    if code.co_name not in _CALLS_OF_LINKS and not is_of_user(frame):
        return None
    if not code.co_argcount or code.co_varnames[0] != 'self':
        return None
    owner = frame.f_locals.get('self')
    return owner if hasattr(type(owner), 'namedlinks') else None


def path_of(links: Iterable[Any], root: str = '') -> str:
    """Return the path of the first of some links below the last one that holds it: /predictor/l2.

    Args:
        links: those that have called one another, the innermost first.
        root: the path of a link that no other holds; its class is named where there is none.
    """
    links = list(links)
    for outer in reversed(links):
        for path, link in outer.namedlinks():
            if link is links[0]:
                return root or f'/ ({type(link).__name__})' if path == '/' else str(path)
    return ''


def short_name(filename: str) -> str:
    """Return the name of a file below the current folder, or the full one."""
    try:
        relative = os.path.relpath(filename)
    except ValueError:  # on another drive
        return filename
    return relative if os.path.isabs(filename) and not relative.startswith(os.pardir) else filename


def current(of: Any = None) -> CallSite:
    """Return where the user's program is now."""
    return CallSite(sys._getframe(1), of)


def add_note(error: BaseException, note: str) -> None:
    """Add a line to what is printed with an error: a note, or text in its message up to Python 3.10."""
    if hasattr(error, 'add_note'):
        error.add_note(note)
    elif error.args and isinstance(error.args[0], str):
        error.args = (f'{error.args[0]}\n{note}', *error.args[1:])
