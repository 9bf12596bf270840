"""Sequential, a list of layers that are called one after the other."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from chaingrad.links.chain import tree_text
from chaingrad.links.chain_list import ChainList
from chaingrad.links.link import Link


class Sequential(ChainList):
    """A ChainList of links and functions that calls them in order, each on what the one before returned.

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
        for layer in layers:
            self.append(layer)

    def forward(self, *x: Any) -> Any:
        """Call every layer on what the one before returned.

        Args:
            x: the arguments of the first layer.

        Returns:
            What the last layer returns.
        """
        value: Any = x if len(x) != 1 else x[0]
        for layer in self._layers:
            value = layer(*value) if isinstance(value, tuple) else layer(value)
        return value

    def _checked_layer(self, layer: Any) -> Callable[..., Any]:
        if not callable(layer):
            raise ValueError(f'{type(self).__name__}: a layer must be callable, but it is {type(layer).__name__}.')
        return layer

    def _set_layers(self, layers: list[Callable[..., Any]]) -> None:
        object.__setattr__(self, '_layers', layers)
        object.__setattr__(self, '_children', [layer for layer in layers if isinstance(layer, Link)])
        self._number()

    # A list of layers

    def __len__(self) -> int:
        return len(self._layers)

    def __iter__(self) -> Iterator[Callable[..., Any]]:
        return iter(self._layers)

    def __getitem__(self, i: Any) -> Any:
        """Return the layer of a number, or a Sequential of the layers of a slice (the same layers, not copies)."""
        if not isinstance(i, slice):
            return self._layers[i]
        part = Sequential()
        vars(part).update(_layers=self._layers[i], _children=[x for x in self._layers[i] if isinstance(x, Link)])
        return part

    def __setitem__(self, i: int | slice, layer: Any) -> None:
        layers: Any = list(self._layers)
        layers[i] = [self._checked_layer(x) for x in layer] if isinstance(i, slice) else self._checked_layer(layer)
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
        """Insert a layer before the one of a number.

        Args:
            i: the number that it will have.
            layer: a link or any callable.

        Raises:
            IndexError: when there is no such place.
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
            ValueError: when it is none.
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
            layer: a link or function; an equal link counts only if it is the same object.
        """
        return self._layers.count(layer)

    def index(self, layer: Callable[..., Any], start: int | None = None, end: int | None = None) -> int:
        """Return the number of the first such layer.

        Args:
            layer: a link or function.
            start: where to begin.
            end: where to stop.

        Raises:
            ValueError: when it is not there.
        """
        return self._layers.index(layer, start or 0, len(self._layers) if end is None else end)

    def pop(self, i: int = -1) -> Callable[..., Any]:
        """Remove a layer and return it.

        Args:
            i: its number.
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
        """Return a Sequential in which no layer is a Sequential: their layers take their place."""
        flat: list[Any] = []
        for layer in self._layers:
            flat += layer.flatten() if isinstance(layer, Sequential) else [layer]
        return Sequential(*flat)

    # A link

    def _copy_sharing(self) -> Any:
        copied = super()._copy_sharing()
        children = iter(copied._children)
        layers = [next(children) if isinstance(layer, Link) else copy.copy(layer) for layer in self._layers]
        object.__setattr__(copied, '_layers', layers)
        return copied

    def copyparams(self, link: Any, copy_persistent: bool = True) -> None:
        """Copy the parameters, and the persistents, of another Sequential into this one.

        Args:
            link: a Sequential of the same structure.
            copy_persistent: whether persistents are copied too.

        Raises:
            ValueError: when it is no Sequential, or shapes differ.
        """
        if not isinstance(link, Sequential):
            raise ValueError(f'Sequential.copyparams: a Sequential must be given, but it is {type(link).__name__}.')
        super().copyparams(link, copy_persistent)

    def __str__(self) -> str:
        return tree_text(self, [(str(i), layer) for i, layer in enumerate(self._layers)])


def _type_name(layer: Any) -> str | None:
    return type(layer).__name__ if isinstance(layer, Link) else getattr(layer, '__name__', None)


Link._sequence_class = Sequential
