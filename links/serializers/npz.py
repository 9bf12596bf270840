"""Models in npz files, in the reference's format: `save_npz` and `load_npz`."""

from __future__ import annotations

import os
from typing import IO, Any

from chaingrad.links.serializers.dictionary import DictionarySerializer
from chaingrad.links.serializers.files import check_serializable, open_to_write
from chaingrad.links.serializers.loading import IgnoreNames, Source, SourceDeserializer
from chaingrad.links.serializers.npz_file import MappingSource, NpzSource, write_npz


class NpzDeserializer(SourceDeserializer):
    """Load objects from an open npz file or from a dict of arrays.

    Args:
        npz: what `numpy.load` returns for an npz file, or a dict from path to array.
        path (str): put before every key.
        strict (bool): a missing key is an error; otherwise the value stays as it is.
        ignore_names: full keys of the values that stay as they are, or functions that return True for such a key; one
            or a list.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> from chaingrad.links.serializers import NpzDeserializer
        >>> layer = L.Linear(2, 1)
        >>> NpzDeserializer({'W': np.ones((1, 2)), 'b': np.zeros(1)}).load(layer)
        >>> layer.W.array
        array([[1., 1.]], dtype=float32)
    """

    def __init__(self, npz: Any, path: str = '', strict: bool = True, ignore_names: IgnoreNames = None) -> None:
        self.npz = npz
        super().__init__(_source_of(npz), path, strict, ignore_names)


def _source_of(npz: Any) -> Source:
    if isinstance(npz, NpzSource):
        return npz
    archive = getattr(npz, 'zip', None)
    if archive is None:
        return MappingSource(npz, 'NpzDeserializer')
    # An NpzFile is read through its archive, so that shapes are known before arrays are read.
    return NpzSource(archive, 'NpzDeserializer')


def save_npz(file: str | os.PathLike[str] | IO[bytes], obj: Any, compression: bool = True) -> None:
    """Save an object, such as a model or an optimizer, to an npz file.

    A file of that name is replaced only when the new one is complete on the disk. `numpy.load` and the reference read
    it too.

    Args:
        file: path, or binary file object to write to. No suffix is added.
        obj: anything with a method `serialize(serializer)`, or a dict of such objects and of arrays by name.
        compression: compress the arrays.

    Raises:
        OSError: when the file cannot be written; the old one is unchanged.
        TypeError: when a value is a Python object that is no array, number, text or None.

    Example:
        >>> import chaingrad, chaingrad.links as L
        >>> from chaingrad.links.serializers import load_npz, save_npz
        >>> model = chaingrad.Chain(l1=L.Linear(3, 2))
        >>> save_npz('model.npz', model)
        >>> load_npz('model.npz', model)
    """
    check_serializable('save_npz', obj)
    serializer = DictionarySerializer()
    serializer.save(obj)
    with open_to_write(file) as f:
        write_npz(f, serializer.target, compression)


def load_npz(
    file: str | os.PathLike[str] | IO[bytes],
    obj: Any,
    path: str = '',
    strict: bool = True,
    ignore_names: IgnoreNames = None,
) -> None:
    """Load an object, such as a model or an optimizer, from an npz file.

    All keys and shapes are compared before anything is changed. Nothing is unpickled. Keys of the file that the object
    does not ask for are no error.

    Args:
        file: path, or binary file object that can seek.
        obj: anything with a method `serialize(serializer)`.
        path: prefix of the object's keys in the file, such as `'updater/model:main/'` in a snapshot of a Trainer.
        strict: a missing key is an error; otherwise the value stays as it is.
        ignore_names: full keys of the values that stay as they are, or functions that return True for such a key; one
            or a list.

    Raises:
        LoadError: a KeyError that lists missing keys and other shapes. A link or optimizer is unchanged then.
        UnreadableFileError: a ValueError: the file is damaged, of another kind, or holds a pickled object.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad.links.serializers import load_npz, save_npz
        >>> save_npz('linear.npz', L.Linear(3, 2))
        >>> load_npz('linear.npz', L.Linear(3, 4))
        Traceback (most recent call last):
        ...
        chaingrad.links.serializers.loading.LoadError: load_npz: linear.npz does not fit Linear. Nothing was loaded.
          Of another shape or type (2):
            W is float32 (2, 3) in the file, but float32 (4, 3) here.
            b is float32 (2,) in the file, but float32 (4,) here.
          Make the object as it was when the file was written.
    """
    with NpzSource(file, 'load_npz') as source:
        NpzDeserializer(source, path, strict, ignore_names).load(obj)
