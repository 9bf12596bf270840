"""Fetching a batch out of arrays: `Rows`, a list of examples that is filled when somebody looks.

A batch of a TupleDataset of arrays is a list of 100 tuples, which the converter takes apart again at once: 45 us a
batch of 100 MNIST rows, three quarters of the whole trainer's budget. `Rows` is that list; but while nobody has read
or changed it the converter takes the rows out of the arrays directly (10 us). Whoever looks at it finds an ordinary
list.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_FETCHERS: dict[type, Callable[[Any, np.ndarray], Any]] = {}


class Rows(list):
    """A list of the examples `indices` of some arrays, filled at the first look.

    Args:
        arrays: C-contiguous arrays, one per element of an example.
        indices: 1-D array of rows.
        keys: None when an example is a row of the one array, `()` when it is a tuple, names when it is a dict.
    """

    __slots__ = ('_indices', '_keys', '_unread')

    def __init__(self, arrays: tuple[np.ndarray, ...], indices: np.ndarray, keys: tuple[str, ...] | None) -> None:
        super().__init__()
        self._unread: tuple[np.ndarray, ...] | None = arrays
        self._indices = indices
        self._keys = keys

    def columns(self) -> Any:
        """Return the rows as one array, a tuple or a dict of arrays; None once somebody has looked at the list."""
        if self._unread is None:
            return None
        columns = tuple([array.take(self._indices, 0) for array in self._unread])
        if self._keys is None:
            return columns[0]
        return dict(zip(self._keys, columns, strict=True)) if self._keys else columns

    def fill(self) -> None:
        """Make the examples, once: rows are views of the arrays, as `array[i]` gives them."""
        arrays, self._unread = self._unread, None
        if arrays is None:
            return
        indices = self._indices.tolist()
        if self._keys is None:
            list.extend(self, [arrays[0][i] for i in indices])
        elif self._keys:
            list.extend(self, [{k: a[i] for k, a in zip(self._keys, arrays, strict=True)} for i in indices])
        else:
            list.extend(self, zip(*[map(array.__getitem__, indices) for array in arrays], strict=True))

    def __len__(self) -> int:
        return list.__len__(self) if self._unread is None else len(self._indices)

    def __radd__(self, other: list) -> list:
        self.fill()
        return list.__add__(other, self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        self.fill()
        return list, (list(self),)


def _filled(name: str) -> Callable[..., Any]:
    method = getattr(list, name)

    def call(self: Rows, *args: Any, **kwargs: Any) -> Any:
        self.fill()
        return method(self, *args, **kwargs)

    call.__name__ = name
    return call


# Every method of list that reads or changes the items; a test compares this with what list has.
for _name in (
    '__add__ __contains__ __delitem__ __eq__ __ge__ __getitem__ __gt__ __iadd__ __imul__ __iter__ __le__ __lt__ '
    '__mul__ __ne__ __repr__ __reversed__ __rmul__ __setitem__ __sizeof__ append clear copy count extend index insert '
    'pop remove reverse sort'
).split():
    setattr(Rows, _name, _filled(_name))


def fetches_rows(kind: type) -> Callable[..., Any]:
    """Register how to fetch several examples of exactly this type at once; a subclass may have other examples."""

    def register(function: Callable[[Any, np.ndarray], Any]) -> Callable[[Any, np.ndarray], Any]:
        _FETCHERS[kind] = function
        return function

    return register


def rows_of(dataset: Any, indices: np.ndarray) -> Rows | None:
    """Return the examples `indices` as `Rows` where `dataset` consists of arrays, else None."""
    fetcher = _FETCHERS.get(type(dataset))
    return None if fetcher is None else fetcher(dataset, indices)


def takes(array: Any) -> bool:
    """Say whether `array.take(indices, 0)` gives what stacking the rows gives, and without copying the whole array."""
    if type(array) is not np.ndarray or array.ndim == 0 or not array.flags.c_contiguous:
        return False
    return array.dtype.isnative and not array.dtype.hasobject


@fetches_rows(np.ndarray)
def _array_rows(array: np.ndarray, indices: np.ndarray) -> Rows | None:
    return Rows((array,), indices, None) if takes(array) else None
