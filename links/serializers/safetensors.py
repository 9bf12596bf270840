"""Models in safetensors files: `save_safetensors` and `load_safetensors`. They need no further package."""

from __future__ import annotations

import os
from typing import IO, Any

from chaingrad.links.serializers.dictionary import DictionarySerializer
from chaingrad.links.serializers.files import check_serializable, open_to_write
from chaingrad.links.serializers.loading import IgnoreNames, SourceDeserializer
from chaingrad.links.serializers.safetensors_file import SafetensorsSource, write_safetensors


def save_safetensors(file: str | os.PathLike[str] | IO[bytes], obj: Any) -> None:
    """Save an object, such as a model, to a safetensors file, under our own names, such as `l1/W`.

    A file of that name is replaced only when the new one is complete on the disk.

    Args:
        file: path, or binary file object to write to. No suffix is added.
        obj: anything with a method `serialize(serializer)` whose values are arrays, numbers or None.

    Raises:
        OSError: when the file cannot be written; the old one is unchanged.
        TypeError: when a value is a text, or anything else that the format does not have.

    Example:
        >>> import chaingrad, chaingrad.links as L
        >>> from chaingrad.serializers import load_safetensors, save_safetensors
        >>> model = chaingrad.Chain(l1=L.Linear(3, 2))
        >>> save_safetensors('model.safetensors', model)
        >>> load_safetensors('model.safetensors', model)

    Source:
        https://huggingface.co/docs/safetensors, Format.
    """
    check_serializable('save_safetensors', obj)
    serializer = DictionarySerializer()
    serializer.save(obj)
    with open_to_write(file) as f:
        write_safetensors(f, serializer.target)


def load_safetensors(
    file: str | os.PathLike[str] | IO[bytes],
    obj: Any,
    path: str = '',
    strict: bool = True,
    ignore_names: IgnoreNames = None,
) -> None:
    """Load an object, such as a model, from a safetensors file with our own names.

    All keys and shapes are compared before anything is changed. Arrays of bfloat16 are read as float32, with a
    warning. For the names
    and layouts of PyTorch use `load_torch`.

    Args:
        file: path, or binary file object that can seek.
        obj: anything with a method `serialize(serializer)`.
        path: prefix of the object's keys in the file.
        strict: a missing key is an error; otherwise the value stays as it is.
        ignore_names: full keys of the values that stay as they are, or functions that return True for such a key; one
            or a list.

    Raises:
        LoadError: a KeyError that lists missing keys and other shapes. A link or optimizer is unchanged then.
        UnreadableFileError: a ValueError: the file is damaged, or of another kind.

    Example:
        >>> import chaingrad.links as L
        >>> from chaingrad.serializers import load_safetensors, save_safetensors
        >>> save_safetensors('linear.safetensors', L.Linear(2, 1, initialW=3))
        >>> layer = L.Linear(None, 1)
        >>> load_safetensors('linear.safetensors', layer)
        >>> layer.W.array
        array([[3., 3.]], dtype=float32)
    """
    with SafetensorsSource(file, 'load_safetensors') as source:
        SourceDeserializer(source, path, strict, ignore_names).load(obj)
        source.warn_of_bfloat16()
