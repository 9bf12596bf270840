"""The search of `python -m chaingrad find words`: public names and their methods, with the first line of each."""

from __future__ import annotations

import difflib
import inspect
import sys
from collections.abc import Iterator

from chaingrad import _index


def find(words: list[str]) -> int:
    """Print the names that contain every word, or whose line in the index does; return the exit status.

    Where no name and no line fits, names whose docstring has the words are printed. Names that fit come first.
    """
    wanted = [_written_out(word) for word in words]
    entries = _index.entries()
    found = sorted(set(_matches(entries, wanted))) or sorted(set(_in_docstrings(entries, wanted)))
    if not found:
        query = ' '.join(words)
        print(f'python -m chaingrad find: no name has {query!r}.{_nearest(entries, query)}', file=sys.stderr)
        return 1
    width = max(len(name) for _, name, _ in found)
    for _, name, line in found:
        print(f'{name:<{width}}  {line}')
    return 0


def _written_out(word: str) -> str:
    """Return a word in lower case, without the package's name; F. and L. are functions and links."""
    word = word.lower().removeprefix('chaingrad.').removeprefix('chainer.')
    for short, path in (('f.', 'functions.'), ('l.', 'links.')):
        word = path + word.removeprefix(short) if word.startswith(short) else word
    return word


def _last(name: str) -> str:
    return name.rpartition('.')[2]


def _matches(entries: list[_index.Entry], wanted: list[str]) -> Iterator[tuple[int, str, str]]:
    """Yield rank, name and line of what has every word: rank 0 is the name itself, 3 only the line."""
    for entry in entries:
        names = [entry.name, *(name for name in entry.others if _last(name) != _last(entry.name))]
        ranked = [(_rank(name, entry.line, wanted), name) for name in names]
        best, name = min(ranked, key=lambda pair: pair[0])
        if best <= 3:
            yield best, name, entry.line
        for name, line in methods(entry) if isinstance(entry.value, type) else ():
            if _rank(name, '', wanted) <= 1:
                yield 1, name, line


def _rank(name: str, line: str, wanted: list[str]) -> int:
    """Return how well a name fits: 0 is the best, 4 not at all."""
    full = name.lower().removeprefix('chaingrad.')
    last = _last(full)
    if wanted in ([full], [last]):
        return 0
    if all(word in last for word in wanted):
        return 1
    if all(word in full for word in wanted):
        return 2
    return 3 if all(word in full or word in line.lower() for word in wanted) else 4


def _in_docstrings(entries: list[_index.Entry], wanted: list[str]) -> Iterator[tuple[int, str, str]]:
    for entry in entries:
        text = '' if entry.name in _index.CONSTANTS else (inspect.getdoc(entry.value) or '').lower()
        if all(word in text for word in wanted):
            yield 0, entry.name, entry.line


def methods(entry: _index.Entry) -> Iterator[tuple[str, str]]:
    """Yield the methods and properties that a class itself defines, with their first lines."""
    for name, value in vars(entry.value).items():
        value = getattr(value, '__func__', value)
        if not name.startswith('_') and (inspect.isroutine(value) or isinstance(value, property)) and value.__doc__:
            yield f'{entry.name}.{name}', inspect.cleandoc(value.__doc__).splitlines()[0]


def _nearest(entries: list[_index.Entry], query: str) -> str:
    """Return a question with the name that is most like a word, or nothing where none is."""
    last = {_last(name).lower(): name for entry in entries for name in (*entry.others, entry.name)}
    near = difflib.get_close_matches(_last(query.lower()), last, n=1, cutoff=0.5)
    return f' Did you mean {last[near[0]]}?' if near else ''
