"""Loading that checks everything first: what is the same for every kind of file.

A link, or any object with a method `_serialized_objects()`, is loaded in two passes of `serialize`. The first is a
rehearsal: every value is found, compared and read, misfits are gathered, and afterwards the attributes of the
objects that `_serialized_objects()` yields are put back as they were. Only when all fits does the second pass change
arrays and attributes. Other objects (a Trainer: it can hold threads and open files) get one pass, after the whole file
was found undamaged.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import numpy as np

from chaingrad.autograd.backends import copyto
from chaingrad.autograd.backends.array_module import is_array
from chaingrad.links.serializers.serializer import Deserializer

_SHOWN = 30  # names of one kind in a message
_SCALARS = (bool, int, float, complex, str, bytes, np.generic)


class LoadError(KeyError):
    """A file does not hold what an object needs. Unlike any other KeyError it prints its text without quotes."""

    def __init__(self, text: str, missing: Iterable[str] = (), misfits: Iterable[str] = ()) -> None:
        super().__init__(text)
        self.missing, self.misfits = list(missing), list(misfits)

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

    def kind(self, key: str) -> tuple[tuple[int, ...], np.dtype] | None:
        """Return (shape, dtype) without reading the array; None where None was stored."""

    def read(self, key: str) -> np.ndarray:
        """Return the array."""

    def verify(self) -> None:
        """Raise UnreadableFileError when any part of the file is damaged."""


class _Session:
    """What one `load` knows: whether it only rehearses, what it has read and found."""

    def __init__(self, rehearsing: bool) -> None:
        self.rehearsing = rehearsing
        self.arrays: dict[str, np.ndarray] = {}
        self.used: set[str] = set()
        self.missing: list[str] = []
        self.misfits: list[str] = []


class SourceDeserializer(Deserializer):
    """Load objects from a source; the base of the deserializers of each kind of file."""

    def __init__(self, source: Source, path: str = '', strict: bool = True, ignore_names: Any = None) -> None:
        self._source, self.path, self.strict, self.ignore_names = source, path, strict, ignore_names
        self._session: _Session | None = None

    @property
    def rehearsing(self) -> bool:
        """Whether this is the pass that only checks: nothing must be initialised or started now."""
        return self._session is not None and self._session.rehearsing

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
        return self._replacement(key, value)

    def _replacement(self, key: str, value: Any) -> Any:
        """Return what takes the place of a value that fits."""
        # What the rehearsal has read is handed out once: two values never share an array.
        kept = {} if self._session is None else self._session.arrays
        data = kept.pop(key) if key in kept else self._source.read(key)
        if self.rehearsing:
            kept[key] = data
        if value is None:
            return data
        if not is_array(value):
            return type(value)(data)
        if self.rehearsing:
            return data.astype(value.dtype)
        copyto(value, data)
        return value

    def collect(self, key: str, value: Any) -> Any:
        """Load as a call does, but within `load` remember a misfit, return the value and go on.

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
        find = getattr(obj, '_serialized_objects', None)
        self._session = _Session(rehearsing=find is not None)
        try:
            if find is None:
                self._source.verify()
                self._pass(obj, 'What does fit may have been loaded.')
            else:
                with _put_back(find):
                    self._pass(obj, 'Nothing was loaded.')
                self._session.rehearsing = False
                obj.serialize(self)
        finally:
            self._session = None

    def _pass(self, obj: Any, state: str) -> None:
        """Call `obj.serialize` and raise one error for all that does not fit."""
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
            text = _report(self._source, obj, state, session.missing, session.misfits, unused)
            raise LoadError(text, session.missing, session.misfits) from cause


def _ignored(key: str, rules: Any) -> bool:
    if rules is None:
        return False
    if isinstance(rules, str) or callable(rules):
        rules = (rules,)
    return any(rule(key) if callable(rule) else rule.lstrip('/') == key for rule in rules)


def _misfit(value: Any, shape: tuple[int, ...], dtype: np.dtype) -> str | None:
    """Say why stored data cannot take the place of a value, None when it can."""
    if value is None:
        return None
    stored = f'is {dtype} {shape} in the file'
    if is_array(value):
        if value.shape != shape or not np.can_cast(dtype, value.dtype, 'same_kind'):
            return f'{stored}, but {value.dtype} {value.shape} here.'
        return None
    kind = type(value)
    if not issubclass(kind, _SCALARS):
        return None
    number = issubclass(kind, (int, float, complex, np.number))
    fits = (
        (np.issubdtype(dtype, np.integer) and kind is int)
        or (dtype.kind == 'b' and number)
        or (dtype.kind in 'biufc') == (number or issubclass(kind, (bool, np.bool_)))
        and np.can_cast(dtype, kind, 'safe')
        or (issubclass(kind, str) and dtype.kind == 'U')
        or (issubclass(kind, bytes) and dtype.kind == 'S')
    )
    return None if shape == () and fits else f'{stored}, but a single {kind.__name__} here.'


@contextlib.contextmanager
def _put_back(find: Callable[[], Iterable[Any]]) -> Iterator[None]:
    """Put the attributes of objects back as they were when the block ends; dicts among them with their items."""
    saved = [(obj, dict(vars(obj))) for obj in find()]
    items = [(value, dict(value)) for _, state in saved for value in state.values() if type(value) is dict]
    try:
        yield
    finally:
        for target, state in [*((vars(obj), state) for obj, state in saved), *items]:
            target.clear()
            target.update(state)


def _report(source: Source, obj: Any, state: str, missing: list[str], misfits: list[str], unused: list[str]) -> str:
    lines = [f'{source.loader}: {source.name} does not fit {type(obj).__name__}. {state}']
    if missing:
        lines.append(f'  Missing in the file ({len(missing)}): {_some(missing, ", ")}')
    if misfits:
        lines.append(f'  Of another shape or type ({len(misfits)}):\n    {_some(misfits, chr(10) + "    ")}')
    if unused:
        lines.append(f'  In the file, but not used ({len(unused)}): {_some(unused, ", ")}')
    # A loader without these arguments brings its own advice.
    advice = missing and getattr(source, 'advice', None) or _advice(missing, unused)
    if advice:
        lines.append(f'  {advice}')
    return '\n'.join(lines)


def _advice(missing: list[str], unused: list[str]) -> str:
    if not missing:
        return ''
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


def _some(names: list[str], separator: str) -> str:
    more = len(names) - _SHOWN
    return separator.join(names[:_SHOWN]) + (f'{separator}and {more} more' if more > 0 else '')
