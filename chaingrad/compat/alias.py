"""`import chainer` gives chaingrad: a finder for that name and the reference's module paths below it.

The modules that it makes are empty. They look each name up in the modules of chaingrad when it is asked for, and what
a program sets on them is set there. So `chainer.Variable is chaingrad.Variable`; only the version and the module paths
differ.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import sys
import types
from collections.abc import Sequence
from typing import Any

from chaingrad.compat.alias_paths import VERSION, Path, read_table

_ABSENT = object()
# Classes and functions are kept on first use, because nothing replaces them: so `F.relu` is as fast as in chaingrad.
_KEPT_TYPES = (type, types.FunctionType)
# The special attributes that a module shares with chaingrad's; all others are its own.
_SHARED = ('__all__', '__file__')
_ROOTS = ('chainer', 'chainerx')


class AliasModule(types.ModuleType):
    """A module of the reference's name whose attributes are those of chaingrad's modules."""

    _sources: tuple[types.ModuleType, ...] = ()
    _files: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:
        if name[:2] == '__' and name not in _SHARED:
            raise AttributeError(f'module {self.__name__!r} has no attribute {name!r}')
        value: Any = _ABSENT
        for source in self._sources:
            value = getattr(source, name, _ABSENT)
            if value is not _ABSENT:
                break
        if name in self._files and (value is _ABSENT or isinstance(value, types.ModuleType)):
            return importlib.import_module(f'{self.__name__}.{name}')
        if value is _ABSENT:
            raise AttributeError(f'module {self.__name__!r} (chaingrad) has no attribute {name!r}')
        if isinstance(value, _KEPT_TYPES):
            self.__dict__[name] = value
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, AliasModule):
            # The import system binds a submodule to its package, but not over a function of the same name.
            if isinstance(getattr(self._first, name, value), types.ModuleType):
                self.__dict__[name] = value
        elif name[:2] == '__' or self._first is None:
            super().__setattr__(name, value)
        else:
            self.__dict__.pop(name, None)
            setattr(self._first, name, value)

    def __delattr__(self, name: str) -> None:
        kept = self.__dict__.pop(name, _ABSENT)
        if kept is _ABSENT or hasattr(self._first, name):
            delattr(self._first, name)

    @property
    def _first(self) -> types.ModuleType | None:
        return self._sources[0] if self._sources else None

    def __dir__(self) -> list[str]:
        names = {*self.__dict__, *self._files}
        for source in self._sources:
            names.update(dir(source))
        return sorted(names)


class AliasFinder:
    """Finds and loads `chainer` and the module paths of the table."""

    def __init__(self) -> None:
        self._paths = read_table()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the spec of a module of the reference; None for every other name."""
        if fullname.partition('.')[0] not in _ROOTS:
            return None
        if fullname not in self._paths:
            raise ModuleNotFoundError(
                f'{fullname}: chaingrad has no such module. docs/from-chainer.md says what differs and what to use.',
                name=fullname,
            )
        row = self._paths[fullname]
        loader: Any = self  # importlib.abc.Loader would take milliseconds to import
        return importlib.machinery.ModuleSpec(fullname, loader, origin=row.module, is_package=row.called_after is None)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Return an empty module."""
        return AliasModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Set the modules of chaingrad in which the module looks names up."""
        row = self._paths[module.__name__]
        sources = _sources_of(row)
        module.__dict__.update(_sources=sources, _files=row.files, __doc__=sources[0].__doc__ if sources else None)
        if module.__name__ == 'chainer':
            module.__dict__['__version__'] = VERSION


def _sources_of(row: Path) -> tuple[types.ModuleType, ...]:
    """Return the modules in which to look; for a file, first the home of the name that the file is called after."""
    if row.is_family:
        return ()
    public = importlib.import_module(row.module)
    if row.called_after is None:
        return (public,)
    called_after = getattr(public, row.called_after, _ABSENT)
    if called_after is _ABSENT:
        wanted = row.called_after.replace('_', '').lower()
        same = [name for name in dir(public) if name.replace('_', '').lower() == wanted]
        called_after = getattr(public, same[0]) if same else public
    if isinstance(called_after, types.ModuleType):
        return (called_after,)
    return importlib.import_module(called_after.__module__), public


def install_as_chainer() -> None:
    """Make `import chainer`, and the module paths of the reference below it, give chaingrad.

    Call it before the first `import chainer`. Objects are the same under both names; only `chainer.__version__` is that
    of the reference, 7.8.1. A process that `multiprocessing` starts runs the program's file again, and so this call.
    `python -m chaingrad run program.py` needs no change of the program.

    Raises:
        RuntimeError: when another chainer is already imported.

    Example:
        >>> import chaingrad
        >>> chaingrad.install_as_chainer()
        >>> import chainer
        >>> chainer.Variable is chaingrad.Variable
        True
        >>> from chainer.functions.activation.relu import ReLU, relu
        >>> relu is chaingrad.functions.relu
        True
        >>> chainer.__version__
        '7.8.1'
    """
    if any(isinstance(finder, AliasFinder) for finder in sys.meta_path):
        return
    found = sys.modules.get('chainer')
    if found is not None and not isinstance(found, AliasModule):
        raise RuntimeError(
            f'install_as_chainer: another chainer is imported already, from {getattr(found, "__file__", None)}. '
            'Call this before the first `import chainer`.'
        )
    sys.meta_path.insert(0, AliasFinder())
