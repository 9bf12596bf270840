"""Sequential, a list of layers that are called one after the other."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from chaingrad.autograd.tracebacks import short_traceback
from chaingrad.links.chain import tree_text
from chaingrad.links.chain_list import ChainList
from chaingrad.links.link import Link

_Self = TypeVar('_Self', bound='Sequential')


class Sequential(ChainList):
    """A ChainList of links and functions that calls them in order, each on the output of the one before.

    A tuple is passed on as several arguments. Only the links count for paths: with a function between them, the
    parameters of the two layers are still `/0/W` and `/1/W`.

    Args:
        layers: links or any callables.

    Raises:
        ValueError: when a layer is not callable.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.functions as F, chaingrad.links as L
        >>> model = chaingrad.Sequential(L.Linear(4, 8), F.relu, L.Linear(8, 3))
        >>> model(np.zeros((5, 4), np.float32)).shape
        (5, 3)
        >>> model
        Sequential(
          (0): Linear(in_size=4, out_size=8, nobias=False),
          (1): relu,
          (2): Linear(in_size=8, out_size=3, nobias=False),
        )
    """

    def __init__(self, *layers: Callable[..., Any]) -> None:
        super().__init__()
        self._layers: list[Callable[..., Any]] = []
        with short_traceback():
            for layer in layers:
                self.append(layer)

    def forward(self, *x: Any) -> Any:
        """Call every layer on the output of the one before.

        Args:
            x: the arguments of the first layer.

        Returns:
            The output of the last layer.
        """
        value: Any = x[0] if len(x) == 1 else x
        for layer in self._layers:
            value = layer(*value) if isinstance(value, tuple) else layer(value)
        return value

    def _checked_layer(self, layer: Any) -> Callable[..., Any]:
        if not callable(layer):
            raise ValueError(
                f'{type(self).__name__}: a layer must be callable, but it is {layer!r} ({type(layer).__name__}). '
                'Pass links and functions, such as L.Linear(10) and F.relu.'
            )
        if isinstance(layer, type) and issubclass(layer, Link):
            raise ValueError(
                f'{type(self).__name__}: a layer must be a link, but {layer.__name__} is a class. '
                f'Make an instance: {layer.__name__}(...).'
            )
        return layer

    def _set_layers(self, layers: list[Callable[..., Any]]) -> None:
        object.__setattr__(self, '_layers', layers)
        object.__setattr__(self, '_children', _links_among(layers))
        self._number()

    # A list of layers

    def __len__(self) -> int:
        return len(self._layers)

    def __iter__(self) -> Iterator[Callable[..., Any]]:
        return iter(self._layers)

    def __getitem__(self, i: int | slice) -> Any:
        """Return the layer at an index, or a Sequential of the layers in a slice (the same layers, not copies)."""
        if not isinstance(i, slice):
            return self._layers[i]
        part = Sequential()
        # Not by _set_layers, which would renumber the links: they keep the names that they have here.
        vars(part)['_layers'] = self._layers[i]
        vars(part)['_children'] = _links_among(self._layers[i])
        return part

    def __setitem__(self, i: int | slice, layer: Any) -> None:
        layers = list(self._layers)
        if isinstance(i, slice):
            layers[i] = [self._checked_layer(x) for x in layer]
        else:
            layers[i] = self._checked_layer(layer)
        self._set_layers(layers)

    def __delitem__(self, i: int | slice) -> None:
        layers = list(self._layers)
        del layers[i]
        self._set_layers(layers)

    def __add__(self, other: Sequential) -> Sequential:
        """Return a Sequential of the layers of both."""
        if not isinstance(other, Sequential):
            raise ValueError(f'Sequential: only a Sequential can be added to one, not {type(other).__name__}.')
        return Sequential(*self, *other)

    def __iadd__(self, other: Iterable[Any]) -> Sequential:
        self.extend(other)
        return self

    def append(self, layer: Callable[..., Any]) -> None:
        """Add a layer at the end.

        Args:
            layer: a link or any callable.
        """
        self.insert(len(self), layer)

    def insert(self, i: int, layer: Callable[..., Any]) -> None:
        """Insert a layer before the one at an index.

        Args:
            i: the index that it will have.
            layer: a link or any callable.

        Raises:
            IndexError: when the index is out of range.
            ValueError: when the layer is not callable.
        """
        n = len(self._layers)
        if not -n <= i <= n:
            raise IndexError(f'Sequential.insert: index must be from {-n} to {n}, but it is {i}.')
        layers = list(self._layers)
        layers.insert(i, self._checked_layer(layer))
        self._set_layers(layers)

    def extend(self, sequential: Iterable[Any]) -> None:
        """Add all layers of another Sequential at the end.

        Args:
            sequential: a Sequential.

        Raises:
            ValueError: when it is not one.
        """
        if not isinstance(sequential, Sequential):
            raise ValueError(f'Sequential.extend: a Sequential must be given, but it is {type(sequential).__name__}.')
        self._set_layers([*self._layers, *sequential])

    def clear(self) -> None:
        """Remove all layers."""
        self._set_layers([])

    def count(self, layer: Callable[..., Any]) -> int:
        """Return how many times a layer is in the list.

        Args:
            layer: a link or function; of links only the same object counts.
        """
        return self._layers.count(layer)

    def index(self, layer: Callable[..., Any], start: int | None = None, end: int | None = None) -> int:
        """Return the index of the first such layer.

        Args:
            layer: a link or function.
            start: index to begin at.
            end: index to stop before.

        Raises:
            ValueError: when it is not there.
        """
        stop = len(self._layers) if end is None else end
        return self._layers.index(layer, start or 0, stop)

    def pop(self, i: int = -1) -> Callable[..., Any]:
        """Remove a layer and return it.

        Args:
            i: its index.
        """
        layer = self._layers[i]
        del self[i]
        return layer

    def remove(self, layer: Callable[..., Any]) -> None:
        """Remove the first such layer.

        Args:
            layer: a link or function.

        Raises:
            ValueError: when it is not there.
        """
        del self[self.index(layer)]

    def count_by_layer_type(self, type_name: str) -> int:
        """Return how many layers are of a class or function of this name, such as 'Linear' or 'relu'.

        Args:
            type_name: name of a class of links or of a function.
        """
        return sum(_type_name(layer) == type_name for layer in self._layers)

    def remove_by_layer_type(self, type_name: str) -> None:
        """Remove all layers of a class or function of this name, such as 'Linear' or 'relu'.

        Args:
            type_name: name of a class of links or of a function.
        """
        self._set_layers([layer for layer in self._layers if _type_name(layer) != type_name])

    def flatten(self) -> Sequential:
        """Return a Sequential in which no layer is a Sequential: each is replaced by its layers."""
        flat: list[Callable[..., Any]] = []
        for layer in self._layers:
            if isinstance(layer, Sequential):
                flat.extend(layer.flatten())
            else:
                flat.append(layer)
        return Sequential(*flat)

    # A link

    def _copy_sharing(self: _Self) -> _Self:
        copied = super()._copy_sharing()
        copied_children = iter(copied._children)
        layers = [next(copied_children) if isinstance(layer, Link) else copy.copy(layer) for layer in self._layers]
        object.__setattr__(copied, '_layers', layers)
        return copied

    def copyparams(self, link: Link, copy_persistent: bool = True) -> None:
        """Copy the parameters, and the persistents, of another Sequential into this one.

        Args:
            link: a Sequential of the same structure.
            copy_persistent: also copy the persistents.

        Raises:
            ValueError: when it is no Sequential, or shapes differ.
        """
        if not isinstance(link, Sequential):
            raise ValueError(f'Sequential.copyparams: a Sequential must be given, but it is {type(link).__name__}.')
        super().copyparams(link, copy_persistent)

    def __str__(self) -> str:
        return tree_text(self, [(str(i), layer) for i, layer in enumerate(self._layers)])


def _links_among(layers: list[Callable[..., Any]]) -> list[Link]:
    return [layer for layer in layers if isinstance(layer, Link)]


def _type_name(layer: Callable[..., Any]) -> str | None:
    if isinstance(layer, Link):
        return type(layer).__name__
    return getattr(layer, '__name__', None)


Link._sequence_class = Sequential
