"""ChainList, a link whose child links have numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableSequence
from typing import Any, TypeVar

from chaingrad.autograd.backends import DeviceResidentsVisitor
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.tracebacks import short_traceback
from chaingrad.links.chain import tree_text
from chaingrad.links.link import Link
from chaingrad.links.serializer import AbstractSerializer

_Self = TypeVar('_Self', bound='ChainList')


class ChainList(Link, MutableSequence):
    """A link made of links that are the items of a list; it has the methods of a list.

    A subclass defines `forward`. Parameters have paths, `/0/W`.

    Args:
        links: the child links.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.links as L
        >>> class Tower(chaingrad.ChainList):
        ...     def forward(self, x):
        ...         for layer in self:
        ...             x = layer(x)
        ...         return x
        >>> tower = Tower(L.Linear(4, 3), L.Linear(3, 2))
        >>> tower.append(L.Linear(2, 1))
        >>> tower(np.zeros((5, 4), np.float32)).shape
        (5, 1)
        >>> [path for path, param in tower.namedparams()]
        ['/0/W', '/0/b', '/1/W', '/1/b', '/2/W', '/2/b']
    """

    def __init__(self, *links: Link) -> None:
        super().__init__()
        self._children: list[Link] = []
        with short_traceback():
            for link in links:
                self.append(link)

    def __setattr__(self, name: str, value: Any) -> None:
        if self._within_init_scope and isinstance(value, Link):
            raise TypeError(
                f'{type(self).__name__}: links of a ChainList have numbers, so {name!r} cannot be registered in '
                'init_scope. Use append(), or derive from Chain.'
            )
        super().__setattr__(name, value)

    def _checked(self, link: Any) -> Link:
        if not isinstance(link, Link):
            name = getattr(link, '__name__', type(link).__name__)
            raise TypeError(
                f'{type(self).__name__}: an item must be a Link, but it is {name} ({type(link).__name__}). Call '
                'functions in forward, or use chaingrad.Sequential, which takes both.'
            )
        return link

    def _number(self) -> None:
        for i, link in enumerate(self._children):
            link.name = str(i)

    def __getitem__(self, index: int | slice) -> Any:
        """Return the child at an index, or the list of children in a slice."""
        return self._children[index]

    def __setitem__(self, index: int | slice, value: Link | Iterable[Link]) -> None:
        if isinstance(index, slice):
            self._children[index] = [self._checked(link) for link in value]  # type: ignore[union-attr]
        else:
            self._children[index] = self._checked(value)
        self._number()

    def __delitem__(self, index: int | slice) -> None:
        del self._children[index]
        self._number()

    def __len__(self) -> int:
        return len(self._children)

    def __iter__(self) -> Iterator[Link]:
        return iter(self._children)

    def insert(self, index: int, link: Link) -> None:
        """Insert a link before the one at an index.

        Args:
            index: the index that it will have.
            link: the link.

        Raises:
            TypeError: when it is no link.
        """
        self._children.insert(index, self._checked(link))
        self._number()

    def add_link(self, link: Link) -> None:
        """Append a link; the same as `append`.

        Args:
            link: the link.
        """
        self.append(link)

    def children(self) -> Iterator[Link]:
        """Yield the child links in their order."""
        return iter(self._children)

    def params(self, include_uninit: bool = True) -> Iterator[Parameter]:
        """Yield the parameters of this link, then those of its children in their order.

        Args:
            include_uninit: include parameters without shape.
        """
        yield from super().params(include_uninit)
        for link in self._children:
            yield from link.params(include_uninit)

    def namedparams(self, include_uninit: bool = True) -> Iterator[tuple[str, Parameter]]:
        """Yield (path, parameter), such as `('/0/W', W)`.

        Args:
            include_uninit: include parameters without shape.
        """
        yield from super().namedparams(include_uninit)
        for i, link in enumerate(self._children):
            for path, param in link.namedparams(include_uninit):
                yield f'/{i}{path}', param

    def namedlinks(self, skipself: bool = False) -> Iterator[tuple[str, Link]]:
        """Yield (path, link): `'/'` for this link, `'/0'` for a child.

        Args:
            skipself: leave out this link itself.
        """
        if not skipself:
            yield '/', self
        for i, child in enumerate(self._children):
            yield f'/{i}', child
            for path, link in child.namedlinks(skipself=True):
                yield f'/{i}{path}', link

    def device_resident_accept(self, visitor: DeviceResidentsVisitor) -> None:
        """Pass all arrays of this link and its children to a visitor."""
        super().device_resident_accept(visitor)
        for child in self._children:
            child.device_resident_accept(visitor)

    def _copy_sharing(self: _Self) -> _Self:
        copied = super()._copy_sharing()
        object.__setattr__(copied, '_children', [link.copy('share') for link in self._children])
        copied._number()
        return copied

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load this link and its children by a serializer.

        Args:
            serializer: an `AbstractSerializer`.
        """
        super().serialize(serializer)
        for i, link in enumerate(self._children):
            link.serialize(serializer[str(i)])

    def __str__(self) -> str:
        return tree_text(self, [(str(i), link) for i, link in enumerate(self._children)])
