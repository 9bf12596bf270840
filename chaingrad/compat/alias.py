"""`import chainer` gives chaingrad: a finder for that name and the reference's module paths below it.

The modules that it makes are empty. They look each name up in the modules of chaingrad when it is asked for, and what
a program sets on them is set there (`replacing.py`). So `chainer.Variable is chaingrad.Variable`; only the version and
the module paths differ. The paths stand in `alias_paths.py`, names that no module of chaingrad has under the same name
in `alias_names.py`, attributes of objects in `attributes.py`.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import sys
import types
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from chaingrad.compat import attributes
from chaingrad.compat.alias_names import ADVICE, Name, read_names
from chaingrad.compat.alias_paths import VERSION, Path, read_table
from chaingrad.compat.replacing import ABSENT, set_in_file

# Classes and functions are kept on first use, because nothing replaces them: so `F.relu` is as fast as in chaingrad.
_KEPT_TYPES = (type, types.FunctionType)
# The special attributes that a module shares with chaingrad's; all others are its own.
_SHARED = ('__all__', '__file__')
_ROOTS = ('chainer', 'chainermn', 'chainerx', 'onnx_chainer')


class AliasModule(types.ModuleType):
    """A module of the reference's name whose attributes are those of chaingrad's modules."""

    _sources: tuple[types.ModuleType, ...] = ()
    _files: tuple[str, ...] = ()
    _names: Mapping[str, Name] = {}
    _advice: Mapping[str, str] = {}
    _is_package = True

    def __getattr__(self, name: str) -> Any:
        if name[:2] == '__' and name not in _SHARED:
            raise AttributeError(f'module {self.__name__!r} has no attribute {name!r}')
        value: Any = self._names[name].find() if name in self._names else ABSENT
        for source in self._sources:
            if value is not ABSENT:
                break
            value = getattr(source, name, ABSENT)
        if name in self._files and (value is ABSENT or isinstance(value, types.ModuleType)):
            return importlib.import_module(f'{self.__name__}.{name}')
        if value is ABSENT:
            advice = self._advice.get(name) or self._advice.get('')
            message = f'module {self.__name__!r} (chaingrad) has no attribute {name!r}'
            raise AttributeError(f'{message}. {advice}' if advice else message)
        if isinstance(value, _KEPT_TYPES):
            self.__dict__[name] = value
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, AliasModule):
            # The import system binds a submodule to its package, but not over a function of the same name.
            if isinstance(getattr(self._first, name, value), types.ModuleType):
                self.__dict__[name] = value
        elif name[:2] == '__':
            super().__setattr__(name, value)
        else:
            self._replace(name, value)

    def _replace(self, name: str, value: Any) -> None:
        """Set a name where it is looked up, and remember what was there."""
        old = getattr(self, name, ABSENT)
        self.__dict__.pop(name, None)
        is_original = value is self.__dict__.setdefault('_originals', {}).setdefault(name, old)
        if is_original:
            del self._originals[name]
        home, attribute = self._first, name
        if name in self._names:
            home, attribute = self._names[name].home(), self._names[name].attribute
        if home is None:
            self.__dict__[name] = value
        if home is not None and self._is_package and name not in self._names:
            setattr(home, attribute, value)
        elif not set_in_file(home, attribute, old, value) and not is_original:
            warnings.warn(
                f'{self.__name__}.{name}: nothing in chaingrad looks this name up, so to set it changes nothing else.',
                stacklevel=3,
            )

    def __delattr__(self, name: str) -> None:
        # What was there before the program set it comes back, as where it lay in two modules.
        original = self.__dict__.get('_originals', {}).get(name, ABSENT)
        if original is not ABSENT:
            self._replace(name, original)
            return
        kept = self.__dict__.pop(name, ABSENT)
        self.__dict__.get('_originals', {}).pop(name, None)
        if self._first is not None and (kept is ABSENT or hasattr(self._first, name)):
            delattr(self._first, name)

    @property
    def _first(self) -> types.ModuleType | None:
        return self._sources[0] if self._sources else None

    def __dir__(self) -> list[str]:
        names = {*self.__dict__, *self._files, *self._names}
        for source in self._sources:
            names.update(dir(source))
        return sorted(names)


class AliasFinder:
    """Finds and loads `chainer` and the module paths of the table."""

    def __init__(self) -> None:
        self._paths = read_table()
        self._names = read_names()

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
        return importlib.machinery.ModuleSpec(fullname, loader, origin=row.module, is_package=row.is_package)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Return an empty module."""
        return AliasModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Set the modules of chaingrad in which the module looks names up."""
        row = self._paths[module.__name__]
        sources = _sources_of(row)
        module.__dict__.update(
            _sources=sources,
            _files=row.files,
            _names=self._names.get(module.__name__, {}),
            _advice=ADVICE.get(module.__name__, {}),
            _is_package=row.is_package,
            __doc__=sources[0].__doc__ if sources else None,
        )
        if module.__name__ == 'chainer':
            module.__dict__['__version__'] = VERSION
        attributes.install()


def _sources_of(row: Path) -> tuple[types.ModuleType, ...]:
    """Return the modules in which to look; for a file, first the home of the name that the file is called after."""
    if row.is_family:
        return ()
    public = importlib.import_module(row.module)
    if row.called_after is None:
        return (public,)
    called_after = getattr(public, row.called_after, ABSENT)
    if called_after is ABSENT:
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
