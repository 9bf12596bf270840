"""Weights of PyTorch in our links: `load_torch`, and the table of layouts behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

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
    """What `load_torch` did not match: our keys that the file lacks, and names in the file that no link asked for."""

    missing: list[str]
    unused: list[str]


class _Piece(NamedTuple):
    """A value of ours, the names in PyTorch that it is made of, and how."""

    key: str
    names: tuple[str, ...]
    make: Callable[..., np.ndarray]


def _as_is(array: np.ndarray) -> np.ndarray:
    return array


def _plain(link: Link, **names: str) -> Iterator[_Piece]:
    """Yield parameters and persistents that only have another name there; those that the link lacks are left out."""
    for key, name in names.items():
        if key in link._params or key in link._persistent:
            yield _Piece(key, (name,), _as_is)


def _weights(link: Link) -> Iterator[_Piece]:
    return _plain(link, W='weight', b='bias')


def _normalization(link: Any) -> Iterator[_Piece]:
    yield from _plain(link, avg_mean='running_mean', avg_var='running_var')
    for key, name in (('gamma', 'weight'), ('beta', 'bias')):
        if key in link._params:
            flat = isinstance(link, LayerNormalization)  # theirs have the shape of a sample
            yield _Piece(key, (name,), (lambda a: a.reshape(-1)) if flat else _as_is)


def _depthwise(link: Any) -> Iterator[_Piece]:
    def make(a: np.ndarray) -> np.ndarray:  # (in_channels * m, 1, rows, columns), the outputs of a channel together
        m = link.channel_multiplier
        return a.reshape(-1, m, *a.shape[2:]).swapaxes(0, 1) if a.shape[0] % m == 0 and a.shape[1:2] == (1,) else a

    yield _Piece('W', ('weight',), make)
    yield from _plain(link, b='bias')


def _prelu(link: Any) -> Iterator[_Piece]:
    yield _Piece('W', ('weight',), lambda a: a.reshape(link.W.shape) if a.size == link.W.size else a)


def _n_step(link: Any) -> Iterator[_Piece]:
    """The gates lie one below the other there, in our order: i, f, g, o of LSTM, r, z, n of GRU."""
    gates, size = link.n_weights // 2, link.out_size

    def part(j: int) -> Callable[[np.ndarray], np.ndarray]:
        return lambda a: a[j * size : (j + 1) * size] if len(a) == gates * size else a

    for k in range(link.n_layers * link.direction):
        suffix = f'_l{k // link.direction}' + ('_reverse' if k % link.direction else '')
        for j in range(gates):
            for offset, source in ((j, 'ih'), (j + gates, 'hh')):
                yield _Piece(f'{k}/w{offset}', (f'weight_{source}{suffix}',), part(j))
                yield _Piece(f'{k}/b{offset}', (f'bias_{source}{suffix}',), part(j))


def _lstm(link: Any) -> Iterator[_Piece]:
    """A cell: i, f, g, o lie one below the other there, a, i, f, o interleaved here, and there are two biases there."""

    def interleaved(a: np.ndarray) -> np.ndarray:
        if len(a) != 4 * link.state_size:
            return a
        i, f, g, o = a.reshape(4, link.state_size, *a.shape[1:])
        return np.stack((g, i, f, o), axis=1).reshape(a.shape)

    yield _Piece('upward/W', ('weight_ih',), interleaved)
    yield _Piece('lateral/W', ('weight_hh',), interleaved)
    yield _Piece('upward/b', ('bias_ih', 'bias_hh'), lambda a, b: interleaved(a + b))


_LAYOUTS: list[tuple[tuple[type, ...], Callable[[Any], Iterator[_Piece]]]] = [
    ((Linear, Convolution2D, ConvolutionND, DeconvolutionND, EmbedID), _weights),
    ((BatchNormalization, GroupNormalization, LayerNormalization), _normalization),
    ((DepthwiseConvolution2D,), _depthwise),
    ((PReLU,), _prelu),
    ((NStepRNNBase,), _n_step),
    ((LSTM, StatelessLSTM), _lstm),
]


def _children(link: Link) -> Iterator[tuple[str, str, Link]]:
    """Yield (our name, name in PyTorch, link). In a Sequential PyTorch counts the functions too."""
    if isinstance(link, Sequential):
        at = [i for i, layer in enumerate(link) if isinstance(layer, Link)]
        yield from ((str(ours), str(theirs), link[theirs]) for ours, theirs in enumerate(at))
    elif isinstance(link, Chain | ChainList):
        for path, child in link.namedlinks(skipself=True):
            if path.count('/') == 1:
                yield path[1:], path[1:], child


def _pieces(link: Link, key: str, name: str, names: Mapping[str, str]) -> Iterator[_Piece]:
    """Yield the pieces of a link and those below it, with whole keys and names."""
    name = names.get(key.rstrip('/'), name.rstrip('.')) if key else name
    name += '.' if name and not name.endswith('.') else ''
    rule = next((rule for kinds, rule in _LAYOUTS if isinstance(link, kinds)), None)
    # A parameter of a user's own link has the same name and layout there.
    own = rule(link) if rule else _plain(link, **{k: k for k in sorted(link._params | link._persistent)})
    for piece in own:
        yield _Piece(key + piece.key, tuple(name + n for n in piece.names), piece.make)
    if rule is None:
        for ours, theirs, child in _children(link):
            yield from _pieces(child, f'{key}{ours}/', f'{name}{theirs}', names)


def load_torch(
    model: Link,
    file: Any,
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
    of a link of your own is looked for under its own name. (GRU and StatefulGRU compute something else than PyTorch's.)

    Args:
        model: the link to load into.
        file: path, or binary file object that can seek. Files of torch.save hold pickled objects and are refused.
        path: what the names in the file begin with, such as 'module.'.
        names: names in PyTorch by path of ours, where they differ: `{'conv1': 'features.0'}`.
        strict: whether a value of the model that the file lacks is an error; otherwise it stays as it is.
        eps: set as eps of all normalization links, PyTorch's default; None to leave theirs. It is not in the file.

    Returns:
        Unmatched: `missing`, keys of ours that the file lacks, and `unused`, names in the file that no link asked for.

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
    arrays, missing, used = {}, [], set()
    with SafetensorsSource(file, _WHO) as source:
        for piece in _pieces(model, '', path.rstrip('.'), names or {}):
            used.update(piece.names)
            absent = [name for name in piece.names if name not in source]
            if absent:
                missing.append(f'{piece.key} ({", ".join(absent)})')
            else:
                found = [source.read(name) for name in piece.names if source.kind(name) is not None]
                arrays[piece.key] = piece.make(*found)
        unused = [n for n in source.keys() if n not in used and not n.endswith('num_batches_tracked')]
    if missing and strict:
        raise LoadError(
            f'{_WHO}: {source.name} does not fit {type(model).__name__}. Nothing was loaded.\n'
            f'  Missing in the file ({len(missing)}): {", ".join(missing)}\n'
            f'  In the file, but not used ({len(unused)}): {", ".join(unused)}\n'
            '  Give the links the names that the modules have, or pass names={our path: name there}; strict=False '
            'leaves what is missing as it is.',
            missing,
        )
    values = MappingSource(arrays, _WHO)
    values.name = source.name
    # What PyTorch has no counterpart of, such as the counter N, stays as it is.
    SourceDeserializer(values, strict=False).load(model)
    for link in model.links() if eps is not None else ():
        if isinstance(link, BatchNormalization | GroupNormalization | LayerNormalization):
            link.eps = eps
    return Unmatched(missing, unused)
