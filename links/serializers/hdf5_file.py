"""The arrays of an HDF5 file, read without following links that lead outside the file."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any, NoReturn

import numpy as np

from chaingrad.autograd.annotations import Array, Shape
from chaingrad.links.serializers.files import name_of
from chaingrad.links.serializers.loading import UnreadableFileError
from chaingrad.links.serializers.source import FileSource, unpacked_limit


class HDF5Source(FileSource):
    """The datasets of a group of an HDF5 file, by path.

    Args:
        group: `h5py.Group` or open `h5py.File`.
        loader: the function that reads, for messages.
    """

    advice = 'Use HDF5Deserializer(group, strict=False) to leave what is missing as it is.'

    def __init__(self, group: Any, loader: str) -> None:
        self._group = group
        self.loader = loader
        file = getattr(group, 'file', None)
        self.name = name_of(getattr(file, 'filename', None) or 'the file')

    def keys(self) -> Iterable[str]:
        found: list[str] = []

        def visit(key: str, item: Any) -> None:
            if hasattr(item, 'dtype'):
                found.append(key)

        self._group.visititems(visit)  # follows hard links only
        return found

    def __contains__(self, key: str) -> bool:
        return self._find(key) is not None

    def _find(self, key: str) -> Any:
        """Return a dataset, None when there is none; refuse links that could lead to other files."""
        item = self._group
        for part in key.split('/'):
            if not hasattr(item, 'get'):
                return None
            link = self._try(key, _link, item, part)
            if link is None:
                return None
            if type(link).__name__ != 'HardLink':
                self._refuse(key, 'leads to another place by a link, which could be another file')
            item = self._try(key, operator.getitem, item, part)
        return item if hasattr(item, 'dtype') and hasattr(item, 'shape') else None

    def _refuse(self, key: str, reason: str) -> NoReturn:
        raise UnreadableFileError(
            f'{self.loader}: {self.name}: {key} {reason}. It is refused: only arrays of numbers, truth values and text '
            'that are in the file itself are loaded.'
        )

    def kind(self, key: str) -> tuple[Shape, np.dtype[Any]] | None:
        dataset = self._find(key)
        if dataset.shape is None:
            return None
        if getattr(dataset, 'is_virtual', False) or getattr(dataset, 'external', None):
            self._refuse(key, 'has its data outside the file')
        dtype = dataset.dtype
        if _is_text(dtype):
            return dataset.shape, np.dtype('U')
        if dtype.kind not in 'biufcS':
            self._refuse(key, f'is of dtype {dtype}')
        return dataset.shape, dtype

    def read(self, key: str) -> Array:
        kind = self.kind(key)
        assert kind is not None
        shape, dtype = kind
        dataset = self._find(key)
        if dtype.kind == 'U':
            texts: Array = self._try(key, _read_array, dataset.asstr())
            return texts.astype('U')
        size = dataset.size * dtype.itemsize
        stored = self._try(key, dataset.id.get_storage_size)
        if size > unpacked_limit(stored):
            raise self._damaged(f'{key} must have {size} bytes of {dtype} {shape}, but the file holds {stored}.')
        array: Array = self._try(key, _read_array, dataset)
        return array if dtype.isnative else array.astype(dtype.newbyteorder('='))

    def verify(self) -> None:
        """Read every dataset: gzip compares its checksum."""
        for key in self.keys():
            if self.kind(key) is not None:
                self.read(key)


def _link(group: Any, part: str) -> Any:
    return group.get(part, getlink=True)


def _read_array(dataset: Any) -> Array:
    return np.asarray(dataset[()])


def _is_text(dtype: np.dtype[Any]) -> bool:
    """Return True for h5py's dtype of texts of any length."""
    metadata: Any = dtype.metadata or {}
    return dtype.kind == 'O' and metadata.get('vlen') in (str, bytes)
