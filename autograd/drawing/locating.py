"""The functions of a graph in order, and the link in which each was probably applied.

A function with parameters belongs to their link. For the others the graph tells: what stands between two layers, or
joins two, belongs to the innermost link that holds both. Where a profile was taken, the links are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any, TypeAlias

from chaingrad.autograd.drawing.naming import Names, Path
from chaingrad.autograd.function_node import FunctionNode

User: TypeAlias = tuple[Path, int]
"""The link of a function with parameters, and the id of its first parameter."""


class Location:
    """Where a function stands.

    Attributes:
        path: the link in which it was applied.
        params: ids of its parameters.
        sources: the functions that its inputs come from.
    """

    def __init__(self, function: FunctionNode, names: Names) -> None:
        self.params: list[int] = []
        self.sources: list[FunctionNode] = []
        owners = []
        for node in function._node_edges:
            if node._node_creator is not None:
                self.sources.append(node._node_creator)
            param = id(node._node_variable())
            if param in names.params:
                self.params.append(param)
                owners.append(names.params[param][0])
        self.path: Path = _common(owners) if owners else ()

    @property
    def scope(self) -> Path:
        """The link whose `forward` applied the function, or called the link that did."""
        return self.path[:-1] if self.params else self.path


def functions_of(nodes: Iterable[Any]) -> list[FunctionNode]:
    """Return the functions that lead to some nodes, each after those that it depends on."""
    order: dict[FunctionNode, None] = {}  # a set that keeps its order
    stack = [node._node_creator for node in list(nodes)[::-1] if node._node_creator is not None]
    while stack:
        function = stack[-1]
        sources = [] if function in order else [node._node_creator for node in function._node_edges]
        waiting = [source for source in sources if source is not None and source not in order]
        if waiting:
            stack += waiting[::-1]
            continue
        stack.pop()
        order[function] = None
    return list(order)


def locate(functions: Sequence[FunctionNode], names: Names) -> dict[FunctionNode, Location]:
    """Return the location of every function; sources must come first."""
    locations = {function: Location(function, names) for function in functions}
    users: dict[FunctionNode, set[User]] = {function: set() for function in functions}
    for function in reversed(functions):  # the nearest functions with parameters behind each
        location = locations[function]
        behind = {(location.path, location.params[0])} if location.params else users[function]
        for source in location.sources:
            users[source] |= behind
    for function in functions:
        location = locations[function]
        if not location.params:
            if function._node_location is not None and function._node_location[1] in names.kinds:
                location.path = function._node_location[1]  # a profile has seen it
                continue
            before = [locations[source] for source in location.sources]
            found = [_common([a.scope, b.scope]) for a, b in combinations(before, 2)]
            found += [_between(other, user) for other in before for user in users[function]]
            location.path = max(found, key=len, default=())
    return locations


def _between(source: Location, user: User) -> Path:
    """Return the link that holds what stands between a function and a later one with parameters."""
    path, param = user
    if source.params and source.path == path and param not in source.params:
        return path  # a link with several functions
    return _common([source.scope, path[:-1]])


def _common(paths: Sequence[Path]) -> Path:
    """Return what all paths begin with."""
    shortest = min(paths, key=len)
    for i, name in enumerate(shortest):
        if any(path[i] != name for path in paths):
            return shortest[:i]
    return shortest
