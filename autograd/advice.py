"""The seam between names that are missing and `habits.py`, which knows what to write in their place.

It is loaded with the package, and does nothing until a name or a keyword is missing. Then the table of names of other
libraries is imported.
"""

from __future__ import annotations

import importlib
import inspect
import sys
import types
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

_IMPORT_SYSTEM = ('importlib._bootstrap', '_frozen_importlib')  # it asks for submodules before it imports them
_TAKES_ANY = 0x08  # the flag of code that takes **keywords


def habits() -> Any:
    """Return the module `habits`, which is imported now."""
    return importlib.import_module('chaingrad.autograd.habits')


def conversion(name: str, x: Any) -> str:
    """Return a sentence on what to write in place of an argument that is no array.

    Args:
        name: its name.
        x: what was given.
    """
    if x is None:
        return 'Did a function, such as forward, end without return?'
    first = x
    while isinstance(first, list | tuple) and first:
        first = first[0]
    if hasattr(first, 'dtype'):
        return f'Write F.stack({name}), or give its arrays one by one.'
    dtype = 'int32' if isinstance(first, int) and not isinstance(first, bool) else 'float32'
    return f'Convert it with np.asarray({name}, dtype=np.{dtype}).'


def returned(x: Any) -> str:
    """Return what a function has returned in place of a loss, and what to do."""
    advice = 'Does the function end with return?' if x is None else 'Return the Variable itself, not its array.'
    return f'a {type(x).__name__}. {advice}'


def no_attribute(obj: Any, name: str, *tables: str, remark: str = '') -> NoReturn:
    """Raise the AttributeError for an attribute that an object does not have.

    Args:
        obj: the object.
        name: the attribute.
        tables: the tables of `habits_table.py` to look in.
        remark: a sentence for the end of the message.
    """
    if name[0] != '_':
        if hasattr(type(obj), name):  # a property has raised AttributeError: let it speak
            object.__getattribute__(obj, name)
        answer = habits().of_object(type(obj), name, tables)
        if answer is not None:
            raise AttributeError(answer, name=name)  # without `obj`, or Python would guess what was meant
    raise AttributeError(f'{type(obj).__name__!r} object has no attribute {name!r}{remark}', name=name, obj=obj)


# The names in the tables of classes whose objects are used too often for a `__getattr__`: with one, Python looks up
# every attribute more slowly, also those that are there. The row linear took 6 % longer, x + y 12 %.
NAMES = {
    'VARIABLE': """
        add_ all any bmm bool chunk clamp clone contiguous copy copy_ cpu cuda detach detach_ dim div_ double eq
        expand expand_as fill_ float gather ge grad_fn gt half int is_leaf le long lt masked_fill mm mul mul_ mv ne
        nelement new_ones new_zeros norm numel numpy permute register_hook requires_grad_ retain_grad short split std
        sub_ t tensor_split to type type_as unsqueeze var view view_as zero_ zero_grad
    """,
    'OPTIMIZER': """
        add_param_group apply_gradients clip_grad_norm clip_grad_norm_ clip_grad_value_ clipnorm clipvalue get_lr
        learning_rate load_state_dict lr minimize param_groups state state_dict step zero_grad
    """,
}


class Habit:
    """An attribute of a class that is not there for its objects, and says what to write in its place."""

    __slots__ = ('_name', '_table')

    def __init__(self, name: str, table: str) -> None:
        self._name = name
        self._table = table

    def __get__(self, obj: Any, owner: type) -> NoReturn:
        if obj is None:
            raise AttributeError(f'type object {owner.__name__!r} has no attribute {self._name!r}')
        no_attribute(obj, self._name, self._table)

    def __repr__(self) -> str:
        return '<not here; an object says what to write>'


def answer_habits(cls: Any, table: str, names: Iterable[str]) -> None:
    """Let objects of a class answer names that they do not have; `dir` does not list them.

    Args:
        cls: the class.
        table: the table of `habits_table.py`.
        names: the names; those that the class has stay as they are.
    """
    taken = {name for base in cls.__mro__ for name in vars(base)}
    for name in names:
        if name not in taken:
            setattr(cls, name, Habit(name, table))
    cls.__dir__ = _names_without_habits


def _names_without_habits(self: Any) -> list[str]:
    bases = [vars(base) for base in type(self).__mro__]

    def is_habit(name: str) -> bool:
        return name not in vars(self) and isinstance(next((b[name] for b in bases if name in b), None), Habit)

    return [name for name in object.__dir__(self) if not is_habit(name)]


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


class _SignatureOfInit:
    """The `__signature__` of a class: that of its `__init__`, which Python 3.10 asks after any `__new__`."""

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is not None:
            raise AttributeError('__signature__')
        _, *rest = inspect.signature(owner.__init__).parameters.values()  # type: ignore[misc]
        return inspect.Signature(rest)


class KnownKeywords:
    """Base of classes that say what to write in place of a keyword that their `__init__` does not take."""

    if sys.version_info < (3, 11):
        __signature__ = _SignatureOfInit()

    if not TYPE_CHECKING:  # checkers ask __init__

        def __new__(cls, *args, **kwargs):
            if kwargs:
                _check_keywords(cls, len(args), kwargs)
            new = super().__new__
            return new(cls) if new is object.__new__ else new(cls, *args, **kwargs)


class KnownNames(KnownKeywords):
    """Base of classes that say what to write in place of a name of another library, too.

    The table of such names is called like the class, or like one of its parents, in capital letters.
    """

    if not TYPE_CHECKING:  # checkers would accept every name

        def __getattr__(self, name):
            no_attribute(self, name, *[base.__name__.upper() for base in type(self).__mro__])


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
