"""Weights of PyTorch in our links: `load_torch`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import IO, NamedTuple

from chaingrad.autograd.annotations import Array
from chaingrad.links.link import Link
from chaingrad.links.normalization import BatchNormalization, GroupNormalization, LayerNormalization
from chaingrad.links.serializers.loading import LoadError, SourceDeserializer
from chaingrad.links.serializers.npz_file import MappingSource
from chaingrad.links.serializers.safetensors_file import SafetensorsSource
from chaingrad.links.serializers.torch_layout import conversions

_WHO = 'load_torch'


class Unmatched(NamedTuple):
    """The names that `load_torch` did not match: our keys that the file lacks, names in the file that no link needs."""

    missing: list[str]
    unused: list[str]


def load_torch(
    model: Link,
    file: str | os.PathLike[str] | IO[bytes],
    path: str = '',
    names: Mapping[str, str] | None = None,
    strict: bool = True,
    eps: float | None = 1e-5,
) -> Unmatched:
    """Load a model from a safetensors file that PyTorch has written, with its names and layouts.

    In PyTorch: `safetensors.torch.save_file(model.state_dict(), 'model.safetensors')`. The links must have the names of
    the modules (`self.conv` there, `self.conv` here), and a Sequential the same layers, functions counted. Known are
    Linear, convolutions, deconvolutions, BatchNorm with its running statistics, Embedding, LayerNorm, GroupNorm, PReLU,
    the modules LSTM, GRU and RNN (NStepLSTM, NStepGRU, NStepRNNTanh, their Bi forms) and LSTMCell (LSTM); a parameter
    of a link of your own is looked for under its own name. (GRU and StatefulGRU differ from PyTorch's GRU.) Arrays of
    bfloat16 are read as float32, with a warning.

    Args:
        model: the link to load into.
        file: path, or binary file object that can seek. Files of torch.save hold pickled objects and are refused.
        path: prefix of the names in the file, such as 'module.'.
        names: names in PyTorch by our path, where they differ: `{'conv1': 'features.0'}`. With `[i/n]` at the end it is
            part i of n of what is stacked there, and no point follows `_`: the Linear `q` of your own attention is
            `{'q': 'attn.in_proj_[0/3]'}` of MultiheadAttention.
        strict: a value of the model that the file lacks is an error; otherwise it stays as it is.
        eps: set as eps of all normalization links, PyTorch's default; None to leave theirs. It is not in the file.

    Returns:
        Unmatched: `missing`, keys of ours that the file lacks, and `unused`, names in the file that no link needs.

    Raises:
        LoadError: a KeyError that lists what is missing or has another shape. The model is unchanged then.
        UnreadableFileError: a ValueError: the file is damaged, or of another kind.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.links as L
        >>> from chaingrad.links.serializers.safetensors_file import write_safetensors
        >>> from chaingrad.serializers import load_torch
        >>> with open('torch.safetensors', 'wb') as f:  # as PyTorch would
        ...     write_safetensors(f, {'fc.weight': np.ones((1, 2)), 'fc.bias': np.zeros(1), 'head.bias': np.zeros(1)})
        >>> model = chaingrad.Chain(fc=L.Linear(2, 1))
        >>> load_torch(model, 'torch.safetensors')
        Unmatched(missing=[], unused=['head.bias'])
        >>> model.fc.W.array
        array([[1., 1.]], dtype=float32)

    Source:
        https://docs.pytorch.org/docs/stable/nn.html, the Variables of each module.
    """
    arrays: dict[str, Array] = {}
    missing: list[str] = []
    used: set[str] = set()
    with SafetensorsSource(file, _WHO) as stored:
        for conversion in conversions(model, '', path, names or {}):
            used.update(conversion.names)
            absent = [name for name in conversion.names if name not in stored]
            if absent:
                missing.append(f'{conversion.key} ({", ".join(absent)})')
            else:
                found = [stored.read(name) for name in conversion.names if stored.kind(name) is not None]
                arrays[conversion.key] = conversion.read(*found)
        unused = [name for name in stored.keys() if name not in used and not name.endswith('num_batches_tracked')]
    if missing and strict:
        raise LoadError(
            f'{_WHO}: {stored.name} does not fit {type(model).__name__}. Nothing was loaded.\n'
            f'  Missing in the file ({len(missing)}): {", ".join(missing)}\n'
            f'  In the file, but not used ({len(unused)}): {", ".join(unused)}\n'
            '  Give the links the names that the modules have, or pass names={our path: name there}; strict=False '
            'leaves what is missing as it is.',
            missing,
        )
    values = MappingSource(arrays, _WHO)
    values.name = stored.name
    # Values without a counterpart in PyTorch, such as the counter N, stay as they are.
    SourceDeserializer(values, strict=False).load(model)
    if eps is not None:
        for link in model.links():
            if isinstance(link, BatchNormalization | GroupNormalization | LayerNormalization):
                link.eps = eps
    stored.warn_of_bfloat16()
    return Unmatched(missing, unused)
