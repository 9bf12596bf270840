"""The safetensors format on disk: a header in JSON, then the bytes of the arrays. Read and written without a package.

    8 bytes      N, the length of the header, little endian
    N bytes      {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, ..., "__metadata__": {...}}
    the rest     the arrays, in C order, little endian, without gaps

The format has no None; the names of values that are None stand in the metadata.
"""

from __future__ import annotations

import json
import math
import os
import warnings
from collections.abc import Iterable, Mapping
from typing import IO, Any

import numpy as np

from chaingrad.autograd.advice import habits
from chaingrad.autograd.annotations import Array, Shape
from chaingrad.links.serializers.dictionary import is_none
from chaingrad.links.serializers.files import name_of
from chaingrad.links.serializers.loading import UnreadableFileError
from chaingrad.links.serializers.source import FileSource

DTYPES = {
    'F64': '<f8', 'F32': '<f4', 'F16': '<f2', 'I64': '<i8', 'I32': '<i4', 'I16': '<i2', 'I8': 'i1',
    'U64': '<u8', 'U32': '<u4', 'U16': '<u2', 'U8': 'u1', 'BOOL': '?', 'C64': '<c8',
}  # fmt: skip
_NAMES = {np.dtype(text).newbyteorder('='): name for name, text in DTYPES.items()}
_NONE_KEY = 'chaingrad.none'
_LONGEST_HEADER = 100_000_000
_KINDS_BY_START = {
    b'PK': 'a zip archive: an npz file (use load_npz), or one of torch.save, which holds pickled Python objects. '
    'In PyTorch, write safetensors.torch.save_file(model.state_dict(), path)',
    b'\x89HDF': 'an HDF5 file: use load_hdf5',
    b'\x80': 'a pickle, which is never loaded. In PyTorch, write safetensors.torch.save_file(model.state_dict(), path)',
}


class SafetensorsSource(FileSource):
    """The arrays of a safetensors file.

    Args:
        file: path, or binary file object that can seek.
        loader: the function that reads, for messages.

    Raises:
        UnreadableFileError: when it is no safetensors file, or is cut off.
    """

    def __init__(self, file: Any, loader: str) -> None:
        self.loader = loader
        self.name = name_of(file)
        self._bfloat16: set[str] = set()
        self._owned = isinstance(file, (str, os.PathLike))
        if self._owned and not os.path.exists(file):
            raise habits().missing_file(loader, file)
        self._file: IO[bytes] = open(file, 'rb') if self._owned else file  # noqa: SIM115 (closed by __exit__)
        try:
            self._read_header()
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> SafetensorsSource:
        return self

    def __exit__(self, *error: object) -> None:
        if self._owned:
            self._file.close()

    def _read_header(self) -> None:
        length = self._file.seek(0, os.SEEK_END)
        self._file.seek(0)
        start = self._file.read(8)
        size = int.from_bytes(start, 'little')
        if len(start) < 8 or size > min(length - 8, _LONGEST_HEADER):
            raise UnreadableFileError(f'{self.loader}: {self.name} is no safetensors file: {_seen_kind(start)}.')
        try:
            header = json.loads(self._file.read(size).decode('utf-8'), object_pairs_hook=_without_repetition)
            metadata = header.pop('__metadata__', {})
            self._entries = {key: _entry(**value) for key, value in header.items()}
            self._none = set(json.loads(metadata.get(_NONE_KEY, '[]')))
            self.metadata: dict[str, str] = metadata
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            text = ' '.join(str(error).split())
            raise UnreadableFileError(
                f'{self.loader}: {self.name} is no safetensors file, or damaged: its header cannot be read ({text}).'
            ) from error
        self._start = 8 + size
        self._check_positions(length - self._start)

    def _check_positions(self, n_bytes: int) -> None:
        """Refuse a file whose arrays do not lie one after the other in the bytes after the header."""
        previous_end = 0
        for key, (_, _, begin, end) in sorted(self._entries.items(), key=lambda item: item[1][2:]):
            if begin != previous_end or end > n_bytes:
                raise UnreadableFileError(
                    f'{self.loader}: {self.name} is damaged or was cut off: {key} must be at bytes {begin} to {end} '
                    f'after the header, but the array before ends at {previous_end} and there are {n_bytes} bytes.'
                )
            previous_end = end

    def keys(self) -> Iterable[str]:
        return [*self._entries, *self._none]

    def __contains__(self, key: str) -> bool:
        return key in self._entries or key in self._none

    def kind(self, key: str) -> tuple[Shape, np.dtype[Any]] | None:
        if key not in self._entries:
            return None
        name, shape, _, _ = self._entries[key]
        if name != 'BF16' and name not in DTYPES:
            raise UnreadableFileError(
                f'{self.loader}: {self.name}: {key} is of dtype {name}, which NumPy does not have. Save it as F32.'
            )
        if name == 'BF16':
            return shape, np.dtype(np.float32)
        return shape, np.dtype(DTYPES[name]).newbyteorder('=')

    def read(self, key: str) -> Array:
        kind = self.kind(key)
        assert kind is not None
        shape, dtype = kind
        name, _, begin, end = self._entries[key]
        stored = np.dtype('<u2' if name == 'BF16' else DTYPES[name])
        size = math.prod(shape) * stored.itemsize
        if end - begin != size:
            raise self._damaged(f'{key} must have {size} bytes of {name} {shape}, but it has {end - begin}.')
        self._file.seek(self._start + begin)
        array: Array = np.frombuffer(bytearray(self._file.read(end - begin)), stored).reshape(shape)
        if name == 'BF16':  # the upper half of a float32
            self._bfloat16.add(key)
            return (array.astype(np.uint32) << 16).view(np.float32)
        return array.astype(dtype, copy=False)

    def warn_of_bfloat16(self) -> None:
        """Warn once, at the caller of the function that loads, when arrays of bfloat16 were read."""
        if self._bfloat16:
            warnings.warn(
                f'{self.loader}: {self.name} holds bfloat16, which NumPy does not have. It is read as float32, without '
                f'loss: {len(self._bfloat16)} arrays, such as {min(self._bfloat16)}.',
                stacklevel=3,
            )

    def verify(self) -> None:
        """Do nothing: the format has no checksums, and the positions of all arrays were checked when it was opened."""


def _entry(dtype: str, shape: list[int], data_offsets: list[int]) -> tuple[str, Shape, int, int]:
    """Return (dtype, shape, begin, end) of an array in the header."""
    begin, end = data_offsets
    are_sizes = all(type(n) is int and n >= 0 for n in [*shape, begin, end])
    if not isinstance(dtype, str) or not are_sizes or begin > end:
        raise ValueError(f'dtype {dtype!r}, shape {shape!r}, data_offsets {data_offsets!r}')
    return dtype, tuple(shape), begin, end


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError(f'a name comes twice: {max(names, key=names.count)}')
    return dict(pairs)


def _seen_kind(start: bytes) -> str:
    """Return what a file that is no safetensors file looks like, by its first bytes."""
    if not start:
        return 'it is empty'
    for magic, text in _KINDS_BY_START.items():
        if start.startswith(magic):
            return f'it is {text}'
    return 'it was cut off, or is of another kind'


def write_safetensors(file: IO[bytes], arrays: Mapping[str, Array], metadata: Mapping[str, str] | None = None) -> None:
    """Write arrays as a safetensors file; equal arrays give equal bytes.

    Args:
        file: binary file to write to.
        arrays: NumPy arrays by key; `numpy.asarray(None)` stands for None.
        metadata: texts by key, for the header.

    Raises:
        TypeError: when an array has a dtype that the format lacks. Nothing is written then.
    """
    none = []
    kept = {}
    for key, array in arrays.items():
        if is_none(array):
            none.append(key)
        elif array.dtype.newbyteorder('=') in _NAMES:
            kept[key] = array
        else:
            held = type(array.item()).__name__ if array.size == 1 else array.dtype
            raise TypeError(
                f'save_safetensors: {key} must be an array or a number of a dtype of {list(DTYPES)}, but it is {held}. '
                'Use save_npz.'
            )
    # Large elements first, so that every array is aligned, as in files of the format's own writer.
    order = sorted(kept, key=lambda key: (-kept[key].itemsize, key))
    header: dict[str, Any] = {}
    texts = {**(metadata or {}), **({_NONE_KEY: json.dumps(none)} if none else {})}
    if texts:
        header['__metadata__'] = texts
    begin = 0
    for key in order:
        array = kept[key]
        name = _NAMES[array.dtype.newbyteorder('=')]
        header[key] = {'dtype': name, 'shape': list(array.shape), 'data_offsets': [begin, begin + array.nbytes]}
        begin += array.nbytes
    text = json.dumps(header, separators=(',', ':'), ensure_ascii=False).encode('utf-8')
    text += b' ' * (-len(text) % 8)
    file.write(len(text).to_bytes(8, 'little') + text)
    for key in order:
        file.write(np.asarray(kept[key], kept[key].dtype.newbyteorder('<')).tobytes())
