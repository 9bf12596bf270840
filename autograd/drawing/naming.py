"""The paths of parameters in a picture, `/predictor/l1/W`, and the links that they lead to.

This room does not know links: a model is whatever has `namedlinks` and `namedparams`. Without `model=` those that hold
the parameters are looked for among all objects of the program, so that naming costs nothing before a picture is asked
for.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str, ...]
"""The names from the model down to a link: `('predictor', 'l1')`; empty for the model itself."""


class Names:
    """What is known of the models behind a graph.

    Attributes:
        params: for the id of a parameter, the path of its link and its own name.
        kinds: for the path of a link, its class.
    """

    def __init__(self) -> None:
        self.params: dict[int, tuple[Path, str]] = {}
        self.kinds: dict[Path, str] = {}

    def add(self, model: Any, prefix: Path) -> None:
        """Add the links and parameters of a model; a parameter that is known keeps its name."""
        for path, link in model.namedlinks():
            self.kinds[prefix + split(path)] = type(link).__name__
        for path, param in model.namedparams():
            *owner, name = split(path)
            self.params.setdefault(id(param), (prefix + tuple(owner), name))

    def has_children(self, path: Path) -> bool:
        """Say whether a link holds other links."""
        return any(len(other) > len(path) and other[: len(path)] == path for other in self.kinds)


def split(path: str) -> Path:
    """Return the names in a path."""
    return tuple([name for name in path.split('/') if name])


def text_of(path: Path) -> str:
    """Return the path as it is written: `/predictor/l1`."""
    return '/' + '/'.join(path)


def find_names(variables: Iterable[Any], model: Any = None) -> Names:
    """Return the names of the parameters among Variables.

    Args:
        variables: the leaves of a graph.
        model: the model, or a list or dict of models; None to look for those that hold the parameters.
    """
    names = Names()
    if isinstance(model, dict):
        for key, each in model.items():
            names.add(each, (str(key),))
        return names
    if isinstance(model, list | tuple):
        models = list(model)
    else:
        models = _holders({id(v) for v in variables}) if model is None else [model]
    for each, prefix in zip(models, _prefixes(models)):
        names.add(each, prefix)
    return names


def _prefixes(models: list[Any]) -> list[Path]:
    """Return nothing for one model, different names for several."""
    if len(models) == 1:
        return [()]
    names = [type(model).__name__ for model in models]
    return [
        (name if names.count(name) == 1 else f'{name}{names[: i + 1].count(name)}',) for i, name in enumerate(names)
    ]


def _holders(wanted: set[int]) -> list[Any]:
    """Return the models that hold these parameters, by id; the outermost ones, no two with the same parameters."""
    known: dict[type, bool] = {}
    links = []
    for thing in gc.get_objects():
        kind = type(thing)
        is_link = known.get(kind)
        if is_link is None:
            is_link = known[kind] = hasattr(kind, 'namedlinks') and hasattr(kind, 'namedparams')
        if is_link:
            links.append(thing)
    found = []
    inner: set[int] = set()
    for link in links:
        try:
            params = {id(param) for _, param in link.namedparams()} & wanted
            below = [id(child) for _, child in link.namedlinks(skipself=True)]
        except Exception:  # a link whose __init__ has not ended
            continue
        inner.update(below)
        if params:
            found.append((params, len(below), link))
    found = [entry for entry in found if id(entry[2]) not in inner]
    found.sort(key=lambda entry: (-len(entry[0]), -entry[1]))
    models = []
    for params, _, link in found:
        if params & wanted:
            models.append(link)
            wanted = wanted - params
    return models
