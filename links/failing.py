"""What is said when a link fails: its path in the model, its sizes, and the line of the program that calls it."""

from __future__ import annotations

import linecache
from collections.abc import Iterator
from types import CodeType, FrameType, TracebackType
from typing import Any, NamedTuple

from chaingrad.autograd import call_site
from chaingrad.autograd.frames import is_of_user
from chaingrad.autograd.tracebacks import entries_of, shorten

_NOTED = '_chaingrad_has_note'
_SIZES = (('in_size', 'out_size'), ('in_channels', 'out_channels'))


class _Call(NamedTuple):
    """A frame, and where in it something is called."""

    frame: FrameType
    line: int
    instruction: int


def explain_failure(error: Exception) -> None:
    """Note, once, in which link of the model an error was raised, and take our own frames out of its traceback.

    It is called by `Link.__call__`, first by the innermost one.
    """
    trace = error.__traceback__
    if trace is None:
        return
    if not vars(error).setdefault(_NOTED, False):
        vars(error)[_NOTED] = True
        note = _describe([*_inner_calls(trace.tb_next), *_outer_calls(trace)])
        if note:
            call_site.add_note(error, note)
    shorten(error)


def _inner_calls(trace: TracebackType | None) -> list[_Call]:
    return [_Call(entry.tb_frame, entry.tb_lineno, entry.tb_lasti) for entry in reversed(entries_of(trace))]


def _outer_calls(trace: TracebackType) -> Iterator[_Call]:
    yield _Call(trace.tb_frame, trace.tb_lineno, trace.tb_lasti)
    frame = trace.tb_frame.f_back
    while frame is not None:
        yield _Call(frame, frame.f_lineno, frame.f_lasti)
        frame = frame.f_back


def _describe(calls: list[_Call]) -> str:
    """Return such as `in /predictor/l2 (Linear 50 -> 10), called at train.py:14: self.l2(h)`.

    Args:
        calls: the calls that led to the error, the innermost first.
    """
    owners = [call_site.link_of(call.frame) for call in calls]
    links = [owner for owner in owners if owner is not None]
    if not links:
        return ''
    link = links[0]
    text = f'in {call_site.path_of(links, root="/")} ({type(link).__name__}{_sizes(link)})'
    outer = range(owners.index(link), len(calls))
    for i in outer:
        if owners[i] is not link and is_of_user(calls[i].frame):
            return f'{text}, called at {_text_of(calls[i])}'
    return text


def _sizes(link: Any) -> str:
    """Return such as ` 50 -> 10`."""
    specs = dict(getattr(link, 'printable_specs', ()))
    for before, after in _SIZES:
        if specs.get(after) is not None:
            given = specs.get(before)
            return f' {"?" if given is None else given} -> {specs[after]}'
    return ''


def _text_of(call: _Call) -> str:
    code = call.frame.f_code
    text = f'{call_site.short_name(code.co_filename)}:{call.line}'
    source = _expression(code, call) or linecache.getline(code.co_filename, call.line).strip()
    return f'{text}: {source}' if source else text


def _expression(code: CodeType, call: _Call) -> str:
    """Return the source of a call that stands on one line; nothing up to Python 3.10."""
    if not hasattr(code, 'co_positions'):
        return ''
    line, end_line, start, end = list(code.co_positions())[call.instruction // 2]
    if line is None or line != end_line or start is None or end is None:
        return ''
    return linecache.getline(code.co_filename, line).encode()[start:end].decode(errors='replace')
