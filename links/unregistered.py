"""Find what a link holds without having registered it: such things are not trained, saved or moved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def contained(path: str, value: Any, kinds: tuple[type, ...]) -> Iterator[tuple[str, Any]]:
    """Yield (text, object) for every instance of some classes in a value: itself, or in lists, tuples, sets and dicts.

    Args:
        path: the name of the value in the texts.
        value: any object.
        kinds: the classes to look for.
    """
    if isinstance(value, kinds):
        yield f'{path} ({type(value).__name__})', value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from contained(f'{path}[{key!r}]', item, kinds)
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            yield from contained(f'{path}[{i}]', item, kinds)
    elif isinstance(value, (set, frozenset)):
        for item in value:
            yield from contained(f'a member of {path}', item, kinds)


def registered_ids(link: Any) -> set[int]:
    """Return the ids of the parameters of a link, and of the links directly below it."""
    return {id(child) for child in link.children()} | {id(param) for param in link.params()}


def contained_unregistered(name: str, value: Any, registered: set[int], kinds: tuple[type, ...]) -> list[str]:
    """Return texts for the instances of some classes in an attribute that are not registered.

    An attribute whose name begins with an underscore does not count: that is how to keep a link from being trained.

    Args:
        name: name of the attribute.
        value: its value.
        registered: `registered_ids` of the link that has the attribute.
        kinds: the classes to look for, `(Link, Parameter)`.
    """
    if name.startswith('_'):
        return []
    return [text for text, x in contained(name, value, kinds) if id(x) not in registered]


def unregistered(link: Any, kinds: tuple[type, ...]) -> list[str]:
    """Return texts for everything that a link and the links below it hold without having registered it.

    Args:
        link: a link.
        kinds: the classes to look for, `(Link, Parameter)`.

    Returns:
        Texts such as `/encoder: layers[0] (Linear)`.
    """
    texts = []
    for path, owner in link.namedlinks():
        prefix = '' if path == '/' else f'{path}: '
        registered = registered_ids(owner)
        for name, value in vars(owner).items():
            for text in contained_unregistered(name, value, registered, kinds):
                texts.append(prefix + text)
    return texts
