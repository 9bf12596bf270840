"""Our links as weights of PyTorch: `save_torch`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import IO

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.links.link import Link
from chaingrad.links.serializers.dictionary import DictionarySerializer, is_none
from chaingrad.links.serializers.files import open_to_write
from chaingrad.links.serializers.safetensors_file import write_safetensors
from chaingrad.links.serializers.torch_layout import conversions

_WHO = 'save_torch'


def save_torch(
    model: Link,
    file: str | os.PathLike[str] | IO[bytes],
    path: str = '',
    names: Mapping[str, str] | None = None,
) -> None:
    """Save a model to a safetensors file with the names and layouts of PyTorch.

    In PyTorch: `model.load_state_dict(safetensors.torch.load_file('model.safetensors'))`. What is written for each kind
    of link is what `load_torch` reads; `load_torch` of the file gives the same bits. An LSTM has one bias here and two
    there, of which the second becomes zero. The file does not hold eps: give normalizations there that of the links
    here, 2e-5 unless you chose another, and load the file here with `eps=None`.

    Args:
        model: the link to save.
        file: path, or binary file object to write to. An old file is replaced only when the new one is complete.
        path: prefix of the names in the file, such as 'module.'.
        names: names in PyTorch by our path, where they differ, as in `load_torch`.

    Raises:
        ValueError: when a parameter has no shape yet, two values get one name, or a part of a stacked one is missing.
        OSError: when the file cannot be written; the old one is unchanged.

    Example:
        >>> import chaingrad, chaingrad.links as L
        >>> from chaingrad.serializers import load_torch, save_torch
        >>> model = chaingrad.Chain(fc=L.Linear(3, 2), bn=L.BatchNormalization(2))
        >>> save_torch(model, 'model.safetensors')
        >>> load_torch(model, 'model.safetensors', eps=None)
        Unmatched(missing=[], unused=[])

    Source:
        https://docs.pytorch.org/docs/stable/nn.html, the Variables of each module.
    """
    serializer = DictionarySerializer()
    serializer.save(model)
    lazy = sorted(key for key, array in serializer.target.items() if is_none(array))
    if lazy:
        raise ValueError(
            f'{_WHO}: every parameter must have a shape, but {", ".join(lazy)} of {type(model).__name__} have none. '
            'Call the model once before.'
        )
    parts: dict[str, dict[int, Array]] = {}
    counts: dict[str, int] = {}
    for conversion in conversions(model, '', path, names or {}):
        i, n = conversion.part or (0, 1)
        for name, array in zip(conversion.names, conversion.write(serializer.target[conversion.key])):
            if i in parts.setdefault(name, {}) or counts.setdefault(name, n) != n:
                raise ValueError(
                    f'{_WHO}: each value must have a name of its own, but {conversion.key} is another one of {name}. '
                    'Change names.'
                )
            parts[name][i] = array
    for name, found in parts.items():
        if sorted(found) != list(range(counts[name])):
            raise ValueError(
                f'{_WHO}: {name} must be made of parts 0 to {counts[name] - 1}, but there are {sorted(found)}. Name '
                'the others in names.'
            )
    stacked = {name: _stacked([found[i] for i in sorted(found)]) for name, found in parts.items()}
    with open_to_write(file) as f:
        write_safetensors(f, stacked, {'format': 'pt'})


def _stacked(arrays: list[Array]) -> Array:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
