"""Weights of Caffe: a reader for the part of its file format that holds them.

A caffemodel is a protocol buffer, NetParameter: fields (number, wire type, value), some of which hold messages again.
Layers are field 100 (name 1, blobs 7) or, in older files, field 2 (name 4, blobs 6). A blob has its shape in field 7,
or in 1 to 4, and its numbers in field 5 (float) or 8 (double).
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.links.normalization import BatchNormalization
from chaingrad.links.serializers.loading import UnreadableFileError

CaffeNames: TypeAlias = list[tuple[Any, tuple[str, ...]]]
"""Pairs of a layer and the names that a caffemodel has for it."""

_LAYERS = {100: (1, 7), 2: (4, 6)}
_NUMBERS = {5: '<f4', 8: '<f8'}
_SIZES = {1: 8, 5: 4}  # bytes of wire types 1 and 5


def _varint(data: memoryview, start: int) -> tuple[int, int]:
    """Return the number of variable length that starts at an index, and the index after it."""
    value = 0
    for i in range(10):  # seven bits in each byte, the lowest first; the eighth bit says that more follow
        byte = data[start + i]
        value |= (byte & 127) << 7 * i
        if byte < 128:
            return value, start + i + 1
    raise ValueError('a number has too many bytes')


def _fields(data: memoryview) -> Iterator[tuple[int, Any]]:
    """Yield (number, value) for each field of a message: an int for wire type 0, else the bytes."""
    position = 0
    while position < len(data):
        tag, position = _varint(data, position)
        number = tag >> 3
        wire_type = tag & 7
        if wire_type == 0:
            value, position = _varint(data, position)
            yield number, value
            continue
        if wire_type == 2:
            size, position = _varint(data, position)
        elif wire_type in _SIZES:
            size = _SIZES[wire_type]
        else:
            raise ValueError(f'there is no wire type {wire_type}')
        if size > len(data) - position:
            raise ValueError('it was cut off')
        yield number, data[position : position + size]
        position += size


def _varints(data: memoryview) -> list[int]:
    """Return the numbers of variable length in a field, one after the other."""
    values = []
    position = 0
    while position < len(data):
        value, position = _varint(data, position)
        values.append(value)
    return values


def _blob(data: memoryview) -> Array:
    """Return the array in a blob."""
    shape: list[int] = []
    old_shape: dict[int, int] = {}
    parts: list[Array] = []
    for number, value in _fields(data):
        if number in _NUMBERS and not isinstance(value, int):
            parts.append(np.frombuffer(value, _NUMBERS[number]).astype(np.float32))
        elif number == 7 and not isinstance(value, int):
            for _, lengths in _fields(value):
                shape += [lengths] if isinstance(lengths, int) else _varints(lengths)
        elif number in (1, 2, 3, 4) and isinstance(value, int):
            old_shape[number] = value
    array = np.concatenate(parts) if parts else np.empty(0, np.float32)
    shape = shape or [old_shape.get(i, 1) for i in (1, 2, 3, 4)]
    if math.prod(shape) != array.size:
        raise ValueError(f'an array must have the shape {tuple(shape)}, but it has {array.size} elements')
    return array.reshape(shape)


def read_caffemodel(path: str | os.PathLike[str]) -> dict[str, list[Array]]:
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
    found: dict[str, list[Array]] = {}
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


def load_caffemodel(path: str | os.PathLike[str], names: CaffeNames) -> None:
    """Copy the weights of a caffemodel file into layers.

    Args:
        path: the file.
        names: pairs of a layer (with W, and maybe b) and a tuple of its name; of a BatchNormalization the names of the
            layers with its statistics and with its scale.

    Raises:
        UnreadableFileError: a ValueError: the file is damaged, or lacks something. Nothing is copied then.
    """
    layers = read_caffemodel(path)
    copies: list[tuple[Array, Array]] = []
    for link, link_names in names:
        missing = [name for name in link_names if name not in layers]
        if missing:
            raise UnreadableFileError(
                f'caffemodel: {os.fspath(path)} has no layer {missing[0]}, so it is of another model. It has '
                f'{sorted(layers)[:10]} and more.'
            )
        pairs = _pairs(link, [layers[name] for name in link_names])
        for target, source in pairs:
            if target.size != source.size:
                raise UnreadableFileError(
                    f'caffemodel: {os.fspath(path)}: layer {link_names[0]} has an array {source.shape} where '
                    f'{target.shape} is needed, so it is of another model.'
                )
        copies += pairs
    for target, source in copies:
        target[...] = source.reshape(target.shape)


def _pairs(link: Any, blobs: list[list[Array]]) -> list[tuple[Array, Array]]:
    """Return pairs of an array of a layer, and the array in the file that belongs there.

    Args:
        link: the layer.
        blobs: the arrays of each layer in the file that belongs to it.
    """
    if not isinstance(link, BatchNormalization):
        pairs = [(link.W.array, blobs[0][0])]
        if link.b is not None and len(blobs[0]) > 1:
            pairs.append((link.b.array, blobs[0][1]))
        return pairs
    mean, var, count = blobs[0][:3]
    gamma, beta = blobs[1][:2]
    divisor = count.item() or 1
    assert link.avg_mean is not None and link.avg_var is not None and link.gamma is not None and link.beta is not None
    return [
        (link.avg_mean, mean / divisor),
        (link.avg_var, var / divisor),
        (link.gamma.array, gamma),
        (link.beta.array, beta),
    ]
