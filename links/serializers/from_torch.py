"""Weights of PyTorch in our links: `load_torch`, and the layout of the weights of each kind of link."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any, NamedTuple

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.links.activation import PReLU
from chaingrad.links.chain import Chain
from chaingrad.links.chain_list import ChainList
from chaingrad.links.connection import (
    Convolution2D,
    ConvolutionND,
    DeconvolutionND,
    DepthwiseConvolution2D,
    EmbedID,
    Linear,
)
from chaingrad.links.link import Link
from chaingrad.links.normalization import BatchNormalization, GroupNormalization, LayerNormalization
from chaingrad.links.rnn import LSTM, StatelessLSTM
from chaingrad.links.rnn.n_step import NStepRNNBase
from chaingrad.links.sequential import Sequential
from chaingrad.links.serializers.loading import LoadError, SourceDeserializer
from chaingrad.links.serializers.npz_file import MappingSource
from chaingrad.links.serializers.safetensors_file import SafetensorsSource

_WHO = 'load_torch'


class Unmatched(NamedTuple):
    """The names that `load_torch` did not match: our keys that the file lacks, names in the file that no link needs."""

    missing: list[str]
    unused: list[str]


class _Conversion(NamedTuple):
    """A value of ours: its key, its names in PyTorch, and the function that makes it from the arrays of these names."""

    key: str
    names: tuple[str, ...]
    convert: Callable[..., Array]


def _same(array: Array) -> Array:
    return array


def _plain(link: Link, **names: str) -> Iterator[_Conversion]:
    """Yield the parameters and persistents that only have another name in PyTorch, unless the link lacks them."""
    for key, name in names.items():
        if key in link._params or key in link._persistent:
            yield _Conversion(key, (name,), _same)


def _weights(link: Link) -> Iterator[_Conversion]:
    return _plain(link, W='weight', b='bias')


def _normalization(link: Link) -> Iterator[_Conversion]:
    return _plain(link, avg_mean='running_mean', avg_var='running_var', gamma='weight', beta='bias')


def _layer_normalization(link: Link) -> Iterator[_Conversion]:
    def flatten(array: Array) -> Array:  # PyTorch's have the shape of a sample
        return array.reshape(-1)

    yield _Conversion('gamma', ('weight',), flatten)
    yield _Conversion('beta', ('bias',), flatten)


def _depthwise(link: DepthwiseConvolution2D) -> Iterator[_Conversion]:
    def convert(W: Array) -> Array:  # from (in_channels * m, 1, rows, columns), the outputs of a channel together
        m = link.channel_multiplier
        if W.shape[0] % m or W.shape[1:2] != (1,):
            return W  # does not fit: the loader says so
        return W.reshape(-1, m, *W.shape[2:]).swapaxes(0, 1)

    yield _Conversion('W', ('weight',), convert)
    yield from _plain(link, b='bias')


def _prelu(link: PReLU) -> Iterator[_Conversion]:
    def convert(W: Array) -> Array:
        return W.reshape(link.W.shape) if W.size == link.W.size else W

    yield _Conversion('W', ('weight',), convert)


def _n_step(link: NStepRNNBase) -> Iterator[_Conversion]:
    """PyTorch stacks the gates in one array, in our order: i, f, g, o of LSTM, r, z, n of GRU."""
    n_gates = link.n_weights // 2
    size = link.out_size

    def rows_of(gate: int) -> Callable[[Array], Array]:
        def convert(stacked: Array) -> Array:
            return stacked[gate * size : (gate + 1) * size] if len(stacked) == n_gates * size else stacked

        return convert

    for k in range(link.n_layers * link.direction):
        suffix = f'_l{k // link.direction}'
        if k % link.direction == 1:
            suffix += '_reverse'
        for gate in range(n_gates):
            convert = rows_of(gate)
            yield _Conversion(f'{k}/w{gate}', (f'weight_ih{suffix}',), convert)
            yield _Conversion(f'{k}/b{gate}', (f'bias_ih{suffix}',), convert)
            yield _Conversion(f'{k}/w{gate + n_gates}', (f'weight_hh{suffix}',), convert)
            yield _Conversion(f'{k}/b{gate + n_gates}', (f'bias_hh{suffix}',), convert)


def _lstm(link: LSTM | StatelessLSTM) -> Iterator[_Conversion]:
    """PyTorch stacks i, f, g, o and has two biases; here a, i, f, o are interleaved, with one bias."""

    def interleave(stacked: Array) -> Array:
        if len(stacked) != 4 * link.state_size:
            return stacked
        i, f, g, o = stacked.reshape(4, link.state_size, *stacked.shape[1:])
        return np.stack((g, i, f, o), axis=1).reshape(stacked.shape)

    def interleave_sum(bias_ih: Array, bias_hh: Array) -> Array:
        return interleave(bias_ih + bias_hh)

    yield _Conversion('upward/W', ('weight_ih',), interleave)
    yield _Conversion('lateral/W', ('weight_hh',), interleave)
    yield _Conversion('upward/b', ('bias_ih', 'bias_hh'), interleave_sum)


_LAYOUTS: list[tuple[tuple[type, ...], Callable[[Any], Iterator[_Conversion]]]] = [
    ((Linear, Convolution2D, ConvolutionND, DeconvolutionND, EmbedID), _weights),
    ((BatchNormalization, GroupNormalization), _normalization),
    ((LayerNormalization,), _layer_normalization),
    ((DepthwiseConvolution2D,), _depthwise),
    ((PReLU,), _prelu),
    ((NStepRNNBase,), _n_step),
    ((LSTM, StatelessLSTM), _lstm),
]


def _children(link: Link) -> Iterator[tuple[str, str, Link]]:
    """Yield (our name, name in PyTorch, link). In a Sequential PyTorch counts the functions too."""
    if isinstance(link, Sequential):
        ours = 0
        for theirs, layer in enumerate(link):
            if isinstance(layer, Link):
                yield str(ours), str(theirs), layer
                ours += 1
    elif isinstance(link, Chain | ChainList):
        for path, child in link.namedlinks(skipself=True):
            if path.count('/') == 1:
                yield path[1:], path[1:], child


def _own_conversions(link: Link) -> Iterator[_Conversion]:
    """Yield the conversions of a user's own link, whose parameters have the same names and layouts in PyTorch."""
    return _plain(link, **{name: name for name in sorted(link._params | link._persistent)})


def _conversions(link: Link, key: str, name: str, names: Mapping[str, str]) -> Iterator[_Conversion]:
    """Yield the conversions of all values of a link and of those below it.

    Args:
        link: the link.
        key: prefix of its keys here, '' or with a slash at the end.
        name: its name in PyTorch.
        names: as in `load_torch`.
    """
    if key:
        name = names.get(key.rstrip('/'), name)
    name = name.rstrip('.')
    prefix = f'{name}.' if name else ''
    layout = None
    for kinds, candidate in _LAYOUTS:
        if isinstance(link, kinds):
            layout = candidate
            break
    for conversion in _own_conversions(link) if layout is None else layout(link):
        yield _Conversion(key + conversion.key, tuple([prefix + n for n in conversion.names]), conversion.convert)
    if layout is None:
        for ours, theirs, child in _children(link):
            yield from _conversions(child, f'{key}{ours}/', f'{prefix}{theirs}', names)


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
    of a link of your own is looked for under its own name. (GRU and StatefulGRU differ from PyTorch's GRU.)

    Args:
        model: the link to load into.
        file: path, or binary file object that can seek. Files of torch.save hold pickled objects and are refused.
        path: prefix of the names in the file, such as 'module.'.
        names: names in PyTorch by our path, where they differ: `{'conv1': 'features.0'}`.
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
        for conversion in _conversions(model, '', path, names or {}):
            used.update(conversion.names)
            absent = [name for name in conversion.names if name not in stored]
            if absent:
                missing.append(f'{conversion.key} ({", ".join(absent)})')
            else:
                found = [stored.read(name) for name in conversion.names if stored.kind(name) is not None]
                arrays[conversion.key] = conversion.convert(*found)
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
    return Unmatched(missing, unused)
