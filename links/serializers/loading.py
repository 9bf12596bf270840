"""Loading of all or nothing, for every kind of file.

`serialize` of an object is called once. Mismatches are collected, so that one error names all of them. When there is
one, or `serialize` raises, a link, or any object with a method `_serialized_objects()`, becomes what it was: the
attributes of the objects that this method yields and the arrays that were filled are restored. Other objects (a
Trainer: it can hold threads and open files) may be half-loaded then, so the whole file is checked for damage first.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeAlias

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.autograd.backends import copyto
from chaingrad.autograd.backends.array_module import is_array
from chaingrad.autograd.tracebacks import short_traceback
from chaingrad.links.serializer import Deserializer

_MOST_NAMES = 30  # of one kind in a message
_SCALARS = (bool, int, float, complex, str, bytes, np.generic)


class LoadError(KeyError, TypeError):
    """A file does not hold what an object needs: a KeyError for what is missing, a TypeError for what does not fit.

    It is both, as one error names everything. Unlike any other KeyError it prints its text without quotes.
    """

    def __init__(self, text: str, missing: Iterable[str] = (), misfits: Iterable[str] = ()) -> None:
        super().__init__(text)
        self.missing = list(missing)
        self.misfits = list(misfits)

    def __str__(self) -> str:
        return str(self.args[0])


class UnreadableFileError(ValueError):
    """A file is damaged, of another kind, or holds what must not be loaded."""


class Source(Protocol):
    """A file, or a dict, that holds arrays by key."""

    name: str
    loader: str

    def keys(self) -> Iterable[str]:
        """Return all keys."""

    def __contains__(self, key: str) -> bool: ...

    def kind(self, key: str) -> tuple[Shape, np.dtype[Any]] | None:
        """Return (shape, dtype) without reading the array; None where None was stored."""

    def read(self, key: str) -> Array:
        """Return the array."""

    def verify(self) -> None:
        """Raise UnreadableFileError when any part of the file is damaged."""


IgnoreNames: TypeAlias = str | Callable[[str], bool] | Iterable[str | Callable[[str], bool]] | None
"""Full keys of the values that stay as they are, or functions that return True for such a key; one or several."""


class _Session:
    """The state of one `load`: the former contents of arrays that it has filled, the keys it has used and missed."""

    def __init__(self, restores: bool) -> None:
        self.restores = restores
        self.former: list[tuple[Any, Any]] = []
        self.used: set[str] = set()
        self.missing: list[str] = []
        self.misfits: list[str] = []


class SourceDeserializer(Deserializer):
    """Load objects from a source; the base of the deserializers of each kind of file."""

    def __init__(self, source: Source, path: str = '', strict: bool = True, ignore_names: IgnoreNames = None) -> None:
        self._source = source
        self.path = path
        self.strict = strict
        self.ignore_names = ignore_names
        self._session: _Session | None = None

    def __getitem__(self, key: str) -> SourceDeserializer:
        child = copy.copy(self)  # shares the session
        child.path = f'{self.path}{key.strip("/")}/'
        return child

    def __call__(self, key: str, value: Any) -> Any:
        key = self.path + key.lstrip('/')
        if _ignored(key, self.ignore_names):
            return value
        if key not in self._source:
            if not self.strict:
                return value
            raise LoadError(f'{self._source.loader}: {self._source.name} has no {key}.', missing=[key])
        if self._session is not None:
            self._session.used.add(key)
        kind = self._source.kind(key)
        if kind is None:
            return None
        misfit = _misfit(value, *kind)
        if misfit:
            raise LoadError(f'{self._source.loader}: {self._source.name}: {key} {misfit}', misfits=[f'{key} {misfit}'])
        data = self._source.read(key)
        if value is None:
            return data
        if not is_array(value):
            return type(value)(data)
        if self._session is not None and self._session.restores:
            self._session.former.append((value, value.copy()))
        copyto(value, data)
        return value

    def collect(self, key: str, value: Any) -> Any:
        """Load as a call does, but within `load` collect a mismatch, return the value and go on.

        Args:
            key: name of the value within the object.
            value: as in a call.
        """
        try:
            return self(key, value)
        except LoadError as error:
            if self._session is None:
                raise
            self._session.missing += error.missing
            self._session.misfits += error.misfits
            return value

    def load(self, obj: Any) -> None:
        """Load an object's state into it.

        Args:
            obj: anything with a method `serialize(serializer)`.

        Raises:
            LoadError: a KeyError that lists the keys that are missing and the shapes and dtypes that differ. A link
                or optimizer is unchanged then.
            UnreadableFileError: the file is damaged, or holds a pickled object under a key that is needed.
        """
        if self._session is not None:
            obj.serialize(self)
            return
        find_objects = getattr(type(obj), '_serialized_objects', None)
        self._session = _Session(restores=find_objects is not None)
        try:
            with short_traceback():
                if find_objects is None:
                    self._source.verify()
                    self._load_or_raise(obj, 'What does fit may have been loaded.')
                else:
                    with _restoring_on_failure(find_objects(obj), self._session.former):
                        self._load_or_raise(obj, 'Nothing was loaded.')
        finally:
            self._session = None

    def _load_or_raise(self, obj: Any, outcome: str) -> None:
        """Call `obj.serialize` and raise one error for everything that does not fit."""
        session = self._session
        assert session is not None
        cause: BaseException | None = None
        try:
            obj.serialize(self)
        except LoadError as error:
            session.missing += error.missing
            session.misfits += error.misfits
        except Exception as error:
            if not session.missing and not session.misfits:
                raise
            cause = error
        if session.missing or session.misfits:
            unused = [key for key in self._source.keys() if key.startswith(self.path) and key not in session.used]
            text = _report(self._source, obj, outcome, session.missing, session.misfits, unused)
            raise LoadError(text, session.missing, session.misfits) from cause


def _ignored(key: str, ignore_names: IgnoreNames) -> bool:
    if ignore_names is None:
        return False
    if isinstance(ignore_names, str) or callable(ignore_names):
        ignore_names = [ignore_names]
    for rule in ignore_names:
        if rule(key) if callable(rule) else rule.lstrip('/') == key:
            return True
    return False


def _misfit(value: Any, shape: Shape, dtype: np.dtype[Any]) -> str | None:
    """Return the reason why stored data cannot replace a value, None when it can."""
    if value is None:
        return None
    stored = f'is {dtype} {shape} in the file'
    if is_array(value):
        if value.shape != shape or not np.can_cast(dtype, value.dtype, 'same_kind'):
            return f'{stored}, but {value.dtype} {value.shape} here.'
        return None
    kind = type(value)
    if issubclass(kind, _SCALARS) and not (shape == () and _fits_scalar(dtype, kind)):
        return f'{stored}, but a single {kind.__name__} here.'
    return None


def _fits_scalar(dtype: np.dtype[Any], kind: type) -> bool:
    """Return True when a stored scalar can become a value of a Python or NumPy type without loss."""
    if issubclass(kind, str) and dtype.kind == 'U':
        return True
    if issubclass(kind, bytes) and dtype.kind == 'S':
        return True
    is_number = issubclass(kind, (int, float, complex, np.number))
    if kind is int and np.issubdtype(dtype, np.integer):
        return True
    if is_number and dtype.kind == 'b':
        return True
    is_numeric = is_number or issubclass(kind, (bool, np.bool_))
    return (dtype.kind in 'biufc') == is_numeric and np.can_cast(dtype, kind, 'safe')


@contextlib.contextmanager
def _restoring_on_failure(objects: Iterable[Any], former: list[tuple[Any, Any]]) -> Iterator[None]:
    """When the block raises, restore the attributes of objects, dicts among them with their items, and arrays."""
    saved: list[tuple[dict[Any, Any], dict[Any, Any]]] = []
    for obj in objects:
        attributes = vars(obj)
        saved.append((attributes, dict(attributes)))
        for value in attributes.values():
            if type(value) is dict:
                saved.append((value, dict(value)))
    try:
        yield
    except BaseException:
        for target, state in saved:
            target.clear()
            target.update(state)
        for array, contents in reversed(former):
            copyto(array, contents)
        raise


def _report(source: Source, obj: Any, outcome: str, missing: list[str], misfits: list[str], unused: list[str]) -> str:
    lines = [f'{source.loader}: {source.name} does not fit {type(obj).__name__}. {outcome}']
    if missing:
        lines.append(f'  Missing in the file ({len(missing)}): {_some(missing)}')
    if misfits:
        lines.append(f'  Of another shape or type ({len(misfits)}):')
        lines.append('    ' + _some(misfits, '\n    '))
    if unused:
        lines.append(f'  In the file, but not used ({len(unused)}): {_some(unused)}')
    if missing:
        # A loader without `path` and `strict` has its own advice.
        advice = getattr(source, 'advice', None) or _advice(missing, unused)
        lines.append(f'  {advice}')
    return '\n'.join(lines)


def _advice(missing: list[str], unused: list[str]) -> str:
    """Return what to do about missing keys: often they are there under another path."""
    first = missing[0]
    for key in unused:
        if key.endswith('/' + first):
            path = key[: -len(first)]
            if {path + name for name in missing} <= set(unused):
                return f'All that is missing is there under {path!r}: pass path={path!r}.'
        if first.endswith('/' + key):
            path = first[: -len(key)]
            if {name[len(path) :] for name in missing if name.startswith(path)} <= set(unused):
                return f'The file has the keys without {path!r}: load it into that part of the object.'
    return 'Pass strict=False to leave what is missing as it is.'


def _some(names: list[str], separator: str = ', ') -> str:
    """Return names as one text, only the first ones where there are many."""
    shown = names[:_MOST_NAMES]
    if len(names) > _MOST_NAMES:
        shown.append(f'and {len(names) - _MOST_NAMES} more')
    return separator.join(shown)
