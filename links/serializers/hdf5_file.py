"""The arrays of an HDF5 file, read without following what leads outside the file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from chaingrad.links.serializers.files import name_of
from chaingrad.links.serializers.loading import UnreadableFileError

_RATIO = 1040  # no more than deflate can have packed


class HDF5Source:
    """The datasets of a group of an HDF5 file, by path.

    Args:
        group: `h5py.Group` or open `h5py.File`.
        loader: who reads, for messages.
    """

    advice = 'Use HDF5Deserializer(group, strict=False) to leave what is missing as it is.'

    def __init__(self, group: Any, loader: str) -> None:
        self._group, self.loader = group, loader
        file = getattr(group, 'file', None)
        self.name = name_of(getattr(file, 'filename', None) or 'the file')

    def keys(self) -> Iterable[str]:
        found: list[str] = []
        # Only hard links are walked over.
        self._group.visititems(lambda key, item: found.append(key) if hasattr(item, 'dtype') else None)
        return found

    def __contains__(self, key: str) -> bool:
        return self._find(key) is not None

    def _find(self, key: str) -> Any:
        """Return a dataset, None when there is none; refuse links that could lead to other files."""
        at = self._group
        for part in key.split('/'):
            if (
                not hasattr(at, 'get')
                or (link := self._try(key, lambda at=at, part=part: at.get(part, getlink=True))) is None
            ):
                return None
            if type(link).__name__ != 'HardLink':
                self._refuse(key, 'leads to another place by a link, which could be another file')
            at = self._try(key, lambda at=at, part=part: at[part])
        return at if hasattr(at, 'dtype') and hasattr(at, 'shape') else None

    def _refuse(self, key: str, why: str) -> None:
        raise UnreadableFileError(
            f'{self.loader}: {self.name}: {key} {why}. It is refused: only arrays of numbers, truth values and text '
            'that are in the file itself are loaded.'
        )

    def kind(self, key: str) -> tuple[tuple[int, ...], np.dtype] | None:
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

    def read(self, key: str) -> np.ndarray:
        kind, dataset = self.kind(key), self._find(key)
        assert kind is not None
        shape, dtype = kind
        text = dtype.kind == 'U'
        stored = self._try(key, dataset.id.get_storage_size)
        # A false claim of a size allocates nothing.
        if not text and dataset.size * dtype.itemsize > 64 + _RATIO * stored:
            raise UnreadableFileError(
                f'{self.loader}: {self.name} is damaged: {key} must have {dataset.size * dtype.itemsize} bytes of '
                f'{dtype} {shape}, but the file holds {stored}.'
            )
        array = self._try(key, lambda: np.asarray((dataset.asstr() if text else dataset)[()]))
        if text:
            return array.astype('U')
        return array if dtype.isnative else array.astype(dtype.newbyteorder('='))

    def verify(self) -> None:
        """Read every dataset: gzip compares its checksum."""
        for key in self.keys():
            if self.kind(key) is not None:
                self.read(key)

    def _try(self, key: str, call: Any) -> Any:
        """Call, and explain what a damaged file raises."""
        try:
            return call()
        except Exception as error:
            text = ' '.join(str(error).split())
            raise UnreadableFileError(
                f'{self.loader}: {self.name} is damaged: {key} cannot be read ({type(error).__name__}: {text}).'
            ) from error


def _is_text(dtype: np.dtype) -> bool:
    """Whether it is h5py's dtype of texts of any length."""
    return dtype.kind == 'O' and (dtype.metadata or {}).get('vlen') in (str, bytes)
