"""What a link holds without having registered it: such things are not trained, saved or moved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def contained(path: str, value: Any, kinds: tuple[type, ...]) -> Iterator[tuple[str, Any]]:
    """Yield (text, object) for what of some kinds is in a value: itself, or in lists, tuples, sets and dicts.

    Args:
        path: how to call the value.
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


def unregistered(link: Any, kinds: tuple[type, ...]) -> list[str]:
    """Return what a link and the links below it hold without having registered it.

    Attributes whose names begin with an underscore do not count: they are how to keep a link from being trained.

    Args:
        link: a link.
        kinds: the classes to look for, `(Link, Parameter)`.

    Returns:
        Texts such as `/encoder: layers[0] (Linear)`.
    """
    texts = []
    for path, owner in link.namedlinks():
        registered = {id(x) for x in (*owner.children(), *owner.params())}
        for name, value in vars(owner).items():
            if name.startswith('_'):
                continue
            prefix = '' if path == '/' else f'{path}: '
            texts += [prefix + text for text, x in contained(name, value, kinds) if id(x) not in registered]
    return texts
