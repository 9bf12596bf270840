"""Answers to names that are not here: what to write for a name of another library, and the nearest of ours.

`advice.py` imports this module when a name was missing, so no program that runs pays for it.
"""

from __future__ import annotations

import difflib
import errno
import functools
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from chaingrad.autograd import habits_table

# By the name of the module; the front door's modules have their contents from the rooms.
_OF_MODULES = {
    'chaingrad': habits_table.FRONT_DOOR,
    'chaingrad.functions': habits_table.FUNCTIONS,
    'chaingrad.links': habits_table.LINKS,
    'chaingrad.optimizers': habits_table.OPTIMIZERS,
    'chaingrad.iterators': habits_table.DATA,
    'chaingrad.datasets': habits_table.DATA,
    'chaingrad.dataset': habits_table.DATA,
    'chaingrad.training.extensions': habits_table.EXTENSIONS,
}


@functools.cache
def _read(table: str) -> dict[str, tuple[str, str]]:
    """Return what to write and the remark, by name."""
    found = {}
    for line in table.strip().splitlines():
        listed, _, answer = line.strip().partition(':')
        code, _, remark = answer.partition(';')
        for name in listed.split():
            found[name] = (code.strip(), remark.strip())
    return found


def _sentence(who: str, name: str, code: str, remark: str) -> str:
    text = f'{who} has no {name!r}; write {code}{f" ({remark})" if remark else ""}'
    return text if text.endswith('.') else f'{text}.'


def of_object(who: str, name: str, kinds: Sequence[str], **values: Any) -> str | None:
    """Return the answer to a missing attribute of an object, or None.

    Args:
        who: name of its class.
        name: the attribute.
        kinds: names of tables.
        values: what stands in braces in an answer.
    """
    for kind in kinds:
        table = _read(getattr(habits_table, kind))
        if name in table:
            code, remark = table[name]
            return _sentence(who, name, code.format(**values) if values else code, remark)
    if 'VARIABLE' in kinds:
        if name in getattr(sys.modules.get('chaingrad.functions'), '__all__', ()):
            return _sentence(who, name, f'F.{name}(x)', '')
        if hasattr(np.ndarray, name):
            return _sentence(who, name, f'x.array.{name}', '')
    return None


def of_module(module: str, name: str, names: Iterable[str]) -> str:
    """Return the answer to a name that a module does not have: what to write, or the nearest of its names."""
    names = [n for n in names if not n.startswith('_')]
    close = nearest(name, names)
    table = _read(_OF_MODULES[module]) if module in _OF_MODULES else {}
    if name in table:
        return _sentence(f'module {module!r}', name, *table[name])
    return f'module {module!r} has no attribute {name!r}.{f" Did you mean {close!r}?" if close else ""}'


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name that is most like another, or None; one that differs in more than its case comes after others."""
    names = list(names)
    lower = {n.lower().replace('_', ''): n for n in names}
    plain = name.lower().replace('_', '')
    if plain in lower:
        return lower[plain]
    close = difflib.get_close_matches(name, names, 1, 0.75)
    if close:
        return close[0]
    close = difflib.get_close_matches(plain, lower, 1, 0.7)
    return lower[close[0]] if close else None


def missing_file(who: str, path: Any) -> FileNotFoundError:
    """Return the error for a file that is not there, with the file of the folder whose name is most like it.

    Args:
        who: the function that reads.
        path: the file.
    """
    folder, name = os.path.split(os.path.abspath(os.fsdecode(path)))
    if not os.path.isdir(folder):
        text = f'there is no folder {folder!r}. Give the path from {os.getcwd()!r} on, or the whole path'
    else:
        close = nearest(name, os.listdir(folder))
        text = f'there is no such file in {folder!r}. '
        text += f'Did you mean {close!r}' if close else 'Give the path from the folder in which Python runs'
    return FileNotFoundError(errno.ENOENT, f'{who}: {text}', os.fsdecode(path))


def of_keyword(who: str, name: str, taken: Sequence[str]) -> str:
    """Return the message for a keyword that a function or class does not take.

    Args:
        who: its name.
        name: the keyword.
        taken: the names that it takes; none when they are not known.
    """
    advice = _advice_on_keyword(name, taken)
    if advice is None:
        close = nearest(name, taken)
        advice = f'Did you mean {close!r}?' if close else f'It takes: {", ".join(taken)}.' if taken else ''
    return f'{who}: unexpected keyword argument {name!r}. {advice or f"See help({who})."}'


def _advice_on_keyword(name: str, taken: Sequence[str]) -> str | None:
    code, remark = _read(habits_table.KEYWORDS).get(name, ('', ''))
    candidates = [word for word in code.split(', ') if word.partition('=')[0] in taken]
    if candidates:
        written = ' and '.join([word if '=' in word else repr(word) for word in candidates])
        return f'Write {written}{f" ({remark})" if remark and "=" in code else ""}.'
    remark = remark.removeprefix('or ') if '=' not in code else ''
    return f'{remark[0].upper()}{remark[1:]}.' if remark else None
