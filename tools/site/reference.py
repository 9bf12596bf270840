"""The reference: one page for each topic of `chaingrad/_index.py`, made of live objects, and the index of all names.

The pages are Markdown for Sphinx' parser MyST: every name is an object of its Python domain, which gives it an anchor,
a place in the search, and links.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

from chaingrad import _index
from tools.site.docstrings import escape, parameters_of, to_markdown

FOLDER = 'reference'
SHORT = {'functions.': 'F.', 'links.': 'L.'}
_IN_BACKTICKS = re.compile(r'(?<![\[`}])`([A-Za-z_][\w.]*)((?:\([^`]*\))?)`(?![\]`])')


def slug(topic: str) -> str:
    """Return the file name of a topic."""
    return re.sub(r'[^a-z]+', '-', topic.lower()).strip('-')


def without_package(name: str) -> str:
    return name.removeprefix('chaingrad.')


class Reference:
    """The pages of the reference, by their path in the site, and the links to the names in them."""

    def __init__(self) -> None:
        self.entries = _index.entries()
        self._targets: dict[str, str] = {}
        for entry in self.entries:
            for name in (entry.name, *entry.others):
                for written in _ways_to_write(name):
                    self._targets.setdefault(written, entry.name)
        self._targets.update(_classes_alone(self.entries, self._targets))
        self._classes = {entry.value: entry.name for entry in self.entries if isinstance(entry.value, type)}
        values = {name: value for value, name in self._classes.items()}
        for written, name in list(self._targets.items()):
            for member, (cls, _) in documented_members(values[name]).items() if name in values else ():
                self._targets.setdefault(f'{written}.{member}', f'{self.owner(values[name], cls)}.{member}')

    def pages(self) -> Iterator[tuple[str, str]]:
        """Yield path and Markdown of every page."""
        yield f'{FOLDER}/index.md', self.index()
        for topic in _index.TOPICS:
            yield f'{FOLDER}/{slug(topic)}.md', self.page(topic)

    def index(self) -> str:
        """Return the index of all names by topic."""
        lines = [
            '# Index of names',
            '',
            f'{len(self.entries)} names by topic, each with its first line. `python -m chaingrad find cosine` searches '
            'the same index in a terminal. `F` stands for `chaingrad.functions`, `L` for `chaingrad.links`.',
            '',
        ]
        for topic in _index.TOPICS:
            lines += [f'## {topic}', '']
            for name, entry in _rows(self.entries, topic):
                line = self.link(escape(entry.line))
                if name != entry.name:
                    line = f'The same as {_role(entry.name, shown(entry.name))}.'
                lines.append(f'- {_role(name, shown(name))}: {line}')
            lines.append('')
        return '\n'.join(lines)

    def page(self, topic: str) -> str:
        """Return the page of a topic."""
        parts = [f'# {topic}']
        for name, entry in _rows(self.entries, topic):
            if name == entry.name:
                parts.append(self.section(entry))
            else:
                text = f'The same as {_role(entry.name, without_package(entry.name))}.'
                parts.append(_object('function', name, text, parameters_of(entry.value)))
        return '\n\n'.join(parts) + '\n'

    def section(self, entry: _index.Entry) -> str:
        """Return the section of a name: signature, docstring, methods."""
        if entry.name in _index.CONSTANTS:
            return _object('data', entry.name, self.link(escape(entry.line)))
        kind = 'class' if isinstance(entry.value, type) else 'function' if callable(entry.value) else 'data'
        parts = [to_markdown(inspect.getdoc(entry.value) or '', self.link)]
        last = entry.name.rpartition('.')[2]
        also = ', '.join(f'`{name}`' for name in entry.others if name.rpartition('.')[2] == last)
        parts += [f'Also {also}.'] if also else []
        parts += self.members(entry) if kind == 'class' else []
        parameters = '' if kind == 'data' else parameters_of(entry.value)
        return _object(kind, entry.name, '\n\n'.join(parts), parameters)

    def members(self, entry: _index.Entry) -> Iterator[str]:
        """Yield the sections of a class's methods, and the names that it inherits from other public classes."""
        inherited: dict[str, list[str]] = {}
        for name, (cls, value) in documented_members(entry.value).items():
            owner = self.owner(entry.value, cls)
            if owner == entry.name:
                yield self.member(name, value)
            else:
                inherited.setdefault(owner, []).append(name)
        for parent, names in inherited.items():
            yield f'From {_role(parent, shown(parent))}: {", ".join(f"`{name}`" for name in sorted(names))}.'

    def owner(self, cls: type, base: type) -> str:
        """Return the public class with which the methods of a base stand: itself, or the first class that has it."""
        return [self._classes[c] for c in cls.__mro__ if c in self._classes and issubclass(c, base)][-1]

    def member(self, name: str, value: Any) -> str:
        """Return the section of a method or property."""
        function = getattr(value, '__func__', value)
        text = to_markdown(inspect.cleandoc(function.__doc__ or ''), self.link)
        if isinstance(value, property):
            return _member('property', name, text)
        kinds = {classmethod: 'classmethod', staticmethod: 'staticmethod'}
        return _member(kinds.get(type(value), 'method'), name, text, parameters_of(function))

    def link(self, text: str) -> str:
        """Return Markdown in which names in backticks lead to their sections."""

        def replace(match: re.Match[str]) -> str:
            name = self._targets.get(match[1])
            return match[0] if name is None else _role(name, match[1] + match[2])

        return _IN_BACKTICKS.sub(replace, text)


def _object(kind: str, name: str, text: str, parameters: str = '') -> str:
    """Return an object of the Python domain."""
    return f'``````{{py:{kind}}} {name}{parameters}\n{text}\n``````'


def _member(kind: str, name: str, text: str, parameters: str = '') -> str:
    """Return a member of a class, which stands in its text; the list of contents beside a page leaves it out."""
    return f'````{{py:{kind}}} {name}{parameters}\n:no-contents-entry:\n\n{text}\n````'


def _role(name: str, text: str) -> str:
    """Return a link to a name."""
    return f'{{py:obj}}`{text} <{name}>`' if '<' not in text else f'`{text}`'


def _ways_to_write(name: str) -> Iterator[str]:
    """Yield what programs write for a name, after the imports that are usual."""
    short = without_package(name)
    yield name
    if '.' in short or short[0].isupper():  # `grad` alone is an attribute more often than the function
        yield short
    for path, letter in SHORT.items():
        if short.startswith(path):
            yield letter + short.removeprefix(path)
    if short.startswith('training.') and short.count('.') > 1:
        yield short.removeprefix('training.')


def _classes_alone(entries: list[_index.Entry], known: dict[str, str]) -> dict[str, str]:
    """Return the names of classes without their modules, where only one class has the name."""
    found: dict[str, set[str]] = {}
    for entry in entries:
        last = entry.name.rpartition('.')[2]
        if last[0].isupper() and last not in known and entry.topic != 'Old programs':
            found.setdefault(last, set()).add(entry.name)
    return {name: targets.pop() for name, targets in found.items() if len(targets) == 1}


def _rows(entries: list[_index.Entry], topic: str) -> Iterator[tuple[str, _index.Entry]]:
    """Yield the names of a topic with their entries; other names of an object too, where they end differently."""
    for entry in entries:
        if entry.topic == topic:
            yield entry.name, entry
            last = entry.name.rpartition('.')[2]
            yield from ((name, entry) for name in entry.others if name.rpartition('.')[2] != last)


def shown(name: str) -> str:
    """Return how a name is shown: `F.relu`, `L.Linear`, `training.Trainer`."""
    name = without_package(name)
    for path, letter in SHORT.items():
        if name.startswith(path) and name.count('.') == 1:
            return letter + name.removeprefix(path)
    return name


def documented_members(cls: type) -> dict[str, tuple[type, Any]]:
    """Return the methods and properties of a class by name, each with the class of ours that defines it."""
    found: dict[str, tuple[type, Any]] = {}
    for base in cls.__mro__:
        if base.__module__.startswith('chaingrad'):
            for name, value in vars(base).items():
                if _is_documented_member(name, value):
                    found.setdefault(name, (base, value))
    return found


def _is_documented_member(name: str, value: Any) -> bool:
    """Return whether a class's attribute is a method or property with a docstring, and public."""
    value = getattr(value, '__func__', value)
    if name.startswith('_') and name != '__call__':
        return False
    return (inspect.isroutine(value) or isinstance(value, property)) and bool(value.__doc__)
