"""Files of arrays in another format: `convert_file`, which `python -m chaingrad convert` calls."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import IO, Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.links.serializers.dictionary import is_none
from chaingrad.links.serializers.files import open_to_write
from chaingrad.links.serializers.hdf5 import open_hdf5, write_hdf5
from chaingrad.links.serializers.hdf5_file import HDF5Source
from chaingrad.links.serializers.npz_file import NpzSource, write_npz
from chaingrad.links.serializers.safetensors_file import SafetensorsSource, write_safetensors

_WHO = 'convert'


def _read(source: Any) -> dict[str, Array]:
    """Return all arrays of a file; `numpy.asarray(None)` stands for None."""
    found = {}
    for key in sorted(source.keys()):
        kind = source.kind(key)
        found[key] = np.asarray(None) if kind is None else source.read(key)
    return found


def _read_npz(path: str) -> dict[str, Array]:
    with NpzSource(path, _WHO) as source:
        return _read(source)


def _read_safetensors(path: str) -> dict[str, Array]:
    with SafetensorsSource(path, _WHO) as source:
        found = _read(source)
        source.warn_of_bfloat16()
    return found


def _read_hdf5(path: str) -> dict[str, Array]:
    with open_hdf5(path, _WHO) as file:
        return _read(HDF5Source(file, _WHO))


def _write_hdf5(file: IO[bytes], arrays: Mapping[str, Array]) -> None:
    write_hdf5(file, {key: None if is_none(array) else array for key, array in arrays.items()}, _WHO)


_READERS: dict[str, Callable[[str], dict[str, Array]]] = {
    '.npz': _read_npz,
    '.h5': _read_hdf5,
    '.hdf5': _read_hdf5,
    '.safetensors': _read_safetensors,
}
_WRITERS: dict[str, Callable[[IO[bytes], Mapping[str, Array]], None]] = {
    '.npz': write_npz,
    '.h5': _write_hdf5,
    '.hdf5': _write_hdf5,
    '.safetensors': write_safetensors,
}


def convert_file(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> int:
    """Write the arrays of a file in another format, under the same keys: npz, HDF5 and safetensors, by their suffixes.

    Nothing is lost: dtypes, shapes and bits stay, and so does None. Names stay ours (`l1/W`); for those of PyTorch load
    the file into the model and use `save_torch`.

    Args:
        source: path of the file to read, with the suffix .npz, .h5, .hdf5 or .safetensors.
        target: path of the file to write. An old file is replaced only when the new one is complete.

    Returns:
        int: the number of arrays.

    Raises:
        ValueError: for another suffix.
        UnreadableFileError: a ValueError: the file is damaged, of another kind, or holds Python objects.
        TypeError: when the new format lacks a dtype, such as texts in safetensors.
        ImportError: when HDF5 is wanted and h5py is not installed.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad.links.serializers.converting import convert_file
        >>> from chaingrad.serializers import load_safetensors, save_npz
        >>> save_npz('model.npz', L.Linear(3, 2))
        >>> convert_file('model.npz', 'model.safetensors')
        2
        >>> load_safetensors('model.safetensors', L.Linear(3, 2))
    """
    suffixes = [os.path.splitext(os.fspath(path))[1].lower() for path in (source, target)]
    for path, suffix in zip((source, target), suffixes):
        if suffix not in _READERS:
            raise ValueError(
                f'{_WHO}: the suffix of {os.fspath(path)} must be one of {", ".join(_READERS)}, but it is {suffix!r}.'
            )
    arrays = _READERS[suffixes[0]](os.fspath(source))
    with open_to_write(target) as file:
        _WRITERS[suffixes[1]](file, arrays)
    return len(arrays)
