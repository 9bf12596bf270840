"""The names and layouts that PyTorch has for the values of our links, in both directions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

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


def _same(array: Array) -> Array:
    return array


class Conversion(NamedTuple):
    """A value of ours: its key, its names in PyTorch, and the functions that convert it there and back.

    `load` gets the arrays of these names, `store` returns them (one, or a tuple). With `part`, (i, n), the value is
    part i of n along the first axis of the arrays there.
    """

    key: str
    names: tuple[str, ...]
    load: Callable[..., Array] = _same
    store: Callable[[Array], Any] = _same
    part: tuple[int, int] | None = None

    def read(self, *arrays: Array) -> Array:
        """Return our value of the arrays of PyTorch."""
        if self.part is not None:
            i, n = self.part
            arrays = tuple([x if x.ndim == 0 or len(x) % n else np.split(x, n)[i] for x in arrays])
        return self.load(*arrays)

    def write(self, value: Array) -> list[Array]:
        """Return the arrays of PyTorch, or their parts, of our value."""
        stored = self.store(value)
        return list(stored) if isinstance(stored, tuple) else [stored]


def _plain(link: Link, **names: str) -> Iterator[Conversion]:
    """Yield the parameters and persistents that only have another name in PyTorch, unless the link lacks them."""
    for key, name in names.items():
        if key in link._params or key in link._persistent:
            yield Conversion(key, (name,))


def _weights(link: Link) -> Iterator[Conversion]:
    return _plain(link, W='weight', b='bias')


def _normalization(link: Link) -> Iterator[Conversion]:
    return _plain(link, avg_mean='running_mean', avg_var='running_var', gamma='weight', beta='bias')


def _layer_normalization(link: Link) -> Iterator[Conversion]:
    def flatten(array: Array) -> Array:  # PyTorch's have the shape of a sample
        return array.reshape(-1)

    yield Conversion('gamma', ('weight',), flatten)
    yield Conversion('beta', ('bias',), flatten)


def _depthwise(link: DepthwiseConvolution2D) -> Iterator[Conversion]:
    def load(W: Array) -> Array:  # from (in_channels * m, 1, rows, columns), the outputs of a channel together
        m = link.channel_multiplier
        if W.shape[0] % m or W.shape[1:2] != (1,):
            return W  # does not fit: the loader says so
        return W.reshape(-1, m, *W.shape[2:]).swapaxes(0, 1)

    def store(W: Array) -> Array:
        return W.swapaxes(0, 1).reshape(-1, 1, *W.shape[2:])

    yield Conversion('W', ('weight',), load, store)
    yield from _plain(link, b='bias')


def _prelu(link: PReLU) -> Iterator[Conversion]:
    def load(W: Array) -> Array:
        return W.reshape(link.W.shape) if W.size == link.W.size else W

    def store(W: Array) -> Array:
        return W.reshape(-1)

    yield Conversion('W', ('weight',), load, store)


def _n_step(link: NStepRNNBase) -> Iterator[Conversion]:
    """PyTorch stacks the gates in one array, in our order: i, f, g, o of LSTM, r, z, n of GRU."""
    n_gates = link.n_weights // 2
    for k in range(link.n_layers * link.direction):
        suffix = f'_l{k // link.direction}'
        if k % link.direction == 1:
            suffix += '_reverse'
        for i in range(link.n_weights):
            of = 'ih' if i < n_gates else 'hh'
            part = i % n_gates, n_gates
            yield Conversion(f'{k}/w{i}', (f'weight_{of}{suffix}',), part=part)
            yield Conversion(f'{k}/b{i}', (f'bias_{of}{suffix}',), part=part)


def _lstm(link: LSTM | StatelessLSTM) -> Iterator[Conversion]:
    """PyTorch stacks i, f, g, o and has two biases; here a, i, f, o are interleaved, with one bias."""
    size = link.state_size

    def interleave(stacked: Array) -> Array:
        if len(stacked) != 4 * size:
            return stacked
        i, f, g, o = stacked.reshape(4, size, *stacked.shape[1:])
        return np.stack((g, i, f, o), axis=1).reshape(stacked.shape)

    def stack(rows: Array) -> Array:
        gates = rows.reshape(size, 4, *rows.shape[1:])
        return np.concatenate([gates[:, k] for k in (1, 2, 0, 3)])

    def interleave_sum(bias_ih: Array, bias_hh: Array) -> Array:
        return interleave(bias_ih + bias_hh)

    def stack_and_zeros(b: Array) -> tuple[Array, Array]:
        return stack(b), np.negative(np.zeros_like(b))  # b + -0.0 has the bits of b, also where b is -0.0

    yield Conversion('upward/W', ('weight_ih',), interleave, stack)
    yield Conversion('lateral/W', ('weight_hh',), interleave, stack)
    yield Conversion('upward/b', ('bias_ih', 'bias_hh'), interleave_sum, stack_and_zeros)


_LAYOUTS: list[tuple[tuple[type, ...], Callable[[Any], Iterator[Conversion]]]] = [
    ((Linear, Convolution2D, ConvolutionND, DeconvolutionND, EmbedID), _weights),
    ((BatchNormalization, GroupNormalization), _normalization),
    ((LayerNormalization,), _layer_normalization),
    ((DepthwiseConvolution2D,), _depthwise),
    ((PReLU,), _prelu),
    ((NStepRNNBase,), _n_step),
    ((LSTM, StatelessLSTM), _lstm),
]

_PART = re.compile(r'(.*)\[(\d+)/(\d+)\]')


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


def _own_conversions(link: Link) -> Iterator[Conversion]:
    """Yield the conversions of a user's own link, whose parameters have the same names and layouts in PyTorch."""
    return _plain(link, **{name: name for name in sorted(link._params | link._persistent)})


def conversions(link: Link, key: str, name: str, names: Mapping[str, str]) -> Iterator[Conversion]:
    """Yield the conversions of all values of a link and of those below it.

    Args:
        link: the link.
        key: prefix of its keys here, '' or with a slash at the end.
        name: its name in PyTorch.
        names: as in `load_torch`.
    """
    part = None
    if key:
        name = names.get(key.rstrip('/'), name)
        found = _PART.fullmatch(name)
        if found:
            name, part = found[1], (int(found[2]), int(found[3]))
    name = name.rstrip('.')
    prefix = name if not name or name.endswith('_') else f'{name}.'
    layout = None
    for kinds, candidate in _LAYOUTS:
        if isinstance(link, kinds):
            layout = candidate
            break
    for conversion in _own_conversions(link) if layout is None else layout(link):
        there = tuple([prefix + n for n in conversion.names])
        yield conversion._replace(key=key + conversion.key, names=there, part=part or conversion.part)
    if layout is None:
        for ours, theirs, child in _children(link):
            yield from conversions(child, f'{key}{ours}/', f'{prefix}{theirs}', names)
