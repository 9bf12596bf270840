"""Models in HDF5 files, in the reference's format: `save_hdf5` and `load_hdf5`. Needs the extra `hdf5` (h5py)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import IO, Any

from chaingrad.autograd.advice import habits
from chaingrad.links.serializer import Serializer
from chaingrad.links.serializers.dictionary import to_array
from chaingrad.links.serializers.files import check_serializable, name_of, open_to_write
from chaingrad.links.serializers.hdf5_file import HDF5Source
from chaingrad.links.serializers.loading import SourceDeserializer, UnreadableFileError


class HDF5Serializer(Serializer):
    """Save an object into a group of an HDF5 file: links become groups, values datasets.

    Args:
        group: `h5py.Group` or open `h5py.File`.
        compression: level of gzip, 0 to 9, for arrays of two or more elements; None for none.

    Example:
        >>> import h5py, chaingrad, chaingrad.links as L
        >>> from chaingrad.serializers import HDF5Serializer
        >>> with h5py.File('model.h5', 'w') as f:
        ...     HDF5Serializer(f).save(chaingrad.Chain(l1=L.Linear(3, 2)))
        ...     f['l1/W'].shape
        (2, 3)
    """

    def __init__(self, group: Any, compression: int | None = 4) -> None:
        _h5py('HDF5Serializer')
        self.group = group
        self.compression = compression

    def __getitem__(self, key: str) -> HDF5Serializer:
        return HDF5Serializer(self.group.require_group(key.strip('/')), self.compression)

    def __call__(self, key: str, value: Any) -> Any:
        h5py = _h5py('HDF5Serializer')
        key = key.lstrip('/')
        if value is None:
            self.group.create_dataset(key, data=h5py.Empty('f'))
            return value
        array = to_array(value)
        if array.dtype.hasobject:
            raise TypeError(
                f'save_hdf5: {self.group.name.rstrip("/")}/{key} must be an array, a number, a text or None, but it is '
                f'{type(value).__name__}. Python objects are not saved, since loading them could run code.'
            )
        if array.dtype.kind == 'U':
            array = array.astype(h5py.string_dtype())
        compression = self.compression if array.size > 1 else None
        self.group.create_dataset(key, data=array, compression=compression)
        return value


class HDF5Deserializer(SourceDeserializer):
    """Load objects from a group of an HDF5 file.

    Links to other locations, data outside the file and Python objects are refused.

    Args:
        group: `h5py.Group` or open `h5py.File`.
        strict (bool): a missing dataset is an error; otherwise the value stays as it is.

    Example:
        >>> import h5py, chaingrad.links as L
        >>> from chaingrad.serializers import HDF5Deserializer, save_hdf5
        >>> save_hdf5('linear.h5', L.Linear(2, 1, initialW=3))
        >>> layer = L.Linear(2, 1)
        >>> with h5py.File('linear.h5', 'r') as f:
        ...     HDF5Deserializer(f).load(layer)
        >>> layer.W.array
        array([[3., 3.]], dtype=float32)
    """

    def __init__(self, group: Any, strict: bool = True) -> None:
        _h5py('HDF5Deserializer')
        super().__init__(HDF5Source(group, 'load_hdf5'), '', strict)
        self._root = group

    @property
    def group(self) -> Any:
        """The group that is read; None where the file lacks it."""
        return self._root.get(self.path) if self.path else self._root


def save_hdf5(filename: str | os.PathLike[str] | IO[bytes], obj: Any, compression: int | None = 4) -> None:
    """Save an object, such as a model or an optimizer, to an HDF5 file. Needs h5py.

    A file of that name is replaced only when the new one is complete on the disk. The reference reads it too.

    Args:
        filename: path, or binary file object to read and write.
        obj: anything with a method `serialize(serializer)`, or a dict of such objects and of arrays by name.
        compression: level of gzip, 0 to 9, for arrays of two or more elements; None for none.

    Raises:
        ImportError: when h5py is not installed.
        OSError: when the file cannot be written; the old one is unchanged.
        TypeError: when a value is a Python object that is no array, number, text or None.

    Example:
        >>> import chaingrad, chaingrad.links as L
        >>> from chaingrad.serializers import load_hdf5, save_hdf5
        >>> model = chaingrad.Chain(l1=L.Linear(3, 2))
        >>> save_hdf5('model.h5', model)
        >>> load_hdf5('model.h5', model)
    """
    check_serializable('save_hdf5', obj)
    h5py = _h5py('save_hdf5')
    with open_to_write(filename) as f, h5py.File(f, 'w') as group:
        HDF5Serializer(group, compression).save(obj)


def load_hdf5(filename: str | os.PathLike[str] | IO[bytes], obj: Any) -> None:
    """Load an object, such as a model or an optimizer, from an HDF5 file. Needs h5py.

    All keys and shapes are compared before anything is changed. Datasets of the file that the object does not ask for
    are no error.

    Args:
        filename: path, or binary file object that can seek.
        obj: anything with a method `serialize(serializer)`.

    Raises:
        ImportError: when h5py is not installed.
        LoadError: a KeyError that lists missing keys and other shapes. A link or optimizer is unchanged then.
        UnreadableFileError: a ValueError: the file is damaged, of another kind, or leads outside itself.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad.serializers import load_hdf5, save_hdf5
        >>> save_hdf5('linear.h5', L.Linear(3, 2, nobias=True))
        >>> load_hdf5('linear.h5', L.Linear(3, 2))
        Traceback (most recent call last):
        ...
        chaingrad.links.serializers.loading.LoadError: load_hdf5: linear.h5 does not fit Linear. Nothing was loaded.
          Missing in the file (1): b
          Use HDF5Deserializer(group, strict=False) to leave what is missing as it is.
    """
    with open_hdf5(filename, 'load_hdf5') as file:
        HDF5Deserializer(file).load(obj)


def write_hdf5(file: IO[bytes], arrays: Mapping[str, Any], who: str) -> None:
    """Write arrays, or None, by key, for the function `who`."""
    h5py = _h5py(who)
    with h5py.File(file, 'w') as group:
        serializer = HDF5Serializer(group)
        for key, value in arrays.items():
            serializer(key, value)


def open_hdf5(filename: str | os.PathLike[str] | IO[bytes], who: str) -> Any:
    """Open a file to read, for the function `who`."""
    h5py = _h5py(who)
    try:
        return h5py.File(filename, 'r')
    except FileNotFoundError:
        raise habits().missing_file(who, filename) from None
    except OSError as error:
        raise UnreadableFileError(
            f'{who}: {name_of(filename)} is no HDF5 file, or it was cut off ({" ".join(str(error).split())}). '
            'Give the path of a file that save_hdf5 has written.'
        ) from None


def _h5py(who: str) -> Any:
    """Return the module h5py, or raise ImportError for a function."""
    try:
        import h5py
    except ImportError as error:
        raise ImportError(
            f'{who}: HDF5 files need h5py, which is not installed. Install it with pip install "chaingrad[hdf5]", or '
            'use save_npz and load_npz.'
        ) from error
    return h5py
