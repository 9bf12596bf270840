"""Weights of Caffe: just enough of its file format to copy them.

A caffemodel is a protocol buffer, NetParameter: fields (number, wire type, value), some of which hold messages again.
Layers are field 100 (name 1, blobs 7) or, in older files, field 2 (name 4, blobs 6). A blob has its shape in field 7,
or in 1 to 4, and its numbers in field 5 (float) or 8 (double).
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from chaingrad.links.normalization import BatchNormalization
from chaingrad.links.serializers.loading import UnreadableFileError

_LAYERS = {100: (1, 7), 2: (4, 6)}
_NUMBERS = {5: '<f4', 8: '<f8'}
_SIZES = {1: 8, 5: 4}  # bytes of wire types 1 and 5


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 70:
        byte = data[at]
        value, at, shift = value | (byte & 127) << shift, at + 1, shift + 7
        if byte < 128:
            return value, at
    raise ValueError('a number has too many bytes')


def _fields(data: memoryview) -> Iterator[tuple[int, Any]]:
    """Yield (number, value) for each field of a message: an int for wire type 0, else the bytes."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        if tag & 7 == 0:
            value, at = _varint(data, at)
            yield tag >> 3, value
            continue
        if tag & 7 == 2:
            size, at = _varint(data, at)
        elif tag & 7 in _SIZES:
            size = _SIZES[tag & 7]
        else:
            raise ValueError(f'there is no wire type {tag & 7}')
        if size > len(data) - at:
            raise ValueError('it was cut off')
        yield tag >> 3, data[at : at + size]
        at += size


def _blob(data: memoryview) -> np.ndarray:
    shape: list[int] = []
    old_shape: dict[int, int] = {}
    parts: list[np.ndarray] = []
    for number, value in _fields(data):
        if number in _NUMBERS and not isinstance(value, int):
            parts.append(np.frombuffer(value, _NUMBERS[number]).astype(np.float32))
        elif number == 7 and not isinstance(value, int):
            for _, dims in _fields(value):
                at = 0
                while not isinstance(dims, int) and at < len(dims):
                    n, at = _varint(dims, at)
                    shape.append(n)
                shape += [dims] if isinstance(dims, int) else []
        elif number in (1, 2, 3, 4) and isinstance(value, int):
            old_shape[number] = value
    array = np.concatenate(parts) if parts else np.empty(0, np.float32)
    shape = shape or [old_shape.get(i, 1) for i in (1, 2, 3, 4)]
    if math.prod(shape) != array.size:
        raise ValueError(f'an array must have the shape {tuple(shape)}, but it has {array.size} elements')
    return array.reshape(shape)


def read_caffemodel(path: str | os.PathLike[str]) -> dict[str, list[np.ndarray]]:
    """Read the arrays of a caffemodel file.

    Args:
        path: the file.

    Returns:
        The arrays of each layer that has some, by its name.

    Raises:
        UnreadableFileError: a ValueError: the file is damaged, or of another kind.
    """
    with open(path, 'rb') as f:
        data = memoryview(f.read())
    found: dict[str, list[np.ndarray]] = {}
    try:
        for number, layer in _fields(data):
            if number in _LAYERS and not isinstance(layer, int):
                name_field, blob_field = _LAYERS[number]
                fields = list(_fields(layer))
                blobs = [_blob(value) for i, value in fields if i == blob_field]
                names = [bytes(value).decode('utf-8') for i, value in fields if i == name_field]
                if blobs and names:
                    found[names[0]] = blobs
    except (ValueError, IndexError, TypeError, MemoryError) as error:
        raise UnreadableFileError(f'caffemodel: {os.fspath(path)} is damaged, or of another kind: {error}.') from error
    if not found:
        raise UnreadableFileError(f'caffemodel: {os.fspath(path)} is of another kind: no layer with weights is in it.')
    return found


def load_caffemodel(path: str | os.PathLike[str], names: Sequence[tuple[Any, tuple[str, ...]]]) -> None:
    """Copy the weights of a caffemodel file into layers.

    Args:
        path: the file.
        names: pairs of a layer (with W, and maybe b) and a tuple of its name; of a BatchNormalization the names of the
            layers with its statistics and with its scale.

    Raises:
        UnreadableFileError: a ValueError: the file is damaged, or lacks something. Nothing is copied then.
    """
    layers = read_caffemodel(path)
    copies: list[tuple[Any, np.ndarray]] = []
    for link, of_link in names:
        if missing := [name for name in of_link if name not in layers]:
            raise UnreadableFileError(
                f'caffemodel: {os.fspath(path)} has no layer {missing[0]}, so it is of another model. It has '
                f'{sorted(layers)[:10]} and more.'
            )
        if isinstance(link, BatchNormalization):
            (mean, var, count, *_), (gamma, beta, *_) = (layers[name] for name in of_link)
            divisor = count.item() or 1
            pairs = [(link.avg_mean, mean / divisor), (link.avg_var, var / divisor)]
            pairs += [(link.gamma.array, gamma), (link.beta.array, beta)]
        else:
            pairs = list(zip([link.W.array] + ([] if link.b is None else [link.b.array]), layers[of_link[0]]))
        for target, source in pairs:
            if target.size != source.size:
                raise UnreadableFileError(
                    f'caffemodel: {os.fspath(path)}: layer {of_link[0]} has an array {source.shape} where '
                    f'{target.shape} is needed, so it is of another model.'
                )
        copies += pairs
    for target, source in copies:
        target[...] = source.reshape(target.shape)
