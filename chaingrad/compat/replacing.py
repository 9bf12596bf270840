"""What a program sets on a module of the reference's name is set where chaingrad looks it up.

A package (`chainer.functions`) is the public module itself, and only who asks it sees the change, as in the reference.
In a file (`chainer.functions.connection.linear`) a function or class is replaced in every module of chaingrad that
imported it, because there the name is looked up.
"""

from __future__ import annotations

import sys
import types
from typing import Any

ABSENT = object()


def set_in_file(home: types.ModuleType | None, name: str, old: Any, new: Any) -> bool:
    """Set a name of a file of the reference, and return whether chaingrad looks it up anywhere.

    Args:
        home: the module of chaingrad that defines the name; None where there is none.
        name: its name there.
        old: what it stands for; ABSENT for a new name.
        new: what it shall stand for.
    """
    users = _modules_with(name, old) if callable(old) else []
    is_used = home is not None and name in vars(home) and _is_inner(home.__name__)
    for module in users:
        setattr(module, name, new)
    if home is not None:
        setattr(home, name, new)
    return is_used or bool(users)


def _modules_with(name: str, value: Any) -> list[types.ModuleType]:
    """Return the modules of the rooms that have a value under this name, but not packages, which only re-export it.

    A module of the reference's name forgets a value that it has kept, so that it is looked up again.
    """
    found = []
    for path, module in list(sys.modules.items()):
        attributes = getattr(module, '__dict__', {})
        if attributes.get(name, ABSENT) is not value:
            continue
        if _is_inner(path) and '__path__' not in attributes:
            found.append(module)
        elif path.startswith('chainer.'):
            del attributes[name]
    return found


def _is_inner(path: str) -> bool:
    """Say whether a module belongs to the rooms: neither to the front door nor to what serves old programs."""
    return path.startswith('chaingrad.') and path.count('.') > 1 and not path.startswith('chaingrad.compat.')
