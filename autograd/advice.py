"""The seam between names that are missing and `habits.py`, which knows what to write in their place.

It is loaded with the package, and does nothing until a name or a keyword is missing. Then the table of names of other
libraries is imported.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

_IMPORT_SYSTEM = ('importlib._bootstrap', '_frozen_importlib')  # it asks for submodules before it imports them
_TAKES_ANY = 0x08  # the flag of code that takes **keywords


def habits() -> Any:
    """Return the module `habits`, which is imported now."""
    return importlib.import_module('chaingrad.autograd.habits')


def no_attribute(obj: Any, name: str, *kinds: str, remark: str = '', **values: Any) -> NoReturn:
    """Raise the AttributeError for an attribute that an object does not have; to be called by `__getattr__`.

    Args:
        obj: the object.
        name: the attribute.
        kinds: the tables of `habits_table.py` to look in.
        remark: a sentence for the end of the message.
        values: what stands in braces in an answer.
    """
    if name[0] != '_':
        if hasattr(type(obj), name):  # a property has raised AttributeError: let it speak
            object.__getattribute__(obj, name)
        answer = habits().of_object(type(obj).__name__, name, kinds, **values)
        if answer is not None:
            raise AttributeError(answer, name=name)  # without `obj`, or Python would guess what was meant
    raise AttributeError(f'{type(obj).__name__!r} object has no attribute {name!r}{remark}', name=name, obj=obj)


def module_getattr(module: str, names: Sequence[str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a module.

    Args:
        module: its public name.
        names: its public names.
    """

    def __getattr__(name: str) -> NoReturn:
        frame = sys._getframe(1)
        if frame.f_globals.get('__name__') == module and frame.f_back is not None:  # the module's own `__getattr__`
            frame = frame.f_back
        asks_for_submodule = frame.f_globals.get('__name__') in _IMPORT_SYSTEM
        if name[0] == '_' or asks_for_submodule or f'{module}.{name}' in sys.modules:
            raise AttributeError(f'module {module!r} has no attribute {name!r}')
        answer = habits().of_module(module, name, names)
        if frame.f_code.co_code[frame.f_lasti] == _import_from():
            raise ImportError(answer, name=module)  # the statement would raise one without this answer
        raise AttributeError(answer, name=name)

    return __getattr__


def _import_from() -> int:
    """Return the number of the instruction of `from module import name`."""
    return int(importlib.import_module('opcode').opmap['IMPORT_FROM'])


class KnownKeywords:
    """Base of classes that say what to write in place of a keyword that their `__init__` does not take."""

    if not TYPE_CHECKING:  # checkers ask __init__

        def __new__(cls, *args, **kwargs):
            if kwargs:
                _check_keywords(cls, len(args), kwargs)
            new = super().__new__
            return new(cls) if new is object.__new__ else new(cls, *args, **kwargs)


class KnownNames(KnownKeywords):
    """Base of classes that say what to write in place of a name of another library, too."""

    _table: ClassVar[str]
    """The table of `habits_table.py`."""

    if not TYPE_CHECKING:  # checkers would accept every name

        def __getattr__(self, name):
            no_attribute(self, name, self._table)


def _check_keywords(cls: type, n_args: int, kwargs: dict[str, Any]) -> None:
    code = getattr(cls.__init__, '__code__', None)  # type: ignore[misc]
    if not isinstance(code, types.CodeType) or code.co_flags & _TAKES_ANY:
        return
    names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    for name in kwargs:
        if name not in names:
            raise TypeError(habits().of_keyword(cls.__name__, name, names))
        if name in names[: min(n_args, code.co_argcount - 1)]:
            raise TypeError(
                f'{cls.__name__}: {name} is given twice, as argument {names.index(name) + 1} and by its name. '
                f'It takes: {", ".join(names)}.'
            )
