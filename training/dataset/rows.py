"""Fetching a batch from arrays: `Rows`, a list of examples that is filled when it is first read or changed.

A batch of a TupleDataset of arrays is a list of tuples, which the converter takes apart again immediately: for 100 rows
of MNIST that takes 45 us, three quarters of the time that the Trainer may use. `Rows` is that list, but as long as it
has not been read or changed the converter takes the rows directly from the arrays (10 us). To a user it is an ordinary
list.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, SupportsIndex, TypeAlias

import numpy as np

from chaingrad.autograd.annotations import Array, Arrays

Fetcher: TypeAlias = 'Callable[[Any, Array], Rows | None]'

_FETCHERS: dict[type, Fetcher] = {}


class Rows(list[Any]):
    """A list of the examples `indices` of some arrays, filled when it is first read or changed.

    Args:
        arrays: C-contiguous arrays, one per element of an example.
        indices: 1-D array of row numbers.
        keys: None when an example is a row of a single array, `()` when it is a tuple, names when it is a dict.
    """

    __slots__ = ('_indices', '_keys', '_unread')

    def __init__(self, arrays: Arrays, indices: Array, keys: tuple[str, ...] | None) -> None:
        super().__init__()
        self._unread: Arrays | None = arrays
        self._indices = indices
        self._keys = keys

    def columns(self) -> Array | Arrays | dict[str, Array] | None:
        """Return the rows as one array, a tuple or a dict of arrays; None once the list has been read or changed."""
        if self._unread is None:
            return None
        columns = tuple([array.take(self._indices, 0) for array in self._unread])
        if self._keys is None:
            return columns[0]
        if self._keys:
            return dict(zip(self._keys, columns, strict=True))
        return columns

    def fill(self) -> None:
        """Make the examples, once: their rows are views of the arrays, as `array[i]` gives them."""
        arrays = self._unread
        self._unread = None
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

    def __radd__(self, other: list[Any]) -> list[Any]:
        self.fill()
        return list.__add__(other, self)

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[type[list[Any]], tuple[list[Any]]]:
        self.fill()
        return list, (list(self),)


def _filling(name: str) -> Callable[..., Any]:
    """Return a method of list that fills the list first."""
    method = getattr(list, name)

    def call(self: Rows, *args: Any, **kwargs: Any) -> Any:
        self.fill()
        return method(self, *args, **kwargs)

    call.__name__ = name
    return call


# Every method of list that reads or changes the items; a test compares these names with those of list.
for _name in (
    '__add__ __contains__ __delitem__ __eq__ __ge__ __getitem__ __gt__ __iadd__ __imul__ __iter__ __le__ __lt__ '
    '__mul__ __ne__ __repr__ __reversed__ __rmul__ __setitem__ __sizeof__ append clear copy count extend index insert '
    'pop remove reverse sort'
).split():
    setattr(Rows, _name, _filling(_name))


def fetches_rows(kind: type) -> Callable[[Fetcher], Fetcher]:
    """Register a function that fetches several examples of a dataset at once.

    It serves datasets of exactly this type, since a subclass may have other examples.
    """

    def register(function: Fetcher) -> Fetcher:
        _FETCHERS[kind] = function
        return function

    return register


def rows_of(dataset: Any, indices: Array) -> Rows | None:
    """Return the examples `indices` as `Rows` if `dataset` consists of arrays, else None."""
    fetcher = _FETCHERS.get(type(dataset))
    return None if fetcher is None else fetcher(dataset, indices)


def can_take(array: Any) -> bool:
    """Return whether `array.take(indices, 0)` equals the stacked rows, and does not copy the whole array."""
    if type(array) is not np.ndarray or array.ndim == 0 or not array.flags.c_contiguous:
        return False
    return array.dtype.isnative and not array.dtype.hasobject


@fetches_rows(np.ndarray)
def _array_rows(array: Array, indices: Array) -> Rows | None:
    return Rows((array,), indices, None) if can_take(array) else None
