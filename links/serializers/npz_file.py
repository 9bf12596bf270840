"""The npz format on disk: a zip archive of npy members, read and written without pickle.

The reference stores None (a parameter without shape) as a pickled object array. Its bytes are always the same few, so
they are compared and written here, and nothing is ever unpickled.
"""

from __future__ import annotations

import math
import os
import struct
import zipfile
from collections.abc import Iterable, Mapping
from typing import IO, Any

import numpy as np

from chaingrad.autograd.advice import habits
from chaingrad.autograd.annotations import Array, Shape
from chaingrad.links.serializers.dictionary import is_none
from chaingrad.links.serializers.files import name_of
from chaingrad.links.serializers.loading import UnreadableFileError
from chaingrad.links.serializers.source import FileSource, unpacked_limit

# The last record of a zip archive, where no comment follows it; its fifth number is the number of members.
_END_MAGIC = b'PK\x05\x06'
_END = struct.Struct('<4s4H2LH')
_COUNTED_ELSEWHERE = 0xFFFF  # in the records of archives with more than 4 GiB or 65,534 members

# The bytes after the npy header of None: by pickle protocol 3 (NumPy 1.x, Python 3; we write this one), 2 and 4, as
# the reference's NumPy versions wrote it.
NONE_DATA = (
    b'\x80\x03cnumpy.core.multiarray\n_reconstruct\nq\x00cnumpy\nndarray\nq\x01K\x00\x85q\x02C\x01bq\x03\x87q\x04Rq\x05'
    b'(K\x01)cnumpy\ndtype\nq\x06X\x02\x00\x00\x00O8q\x07\x89\x88\x87q\x08Rq\t(K\x03X\x01\x00\x00\x00|q\nNNN'
    b'J\xff\xff\xff\xffJ\xff\xff\xff\xffK?tq\x0bb\x89]q\x0cNatq\rb.'
)
_KNOWN_NONE = (
    NONE_DATA,
    b'\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\x00cnumpy\nndarray\nq\x01K\x00\x85q\x02c_codecs\nencode\nq\x03'
    b'X\x01\x00\x00\x00bq\x04X\x06\x00\x00\x00latin1q\x05\x86q\x06Rq\x07\x87q\x08Rq\t(K\x01)cnumpy\ndtype\nq\nX\x02\x00'
    b'\x00\x00O8q\x0b\x89\x88\x87q\x0cRq\r(K\x03X\x01\x00\x00\x00|q\x0eNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tq\x0fb'
    b'\x89]q\x10Natq\x11b.',
    b'\x80\x04\x95\x86\x00\x00\x00\x00\x00\x00\x00\x8c\x15numpy.core.multiarray\x94\x8c\x0c_reconstruct\x94\x93\x94'
    b'\x8c\x05numpy\x94\x8c\x07ndarray\x94\x93\x94K\x00\x85\x94C\x01b\x94\x87\x94R\x94(K\x01)h\x03\x8c\x05dtype\x94\x93'
    b'\x94\x8c\x02O8\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01|\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?t\x94b\x89]\x94'
    b'Nat\x94b.',
)
_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
_CHUNK = 1 << 20
_KINDS_BY_START = {
    b'PK': 'it was cut off',
    b'\x89HDF': 'it is an HDF5 file: use load_hdf5',
    b'\x93NUMPY': 'it is a single array written by numpy.save',
}


class NpzSource(FileSource):
    """The arrays of an npz file.

    Args:
        file: path, binary file object, or an open `zipfile.ZipFile`.
        loader: the function that reads, for messages.

    Raises:
        UnreadableFileError: when it is no npz file.
    """

    def __init__(self, file: Any, loader: str) -> None:
        self.loader = loader
        self.name = name_of(getattr(file, 'filename', None) or file)
        if isinstance(file, zipfile.ZipFile):
            self._zip = file
        else:
            try:
                self._zip = zipfile.ZipFile(file)
            except FileNotFoundError:
                raise habits().missing_file(loader, file) from None
            except OSError:
                raise
            except Exception as error:
                raise UnreadableFileError(
                    f'{loader}: {self.name} is no npz file: {_seen_kind(file, error)}. Give the path of a file that '
                    'save_npz has written.'
                ) from None
        self._length = self._zip.fp.seek(0, os.SEEK_END) if self._zip.fp else 0
        members = {info.filename: info for info in self._zip.infolist()}
        self._check_directory(members)
        self._members = {name[:-4]: info for name, info in members.items() if name.endswith('.npy')}
        if members and not self._members:
            raise UnreadableFileError(
                f'{loader}: {self.name} is no npz file: it is a zip archive without any .npy member.'
            )

    def _check_directory(self, members: Mapping[str, zipfile.ZipInfo]) -> None:
        """Refuse an archive whose directory has lost members or their names: zipfile accepts such an archive."""
        infos = self._zip.infolist()
        for info in infos:
            # The names of the others are compared with the members' own when they are read.
            if not info.filename.endswith('.npy') or members[info.filename] is not info:
                self._try(info.filename, self._zip.open, info).close()
        count = self._claimed_count()
        if count is not None and count != len(infos):
            raise self._damaged(f'it should have {count} members, but {len(infos)} are found.')

    def _claimed_count(self) -> int | None:
        """Return the number of members that the last record of the archive claims; None where there is none."""
        if not self._zip.fp or self._length < _END.size:
            return None
        self._zip.fp.seek(-_END.size, os.SEEK_END)
        record = self._zip.fp.read(_END.size)
        if not record.startswith(_END_MAGIC):
            return None
        count = _END.unpack(record)[4]
        return None if count == _COUNTED_ELSEWHERE else count

    def __enter__(self) -> NpzSource:
        return self

    def __exit__(self, *error: object) -> None:
        self._zip.close()

    def keys(self) -> Iterable[str]:
        return self._members.keys()

    def __contains__(self, key: str) -> bool:
        return key in self._members

    def kind(self, key: str) -> tuple[Shape, np.dtype[Any]] | None:
        with self._open(key) as f:
            shape, _, dtype = self._header(f, key)
            if not dtype.hasobject:
                return shape, dtype
            # One byte more than the longest, so that appended bytes are noticed.
            longest = max([len(data) for data in _KNOWN_NONE])
            if shape == () and self._try(key, f.read, longest + 1) in _KNOWN_NONE:
                return None
        raise UnreadableFileError(
            f'{self.loader}: {self.name}: {key} is a pickled Python object. It is refused: loading it could run any '
            'code. Only arrays of numbers, truth values and text are loaded.'
        )

    def read(self, key: str) -> Array:
        with self._open(key) as f:
            shape, fortran, dtype = self._header(f, key)
            count = math.prod(shape)
            size = count * dtype.itemsize
            info = self._members[key]
            claimed = info.file_size - f.tell()
            limit = unpacked_limit(min(info.compress_size, self._length))
            if claimed != size or dtype.hasobject or info.file_size > limit:
                raise self._damaged(
                    f'{key} must have {size} bytes of {dtype} {shape}, but the archive says {claimed}, packed in '
                    f'{info.compress_size}.'
                )
            array = np.empty(count, dtype)
            self._fill(key, f, array)
        array = array.reshape(shape[::-1]).T if fortran else array.reshape(shape)
        return array if dtype.isnative else array.astype(dtype.newbyteorder('='))

    def _fill(self, key: str, f: IO[bytes], array: Array) -> None:
        """Read the data of a member into an array of one axis."""
        size = array.nbytes
        buffer = array.view(np.uint8) if size else array
        filled = 0
        while True:
            # The last, empty read meets the end of the member, where zipfile compares the checksum.
            chunk = self._try(key, f.read, _CHUNK)
            if not chunk:
                break
            if filled + len(chunk) <= size:
                buffer[filled : filled + len(chunk)] = np.frombuffer(chunk, np.uint8)
            filled += len(chunk)
        if filled != size:
            raise self._damaged(f'{key} must have {size} bytes, but it has {filled}.')

    def verify(self) -> None:
        """Read every member and compare its checksum."""
        for key in self._members:
            with self._open(key) as f:
                while self._try(key, f.read, _CHUNK):
                    pass

    def _open(self, key: str) -> IO[bytes]:
        return self._try(key, self._zip.open, self._members[key])

    def _header(self, f: IO[bytes], key: str) -> tuple[Shape, bool, np.dtype[Any]]:
        def header(file: IO[bytes]) -> Any:
            version = np.lib.format.read_magic(file)
            if version not in _HEADERS:
                raise ValueError(f'version {version} of the npy format is not known')
            return _HEADERS[version](file)

        shape, fortran, dtype = self._try(key, header, f)
        if any(length < 0 for length in shape):
            raise self._damaged(f'{key} says that its shape is {shape}.')
        return shape, fortran, dtype


def _seen_kind(file: Any, error: Exception) -> str:
    """Return what a file that is no zip archive looks like."""
    try:
        if isinstance(file, (str, os.PathLike)):
            with open(file, 'rb') as f:
                start = f.read(8)
        else:
            file.seek(0)
            start = file.read(8)
    except (OSError, AttributeError, ValueError):
        return str(error)
    if not start:
        return 'it is empty'
    for magic, text in _KINDS_BY_START.items():
        if start.startswith(magic):
            return text
    return 'it begins with ' + repr(start)[1:]


class MappingSource:
    """The arrays of a dict, such as `DictionarySerializer.target`."""

    def __init__(self, arrays: Mapping[str, Any], loader: str) -> None:
        self._arrays = arrays
        self.loader = loader
        self.name = f'the {type(arrays).__name__}'

    def keys(self) -> Iterable[str]:
        return self._arrays.keys()

    def __contains__(self, key: str) -> bool:
        return key in self._arrays

    def kind(self, key: str) -> tuple[Shape, np.dtype[Any]] | None:
        array = np.asarray(self._arrays[key])
        if array.dtype.hasobject:
            if array.shape == () and array.item() is None:
                return None
            raise UnreadableFileError(
                f'{self.loader}: {key} is an array of Python objects. Only plain arrays are loaded.'
            )
        return array.shape, array.dtype

    def read(self, key: str) -> Array:
        return np.array(self._arrays[key])

    def verify(self) -> None:
        """Do nothing: arrays in memory are not damaged."""


def write_npz(file: IO[bytes], arrays: Mapping[str, Array], compression: bool = True) -> None:
    """Write arrays as an npz archive; equal arrays give equal bytes.

    Args:
        file: binary file to write to.
        arrays: NumPy arrays by key; `numpy.asarray(None)` stands for None.
        compression: compress the arrays.

    Raises:
        TypeError: when an array holds Python objects. Nothing is written then.
    """
    for key, array in arrays.items():
        if array.dtype.hasobject and not is_none(array):
            held = type(array.item()).__name__ if array.size == 1 else f'an object array of shape {array.shape}'
            raise TypeError(
                f'save_npz: {key} must be an array, a number, a text or None, but it is {held}. '
                'Python objects are not saved, since loading them could run code.'
            )
    with zipfile.ZipFile(file, 'w') as archive:
        for key, array in arrays.items():
            info = zipfile.ZipInfo(f'{key}.npy')
            info.compress_type = zipfile.ZIP_DEFLATED if compression else zipfile.ZIP_STORED
            info.external_attr = 0o600 << 16
            with archive.open(info, 'w', force_zip64=True) as member:
                if is_none(array):
                    np.lib.format.write_array_header_1_0(member, {'descr': '|O', 'fortran_order': False, 'shape': ()})
                    member.write(NONE_DATA)
                else:
                    np.lib.format.write_array(member, array, allow_pickle=False)
