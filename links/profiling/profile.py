"""Profile: what `with chaingrad.profile() as p:` has measured, as a table, a picture and a trace."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

from chaingrad.links.link import Link
from chaingrad.links.profiling.flame import render_flame
from chaingrad.links.profiling.recorder import OUTSIDE, Event, Location, Recorder
from chaingrad.links.summary import bytes_text, html_table, text_table

COLUMNS = ('link', 'function', 'calls', 'forward', 'backward', 'share', 'outputs', 'gradients')


class Row:
    """What one function, or all of them, took in a link.

    Attributes:
        path: the link; '(no link)' for what no link called.
        function: the label; the class of the link where all its functions are counted together.
        calls: number of forward computations of the function, or of the link.
        forward, backward: seconds.
        output_bytes, gradient_bytes: bytes of the arrays that came out.
    """

    def __init__(self, path: str, function: str) -> None:
        self.path = path
        self.function = function
        self.calls = 0
        self.forward = 0.0
        self.backward = 0.0
        self.output_bytes = 0
        self.gradient_bytes = 0

    @property
    def seconds(self) -> float:
        """Forward and backward together."""
        return self.forward + self.backward

    def add(self, event: Event) -> None:
        """Count the call of a function."""
        if event.kind == 'forward':
            self.calls += 1
            self.forward += event.own
            self.output_bytes += event.n_bytes
        else:
            self.backward += event.own
            self.gradient_bytes += event.n_bytes


class Profile:
    """Time and bytes of the functions called in a `with` block, by link, forward and backward.

    `print(p)` and notebooks show the table; `p.save('p.svg')` draws it, `p.save('p.json')` writes what browsers open
    (chrome://tracing, https://ui.perfetto.dev). Made by `chaingrad.profile()`.

    Args:
        model: the link that names the others; None takes each link that no other link calls.

    Attributes:
        events: one `Event` per call, in the order in which the calls ended.
    """

    def __init__(self, model: Link | None = None) -> None:
        self._recorder = Recorder(model)

    @property
    def events(self) -> list[Event]:
        """One entry per call, in the order in which the calls ended."""
        return self._recorder.events

    def __enter__(self) -> Profile:
        self._recorder.__enter__()
        self._recorder.links.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._recorder.links.__exit__(*error)
        self._recorder.__exit__(*error)

    def _path(self, location: Location) -> tuple[str, ...]:
        """Return the path of a location; with several models it begins with the class of the model."""
        if location == OUTSIDE:
            return ()
        number, path = location
        models = self._recorder.models
        if len(models) == 1:
            return path
        names = [type(model).__name__ for model in models]
        name = (
            names[number]
            if names.count(names[number]) == 1
            else f'{names[number]}{names[: number + 1].count(names[number])}'
        )
        return (name, *path)

    def rows(self, by: str = 'function') -> list[Row]:
        """Return the measurements, the longest first.

        Args:
            by: 'function' for one row per link and function, 'link' for one per link with all that ran inside it.

        Raises:
            ValueError: when `by` is neither.
        """
        if by not in ('function', 'link'):
            raise ValueError(f"profile.rows: by must be 'function' or 'link', but it is {by!r}.")
        rows: dict[Any, Row] = {}
        for event in self.events:
            path = self._path(event.location)
            if by == 'link':
                self._add_to_links(event, path, rows)
            elif event.kind != 'link':
                rows.setdefault((path, event.name), Row(self._text(event.location, path), event.name)).add(event)
        return sorted(rows.values(), key=lambda row: -row.seconds)

    def _add_to_links(self, event: Event, path: tuple[str, ...], rows: dict[Any, Row]) -> None:
        """Count the call of a link, or that of a function in all links around it."""
        if event.kind == 'link':
            row = rows.setdefault(path, Row(self._text(event.location, path), ''))
            row.function = event.name
            row.calls += 1
            return
        for key in [None] if event.location == OUTSIDE else [path[:n] for n in range(len(path) + 1)]:
            row = rows.setdefault(key, Row('(no link)' if key is None else '/' + '/'.join(key), ''))
            calls = row.calls
            row.add(event)
            row.calls = calls if key is not None else row.calls

    def _text(self, location: Location, path: Sequence[str]) -> str:
        return '(no link)' if location == OUTSIDE else '/' + '/'.join(path)

    @property
    def seconds(self) -> float:
        """The time of all functions."""
        return sum([event.own for event in self.events if event.kind != 'link'])

    # Shown

    def _cells(self, by: str, most: int | None) -> list[list[str]]:
        total = self.seconds or 1.0
        cells = []
        for row in self.rows(by)[:most]:
            times = [_time(row.forward), _time(row.backward), f'{100 * row.seconds / total:.1f}%']
            sizes = [bytes_text(row.output_bytes), bytes_text(row.gradient_bytes)]
            cells.append([row.path, row.function, str(row.calls), *times, *sizes])
        return cells

    def _note(self) -> str:
        return f'{len([e for e in self.events if e.kind == "forward"])} functions forward, {_time(self.seconds)} in all'

    def table(self, by: str = 'function', most: int | None = None) -> str:
        """Return the measurements as a table.

        Args:
            by: 'function' or 'link', see `rows`.
            most: how many rows; all when None.
        """
        return text_table(COLUMNS, self._cells(by, most), 2, self._note())

    def __str__(self) -> str:
        return self.table(most=30)

    def __repr__(self) -> str:
        return f'<profile: {self._note()}; print it, or .save("profile.svg")>'

    def _repr_html_(self) -> str:
        return html_table(COLUMNS, self._cells('function', 30), self._note())

    # Files

    def to_svg(self) -> str:
        """Return a picture: links above what they call, as wide as the time; forward and backward differ in colour."""
        stacks: dict[tuple[str, ...], float] = {}
        for event in self.events:
            if event.kind != 'link':
                where = ('(no link)',) if event.location == OUTSIDE else self._path(event.location)
                key = (*where, event.name, event.kind)
                stacks[key] = stacks.get(key, 0.0) + event.own
        return render_flame(stacks, _time)

    def to_trace(self) -> str:
        """Return the calls in the JSON format of Chrome's trace viewer, times in microseconds."""
        events = []
        for event in self.events:
            path = self._text(event.location, self._path(event.location))
            name = f'{path} {event.name}' if event.kind == 'link' else event.name
            arguments = {'link': path, 'bytes': event.n_bytes}
            times = {'ts': event.start * 1e6, 'dur': event.seconds * 1e6}
            events.append({'name': name, 'cat': event.kind, 'ph': 'X', 'pid': 1, 'tid': 1, **times, 'args': arguments})
        return json.dumps({'traceEvents': events, 'displayTimeUnit': 'ms'})

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a file.

        Args:
            path: its name: `.svg` for the picture, `.json` for the trace, `.txt` for both tables.

        Raises:
            ValueError: when it ends otherwise.
        """
        kind = os.path.splitext(path)[1].lower()
        if kind not in ('.svg', '.json', '.txt'):
            raise ValueError(f'profile.save: the name must end in .svg, .json or .txt, but it is {os.fspath(path)!r}.')
        tables = [self.table('link'), self.table()] if kind == '.txt' else []
        text = self.to_svg() if kind == '.svg' else self.to_trace() if kind == '.json' else '\n\n'.join(tables) + '\n'
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)


def profile(model: Link | None = None) -> Profile:
    """Measure time and bytes by link and function, forward and backward, in a `with` block.

    Functions run between clocks, some microseconds slower each; nothing is measured in other threads.

    Args:
        model: the link that names the others; None takes each link that no other link calls.

    Returns:
        Profile, which prints as a table.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.functions as F, chaingrad.links as L
        >>> model = chaingrad.Sequential(L.Linear(3, 4), F.relu, L.Linear(4, 1))
        >>> model.cleargrads()
        >>> with chaingrad.profile() as p:
        ...     F.sum(model(np.ones((2, 3), np.float32))).backward()
        >>> for row in sorted(p.rows(), key=lambda row: row.path):
        ...     print(row.path, row.function, row.calls, row.output_bytes)
        (no link) Sum 1 4
        / ReLU 1 32
        /0 LinearFunction 1 32
        /1 LinearFunction 1 8
    """
    return Profile(model)


def _time(seconds: float) -> str:
    for unit, factor in (('s', 1.0), ('ms', 1e3)):
        if seconds * factor >= 1:
            return f'{seconds * factor:.2f} {unit}'
    return f'{seconds * 1e6:.0f} us'
