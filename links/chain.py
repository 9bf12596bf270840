"""Chain, a link whose child links have names."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from chaingrad.autograd.backends import DeviceResidentsVisitor
from chaingrad.autograd.parameter import Parameter
from chaingrad.links.link import Link
from chaingrad.links.serializer import AbstractSerializer

_Self = TypeVar('_Self', bound='Chain')


class Chain(Link):
    """A link made of links that are its attributes: the base class of models.

    A subclass assigns its links inside `init_scope` and defines `forward`. Parameters have paths, `/l1/W`.

    Args:
        links: child links by name, as in old programs.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.functions as F, chaingrad.links as L
        >>> class MLP(chaingrad.Chain):
        ...     def __init__(self, n_in, n_hidden, n_out):
        ...         super().__init__()
        ...         with self.init_scope():
        ...             self.l1 = L.Linear(n_in, n_hidden)
        ...             self.l2 = L.Linear(n_hidden, n_out)
        ...     def forward(self, x):
        ...         return self.l2(F.relu(self.l1(x)))
        >>> model = MLP(4, 8, 3)
        >>> model(np.zeros((5, 4), np.float32)).shape
        (5, 3)
        >>> [path for path, param in model.namedparams()]
        ['/l1/W', '/l1/b', '/l2/W', '/l2/b']
    """

    def __init__(self, **links: Link) -> None:
        super().__init__()
        self._children: set[str] = set()
        for name, link in links.items():
            self.add_link(name, link)

    def __setattr__(self, name: str, value: Any) -> None:
        if self._within_init_scope and isinstance(value, Link):
            if name in self.__dict__ or hasattr(type(self), name):
                self._refuse_existing(name)
            value.name = name
            self._children.add(name)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        self._children.discard(name)
        super().__delattr__(name)

    def _refuse_existing(self, name: str) -> None:
        raise AttributeError(
            f'{type(self).__name__}: cannot register a new link {name!r}: the attribute exists. '
            'Choose another name, or delete the attribute first.'
        )

    def __getitem__(self, name: str) -> Any:
        """Return the attribute of this name, such as a child link."""
        return getattr(self, name)

    def add_link(self, name: str, link: Link) -> None:
        """Add a child link; newer programs assign it inside `init_scope`.

        Args:
            name: its attribute name.
            link: the link.

        Raises:
            AttributeError: when there is an attribute of this name.
            TypeError: when it is no link.
        """
        if name in self.__dict__:
            self._refuse_existing(name)
        if not isinstance(link, Link):
            raise TypeError(
                f'{type(self).__name__}.add_link: {name!r} must be a Link, but it is {type(link).__name__}.'
            )
        with self.init_scope():
            setattr(self, name, link)

    def children(self) -> Iterator[Link]:
        """Yield the child links, by name."""
        attributes = self.__dict__
        for name in sorted(self._children):
            yield attributes[name]

    def params(self, include_uninit: bool = True) -> Iterator[Parameter]:
        """Yield the parameters of this link, then those of its children, by name.

        Args:
            include_uninit: include parameters without shape.
        """
        yield from super().params(include_uninit)
        attributes = self.__dict__
        for name in sorted(self._children):
            yield from attributes[name].params(include_uninit)

    def namedparams(self, include_uninit: bool = True) -> Iterator[tuple[str, Parameter]]:
        """Yield (path, parameter), such as `('/l1/W', W)`.

        Args:
            include_uninit: include parameters without shape.
        """
        yield from super().namedparams(include_uninit)
        attributes = self.__dict__
        for name in sorted(self._children):
            for path, param in attributes[name].namedparams(include_uninit):
                yield f'/{name}{path}', param

    def namedlinks(self, skipself: bool = False) -> Iterator[tuple[str, Link]]:
        """Yield (path, link): `'/'` for this link, `'/l1'` for a child.

        Args:
            skipself: leave out this link itself.
        """
        if not skipself:
            yield '/', self
        attributes = self.__dict__
        for name in sorted(self._children):
            yield f'/{name}', attributes[name]
            for path, link in attributes[name].namedlinks(skipself=True):
                yield f'/{name}{path}', link

    def device_resident_accept(self, visitor: DeviceResidentsVisitor) -> None:
        """Pass all arrays of this link and its children to a visitor."""
        super().device_resident_accept(visitor)
        for child in self.children():
            child.device_resident_accept(visitor)

    def _copy_sharing(self: _Self) -> _Self:
        copied = super()._copy_sharing()
        attributes = copied.__dict__
        attributes['_children'] = set(self._children)
        for name in copied._children:
            attributes[name] = attributes[name].copy('share')
            attributes[name].name = name
        return copied

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load this link and its children by a serializer.

        Args:
            serializer: an `AbstractSerializer`.
        """
        super().serialize(serializer)
        attributes = self.__dict__
        for name in sorted(self._children):
            attributes[name].serialize(serializer[name])

    def __str__(self) -> str:
        return tree_text(self, [(name, self.__dict__[name]) for name in sorted(self._children)])


def tree_text(link: Link, children: list[tuple[str, Callable[..., Any]]]) -> str:
    """Return the `repr` of a link with children: one indented entry for each."""
    if not children:
        return f'{type(link).__name__}()'
    lines = [f'{type(link).__name__}(']
    for name, child in children:
        entry = f'({name}): {_text(child)},'
        lines += [f'  {line}' for line in entry.split('\n')]
    lines.append(')')
    return '\n'.join(lines)


def _text(layer: Callable[..., Any]) -> str:
    if isinstance(layer, Link):
        return str(layer)
    name = getattr(layer, '__name__', None)
    return _lambda_source(layer) if name == '<lambda>' else name or repr(layer)


def _lambda_source(function: Callable[..., Any]) -> str:
    """Return the source of a lambda; of several on its line, or of one cut off at the end of it, the whole lines."""
    try:
        source = inspect.getsource(function).strip().rstrip(',')
    except (OSError, TypeError):  # typed at a prompt, or written in C
        return '<lambda>'
    try:
        found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Lambda)]
    except SyntaxError:
        return source
    return ast.get_source_segment(source, found[0]) or source if len(found) == 1 else source
